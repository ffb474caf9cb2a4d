/* update.c -- plain loops, which the compiler brings to whole vectors. */
#include "nn/kernels/update.h"

#include <math.h>

#include "nn/kernels/lanes.h"

static void update_adam(const struct adam_step *a, size_t n, float *restrict w,
	const float *restrict g, float *restrict m, float *restrict v)
{
	const float keep1 = a->keep1, take1 = a->take1;
	const float keep2 = a->keep2, take2 = a->take2;
	const float step = a->step, root = a->root, shrink = a->shrink;
	const float epsilon = a->epsilon;

	for (size_t i = 0; i < n; i++) {
		m[i] = keep1 * m[i] + take1 * g[i];
		v[i] = keep2 * v[i] + take2 * g[i] * g[i];
		w[i] = w[i] * shrink -
		       step * m[i] / (sqrtf(v[i]) * root + epsilon);
	}
}

static void update_sgd(
	size_t n, float *restrict w, const float *restrict g, float rate)
{
	for (size_t i = 0; i < n; i++)
		w[i] -= rate * g[i];
}

static void update_rmsprop(const struct rmsprop_step *r, size_t n,
	float *restrict w, const float *restrict g, float *restrict v)
{
	const float keep = r->keep, take = r->take;
	const float rate = r->rate, epsilon = r->epsilon;

	for (size_t i = 0; i < n; i++) {
		v[i] = keep * v[i] + take * g[i] * g[i];
		w[i] -= rate * g[i] / (sqrtf(v[i]) + epsilon);
	}
}

static void update_nesterov(const struct nesterov_step *s, size_t n,
	float *restrict w, const float *restrict g, float *restrict m)
{
	const float keep = s->keep, rate = s->rate;

	for (size_t i = 0; i < n; i++) {
		m[i] = keep * m[i] + g[i];
		w[i] -= rate * (g[i] + keep * m[i]);
	}
}

static void update_follow(
	size_t n, float *restrict a, const float *restrict w, float share)
{
	for (size_t i = 0; i < n; i++)
		a[i] += share * (w[i] - a[i]);
}

static void update_add(
	size_t n, float *restrict y, const float *restrict x, float factor)
{
	for (size_t i = 0; i < n; i++)
		y[i] += factor * x[i];
}

extern const struct update_kernels KERNELS(update);

const struct update_kernels KERNELS(update) = {
	.adam = update_adam,
	.sgd = update_sgd,
	.rmsprop = update_rmsprop,
	.nesterov = update_nesterov,
	.follow = update_follow,
	.add = update_add,
};
