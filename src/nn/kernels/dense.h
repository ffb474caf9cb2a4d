/* dense.h -- fully connected layers.
 *
 * Weights (in, out) lie in panels of columns, each contiguous over the depth:
 * the column o of row i at dense_at.  Layouts as in kernels.h. */
#ifndef NN_KERNELS_DENSE_H
#define NN_KERNELS_DENSE_H

#include <stddef.h>

struct dense_shape {
	size_t in;  /* floats of one image of x; whole vectors for backward */
	size_t out; /* floats of one image of y, whole vectors */
};

/* `n` images everywhere. */
struct dense_kernels {
	/* Where weight (i, o) lies, in floats. */
	size_t (*at)(const struct dense_shape *s, size_t i, size_t o);

	/* y = x weights + bias. */
	void (*forward)(const struct dense_shape *s, size_t n, const float *x,
		const float *weights, const float *bias, float *y);

	/* dweights = x' dy; dbias = the sum of dy. */
	void (*gradients)(const struct dense_shape *s, size_t n, const float *x,
		const float *dy, float *dweights, float *dbias);

	/* dx = dy weights'; `panel` holds 2 * lanes * out floats. */
	void (*backward)(const struct dense_shape *s, size_t n, const float *dy,
		const float *weights, float *panel, float *dx);
};

#endif
