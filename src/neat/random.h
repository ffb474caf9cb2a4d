/* random.h -- random numbers of the space, for flat genomes and layer graphs.
 * None leaves its range; each takes one number from the stream.
 *
 * Real numbers are rounded to 4 significant digits: they read well, and the
 * last bits of libm's exponential, which differ between machines, never enter
 * a genome. */
#ifndef NEAT_RANDOM_H
#define NEAT_RANDOM_H

#include "base/rng.h"
#include "neat/space.h"

/* -- afresh, from space_drawn -- */

int random_filters(const struct space *s, struct rng *r); /* doublings */
int random_units(const struct space *s, struct rng *r);   /* likewise */
int random_kernel(const struct space *s, struct rng *r);  /* steps of two */
double random_learning_rate(const struct space *s, struct rng *r); /* by log */
double random_dropout(const struct space *s, struct rng *r);

/* -- a step from where it is -- */

/* Doubled or halved; the other way where that leaves the range. */
double random_filters_near(double x, const struct space *s, struct rng *r);

/* Likewise, of a dense layer's units. */
double random_units_near(double x, const struct space *s, struct rng *r);

/* Two more or fewer, likewise. */
double random_kernel_near(double x, const struct space *s, struct rng *r);

/* Scaled by up to the root of ten either way; 0 cannot be scaled and is drawn
 * afresh. */
double random_learning_rate_near(
	double x, const struct space *s, struct rng *r);

/* Doubled or halved. */
double random_batch_near(double x, const struct space *s, struct rng *r);

/* Up to 0.1 either way. */
double random_dropout_near(double x, const struct space *s, struct rng *r);

#endif
