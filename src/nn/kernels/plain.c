/* plain.c -- every kernel as the loops that define it, for readers and to
 * test the others by.  One number at a time; no order of work that matters. */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "nn/fmath.h"
#include "nn/kernels/activation.h"
#include "nn/kernels/average.h"
#include "nn/kernels/dense.h"
#include "nn/kernels/direct.h"
#include "nn/kernels/dropout.h"
#include "nn/kernels/join.h"
#include "nn/kernels/kernels.h"
#include "nn/kernels/norm.h"
#include "nn/kernels/peak.h"
#include "nn/kernels/pool.h"
#include "nn/kernels/update.h"

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

static const struct direct_kernels direct = {
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

static const struct dense_kernels dense = {
	.at = dense_at,
	.forward = dense_forward,
	.gradients = dense_gradients,
	.backward = dense_backward,
};

/* -- activation -- */

static float relu(float x)
{
	return x < 0.0f ? 0.0f : x;
}

static float relu_slope(float y)
{
	return y > 0.0f ? 1.0f : 0.0f;
}

static float sigmoid_slope(float y)
{
	return y * (1.0f - y);
}

static float tanh_slope(float y)
{
	return 1.0f - y * y;
}

static float leaky(float x)
{
	return x < 0.0f ? 0.01f * x : x;
}

static float leaky_slope(float y)
{
	return y > 0.0f ? 1.0f : 0.01f;
}

#define SELU_SCALE 1.0507009873554805f
#define SELU_LOW (SELU_SCALE * 1.6732632423543772f)

static float selu(float x)
{
	return x < 0.0f ? SELU_LOW * fmath_expm1(x) : SELU_SCALE * x;
}

static float selu_slope(float y)
{
	return y > 0.0f ? SELU_SCALE : y + SELU_LOW;
}

#define LOOPS(name, function, slope)                                   \
	static void name##_forward(const float *x, float *y, size_t n) \
	{                                                              \
		for (size_t i = 0; i < n; i++)                         \
			y[i] = function(x[i]);                         \
	}                                                              \
	static void name##_backward(                                   \
		const float *y, const float *dy, float *dx, size_t n)  \
	{                                                              \
		for (size_t i = 0; i < n; i++)                         \
			dx[i] = dy[i] * slope(y[i]);                   \
	}

LOOPS(relu, relu, relu_slope)
LOOPS(sigmoid, fmath_sigmoid, sigmoid_slope)
LOOPS(tanh, fmath_tanh, tanh_slope)
LOOPS(leaky, leaky, leaky_slope)
LOOPS(selu, selu, selu_slope)

static const struct activation_kernels activation = {
	.forward = {[ACT_RELU] = relu_forward,
		[ACT_SIGMOID] = sigmoid_forward,
		[ACT_TANH] = tanh_forward,
		[ACT_LEAKYRELU] = leaky_forward,
		[ACT_SELU] = selu_forward},
	.backward = {[ACT_RELU] = relu_backward,
		[ACT_SIGMOID] = sigmoid_backward,
		[ACT_TANH] = tanh_backward,
		[ACT_LEAKYRELU] = leaky_backward,
		[ACT_SELU] = selu_backward},
};

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

