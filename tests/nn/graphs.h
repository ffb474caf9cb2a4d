/* graphs.h -- random networks: chains, skips, joins and dead ends of every op.
 */
#ifndef TEST_GRAPHS_H
#define TEST_GRAPHS_H

#include "base/rng.h"
#include "nn/spec.h"

/* A checked spec of up to `nodes` drawn nodes over small images.  Its functions
 * are smooth but for maxpool, so that differences approximate its gradients. */
struct spec graphs_draw(struct rng *r, int nodes, int classes);

#endif
