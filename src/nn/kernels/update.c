/* update.c -- plain loops, which the compiler brings to whole vectors. */
#include "nn/kernels/update.h"

#include <math.h>

#include "nn/kernels/lanes.h"

/* Kingma & Ba, 2015; Loshchilov & Hutter, 2019. */
static void update_adam(const struct update_step *s, size_t n,
	float *restrict w, const float *restrict g, float *restrict m,
	float *restrict v)
{
	const float keep1 = s->keep1, take1 = s->take1;
	const float keep2 = s->keep2, take2 = s->take2;
	const float rate = s->rate, root = s->root, shrink = s->shrink;
	const float epsilon = s->epsilon;

	for (size_t i = 0; i < n; i++) {
		m[i] = keep1 * m[i] + take1 * g[i];
		v[i] = keep2 * v[i] + take2 * g[i] * g[i];
		w[i] = w[i] * shrink -
		       rate * m[i] / (sqrtf(v[i]) * root + epsilon);
	}
}

static void update_sgd(const struct update_step *s, size_t n, float *restrict w,
	const float *restrict g, float *restrict m, float *restrict v)
{
	const float rate = s->rate;

	(void)m;
	(void)v;
	for (size_t i = 0; i < n; i++)
		w[i] -= rate * g[i];
}

/* Tieleman & Hinton, 2012: its one state is a mean of squares. */
static void update_rmsprop(const struct update_step *s, size_t n,
	float *restrict w, const float *restrict g, float *restrict squares,
	float *restrict none)
{
	const float keep = s->keep1, take = s->take1;
	const float rate = s->rate, epsilon = s->epsilon;

	(void)none;
	for (size_t i = 0; i < n; i++) {
		squares[i] = keep * squares[i] + take * g[i] * g[i];
		w[i] -= rate * g[i] / (sqrtf(squares[i]) + epsilon);
	}
}

/* Sutskever et al., 2013, as PyTorch has it: the rate is outside of m. */
static void update_nesterov(const struct update_step *s, size_t n,
	float *restrict w, const float *restrict g, float *restrict m,
	float *restrict none)
{
	const float keep = s->keep1, rate = s->rate;

	(void)none;
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
	.rules = {[OPT_ADAM] = update_adam,
		[OPT_ADAMW] = update_adam,
		[OPT_SGD] = update_sgd,
		[OPT_RMSPROP] = update_rmsprop,
		[OPT_NESTEROV] = update_nesterov},
	.follow = update_follow,
	.add = update_add,
};
