/* plain_maps.c -- what goes over maps number by number, as the loops that
 * define it (plain.h). */
#include <string.h>

#include "base/rng.h"
#include "nn/kernels/plain.h"

/* -- pooling -- */

/* The pixel k = 0..3 of the window of output (h,w) of one image. */
static size_t window(const struct pool_shape *s, size_t h, size_t w, size_t k)
{
	return ((2 * h + k / 2) * s->width + 2 * w + k % 2) * s->stride;
}

#define FOR_OUTPUTS(s, h, w)                       \
	for (size_t h = 0; h < s->height / 2; h++) \
		for (size_t w = 0; w < s->width / 2; w++)

static void pool_forward(const struct pool_shape *s, size_t n, const float *x,
	float *y, uint8_t *largest)
{
	for (size_t i = 0; i < n; i++, x += s->height * s->width * s->stride)
		FOR_OUTPUTS(s, h, w)
	for (size_t c = 0; c < s->stride; c++) {
		size_t most = 0;

		for (size_t k = 1; k < 4; k++)
			if (!(x[window(s, h, w, most) + c] >=
				    x[window(s, h, w, k) + c]))
				most = k;
		*y++ = x[window(s, h, w, most) + c];
		*largest++ = (uint8_t)most;
	}
}

static void pool_backward(const struct pool_shape *s, size_t n,
	const uint8_t *largest, const float *dy, float *dx)
{
	const size_t image = s->height * s->width * s->stride;

	memset(dx, 0, n * image * sizeof *dx);
	for (size_t i = 0; i < n; i++, dx += image)
		FOR_OUTPUTS(s, h, w)
	for (size_t c = 0; c < s->stride; c++)
		dx[window(s, h, w, *largest++) + c] = *dy++;
}

const struct pool_kernels pool_reference = {
	.forward = pool_forward,
	.backward = pool_backward,
};

/* -- averages -- */

/* The window of output (h,w): its number of pixels, and pixel k of them. */
static size_t window_pixels(const struct average_shape *s, size_t h, size_t w)
{
	return (s->rows[h].to - s->rows[h].from) *
	       (s->columns[w].to - s->columns[w].from);
}

static size_t window_at(
	const struct average_shape *s, size_t h, size_t w, size_t k)
{
	const size_t columns = s->columns[w].to - s->columns[w].from;
	const size_t row = s->rows[h].from + k / columns;

	return (row * s->width + s->columns[w].from + k % columns) * s->stride;
}

/* For each channel of each output pixel. */
#define FOR_AVERAGES(s, h, w, c)                          \
	for (size_t h = 0; h < s->out_height; h++)        \
		for (size_t w = 0; w < s->out_width; w++) \
			for (size_t c = 0; c < s->stride; c++)

static void average_forward(
	const struct average_shape *s, size_t n, const float *x, float *y)
{
	for (size_t i = 0; i < n; i++, x += s->height * s->width * s->stride)
		FOR_AVERAGES(s, h, w, c)
		{
			const size_t pixels = window_pixels(s, h, w);
			float sum = 0.0f;

			for (size_t k = 0; k < pixels; k++)
				sum += x[window_at(s, h, w, k) + c];
			*y++ = sum / (float)pixels;
		}
}

static void average_backward(
	const struct average_shape *s, size_t n, const float *dy, float *dx)
{
	const size_t image = s->height * s->width * s->stride;

	memset(dx, 0, n * image * sizeof *dx);
	for (size_t i = 0; i < n; i++, dx += image)
		FOR_AVERAGES(s, h, w, c)
		{
			const size_t pixels = window_pixels(s, h, w);

			for (size_t k = 0; k < pixels; k++)
				dx[window_at(s, h, w, k) + c] += *dy /
								 (float)pixels;
			dy++;
		}
}

const struct average_kernels average_reference = {
	.forward = average_forward,
	.backward = average_backward,
};

/* -- joins -- */

static void join_sum(size_t n, const float *a, const float *b, float *y)
{
	for (size_t i = 0; i < n; i++)
		y[i] = a[i] + b[i];
}

static void join_copy(
	const struct join_strip *s, size_t pixels, const float *from, float *to)
{
	for (size_t i = 0; i < pixels; i++) {
		for (size_t c = 0; c < s->channels; c++)
			to[i * s->to_pixel + c] = from[i * s->from_pixel + c];
		for (size_t c = 0; c < s->zeros; c++)
			to[i * s->to_pixel + s->channels + c] = 0.0f;
	}
}

const struct join_kernels join_reference = {.sum = join_sum, .copy = join_copy};

/* -- dropout -- */

static void dropout_apply(uint32_t key, uint32_t first, uint32_t threshold,
	float keep, size_t n, const float *x, float *y)
{
	for (size_t i = 0; i < n; i++)
		y[i] = rng_mix32(key + first + (uint32_t)i) < threshold
			       ? 0.0f
			       : x[i] * keep;
}

const struct dropout_kernels dropout_reference = {.apply = dropout_apply};
