/* test_run_pilot.c -- two short trainings say whether finalists see mirror
 * images. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "run_bench.h"

/* Of ten classes; the networks have learned, and have not. */
#define LEARNED 0.4
#define BLIND 2.2

static void both_pilots(struct bench *b, double plain, double mirrored)
{
	bench_rung(b, 3, RUNG_PILOT_MIRRORED, mirrored, 50);
	BENCH_GAVE(b, RUN_CMD_SAVE_TRIAL, RUN_CMD_SAVE_RUN);
	bench_rung(b, 3, RUNG_PILOT, plain, 50);
}

static void the_best_is_trained_as_the_last_rung_is(void **state)
{
	struct bench *b = *state;
	const struct run_command *c;

	b->run.settings.training.train_limit = 500;
	b = bench_finalists(state, 2, 6);
	c = bench_first(b, RUN_CMD_SUBMIT);
	assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 2);
	assert_string_equal(c->job.id, BENCH_UUID "/0/3/9/0");
	assert_string_equal(c->next->job.id, BENCH_UUID "/0/3/10/0");
	assert_false(c->job.training.augment.flip);
	assert_false(c->job.training.recipe.flip_test);
	assert_true(c->next->job.training.augment.flip);
	assert_true(c->next->job.training.recipe.flip_test);
	assert_true(c->job.ranked && c->next->job.ranked);
	assert_int_equal(c->job.training.train_limit, 500);
	assert_int_equal(c->job.seed, c->next->job.seed);
	assert_int_not_equal(c->job.seed, rng_derive(7, 0, 3));
}

static void in_a_run_with_rungs_that_is_the_highest(void **state)
{
	struct bench *b = *state;
	struct job_doc j;

	b->run.settings.rungs = 3;
	bench_scoring(state);
	run_pilot_job(&b->run, &b->run.members[0], 1, &j);
	assert_int_equal(j.scale, b->run.settings.eta * b->run.settings.eta);
}

static void assert_trial(const struct bench *b, const char *id, int mirrored)
{
	const struct job_doc *j = &bench_first(b, RUN_CMD_SUBMIT)->job;

	assert_string_equal(j->id, id);
	assert_int_equal(j->training.augment.flip, mirrored);
	assert_int_equal(j->training.recipe.flip_test, mirrored);
}

static void a_loss_that_is_about_the_same_means_mirror(void **state)
{
	struct bench *b = bench_finalists(state, 2, 6);

	both_pilots(b, LEARNED, LEARNED * 1.05);
	assert_int_equal(b->run.trials, 2);
	assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 2);
	assert_trial(b, BENCH_UUID "/0/3/7/0", 1);
	bench_rung(b, 3, RUNG_MIRRORED, 0.5, 80);
	bench_rung(b, 2, RUNG_MIRRORED, 0.5, 70);
	assert_trial(b, BENCH_UUID "/final/3/0/0", 1);
}

static void a_loss_that_is_far_higher_means_not_to(void **state)
{
	struct bench *b = bench_finalists(state, 1, 6);

	both_pilots(b, LEARNED, LEARNED * 1.3);
	assert_int_equal(b->run.trials, 1);
	assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 1);
	assert_trial(b, BENCH_UUID "/0/3/6/0", 0);
	bench_rung(b, 3, RUNG_FINALIST, 0.5, 80);
	assert_trial(b, BENCH_UUID "/final/3/0/0", 0);
}

/* In between, and of what has not learned, two long ones decide; the work
 * stays what it was where there is another finalist to give way. */
static void what_they_do_not_tell_long_ones_do(void **state)
{
	static const struct {
		double plain, mirrored;
		int finalists, trials;
	} cases[] = {{LEARNED, LEARNED * 1.2, 1, 2},
		{LEARNED, LEARNED * 1.2, 3, 3}, {BLIND, BLIND, 1, 2},
		{BLIND, BLIND * 1.3, 2, 2}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bench *b;

		bench_tear_down(state);
		bench_set_up(state);
		b = bench_finalists(state, cases[i].finalists, 6);
		both_pilots(b, cases[i].plain, cases[i].mirrored);
		assert_int_equal(b->run.trials, cases[i].trials);
		assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 2);
		assert_trial(b, BENCH_UUID "/0/3/6/0", 0);
		bench_rung(b, 3, RUNG_FINALIST, 0.5, 70);
		bench_rung(b, 3, RUNG_MIRRORED, 0.5, 60);
		if (cases[i].trials == 3)
			assert_trial(b, BENCH_UUID "/0/2/6/0", 0);
		else
			assert_trial(b, BENCH_UUID "/final/3/0/0", 0);
	}
}

static void who_fails_only_mirrored_is_not_mirrored(void **state)
{
	struct bench *b = bench_finalists(state, 1, 6);

	bench_rung(b, 3, RUNG_PILOT, LEARNED, 50);
	bench_rung(b, 3, RUNG_PILOT_MIRRORED, -1, -1);
	assert_trial(b, BENCH_UUID "/0/3/6/0", 0);
}

static void who_fails_as_it_is_gets_its_chance(void **state)
{
	struct bench *b = bench_finalists(state, 1, 6);

	bench_rung(b, 3, RUNG_PILOT, -1, -1);
	bench_rung(b, 3, RUNG_PILOT_MIRRORED, LEARNED, 50);
	assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 2);
}

