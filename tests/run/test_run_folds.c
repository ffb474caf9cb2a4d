/* test_run_folds.c -- a genome that is trained once for each fold, and what is
 * made of the results. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "run_bench.h"

#define FOLDS 3

static struct bench bench;

static int set_up(void **state)
{
	struct run_settings s = bench_settings();

	(void)state;
	s.folds = FOLDS;
	bench_init(&bench, &s);
	bench_send(&bench, RUN_EV_CONTINUE);
	bench_breed(&bench, 0, -1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	bench_release(&bench);
	return 0;
}

/* Of 100; -1 and -2 are failures of different kinds. */
static void hand_in(int64_t id, int fold, int correct)
{
	static const char *const codes[] = {"diverged", "memory"};
	struct job_result j = {.images = 10, .total = 100, .correct = correct};

	snprintf(j.id, sizeof j.id, BENCH_UUID "/%d/%d/0/%d",
		(int)bench.run.generation, (int)id, fold);
	if (correct < 0) {
		j.failure = FAILURE_GENOME;
		strcpy(j.code, codes[-correct - 1]);
		j.total = j.correct = 0;
	}
	bench_step(&bench,
		(struct run_event){.kind = RUN_EV_RESULT, .result = &j});
}

static const struct run_member *member(int64_t id)
{
	return &bench.run.members[id];
}

static void every_fold_is_a_job_of_its_own(void **state)
{
	int64_t seeds[FOLDS];
	int n = 0;

	(void)state;
	assert_int_equal(bench_count(&bench, RUN_CMD_SUBMIT), 4 * FOLDS);
	for (const struct run_command *c = bench.out.head; c; c = c->next) {
		const struct job_doc *j = &c->job;
		struct job_id id;

		if (c->kind != RUN_CMD_SUBMIT)
			continue;
		assert_int_equal(job_id_read(j->id, &id, NULL), 0);
		assert_int_equal(id.genome, n / FOLDS);
		assert_int_equal(id.fold, n % FOLDS + 1);
		assert_int_equal(j->fold, id.fold);
		assert_int_equal(j->folds, FOLDS);
		if (n < FOLDS)
			seeds[n] = j->seed;
		n++;
	}
	assert_true(seeds[0] != seeds[1] && seeds[1] != seeds[2]);
}

static void the_mean_is_the_same_in_whatever_order_they_come(void **state)
{
	(void)state;
	for (int fold = 1; fold <= FOLDS; fold++)
		hand_in(0, fold, 10 * fold + 1);
	assert_true(member(0)->scored);
	for (int fold = FOLDS; fold >= 1; fold--) {
		assert_false(member(1)->scored);
		hand_in(1, fold, 10 * fold + 1);
	}
	assert_true(member(1)->scored);
	assert_true(member(1)->fitness == (0.11 + 0.21 + 0.31) / FOLDS);
	assert_true(member(1)->fitness == member(0)->fitness);
	assert_int_equal(bench.run.totals.evaluations, 2);
}

static void the_lowest_fold_that_fails_says_why(void **state)
{
	(void)state;
	hand_in(0, 3, -2);
	hand_in(0, 1, 50);
	assert_false(member(0)->scored);
	hand_in(0, 2, -1);
	assert_true(member(0)->scored && member(0)->fitness == 0);
	assert_string_equal(member(0)->failure, "diverged");
	assert_int_equal(bench.run.totals.failures, 1);
}

static void what_comes_twice_or_is_of_no_fold_changes_nothing(void **state)
{
	(void)state;
	hand_in(0, 1, 50);
	hand_in(0, 1, 50);
	assert_null(bench.out.head);
	hand_in(0, 0, 50);
	assert_null(bench.out.head);
	hand_in(0, FOLDS + 1, 50);
	assert_null(bench.out.head);
	hand_in(0, 1, 51);
	BENCH_GAVE(&bench, RUN_CMD_MISMATCH);
	assert_int_equal(member(0)->folded, 1);
}

static void a_run_that_comes_back_asks_for_the_missing_folds(void **state)
{
	const struct run_event go_on = {.kind = RUN_EV_CONTINUE};
	struct run_commands out;
	struct run again;
	struct arena mem;
	struct err e;
	int n = 0;

	(void)state;
	hand_in(2, 2, 40);
	hand_in(3, 1, 40);
	hand_in(3, 2, 40);
	hand_in(3, 3, 40);
	assert_int_equal(bench_copy(&bench, &again, &e), 0);
	arena_init(&mem, (size_t)1 << 24);
	assert_int_equal(run_step(&again, &go_on, &mem, &out, &e), 0);
	for (const struct run_command *c = out.head; c; c = c->next)
		n += c->kind == RUN_CMD_SUBMIT;
	assert_int_equal(n, 2 * FOLDS + FOLDS - 1);
	arena_release(&mem);
	run_release(&again);
}

static void a_generation_ends_with_its_last_fold(void **state)
{
	(void)state;
	for (int64_t id = 0; id < 4; id++)
		for (int fold = 1; fold <= FOLDS; fold++)
			hand_in(id, fold, 10 * (int)id);
	assert_int_equal(bench_count(&bench, RUN_CMD_SAVE_GENERATION), 1);
	bench_breed(&bench, 1, 3);
	assert_int_equal(bench_count(&bench, RUN_CMD_SUBMIT), 3 * FOLDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			every_fold_is_a_job_of_its_own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_mean_is_the_same_in_whatever_order_they_come,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			the_lowest_fold_that_fails_says_why, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_comes_twice_or_is_of_no_fold_changes_nothing,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_run_that_comes_back_asks_for_the_missing_folds,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_generation_ends_with_its_last_fold, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
