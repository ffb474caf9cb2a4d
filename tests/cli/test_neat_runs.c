/* test_neat_runs.c -- the number of threads changes no outcome; the first
 * failure ends them all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/local/neat_runs.h"

#define RUNS 12

static int go_on(void *unused)
{
	(void)unused;
	return 0;
}

static int stop_at_once(void *unused)
{
	(void)unused;
	return 1;
}

static void assert_same(const struct outcome *a, const struct outcome *b)
{
	assert_int_equal(a->solved, b->solved);
	assert_int_equal(a->evaluations, b->evaluations);
	assert_int_equal(a->generations, b->generations);
	assert_int_equal(a->hidden, b->hidden);
	assert_int_equal(a->connections, b->connections);
	assert_int_equal(a->species, b->species);
}

static void any_number_of_threads_gives_the_same_outcomes(void **state)
{
	struct experiment x;
	struct outcome one[RUNS], many[RUNS];
	struct neat_runs r = {.experiment = &x,
		.seed = 4,
		.runs = RUNS,
		.threads = 1,
		.stop = go_on};

	(void)state;
	assert_int_equal(
		experiment_init(&x, &task_xor, "paper2002", 0, NULL), 0);
	assert_int_equal(neat_runs(&r, one, NULL), 0);
	r.threads = 7;
	assert_int_equal(neat_runs(&r, many, NULL), 0);
	for (int i = 0; i < RUNS; i++)
		assert_same(&one[i], &many[i]);
}

static void runs_end_when_they_are_told_to(void **state)
{
	struct experiment x;
	struct outcome out[RUNS];
	struct neat_runs r = {.experiment = &x,
		.runs = RUNS,
		.threads = 2,
		.stop = stop_at_once};
	struct err e;

	(void)state;
	assert_int_equal(
		experiment_init(&x, &task_xor, "paper2002", 0, NULL), 0);
	assert_int_equal(neat_runs(&r, out, &e), ERR_CANCELLED);
}

static void constants_out_of_range_end_in_their_sentence(void **state)
{
	struct experiment x;
	struct outcome out[RUNS];
	struct neat_runs r = {
		.experiment = &x, .runs = RUNS, .threads = 2, .stop = go_on};
	struct err e;

	(void)state;
	assert_int_equal(
		experiment_init(&x, &task_xor, "paper2002", 0, NULL), 0);
	x.params.survival = 3;
	assert_int_equal(neat_runs(&r, out, &e), ERR_RANGE);
	assert_string_equal(
		e.text, "survival must be from 0 to 1 of a species");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_number_of_threads_gives_the_same_outcomes),
		cmocka_unit_test(runs_end_when_they_are_told_to),
		cmocka_unit_test(constants_out_of_range_end_in_their_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
