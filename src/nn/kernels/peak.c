/* peak.c -- chains of multiply-adds, enough of them to hide the latency. */
#include "nn/kernels/peak.h"

#include "nn/kernels/lanes.h"

/* Two units with a latency of four cycles need 8 chains, and without fused
 * multiply-adds 12; with two constants they still fit 16 registers. */
#define CHAINS 12

static float run(size_t rounds)
{
	/* x / 2 + 1/2 goes to 1, so that no number becomes subnormal. */
	const lanes half = lanes_all(0.5f);
	lanes x[CHAINS], sum = lanes_zero();

	for (int k = 0; k < CHAINS; k++)
		x[k] = lanes_all((float)k);
	for (size_t i = 0; i < rounds; i++)
		for (int k = 0; k < CHAINS; k++)
			x[k] = lanes_fma(x[k], half, half);
	for (int k = 0; k < CHAINS; k++)
		sum += x[k];
	return sum[0];
}

extern const struct peak_kernels KERNELS(peak);

const struct peak_kernels KERNELS(peak) = {
	.round_flops = (size_t)2 * CHAINS * LANES,
	.run = run,
};
