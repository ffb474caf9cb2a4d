/* random.h -- random choices that flat genomes and layer graphs share.
 *
 * Real numbers are rounded to 4 significant digits: they read well, and the
 * last bits of libm's exponential, which differ between machines, never enter
 * a genome. */
#ifndef NEAT_RANDOM_H
#define NEAT_RANDOM_H

#include "base/rng.h"
#include "neat/flat.h"

/* -- afresh -- */

int random_filters(struct rng *r);          /* 16, 32 or 64 */
int random_kernel(struct rng *r);           /* 3, 5 or 7 */
int random_nodes(struct rng *r);            /* 16, 32, 64 or 128 */
double random_learning_rate(struct rng *r); /* 0.0001..0.1, log-uniform */
double random_dropout(struct rng *r);       /* 0.1..0.5 */

/* -- a step from where it is -- */

/* Up to 0.1 either way, within 0..LAYER_DROPOUT_MAX. */
double random_dropout_near(double x, struct rng *r);

/* Scaled by up to the root of ten either way, within 0.000001..1; 0 cannot be
 * scaled and is drawn afresh. */
double random_learning_rate_near(double x, struct rng *r);

/* Doubled or halved, within 8..256. */
int random_batch_near(int n, struct rng *r);

#endif
