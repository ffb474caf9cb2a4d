/* algorithm_first.h -- the first genomes, which NEAT and random search draw
 * alike. */
#ifndef NEAT_ALGORITHM_FIRST_H
#define NEAT_ALGORITHM_FIRST_H

#include "neat/algorithm.h"
#include "neat/chain.h"

/* chain_first for member `place` of the generation that is asked for; where the
 * gate refuses a hundred, the smallest network, trained as the last of them. */
struct genome *algorithm_first(struct arena *mem,
	const struct generation_request *q, const struct chain_start *start,
	const struct gate *gate, uint64_t place, struct rng *r);

#endif
