/* plain.c -- the reference class, put together: normalization here, products
 * and maps in plain_products.c and plain_maps.c (plain.h). */
#include "nn/kernels/plain.h"

#include "nn/kernels/kernels.h"
#include "nn/kernels/norm.h"
#include "nn/kernels/peak.h"

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
	.direct = &direct_reference,
	.dense = &dense_reference,
	.activation = &activation_reference,
	.pool = &pool_reference,
	.average = &average_reference,
	.norm = &norm,
	.join = &join_reference,
	.dropout = &dropout_reference,
	.update = &update_reference,
	.peak = &peak,
};
