/* drawn.h -- genomes for the tests of drawing. */
#ifndef TESTS_DRAWN_H
#define TESTS_DRAWN_H

#include "base/arena.h"
#include "base/rng.h"
#include "neat/genome.h"

/* A layer genome, or a (recurrent) network of neurons, after so many random
 * mutations. */
struct genome *drawn_layers(struct arena *mem, int mutations, struct rng *r);
struct genome *drawn_neurons(
	struct arena *mem, int mutations, int recurrent, struct rng *r);

/* As many nodes and edges as a genome may have. */
struct genome *drawn_largest(struct arena *mem, int layers);

#endif
