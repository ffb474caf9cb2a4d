/* dropout.c -- the draws are hashes of positions, so the mask is made again
 * wherever it is needed and never stored. */
#include "nn/kernels/dropout.h"

#include "base/rng.h"
#include "nn/kernels/lanes.h"

static void dropout_apply(uint32_t key, uint32_t first, uint32_t threshold,
	float keep, size_t n, const float *x, float *y)
{
	LANES_INDEPENDENT
	for (size_t i = 0; i < n; i++) {
		const uint32_t draw = rng_mix32(key + first + (uint32_t)i);

		y[i] = draw < threshold ? 0.0f : x[i] * keep;
	}
}

extern const struct dropout_kernels KERNELS(dropout);

const struct dropout_kernels KERNELS(dropout) = {
	.apply = dropout_apply,
};