static const struct pool_kernels pool = {
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

static const struct average_kernels average = {
	.forward = average_forward,
	.backward = average_backward,
};

/* -- normalization -- */

static void norm_moments(size_t pixels, size_t stride, const float *x,
	float *mean, float *squares)
{
	for (size_t c = 0; c < stride; c++) {
		float sum = 0.0f;

		for (size_t i = 0; i < pixels; i++)
			sum += x[i * stride + c];
		mean[c] = sum / (float)pixels;
		squares[c] = 0.0f;
		for (size_t i = 0; i < pixels; i++) {
			const float d = x[i * stride + c] - mean[c];

			squares[c] += d * d;
		}
	}
}

static void norm_apply(size_t pixels, size_t stride, const float *x,
	const float *mean, const float *scale, const float *shift, float *y)
{
	for (size_t i = 0; i < pixels * stride; i++) {
		const size_t c = i % stride;

		y[i] = (x[i] - mean[c]) * scale[c] + shift[c];
	}
}

static void norm_sums(size_t pixels, size_t stride, const float *dy,
	const float *x, const float *mean, float *sum, float *products)
{
	for (size_t i = 0; i < pixels * stride; i++) {
		const size_t c = i % stride;

		sum[c] += dy[i];
		products[c] += dy[i] * (x[i] - mean[c]);
	}
}

static void norm_backward(size_t pixels, size_t stride, const float *dy,
	const float *x, const float *mean, const struct norm_slope *k,
	float *dx)
{
	for (size_t i = 0; i < pixels * stride; i++) {
		const size_t c = i % stride;

		dx[i] = k->scale[c] *
			(dy[i] - k->shift[c] - (x[i] - mean[c]) * k->slope[c]);
	}
}

static void norm_backward_joint(size_t pixels, size_t stride, const float *dy,
	const float *x, const float *mean, const struct norm_slope *k,
	float *dx)
{
	for (size_t i = 0; i < pixels * stride; i++) {
		const size_t c = i % stride;

		dx[i] = k->scale[c] * dy[i] - k->shift[c] -
			(x[i] - mean[c]) * k->slope[c];
	}
}

static const struct norm_kernels norm = {
	.moments = norm_moments,
	.apply = norm_apply,
	.sums = norm_sums,
	.backward = norm_backward,
	.backward_joint = norm_backward_joint,
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

static const struct join_kernels join = {.sum = join_sum, .copy = join_copy};

/* -- dropout -- */

static void dropout_apply(uint32_t key, uint32_t first, uint32_t threshold,
	float keep, size_t n, const float *x, float *y)
{
	for (size_t i = 0; i < n; i++)
		y[i] = rng_mix32(key + first + (uint32_t)i) < threshold
			       ? 0.0f
			       : x[i] * keep;
}

static const struct dropout_kernels dropout = {.apply = dropout_apply};

/* -- optimizers -- */

static void update_adam(const struct adam_step *a, size_t n, float *w,
	const float *g, float *m, float *v)
{
	for (size_t i = 0; i < n; i++) {
		m[i] = a->keep1 * m[i] + a->take1 * g[i];
		v[i] = a->keep2 * v[i] + a->take2 * g[i] * g[i];
		w[i] = w[i] * a->shrink -
		       a->step * m[i] / (sqrtf(v[i]) * a->root + a->epsilon);
	}
}

static void update_sgd(size_t n, float *w, const float *g, float rate)
{
	for (size_t i = 0; i < n; i++)
		w[i] -= rate * g[i];
}

static void update_rmsprop(const struct rmsprop_step *r, size_t n, float *w,
	const float *g, float *v)
{
	for (size_t i = 0; i < n; i++) {
		v[i] = r->keep * v[i] + r->take * g[i] * g[i];
		w[i] -= r->rate * g[i] / (sqrtf(v[i]) + r->epsilon);
	}
}

static void update_add(size_t n, float *y, const float *x, float factor)
{
	for (size_t i = 0; i < n; i++)
		y[i] += factor * x[i];
}

static const struct update_kernels update = {
	.adam = update_adam,
	.sgd = update_sgd,
	.rmsprop = update_rmsprop,
	.add = update_add,
};

/* -- the peak of plain loops -- */

static float one_chain(size_t rounds)
{
	float x = 0.0f;

	for (size_t i = 0; i < rounds; i++)
		x = x * 0.5f + 0.5f;
	return x;
}

static const struct peak_kernels peak = {.round_flops = 2, .run = one_chain};

extern const struct kernels kernels_reference;

const struct kernels kernels_reference = {
	.name = "reference-2",
	.lanes = 1,
	.direct = &direct,
	.dense = &dense,
	.activation = &activation,
	.pool = &pool,
	.average = &average,
	.norm = &norm,
	.join = &join,
	.dropout = &dropout,
	.update = &update,
	.peak = &peak,
};
