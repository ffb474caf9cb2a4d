/* net_private.h -- what net.c shares with net_tensor.c. */
#ifndef NN_NET_PRIVATE_H
#define NN_NET_PRIVATE_H

#include "nn/net.h"
#include "nn/op.h"

/* Node i of the spec is tensors[i] and layers[i]; layer 0, the input, has no
 * work. */
struct net {
	struct spec spec;
	struct mem mem;
	struct onednn *onednn;
	struct tensor tensors[SPEC_NODES_MAX];
	struct layer layers[SPEC_NODES_MAX];

	struct param params[2 * SPEC_NODES_MAX];
	size_t n_params;

	/* Where a node's second and later gradients are made, to be added to
	 * its first; NULL when no node feeds several. */
	float *spill;
};

#endif
