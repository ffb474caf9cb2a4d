/* pool.h -- the largest of each 2 x 2 pixels, per channel. */
#ifndef NN_KERNELS_POOL_H
#define NN_KERNELS_POOL_H

#include <stddef.h>

struct pool_shape {
	size_t height, width; /* of x; those of y are half, rounded down */
	size_t stride;        /* floats a pixel */
};

/* `n` images everywhere. */
struct pool_kernels {
	void (*forward)(
		const struct pool_shape *s, size_t n, const float *x, float *y);

	/* dx from dy: each gradient goes to the first largest of its pixels in
	 * reading order, all others get zero. */
	void (*backward)(const struct pool_shape *s, size_t n, const float *x,
		const float *y, const float *dy, float *dx);
};

#endif
