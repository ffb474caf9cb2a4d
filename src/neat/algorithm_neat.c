/* algorithm_neat.c -- NEAT on graphs of layers. */
#include "neat/algorithm_neat.h"

#include "neat/params_json.h"

#define AT(member) offsetof(struct neat_settings, member)

static const struct field rows[] = {
	{.key = "neat",
		.type = FIELD_OWN,
		.at = AT(params),
		.codec = &params_codec,
		.keep = params_keep,
		.unit = "NAME=X",
		.help = "a constant of NEAT, or preset=NAME"},
	{.key = "size_pressure",
		.type = FIELD_REAL,
		.at = AT(size_pressure),
		.hi = 0.1,
		.standard = "0",
		.unit = "X",
		.help = "neat: fitness that a layer or an edge costs in "
			"breeding"},
	{.type = FIELD_INCLUDE, .at = AT(start), .of = &chain_start_fields},
};

static const struct fields fields = {FIELDS(struct neat_settings, rows)};
_Static_assert(sizeof(struct neat_settings) <= ALGORITHM_SETTINGS_BYTES,
	"the settings have room");

/* Each genome draws from the stream of its id, as children do. */
static int first(struct arena *mem, const struct generation_request *q,
	const struct breeding *how, struct population *out, struct err *e)
{
	const struct neat_settings *s = (const void *)q->own;
	const struct genome **genomes = arena_array(
		mem, how->size, sizeof *genomes);

	for (size_t i = 0; i < how->size; i++) {
		struct rng r;

		rng_stream(&r, (uint64_t)q->seed, 0, i);
		genomes[i] = chain_first(
			mem, i, q->batch_size, &s->start, &q->space, &r);
	}
	return reproduce_first(
		mem, how, genomes, how->size, &chain_counters, out, e);
}

/* What counts in breeding: fitness less the price of the graph's genes. */
static double pressed(const struct individual *m, double size_pressure)
{
	double price = size_pressure *
		       (double)(m->genome->n_nodes + m->genome->n_edges);

	return m->fitness > price ? m->fitness - price : 0;
}

static int next(struct arena *mem, const struct generation_request *q,
	struct population *out, struct err *e)
{
	const struct neat_settings *s = (const void *)q->own;
	const struct breeding how = {.seed = q->seed,
		.size = (size_t)q->size,
		.params = &s->params,
		.space = &q->space};
	struct population now = q->now;

	if (q->generation == 0)
		return first(mem, q, &how, out, e);
	now.members = arena_array(mem, now.n, sizeof *now.members);
	for (size_t i = 0; i < now.n; i++) {
		now.members[i] = q->now.members[i];
		now.members[i].fitness = pressed(
			&now.members[i], s->size_pressure);
	}
	return reproduce_next(mem, &how, &now, out, e);
}

const struct algorithm algorithm_neat = {
	.name = "neat",
	.help = "NEAT on graphs of layers",
	.form = GENOME_GRAPH,
	.species = 1,
	.next = next,
	.settings = &fields,
};
