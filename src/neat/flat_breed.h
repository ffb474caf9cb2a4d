/* flat_breed.h -- flat genomes drawn at random and bred from two parents. */
#ifndef NEAT_FLAT_BREED_H
#define NEAT_FLAT_BREED_H

#include "base/rng.h"
#include "neat/flat.h"
#include "neat/space.h"

/* A random genome: 1-4 convolutions of 16/32/64 filters and kernels 3/5/7, 1-3
 * dense layers of 16/32/64/128 nodes, as many activations, dropout 0.1-0.5,
 * learning rate 0.1 to 0.0001 (log-uniform); activations and the optimizer are
 * drawn from the space.  Real numbers are
 * rounded to 4 significant digits: they read well, and the last bits of libm's
 * exponential, which differ between machines, never enter a genome. */
void flat_random(struct flat *out, const struct data_shape *data,
	int batch_size, const struct space *s, struct rng *r);

struct flat_mutation {
	double rate; /* of each attribute */
	const struct space *space;
};

/* A child of `a` and `b`, whose data shapes must be equal (ERR_RANGE, naming
 * both).  Each attribute comes from either parent with equal chance, each layer
 * from a parent that has it; then each attribute mutates with probability
 * m->rate.  The child's lists have the lengths its counts ask for,
 * activations one entry per dense layer.
 *
 * Mutation draws filters, kernels, nodes, activations and the optimizer afresh
 * from the choices of flat_random; a layer count moves by one and never grows
 * past flat_random's greatest; the batch size is halved or
 * doubled within 8..256; dropout moves by up to 0.1 within its bounds; the
 * learning rate is scaled by up to the root of ten either way, within
 * 0.000001..1. */
int flat_child(struct flat *out, const struct flat *a, const struct flat *b,
	const struct flat_mutation *m, struct rng *r, struct err *e);

#endif
