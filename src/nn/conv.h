/* conv.h -- a convolution of maps by the kernels that suit its shape.
 *
 * The choice is a function of shape and kernel class alone, never of a
 * measurement, so that the same network gives the same bits.  A layer has up to
 * two of these: forward, and for the gradient of its input the convolution of
 * the output's gradient with the weights turned over. */
#ifndef NN_CONV_H
#define NN_CONV_H

#include <stddef.h>

#include "nn/kernels/direct.h"
#include "nn/kernels/kernels.h"

enum conv_method {
	CONV_DIRECT,   /* every shape */
	CONV_WINOGRAD, /* stride 1, kernels of 3 and 5, enough pixels */
};

struct conv {
	const struct kernels *kernels;
	enum conv_method method;
	const struct direct_kernels *direct; /* those for the spread */
	struct direct_shape shape;
};

/* Chooses the method. */
void conv_init(
	struct conv *c, const struct kernels *k, const struct direct_shape *s);

/* Floats of the packed weights. */
size_t conv_packed_floats(const struct conv *c);

/* Floats of the sum of gradients. */
size_t conv_sum_floats(const struct conv *c);

/* Floats of scratch that conv_forward and conv_gradients need. */
size_t conv_scratch_floats(const struct conv *c);

/* Weights (kernel,kernel,in,out) to what conv_forward reads. */
void conv_pack(const struct conv *c, const float *weights, float *packed);

/* y = x * weights + bias of n images; bias (out), NULL for none. */
void conv_forward(const struct conv *c, size_t n, const float *x,
	const float *packed, const float *bias, float *y, float *scratch);

/* Adds the gradients of n images to `sum` and to `dbias` (out). */
void conv_gradients(const struct conv *c, size_t n, const float *x,
	const float *dy, float *sum, float *dbias, float *scratch);

/* The gradient of the weights (kernel,kernel,in,out) from their sum.  Does
 * nothing where conv_sums_in_place. */
void conv_weight_gradient(const struct conv *c, const float *sum, float *dw);

/* True if the sum is the gradient of the weights itself, in its layout. */
int conv_sums_in_place(const struct conv *c);

#endif
