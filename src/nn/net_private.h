/* net_private.h -- what net.c shares with net_tensor.c and net_judge.c. */
#ifndef NN_NET_PRIVATE_H
#define NN_NET_PRIVATE_H

#include "nn/net.h"
#include "nn/op.h"
#include "nn/optimizer.h"
#include "nn/plan.h"

/* Averages of all tensors over the steps: those of node 1 first. */
struct net_average {
	float *values; /* NULL: none are kept */
	double decay;
	int64_t steps; /* averaged */
	float share;   /* of the latest values, in this step */
};

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
	struct net_average average;
	int flip_test;

	const struct kernels *kernels;
	float *pool;    /* a stage's local values or gradients */
	float *spill;   /* where a gradient is made that is to be added */
	float *scratch; /* what a verb works in */
};

/* The averages follow the values that a step has left. */
void net_average_step(struct net *n);

/* Mirrors the first `count` images in net_input, left to right. */
void net_mirror_input(struct net *n, size_t count);

/* Tells every layer that its parameters have new values. */
void net_parameters_changed(struct net *n);

#endif
