/* algorithm_random.c -- random search: every generation is drawn anew, as the
 * first one of NEAT is.
 *
 * The control that any claim about evolution is measured against: what it
 * finds, nobody has bred. */
#include "neat/algorithm_first.h"

struct random_settings {
	struct chain_start start;
};

static const struct field rows[] = {
	{.type = FIELD_INCLUDE,
		.at = offsetof(struct random_settings, start),
		.of = &chain_start_fields},
};

static const struct fields fields = {FIELDS(struct random_settings, rows)};

/* Each genome draws from the stream of its generation and id. */
static struct individual draw(struct arena *mem,
	const struct generation_request *q, const struct gate *gate,
	int64_t place)
{
	const struct random_settings *s = (const void *)q->own;
	const int64_t id = q->now.next_id + place;
	struct rng r;

	rng_stream(
		&r, (uint64_t)q->seed, (uint64_t)q->generation, (uint64_t)id);
	return (struct individual){.id = id,
		.species = -1,
		.parents = {-1, -1},
		.genome = algorithm_first(
			mem, q, &s->start, gate, (uint64_t)place, &r)};
}

/* Known genomes take the place of the first that were drawn. */
static void take_seeds(struct arena *mem, const struct generation_request *q,
	struct population *p)
{
	const struct genome *seeds[SEEDS_MAX];
	struct innovation_counters unused;

	seeds_align(mem, q->seeds, q->n_seeds, seeds, &unused);
	for (size_t i = 0; i < q->n_seeds; i++)
		p->members[i].genome = seeds[i];
}

static int next(struct arena *mem, const struct generation_request *q,
	const struct gate *gate, struct population *out, struct err *e)
{
	const size_t n = (size_t)q->size;

	if (q->now.next_id > GENE_NUMBER_MAX - q->size)
		return err_set(e, ERR_RANGE, "there are no ids left");
	*out = (struct population){.generation = q->generation,
		.members = arena_array(mem, n, sizeof *out->members),
		.n = n,
		.next_id = q->now.next_id + q->size};
	for (size_t i = 0; i < n; i++)
		out->members[i] = draw(mem, q, gate, (int64_t)i);
	if (q->n_seeds > 0)
		take_seeds(mem, q, out);
	return 0;
}

const struct algorithm algorithm_random = {
	.name = "random",
	.help = "Draws every generation anew: the control",
	.settings = &fields,
	.next = next,
};
