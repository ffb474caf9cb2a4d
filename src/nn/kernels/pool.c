/* pool.c -- two rows of inputs and one of outputs at a time. */
#include "nn/kernels/pool.h"

#include <string.h>

#include "nn/kernels/lanes.h"

/* Ends with b where either is a NaN, in one instruction. */
static inline float larger(float a, float b)
{
	return a > b ? a : b;
}

static void pool_row(const float *restrict top, const float *restrict bottom,
	float *restrict y, size_t width, size_t stride)
{
	for (size_t w = 0; w < width; w++) {
		for (size_t c = 0; c < stride; c++)
			y[c] = larger(larger(top[c], top[c + stride]),
				larger(bottom[c], bottom[c + stride]));
		top += 2 * stride;
		bottom += 2 * stride;
		y += stride;
	}
}

static void pool_forward(
	const struct pool_shape *s, size_t n, const float *x, float *y)
{
	const size_t row = s->width * s->stride;
	const size_t out_row = s->width / 2 * s->stride;

	for (size_t i = 0; i < n; i++) {
		for (size_t h = 0; h < s->height / 2; h++) {
			pool_row(x + 2 * h * row, x + (2 * h + 1) * row, y,
				s->width / 2, s->stride);
			y += out_row;
		}
		x += s->height * row;
	}
}

/* Where an input is the largest, its gradient is what its predecessors in the
 * window have left of the output's. */
static inline float take(float x, float y, float *left)
{
	const float dy = *left;
	const int mine = x == y;

	*left = mine ? 0.0f : dy;
	return mine ? dy : 0.0f;
}

static void unpool_row(const float *restrict top, const float *restrict bottom,
	const float *restrict y, const float *restrict dy, float *restrict dtop,
	float *restrict dbottom, size_t width, size_t stride)
{
	for (size_t w = 0; w < width; w++) {
		for (size_t c = 0; c < stride; c++) {
			float left = dy[c];

			dtop[c] = take(top[c], y[c], &left);
			dtop[c + stride] = take(top[c + stride], y[c], &left);
			dbottom[c] = take(bottom[c], y[c], &left);
			dbottom[c + stride] = take(
				bottom[c + stride], y[c], &left);
		}
		top += 2 * stride;
		bottom += 2 * stride;
		dtop += 2 * stride;
		dbottom += 2 * stride;
		y += stride;
		dy += stride;
	}
}

static void pool_backward(const struct pool_shape *s, size_t n, const float *x,
	const float *y, const float *dy, float *dx)
{
	const size_t row = s->width * s->stride;
	const size_t out_row = s->width / 2 * s->stride;

	/* A dropped row or column has no gradient. */
	if (s->height % 2 || s->width % 2)
		memset(dx, 0, n * s->height * row * sizeof *dx);
	for (size_t i = 0; i < n; i++) {
		for (size_t h = 0; h < s->height / 2; h++) {
			const size_t at = 2 * h * row;

			unpool_row(x + at, x + at + row, y, dy, dx + at,
				dx + at + row, s->width / 2, s->stride);
			y += out_row;
			dy += out_row;
		}
		x += s->height * row;
		dx += s->height * row;
	}
}

extern const struct pool_kernels KERNELS(pool);

const struct pool_kernels KERNELS(pool) = {
	.forward = pool_forward,
	.backward = pool_backward,
};
