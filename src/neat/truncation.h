/* truncation.h -- the next generation by truncation selection: the best half
 * breeds, the elite lives on.  Pure: same request, same generation. */
#ifndef NEAT_TRUNCATION_H
#define NEAT_TRUNCATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "neat/flat.h"
#include "neat/limits.h"
#include "neat/space.h"

/* A scored member of a population. */
struct member {
	int64_t id;     /* unique in the run, from 0 */
	double fitness; /* 0..1 */
	struct flat genome;
};

/* A member of the next one. */
struct offspring {
	int64_t id;
	int64_t parents[2]; /* -1 where there is none */
	int elite;          /* lives on with its id and its fitness */
	struct flat genome;
};

struct truncation {
	int64_t seed;       /* the run's */
	int64_t generation; /* of the offspring; 0 draws them at random */
	int64_t next_id;    /* the first id that was never given */
	int size;           /* of the next population, 1..10000 */
	int elite;          /* members that live on, less than size */
	double mutation_rate;
	const struct space *space; /* what is drawn from */
	const struct gate *gate;   /* what children must pass; NULL: nothing */
	int batch_size;            /* of random genomes */
	struct data_shape data;    /* of random genomes */
	const struct flat *seeds;  /* the first of generation 0 */
	size_t n_seeds;            /* at most size */
	const struct member *population; /* NULL in generation 0 */
	size_t n;
};

/* Writes t->size offspring, elite first, into `mem`.  Each new genome draws
 * from its own stream (seed, generation, id).  At equal fitness the lower id
 * counts as the fitter.  A genome that the gate refuses is drawn or bred anew
 * up to 100 times; then it is a parent, trained otherwise, or the smallest
 * chain. ERR_RANGE when the request cannot be served. */
int truncation_next(struct arena *mem, const struct truncation *t,
	struct offspring **out, struct err *e);

#endif
