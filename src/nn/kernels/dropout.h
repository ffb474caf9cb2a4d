/* dropout.h -- numbers dropped by a draw for each position. */
#ifndef NN_KERNELS_DROPOUT_H
#define NN_KERNELS_DROPOUT_H

#include <stddef.h>
#include <stdint.h>

struct dropout_kernels {
	/* y[i] is 0 where rng_mix32(key + first + i) is below `threshold`, and
	 * x[i] * keep elsewhere; y may be x. */
	void (*apply)(uint32_t key, uint32_t first, uint32_t threshold,
		float keep, size_t n, const float *x, float *y);
};

#endif
