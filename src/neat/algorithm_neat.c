/* algorithm_neat.c -- NEAT on graphs of layers. */
#include "neat/algorithm_neat.h"

#include "neat/algorithm_first.h"
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
	struct innovation_counters next = chain_counters;

	if (q->n_seeds > 0)
		seeds_align(mem, q->seeds, q->n_seeds, genomes, &next);
	for (size_t i = q->n_seeds; i < how->size; i++) {
		struct rng r;

		rng_stream(&r, (uint64_t)q->seed, 0, i);
		genomes[i] = algorithm_first(
			mem, q, &s->start, how->gate, i, &r);
	}
	return reproduce_first(mem, how, genomes, how->size, &next, out, e);
}

/* Fitness less the price of the graph's genes. */
static double merit(const void *own, const struct individual *m)
{
	const struct neat_settings *s = own;
	double price = s->size_pressure *
		       (double)(m->genome->n_nodes + m->genome->n_edges);

	return m->fitness > price ? m->fitness - price : 0;
}

static int next(struct arena *mem, const struct generation_request *q,
	const struct gate *gate, struct population *out, struct err *e)
{
	const struct neat_settings *s = (const void *)q->own;
	const struct breeding how = {.seed = q->seed,
		.size = (size_t)q->size,
		.params = &s->params,
		.space = &q->space,
		.gate = gate};
	struct population now = q->now;

	if (q->generation == 0)
		return first(mem, q, &how, out, e);
	now.members = arena_array(mem, now.n, sizeof *now.members);
	for (size_t i = 0; i < now.n; i++) {
		now.members[i] = q->now.members[i];
		now.members[i].fitness = merit(s, &q->now.members[i]);
	}
	return reproduce_next(mem, &how, &now, out, e);
}

const struct algorithm algorithm_neat = {
	.name = "neat",
	.help = "NEAT on graphs of layers",
	.form = GENOME_GRAPH,
	.species = 1,
	.merit = merit,
	.next = next,
	.settings = &fields,
};
