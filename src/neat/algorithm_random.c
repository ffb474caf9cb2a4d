/* algorithm_random.c -- random search: every generation is drawn anew, as the
 * first one of NEAT is.
 *
 * The control that any claim about evolution is measured against: what it
 * finds, nobody has bred. */
#include "neat/algorithm.h"
#include "neat/chain.h"

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
static struct individual draw(
	struct arena *mem, const struct generation_request *q, int64_t place)
{
	const struct random_settings *s = (const void *)q->own;
	const int64_t id = q->now.next_id + place;
	struct rng r;

	rng_stream(
		&r, (uint64_t)q->seed, (uint64_t)q->generation, (uint64_t)id);
	return (struct individual){.id = id,
		.species = -1,
		.parents = {-1, -1},
		.genome = chain_first(mem, (uint64_t)place, q->batch_size,
			&s->start, &q->space, &r)};
}

static int next(struct arena *mem, const struct generation_request *q,
	struct population *out, struct err *e)
{
	const size_t n = (size_t)q->size;

	if (q->now.next_id > GENE_NUMBER_MAX - q->size)
		return err_set(e, ERR_RANGE, "there are no ids left");
	*out = (struct population){.generation = q->generation,
		.members = arena_array(mem, n, sizeof *out->members),
		.n = n,
		.next_id = q->now.next_id + q->size};
	for (size_t i = 0; i < n; i++)
		out->members[i] = draw(mem, q, (int64_t)i);
	return 0;
}

const struct algorithm algorithm_random = {
	.name = "random",
	.help = "Draws every generation anew: the control",
	.settings = &fields,
	.next = next,
};
