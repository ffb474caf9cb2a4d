/* average.h -- the average of each window of a map, per channel. */
#ifndef NN_KERNELS_AVERAGE_H
#define NN_KERNELS_AVERAGE_H

#include <stddef.h>

/* Rows or columns from..to-1. */
struct average_window {
	size_t from, to;
};

/* Output (h,w) averages the pixels of the window rows[h] by columns[w].  The
 * windows of a side begin at 0; each ends behind the one before and begins at
 * its end or within it.  What lies behind the last one counts for nothing. */
struct average_shape {
	size_t height, width;         /* of x */
	size_t out_height, out_width; /* of y */
	size_t stride;                /* floats a pixel */
	const struct average_window *rows, *columns;
};

/* `n` images everywhere. */
struct average_kernels {
	void (*forward)(const struct average_shape *s, size_t n, const float *x,
		float *y);

	/* dx from dy. */
	void (*backward)(const struct average_shape *s, size_t n,
		const float *dy, float *dx);
};

#endif
