/* test_golden_optimizer.c -- walks of twenty updates against PyTorch's, as
 * golden/make_golden.py has written them down. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "golden_file.h"
#include "nets.h"
#include "nn/optimizer.h"

/* Relative to each parameter, after up to 20 updates. */
#define TOLERANCE 1e-5

/* Parameters in tensors of odd sizes, so that loops have a rest. */
enum { FIRST = 7, SECOND = 20, ALL = FIRST + SECOND };

static enum optimizer_kind kind_of(const char *name)
{
	int kind = 0;

	while (kind < OPT_COUNT && strcmp(name, optimizer_kind_name(kind)) != 0)
		kind++;
	assert_true(kind < OPT_COUNT);
	return (enum optimizer_kind)kind;
}

static void check_walked(
	const float *values, const json_t *want, const char *name, size_t steps)
{
	assert_int_equal(json_array_size(want), ALL);
	for (size_t i = 0; i < ALL; i++) {
		double x = golden_number(want, i);

		if (!(fabs((double)values[i] - x) <= TOLERANCE * fabs(x)))
			fail_msg("%s, parameter %zu after %zu steps: %.9g, "
				 "and by PyTorch %.9g",
				name, i, steps, (double)values[i], x);
	}
}

static enum schedule schedule_of(const json_t *walk)
{
	static const char *const names[SCHEDULE_COUNT] = {
		[SCHEDULE_CONSTANT] = "constant",
		[SCHEDULE_COSINE] = "cosine",
		[SCHEDULE_ONE_CYCLE] = "one-cycle",
	};
	const json_t *name = json_object_get(walk, "schedule");
	int k = 0;

	if (!name)
		return SCHEDULE_CONSTANT;
	while (k < SCHEDULE_COUNT &&
		strcmp(json_string_value(name), names[k]) != 0)
		k++;
	assert_true(k < SCHEDULE_COUNT);
	return (enum schedule)k;
}

/* What a walk does not name is as in a plain recipe. */
static struct recipe recipe_of(const json_t *walk)
{
	const json_t *decay = json_object_get(walk, "weight_decay");

	return (struct recipe){
		.schedule = schedule_of(walk),
		.own_decay = decay != NULL,
		.weight_decay = json_number_value(decay),
		.clip_norm = json_number_value(
			json_object_get(walk, "clip_norm")),
	};
}

/* The rate of step t, which must be the golden one if the walk lists it. */
static double rate_at(
	const json_t *walk, enum schedule schedule, size_t t, size_t steps)
{
	const json_t *rates = json_object_get(walk, "rates");
	const double most = json_number_value(golden_member(walk, "rate"));
	const double rate = most * schedule_factor(schedule, (int64_t)t,
					   (int64_t)steps);

	if (rates && !(fabs(rate - golden_number(rates, t)) <= 1e-7 * most))
		fail_msg("rate %zu is %.9g, and by PyTorch %.9g", t, rate,
			golden_number(rates, t));
	return rate;
}

static void follow_walk(const json_t *file, const json_t *walk)
{
	const char *name = json_string_value(golden_member(walk, "optimizer"));
	const json_t *gradients = golden_member(file, "gradients");
	const json_t *after = golden_member(walk, "after");
	const size_t steps = json_array_size(gradients);
	const struct recipe recipe = recipe_of(walk);
	float values[ALL], gradient[ALL];
	const struct param params[] = {{values, gradient, FIRST},
		{values + FIRST, gradient + FIRST, SECOND}};
	struct optimizer *o = optimizer_new(
		nets_kernels(), kind_of(name), &recipe, params, 2);
	size_t checked = 0;

	golden_floats(golden_member(file, "start"), values, ALL);
	for (size_t t = 0; t < steps; t++) {
		const json_t *want;
		char key[24];

		golden_floats(json_array_get(gradients, t), gradient, ALL);
		optimizer_step(o, rate_at(walk, recipe.schedule, t, steps));
		snprintf(key, sizeof key, "%zu", t + 1);
		want = json_object_get(after, key);
		if (!want)
			continue;
		check_walked(values, want, name, t + 1);
		checked++;
	}
	assert_true(checked > 0);
	assert_int_equal(checked, json_object_size(after));
	optimizer_free(o);
}

static void follow_walks(const char *name)
{
	json_t *file = golden_open(name);
	const json_t *walks = golden_member(file, "walks"), *walk;
	size_t i;

	assert_true(json_array_size(walks) >= OPT_COUNT);
	json_array_foreach(walks, i, walk) {
		follow_walk(file, walk);
	}
	json_decref(file);
}

static void optimizers_match_pytorch(void **state)
{
	(void)state;
	follow_walks("optimizers");
}

static void schedules_decay_and_clipping_match_pytorch(void **state)
{
	(void)state;
	follow_walks("recipes");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(optimizers_match_pytorch),
		cmocka_unit_test(schedules_decay_and_clipping_match_pytorch),
	};

	return nets_run(argc, argv, tests);
}
