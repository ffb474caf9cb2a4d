/* flat_breed.h -- flat genomes drawn at random and bred from two parents. */
#ifndef NEAT_FLAT_BREED_H
#define NEAT_FLAT_BREED_H

#include "base/rng.h"
#include "neat/flat.h"
#include "neat/space.h"

/* A random genome of the space: 1-4 convolutions and 1-3 dense layers, as many
 * activations, numbers as random.h draws them. */
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
 * as flat_random does; a layer count moves by one and never grows past
 * flat_random's greatest; the batch size, the dropout and the learning rate
 * take a step (random.h). */
int flat_child(struct flat *out, const struct flat *a, const struct flat *b,
	const struct flat_mutation *m, struct rng *r, struct err *e);

/* A genome's training mutates as a child's does, its layers stay. */
void flat_retrain(struct flat *g, const struct flat_mutation *m, struct rng *r);

#endif
