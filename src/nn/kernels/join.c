/* join.c -- sums by vectors, and copies by vectors that may lie anywhere. */
#include "nn/kernels/join.h"

#include <string.h>

#include "nn/kernels/lanes.h"

static void join_sum(size_t n, const float *a, const float *b, float *y)
{
	for (size_t i = 0; i < n; i += LANES)
		lanes_store(y + i, lanes_load(a + i) + lanes_load(b + i));
}

/* Fewer floats than a vector has: sizes that the compiler knows become single
 * moves, where a call of memcpy would cost more than the copy. */
static inline void copy_few(size_t n, const float *from, float *to)
{
	for (size_t part = LANES / 2; part > 0; part /= 2) {
		if (!(n & part))
			continue;
		memcpy(to, from, part * sizeof *to);
		from += part;
		to += part;
	}
}

static inline void copy_channels(size_t n, const float *from, float *to)
{
	for (; n >= LANES; n -= LANES, from += LANES, to += LANES)
		memcpy(to, from, LANES * sizeof *to);
	copy_few(n, from, to);
}

static void join_copy(
	const struct join_strip *s, size_t pixels, const float *from, float *to)
{
	const size_t channels = s->channels, zeros = s->zeros;

	for (; pixels > 0; pixels--) {
		copy_channels(channels, from, to);
		for (size_t c = channels; c < channels + zeros; c++)
			to[c] = 0.0f;
		from += s->from_pixel;
		to += s->to_pixel;
	}
}

extern const struct join_kernels KERNELS(join);

const struct join_kernels KERNELS(join) = {
	.sum = join_sum,
	.copy = join_copy,
};
