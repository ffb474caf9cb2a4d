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

/* One step of a rule on one number; `decay` is what the recipe sets. */
typedef void rule(struct walk *k, double g, double rate, double decay);

static void plain_adam(struct walk *k, double g, double rate)
{
	k->t++;
	k->m = 0.9 * k->m + 0.1 * g;
	k->v = 0.999 * k->v + 0.001 * g * g;
	k->w -= rate * (k->m / (1 - pow(0.9, k->t))) /
		(sqrt(k->v / (1 - pow(0.999, k->t))) + 1e-8);
}

static void adam(struct walk *k, double g, double rate, double decay)
{
	plain_adam(k, g + decay * k->w, rate);
}

static void adamw(struct walk *k, double g, double rate, double decay)
{
	k->w -= rate * decay * k->w;
	plain_adam(k, g, rate);
}

static void sgd(struct walk *k, double g, double rate, double decay)
{
	k->w -= rate * (g + decay * k->w);
}

static void rmsprop(struct walk *k, double g, double rate, double decay)
{
	g += decay * k->w;
	k->v = 0.99 * k->v + 0.01 * g * g;
	k->w -= rate * g / (sqrt(k->v) + 1e-8);
}

static void nesterov(struct walk *k, double g, double rate, double decay)
{
	g += decay * k->w;
	k->m = 0.9 * k->m + g;
	k->w -= rate * (g + 0.9 * k->m);
}

static const struct {
	rule *formula;
	double rate, decay; /* the usual decay */
} rules[OPT_COUNT] = {
	[OPT_ADAM] = {adam, 0.01, 0},
	[OPT_ADAMW] = {adamw, 0.3, 0.01},
	[OPT_SGD] = {sgd, 0.1, 0},
	[OPT_RMSPROP] = {rmsprop, 0.01, 0},
	[OPT_NESTEROV] = {nesterov, 0.02, 0},
};

/* What torch.nn.utils.clip_grad_norm_ multiplies gradients by. */
static double clip(const double *g, int n, double max_norm)
{
	double squares = 0;

	for (int i = 0; i < n; i++)
		squares += g[i] * g[i];
	return max_norm > 0 ? fmin(1, max_norm / (sqrt(squares) + 1e-6)) : 1;
}

/* Ten steps at rates that change, of a tensor of A numbers and one of B. */
static void follow(enum optimizer_kind kind, const struct recipe *recipe)
{
	const double decay = recipe->own_decay ? recipe->weight_decay
					       : rules[kind].decay;
	double rate = rules[kind].rate;
	enum { A = 19, B = 1 };
	float wa[A], ga[A], wb[B], gb[B];
	const struct param params[] = {{wa, ga, A, 0}, {wb, gb, B, 0}};
	struct optimizer *o = optimizer_new(
		kernels_best(), kind, recipe, params, 2);
	struct walk walks[A + B] = {0};
	double g[A + B];
	struct rng r;

	rng_stream(&r, 1, 0, 0);
	for (int i = 0; i < A + B; i++) {
		float *w = i < A ? &wa[i] : &wb[i - A];

		*w = (float)(rng_unit(&r) - 0.5);
		walks[i].w = (double)*w;
	}
	for (int t = 0; t < STEPS; t++, rate *= 0.9) {
		double factor;

		for (int i = 0; i < A + B; i++) {
			float *to = i < A ? &ga[i] : &gb[i - A];

			*to = (float)(rng_unit(&r) - 0.5);
			g[i] = (double)*to;
		}
		factor = clip(g, A + B, recipe->clip_norm);
		for (int i = 0; i < A + B; i++)
			rules[kind].formula(
				&walks[i], factor * g[i], rate, decay);
		optimizer_step(o, rate);
		for (int i = 0; i < A + B; i++) {
			double w = (double)(i < A ? wa[i] : wb[i - A]);

			assert_true(fabs(w - walks[i].w) < 3e-6);
		}
	}
	optimizer_free(o);
}

static void follow_all(const struct recipe *recipe)
{
	for (int kind = 0; kind < OPT_COUNT; kind++)
		follow((enum optimizer_kind)kind, recipe);
}

static void every_rule_follows_its_formula(void **state)
{
	(void)state;
	follow_all(&(struct recipe){0});
}

static void a_recipes_decay_is_decoupled_for_adamw_and_l2_for_others(
	void **state)
{
	(void)state;
	follow_all(&(struct recipe){.own_decay = 1, .weight_decay = 0.05});
	follow_all(&(struct recipe){.own_decay = 1});
}

/* The norm of twenty numbers in +-0.5 is about 1.3. */
static void clipping_scales_all_gradients_to_the_norm(void **state)
{
	const double norms[] = {0.1, 1.0, 1000.0};

	(void)state;
	for (int i = 0; i < 3; i++)
		follow_all(&(struct recipe){.own_decay = 1,
			.weight_decay = 0.05,
			.clip_norm = norms[i]});
}

static void a_value_out_of_its_range_is_named(void **state)
{
	const struct {
		struct recipe recipe;
		const char *name;
	} bad[] = {{{.own_decay = 1, .weight_decay = -0.1}, "weight_decay"},
		{{.own_decay = 1, .weight_decay = 1.1}, "weight_decay"},
		{{.label_smoothing = 0.6}, "label_smoothing"},
		{{.label_smoothing = NAN}, "label_smoothing"},
		{{.clip_norm = -1}, "clip_norm"},
		{{.clip_norm = 1001}, "clip_norm"},
		{{.schedule = SCHEDULE_COUNT}, "schedule"}};

	(void)state;
	assert_int_equal(recipe_check(&(struct recipe){0}, NULL), 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err e = {0};

		assert_int_equal(recipe_check(&bad[i].recipe, &e), ERR_RANGE);
		assert_non_null(strstr(e.text, bad[i].name));
	}
}

/* The padding of a layout has no gradient and must stay zero. */
static void zero_without_gradient_stays_zero(void **state)
{
	float w = 0, g = 0;
	const struct param p = {&w, &g, 1, 0};

	(void)state;
	for (int kind = 0; kind < OPT_COUNT; kind++) {
		const struct recipe r = {
			.own_decay = 1, .weight_decay = 0.1, .clip_norm = 1};
		struct optimizer *o = optimizer_new(
			kernels_best(), (enum optimizer_kind)kind, &r, &p, 1);

		for (int t = 0; t < STEPS; t++)
			optimizer_step(o, 0.1);
		assert_true(w == 0.0f);
		optimizer_free(o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_follows_its_formula),
		cmocka_unit_test(
			a_recipes_decay_is_decoupled_for_adamw_and_l2_for_others),
		cmocka_unit_test(clipping_scales_all_gradients_to_the_norm),
		cmocka_unit_test(a_value_out_of_its_range_is_named),
		cmocka_unit_test(zero_without_gradient_stays_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
