/* activate.h -- functions applied to each number, and their slopes. */
#ifndef NN_KERNELS_ACTIVATE_H
#define NN_KERNELS_ACTIVATE_H

#include <stddef.h>

#include "base/activation.h"

struct activation_kernels {
	/* y = f(x) of n floats; y may be x. */
	void (*forward[ACT_COUNT])(const float *x, float *y, size_t n);

	/* dx = dy * f'(x), the slope worked out from y = f(x); dx may be dy. */
	void (*backward[ACT_COUNT])(
		const float *y, const float *dy, float *dx, size_t n);
};

#endif
