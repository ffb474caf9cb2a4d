/* plain_products.c -- convolutions and dense layers as the loops that define
 * them, one product at a time (plain.h). */
#include <string.h>

#include "nn/kernels/plain.h"

/* -- convolution -- */

static size_t no_scratch(const struct direct_shape *s)
{
	(void)s;
	return 0;
}

static void copy_weights(
	const struct direct_shape *s, const float *weights, float *packed)
{
	memcpy(packed, weights,
		s->kernel * s->kernel * s->in * s->out * sizeof *packed);
}

/* The input pixel under tap (i,j) of output (h,w), or NULL. */
static const float *under(const struct direct_shape *s, const float *x,
	size_t h, size_t w, size_t i, size_t j)
{
	const size_t row = h * s->stride + i, column = w * s->stride + j;
	size_t y, z;

	if (row < s->before || column < s->before)
		return NULL;
	y = row - s->before;
	z = column - s->before;
	if (y % s->spread || z % s->spread || y / s->spread >= s->height ||
		z / s->spread >= s->width)
		return NULL;
	return x + (y / s->spread * s->width + z / s->spread) * s->in_stride;
}

/* For each tap of each output, with the pixel under it. */
#define FOR_TAPS(s, x, h, w, t, pixel)                                      \
	for (size_t h = 0; h < s->out_height; h++)                          \
		for (size_t w = 0; w < s->out_width; w++)                   \
			for (size_t t = 0; t < s->kernel * s->kernel; t++)  \
				for (const float *pixel = under(s, x, h, w, \
					     t / s->kernel, t % s->kernel); \
					pixel; pixel = NULL)

static void direct_forward(const struct direct_shape *s, size_t n,
	const float *x, const float *packed, const float *bias, float *y,
	float *scratch)
{
	const size_t outputs = s->out_height * s->out_width;

	(void)scratch;
	for (size_t k = 0; k < n; k++) {
		for (size_t i = 0; i < outputs * s->out; i++)
			y[i] = bias ? bias[i % s->out] : 0.0f;
		FOR_TAPS(s, x, h, w, t, pixel)
		for (size_t i = 0; i < s->in; i++)
			for (size_t o = 0; o < s->out; o++)
				y[(h * s->out_width + w) * s->out + o] +=
					pixel[i] *
					packed[(t * s->in + i) * s->out + o];
		x += s->height * s->width * s->in_stride;
		y += outputs * s->out;
	}
}

static void direct_gradients(const struct direct_shape *s, size_t n,
	const float *x, const float *dy, float *dweights, float *dbias,
	float *scratch)
{
	const size_t outputs = s->out_height * s->out_width;

	(void)scratch;
	for (size_t k = 0; k < n; k++) {
		for (size_t i = 0; i < outputs * s->out; i++)
			dbias[i % s->out] += dy[i];
		FOR_TAPS(s, x, h, w, t, pixel)
		for (size_t i = 0; i < s->in; i++)
			for (size_t o = 0; o < s->out; o++)
				dweights[(t * s->in + i) * s->out + o] +=
					pixel[i] *
					dy[(h * s->out_width + w) * s->out + o];
		x += s->height * s->width * s->in_stride;
		dy += outputs * s->out;
	}
}

const struct direct_kernels direct_reference = {
	.scratch = no_scratch,
	.pack = copy_weights,
	.forward = direct_forward,
	.gradients = direct_gradients,
};

/* -- dense -- */

static size_t dense_at(const struct dense_shape *s, size_t i, size_t o)
{
	return i * s->out + o;
}

static void dense_forward(const struct dense_shape *s, size_t n, const float *x,
	const float *weights, const float *bias, float *y)
{
	for (size_t k = 0; k < n; k++)
		for (size_t o = 0; o < s->out; o++) {
			float sum = bias[o];

			for (size_t i = 0; i < s->in; i++)
				sum += x[k * s->in + i] *
				       weights[i * s->out + o];
			y[k * s->out + o] = sum;
		}
}

static void dense_gradients(const struct dense_shape *s, size_t n,
	const float *x, const float *dy, float *dweights, float *dbias)
{
	memset(dweights, 0, s->in * s->out * sizeof *dweights);
	memset(dbias, 0, s->out * sizeof *dbias);
	for (size_t k = 0; k < n; k++)
		for (size_t o = 0; o < s->out; o++) {
			const float d = dy[k * s->out + o];

			dbias[o] += d;
			for (size_t i = 0; i < s->in; i++)
				dweights[i * s->out + o] += x[k * s->in + i] *
							    d;
		}
}

static void dense_backward(const struct dense_shape *s, size_t n,
	const float *dy, const float *weights, float *panel, float *dx)
{
	(void)panel;
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < s->in; i++) {
			float sum = 0.0f;

			for (size_t o = 0; o < s->out; o++)
				sum += dy[k * s->out + o] *
				       weights[i * s->out + o];
			dx[k * s->in + i] = sum;
		}
}

const struct dense_kernels dense_reference = {
	.at = dense_at,
	.forward = dense_forward,
	.gradients = dense_gradients,
	.backward = dense_backward,
};
