/* neat_serve.c -- from a request to the population that answers it. */
#include "neat/chain.h"
#include "wire/population_json.h"

/* Each genome draws from the stream of its id, as children do. */
static int first_population(struct arena *mem, const struct neat_request *q,
	const struct breeding *how, struct population *out, struct err *e)
{
	const struct genome **genomes = arena_array(
		mem, q->size, sizeof *genomes);

	for (size_t i = 0; i < q->size; i++) {
		struct rng r;

		rng_stream(&r, (uint64_t)q->seed, 0, i);
		genomes[i] = chain_minimal(mem, q->batch_size, &r);
	}
	return reproduce_first(
		mem, how, genomes, q->size, &chain_counters, out, e);
}

int neat_serve(struct arena *mem, const struct neat_request *q,
	struct population *out, struct err *e)
{
	const struct breeding how = {
		.seed = q->seed, .size = q->size, .params = &q->params};

	if (q->generation == 0)
		return first_population(mem, q, &how, out, e);
	return reproduce_next(mem, &how, &q->now, out, e);
}
