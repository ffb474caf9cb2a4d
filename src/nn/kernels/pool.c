/* pool.c -- two rows of inputs and one of outputs at a time. */
#include "nn/kernels/pool.h"

#include <string.h>

#include "nn/kernels/lanes.h"

/* The larger of two pixels, and which it is; the first where they are equal,
 * the second where either is a NaN. */
static inline lanes larger(
	lanes a, lanes b, lanes_mask at_a, lanes_mask at_b, lanes_mask *at)
{
	const lanes_mask first = a >= b;

	*at = (first & at_a) | (~first & at_b);
	return lanes_where(first, a, b);
}

static void pool_row(const float *x, size_t row, float *y, uint8_t *largest,
	size_t width, size_t stride)
{
	const lanes_mask zero = {0};

	for (size_t w = 0; w < width; w++) {
		for (size_t c = 0; c < stride; c += LANES) {
			const float *below = x + row + c;
			lanes_mask at_top, at_bottom, at;
			const lanes top = larger(lanes_load(x + c),
				lanes_load(x + stride + c), zero, zero + 1,
				&at_top);
			const lanes bottom = larger(lanes_load(below),
				lanes_load(below + stride), zero + 2, zero + 3,
				&at_bottom);

			lanes_store(y + c,
				larger(top, bottom, at_top, at_bottom, &at));
			lanes_store_bytes(largest + c, at);
		}
		x += 2 * stride;
		y += stride;
		largest += stride;
	}
}

static void pool_forward(const struct pool_shape *s, size_t n, const float *x,
	float *y, uint8_t *largest)
{
	const size_t row = s->width * s->stride;
	const size_t out_row = s->width / 2 * s->stride;

	for (size_t i = 0; i < n; i++, x += s->height * row)
		for (size_t h = 0; h < s->height / 2; h++) {
			pool_row(x + 2 * h * row, row, y, largest, s->width / 2,
				s->stride);
			y += out_row;
			largest += out_row;
		}
}

static void unpool_row(const uint8_t *largest, const float *dy, float *dx,
	size_t row, size_t width, size_t stride)
{
	const lanes_mask zero = {0};
	const lanes none = lanes_zero();

	for (size_t w = 0; w < width; w++) {
		for (size_t c = 0; c < stride; c += LANES) {
			const lanes_mask at = lanes_load_bytes(largest + c);
			const lanes d = lanes_load(dy + c);
			float *below = dx + row + c;

			lanes_store(dx + c, lanes_where(at == zero, d, none));
			lanes_store(dx + stride + c,
				lanes_where(at == zero + 1, d, none));
			lanes_store(
				below, lanes_where(at == zero + 2, d, none));
			lanes_store(below + stride,
				lanes_where(at == zero + 3, d, none));
		}
		dx += 2 * stride;
		dy += stride;
		largest += stride;
	}
}

static void pool_backward(const struct pool_shape *s, size_t n,
	const uint8_t *largest, const float *dy, float *dx)
{
	const size_t row = s->width * s->stride;
	const size_t out_row = s->width / 2 * s->stride;

	/* A dropped row or column has no gradient. */
	if (s->height % 2 || s->width % 2)
		memset(dx, 0, n * s->height * row * sizeof *dx);
	for (size_t i = 0; i < n; i++, dx += s->height * row)
		for (size_t h = 0; h < s->height / 2; h++) {
			unpool_row(largest, dy, dx + 2 * h * row, row,
				s->width / 2, s->stride);
			dy += out_row;
			largest += out_row;
		}
}

extern const struct pool_kernels KERNELS(pool);

const struct pool_kernels KERNELS(pool) = {
	.forward = pool_forward,
	.backward = pool_backward,
};