static void what_is_saved_is_the_pilots_result(void **state)
{
	struct bench *b = bench_finalists(state, 1, 6);
	const struct run_command *c;

	bench_rung(b, 3, RUNG_PILOT_MIRRORED, 0.7, 55);
	c = bench_first(b, RUN_CMD_SAVE_TRIAL);
	assert_int_equal(c->rung, RUNG_PILOT_MIRRORED);
	assert_int_equal(c->member->id, 3);
	assert_true(c->member->fitness == 0.55);
	assert_true(c->member->trial_loss == 0.7);
	/* The finalist is what the search says it is. */
	assert_true(b->run.finalists[0].fitness == 0.4);
	assert_false(b->run.finalists[0].tried);
}

static void a_result_that_comes_twice_changes_nothing(void **state)
{
	struct bench *b = bench_finalists(state, 2, 6);

	bench_rung(b, 3, RUNG_PILOT, LEARNED, 50);
	bench_rung(b, 3, RUNG_PILOT, LEARNED, 50);
	assert_null(b->out.head);
	bench_rung(b, 3, RUNG_PILOT, LEARNED * 2, 50);
	BENCH_GAVE(b, RUN_CMD_MISMATCH);
	bench_rung(b, 2, RUNG_PILOT, LEARNED, 50); /* none of it */
	assert_null(b->out.head);
	bench_rung(b, 3, RUNG_FINALIST, 0.5, 50); /* too early */
	assert_null(b->out.head);
	bench_rung(b, 3, RUNG_PILOT_MIRRORED + 1, LEARNED, 50); /* no such */
	assert_null(b->out.head);
	assert_int_equal(run_pilots(&b->run), 2);
	assert_int_equal(run_pilots_done(&b->run), 1);
}

static void a_run_that_comes_back_waits_for_the_other(void **state)
{
	struct bench *b = bench_finalists(state, 2, 6);
	struct run again;

	bench_rung(b, 3, RUNG_PILOT, LEARNED, 50);
	assert_int_equal(bench_copy(b, &again, &b->e), 0);
	assert_true(again.piloting);
	assert_true(again.pilot_losses[0] == LEARNED);
	assert_true(again.pilot_losses[1] == -1);
	run_release(&again);
	bench_send(b, RUN_EV_CONTINUE);
	assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 1);
	assert_string_equal(
		bench_first(b, RUN_CMD_SUBMIT)->job.id, BENCH_UUID "/0/3/10/0");
}

static void a_run_is_cancelled_and_comes_back(void **state)
{
	struct bench *b = bench_finalists(state, 2, 6);
	struct run again;

	bench_send(b, RUN_EV_CANCEL);
	assert_int_equal(bench_copy(b, &again, &b->e), 0);
	run_release(&again);
}

/* Pauses keep results; nothing follows before it is resumed. */
static void a_paused_run_waits(void **state)
{
	struct bench *b = bench_finalists(state, 1, 6);

	bench_send(b, RUN_EV_PAUSE);
	both_pilots(b, LEARNED, LEARNED);
	assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 0);
	bench_send(b, RUN_EV_RESUME);
	assert_trial(b, BENCH_UUID "/0/3/7/0", 1);
}

/* A generation is scored, half of the budget being for the search. */
static struct bench *with_a_budget(
	void **state, double pflop, int augment, int64_t generations)
{
	struct bench *b;
	struct run_settings *s;

	bench_tear_down(state);
	bench_set_up(state);
	b = *state;
	s = &b->run.settings;
	s->has_budget = 1;
	s->budget_pflop = pflop;
	s->search_share = 0.5;
	s->train_images = 54000;
	s->validation_images = 6000;
	s->final_augment = augment;
	s->final_epochs = 8;
	s->finalists = 1;
	s->generations = generations;
	bench_scoring(state);
	bench_score_all(b, (int64_t[]){10, 20, 30, 40});
	return b;
}

/* Of enough for a second generation and half of them. */
static void the_search_leaves_what_they_take(void **state)
{
	struct bench *b = with_a_budget(state, 1, FINAL_AUGMENT_PILOT, 1);
	const double generation = (double)b->run.totals.planned;
	double pilots, pflop;

	both_pilots(b, LEARNED, LEARNED);
	pilots = (double)b->run.totals.planned - generation;
	assert_true(pilots > 0);
	pflop = 2 * (2 * generation + pilots / 2) * 1e-9;
	b = with_a_budget(state, pflop, FINAL_AUGMENT_SAME, 3);
	assert_int_equal(b->run.phase, PHASE_BREEDING);
	b = with_a_budget(state, pflop, FINAL_AUGMENT_PILOT, 3);
	assert_int_equal(b->run.phase, PHASE_FINALISTS);
}

static void who_says_how_to_augment_needs_none(void **state)
{
	struct bench *b = *state;

	b->run.settings.training.augment.crop = 1;
	b = bench_finalists(state, 1, 6);
	assert_int_equal(run_pilots(&b->run), 0);
	assert_trial(b, BENCH_UUID "/0/3/6/0", 0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_best_is_trained_as_the_last_rung_is),
		TEST(in_a_run_with_rungs_that_is_the_highest),
		TEST(a_loss_that_is_about_the_same_means_mirror),
		TEST(a_loss_that_is_far_higher_means_not_to),
		TEST(what_they_do_not_tell_long_ones_do),
		TEST(who_fails_only_mirrored_is_not_mirrored),
		TEST(who_fails_as_it_is_gets_its_chance),
		TEST(what_is_saved_is_the_pilots_result),
		TEST(a_result_that_comes_twice_changes_nothing),
		TEST(a_run_that_comes_back_waits_for_the_other),
		TEST(a_run_is_cancelled_and_comes_back),
		TEST(a_paused_run_waits),
		TEST(the_search_leaves_what_they_take),
		TEST(who_says_how_to_augment_needs_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
