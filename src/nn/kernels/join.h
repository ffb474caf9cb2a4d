/* join.h -- several maps become one, and its gradient goes back to them. */
#ifndef NN_KERNELS_JOIN_H
#define NN_KERNELS_JOIN_H

#include <stddef.h>

/* Channels that lie side by side in pixels of two maps. */
struct join_strip {
	size_t channels;
	size_t from_pixel, to_pixel; /* floats from a pixel to the next */
	size_t zeros;                /* floats behind them to be cleared */
};

struct join_kernels {
	/* y = a + b of n floats, whole vectors; y may be a or b. */
	void (*sum)(size_t n, const float *a, const float *b, float *y);

	/* Copies the strip of each pixel; from and to need no alignment. */
	void (*copy)(const struct join_strip *s, size_t pixels,
		const float *from, float *to);
};

#endif
