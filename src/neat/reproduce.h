/* reproduce.h -- a population and the next one, as pure functions.
 * Stanley & Miikkulainen 2002, sections 3.3 and 4.1.
 *
 * Ask and tell: reproduce_first or reproduce_next makes a population, the
 * caller scores every member that is not an elite, and reproduce_next makes
 * the next.  The same arguments give the same result, bit for bit, on any
 * machine: each child draws from the stream of (seed, generation, id), and
 * structural changes enter the innovation book in the order of the children. */
#ifndef NEAT_REPRODUCE_H
#define NEAT_REPRODUCE_H

#include "neat/limits.h"
#include "neat/population.h"
#include "neat/space.h"

#define REPRODUCE_BYTES_MAX ((size_t)1 << 30)

/* What the caller decides. */
struct breeding {
	int64_t seed; /* the run's, 0..RNG_SEED_MAX */
	size_t size;  /* of the next population */
	const struct params *params;
	const struct space *space; /* what layers are drawn from */
	const struct gate *gate;   /* what children must pass; NULL: nothing */
};

/* Generation 0: the n genomes, ids 0..n-1, put into species.  The genomes are
 * kept, not copied; `counters` are the lowest numbers that none of them has.
 * ERR_RANGE for a size, constants or a space out of bounds, or genomes of
 * different kinds. */
int reproduce_first(struct arena *mem, const struct breeding *how,
	const struct genome *const *genomes, size_t n,
	const struct innovation_counters *counters, struct population *out,
	struct err *e);

/* The generation after `now`, all of whose members are scored.  It lives in
 * `mem`, genes included: `now` may be released afterwards.  ERR_RANGE, with a
 * sentence, for a population that cannot be: a fitness below 0 or not finite,
 * an unknown species, an id twice, a genome or counters that fail the check,
 * or more than five million genes.  Numbers must mean the same genes in all
 * genomes: markings_check, for populations from outside.  Takes at most
 * REPRODUCE_BYTES_MAX of `mem`. */
int reproduce_next(struct arena *mem, const struct breeding *how,
	const struct population *now, struct population *next, struct err *e);

#endif
