/* test_optimizer.c -- ten steps of each rule against its formula in doubles, as
 * PyTorch's documentation writes it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "nn/kernels/kernels.h"
#include "nn/optimizer.h"

#define STEPS 10

/* One number on its way. */
struct walk {
	double w, m, v;
	int t;
};

typedef void rule(struct walk *k, double g, double rate);

static void adam(struct walk *k, double g, double rate)
{
	k->t++;
	k->m = 0.9 * k->m + 0.1 * g;
	k->v = 0.999 * k->v + 0.001 * g * g;
	k->w -= rate * (k->m / (1 - pow(0.9, k->t))) /
		(sqrt(k->v / (1 - pow(0.999, k->t))) + 1e-8);
}

static void adamw(struct walk *k, double g, double rate)
{
	k->w -= rate * 0.01 * k->w;
	adam(k, g, rate);
}

static void sgd(struct walk *k, double g, double rate)
{
	k->w -= rate * g;
}

static void rmsprop(struct walk *k, double g, double rate)
{
	k->v = 0.99 * k->v + 0.01 * g * g;
	k->w -= rate * g / (sqrt(k->v) + 1e-8);
}

static void follow(enum optimizer_kind kind, rule *want, double rate)
{
	enum { A = 7, B = 1 };
	float wa[A], ga[A], wb[B], gb[B];
	const struct param params[] = {{wa, ga, A}, {wb, gb, B}};
	struct optimizer *o = optimizer_new(
		kernels_best(), kind, rate, params, 2);
	struct walk walks[A + B] = {0};
	struct rng r;

	rng_stream(&r, 1, 0, 0);
	for (int i = 0; i < A + B; i++) {
		float *w = i < A ? &wa[i] : &wb[i - A];

		*w = (float)(rng_unit(&r) - 0.5);
		walks[i].w = (double)*w;
	}
	for (int t = 0; t < STEPS; t++) {
		for (int i = 0; i < A + B; i++) {
			float *g = i < A ? &ga[i] : &gb[i - A];

			*g = (float)(rng_unit(&r) - 0.5);
			want(&walks[i], (double)*g, rate);
		}
		optimizer_step(o);
		for (int i = 0; i < A + B; i++) {
			double w = (double)(i < A ? wa[i] : wb[i - A]);

			assert_true(fabs(w - walks[i].w) < 2e-6);
		}
	}
	optimizer_free(o);
}

static void adam_follows_its_formula(void **state)
{
	(void)state;
	follow(OPT_ADAM, adam, 0.01);
}

static void adamw_decays_the_weights_as_well(void **state)
{
	(void)state;
	follow(OPT_ADAMW, adamw, 0.3);
}

static void sgd_follows_its_formula(void **state)
{
	(void)state;
	follow(OPT_SGD, sgd, 0.1);
}

static void rmsprop_follows_its_formula(void **state)
{
	(void)state;
	follow(OPT_RMSPROP, rmsprop, 0.01);
}

/* The padding of a layout has no gradient and must stay zero. */
static void zero_without_gradient_stays_zero(void **state)
{
	float w = 0, g = 0;
	const struct param p = {&w, &g, 1};

	(void)state;
	for (int kind = 0; kind < OPT_COUNT; kind++) {
		struct optimizer *o = optimizer_new(
			kernels_best(), (enum optimizer_kind)kind, 0.1, &p, 1);

		for (int t = 0; t < STEPS; t++)
			optimizer_step(o);
		assert_true(w == 0.0f);
		optimizer_free(o);
	}
}

static void every_optimizer_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(optimizer_name(OPT_ADAM), "adam");
	assert_string_equal(optimizer_name(OPT_ADAMW), "adamw");
	assert_string_equal(optimizer_name(OPT_SGD), "sgd");
	assert_string_equal(optimizer_name(OPT_RMSPROP), "rmsprop");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adam_follows_its_formula),
		cmocka_unit_test(adamw_decays_the_weights_as_well),
		cmocka_unit_test(sgd_follows_its_formula),
		cmocka_unit_test(rmsprop_follows_its_formula),
		cmocka_unit_test(zero_without_gradient_stays_zero),
		cmocka_unit_test(every_optimizer_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
