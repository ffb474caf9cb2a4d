/* pool.h -- the largest of each 2 x 2 pixels, per channel. */
#ifndef NN_KERNELS_POOL_H
#define NN_KERNELS_POOL_H

#include <stddef.h>
#include <stdint.h>

struct pool_shape {
	size_t height, width; /* of x; those of y are half, rounded down */
	size_t stride;        /* floats a pixel */
};

/* `n` images everywhere. */
struct pool_kernels {
	/* `largest` (of y's size) gets 0..3, the first of the largest pixels
	 * in reading order. */
	void (*forward)(const struct pool_shape *s, size_t n, const float *x,
		float *y, uint8_t *largest);

	/* dx from dy: each gradient goes to the largest of its pixels, all
	 * others get zero. */
	void (*backward)(const struct pool_shape *s, size_t n,
		const uint8_t *largest, const float *dy, float *dx);
};

#endif
