/* plain.c -- the reference class, put together: normalization and optimizers
 * here, the rest in plain_products.c and plain_maps.c (plain.h). */
#include "nn/kernels/plain.h"

#include <math.h>

#include "nn/kernels/kernels.h"
#include "nn/kernels/norm.h"
#include "nn/kernels/peak.h"
#include "nn/kernels/update.h"

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
	.direct = &direct_reference,
	.dense = &dense_reference,
	.activation = &activation_reference,
	.pool = &pool_reference,
	.average = &average_reference,
	.norm = &norm,
	.join = &join_reference,
	.dropout = &dropout_reference,
	.update = &update,
	.peak = &peak,
};
