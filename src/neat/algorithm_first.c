/* algorithm_first.c -- draws until a genome passes. */
#include "neat/algorithm_first.h"

#define FIRST_TRIES 100
#define SCRATCH_BYTES_MAX ((size_t)1 << 28)

/* The smallest network, trained as `g` is. */
static struct genome *least_like(
	struct arena *mem, const struct gate *gate, const struct genome *g)
{
	struct genome *least = genome_copy(mem, gate->least);

	least->n_hypers = g->n_hypers;
	least->hypers = g->hypers;
	return genome_clone(mem, least);
}

struct genome *algorithm_first(struct arena *mem,
	const struct generation_request *q, const struct chain_start *start,
	const struct gate *gate, uint64_t place, struct rng *r)
{
	struct genome *kept = NULL;
	struct arena scratch;

	arena_init(&scratch, SCRATCH_BYTES_MAX);
	for (int left = FIRST_TRIES; !kept; left--) {
		const struct genome *g = chain_first(
			&scratch, place, q->batch_size, start, &q->space, r);

		if (gate_admits(gate, g))
			kept = genome_clone(mem, g);
		else if (left == 1)
			kept = least_like(mem, gate, g);
		arena_release(&scratch);
	}
	return kept;
}
