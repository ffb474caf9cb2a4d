/* net_private.h -- what net.c shares with net_tensor.c. */
#ifndef NN_NET_PRIVATE_H
#define NN_NET_PRIVATE_H

#include "nn/net.h"
#include "nn/op.h"
#include "nn/optimizer.h"
#include "nn/plan.h"

/* Node i of the spec is tensors[i] and layers[i]; layer 0, the input, has no
 * work. */
struct net {
	struct spec spec;
	struct plan plan;
	size_t batch;
	struct mem mem;
	struct tensor tensors[SPEC_NODES_MAX];
	struct layer layers[SPEC_NODES_MAX];

	struct param params[2 * SPEC_NODES_MAX];
	size_t n_params;
	struct optimizer *optimizer; /* of them, or NULL */

	const struct kernels *kernels;
	float *pool;    /* a stage's local values or gradients */
	float *spill;   /* where a gradient is made that is to be added */
	float *scratch; /* what a verb works in */
};

#endif
