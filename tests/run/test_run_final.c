/* test_run_final.c -- finalists, and how long trainings see their images. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/rng.h"
#include "run_bench.h"

static struct bench *among_finalists(void **state)
{
	return bench_finalists(state, 2, 3);
}

static void trial(struct bench *b, int64_t id, int64_t correct)
{
	bench_rung(b, id, RUNG_FINALIST, 0.5, correct);
}

static void the_best_are_trained_as_the_champion_will_be(void **state)
{
	struct bench *b = among_finalists(state);
	const struct job_doc *j = &bench_first(b, RUN_CMD_SUBMIT)->job;

	assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 2);
	assert_string_equal(j->id, BENCH_UUID "/0/3/6/0");
	assert_false(j->final);
	assert_true(j->ranked);
	assert_int_equal(j->training.epochs, 3);
	assert_int_equal(j->training.train_limit, 0);
	assert_int_not_equal(j->seed, rng_derive(7, 0, 3));
}

static void who_is_best_then_is_the_champion(void **state)
{
	struct bench *b = among_finalists(state);

	trial(b, 3, 70);
	BENCH_GAVE(b, RUN_CMD_SAVE_TRIAL, RUN_CMD_SAVE_RUN);
	assert_int_equal(run_champion(&b->run)->id, 3);
	trial(b, 2, 80);
	BENCH_GAVE(b, RUN_CMD_SAVE_TRIAL, RUN_CMD_SAVE_RUN, RUN_CMD_SUBMIT);
	assert_string_equal(bench_first(b, RUN_CMD_SUBMIT)->job.id,
		BENCH_UUID "/final/2/0/0");
	bench_final(b, 2, 75);
	assert_int_equal(b->run.state, RUN_FINISHED);
	assert_int_equal(run_champion(&b->run)->id, 2);
	assert_true(run_champion(&b->run)->fitness == 0.8);
}

static void a_finalist_that_fails_is_none_any_more(void **state)
{
	struct bench *b = among_finalists(state);

	trial(b, 3, -1);
	trial(b, 2, 10);
	assert_string_equal(bench_first(b, RUN_CMD_SUBMIT)->job.id,
		BENCH_UUID "/final/2/0/0");
	/* The third best of the search follows, which was not tried. */
	bench_final(b, 2, -1);
	assert_string_equal(bench_first(b, RUN_CMD_SUBMIT)->job.id,
		BENCH_UUID "/final/1/0/0");
	bench_final(b, 1, -1);
	assert_int_equal(b->run.state, RUN_FAILED);
}

static void a_result_that_comes_twice_changes_nothing(void **state)
{
	struct bench *b = among_finalists(state);

	trial(b, 3, 70);
	trial(b, 3, 70);
	assert_null(b->out.head);
	trial(b, 3, 71);
	BENCH_GAVE(b, RUN_CMD_MISMATCH);
	trial(b, 1, 99); /* no finalist of the two */
	assert_null(b->out.head);
}

static void a_run_that_comes_back_waits_for_the_other_finalist(void **state)
{
	struct bench *b = among_finalists(state);
	struct run again;

	trial(b, 3, 70);
	assert_int_equal(bench_copy(b, &again, &b->e), 0);
	assert_int_equal(again.phase, PHASE_FINALISTS);
	assert_int_equal(again.trials, 2);
	assert_true(again.finalists[0].tried && !again.finalists[1].tried);
	assert_true(again.finalists[0].trial_loss == 0.5);
	run_release(&again);
	bench_send(b, RUN_EV_CONTINUE);
	assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 1);
	assert_string_equal(
		bench_first(b, RUN_CMD_SUBMIT)->job.id, BENCH_UUID "/0/2/6/0");
}

/* -- mirror images, by two long trainings of the best -- */

/* Finalists of trainings that are long enough. */
static struct bench *among_mirrored(void **state, int finalists)
{
	struct bench *b = *state;

	b->run.settings.final_augment = FINAL_AUGMENT_AUTO;
	return bench_finalists(state, finalists, 6);
}

static void mirrored_trial(struct bench *b, int64_t id, int64_t correct)
{
	bench_rung(b, id, RUNG_MIRRORED, 0.5, correct);
}

static void the_best_is_trained_with_mirror_images_and_without(void **state)
{
	struct bench *b = among_mirrored(state, 2);
	const struct run_command *c = bench_first(b, RUN_CMD_SUBMIT);

	assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 2);
	assert_string_equal(c->job.id, BENCH_UUID "/0/3/6/0");
	assert_false(c->job.training.augment.flip);
	assert_false(c->job.training.recipe.flip_test);
	assert_string_equal(c->next->job.id, BENCH_UUID "/0/3/7/0");
	assert_true(c->next->job.training.augment.flip);
	assert_true(c->next->job.training.recipe.flip_test);
}

static void the_others_and_the_champion_follow_what_was_better(void **state)
{
	for (int mirrored = 0; mirrored < 2; mirrored++) {
		struct bench *b;

		bench_tear_down(state);
		bench_set_up(state);
		b = among_mirrored(state, 2);
		mirrored_trial(b, 3, mirrored ? 80 : 60);
		assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 0);
		trial(b, 3, 70);
		assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 1);
		assert_string_equal(bench_first(b, RUN_CMD_SUBMIT)->job.id,
			mirrored ? BENCH_UUID "/0/2/7/0"
				 : BENCH_UUID "/0/2/6/0");
		bench_rung(b, 2, mirrored ? RUNG_MIRRORED : RUNG_FINALIST, 0.5,
			90);
		assert_true(bench_first(b, RUN_CMD_SUBMIT)->job.final);
		assert_int_equal(bench_first(b, RUN_CMD_SUBMIT)
					 ->job.training.augment.flip,
			mirrored);
		bench_final(b, 2, 75);
		assert_int_equal(b->run.state, RUN_FINISHED);
	}
}

static void one_finalist_is_tried_both_ways(void **state)
{
	struct bench *b = among_mirrored(state, 1);

	trial(b, 3, 70);
	mirrored_trial(b, 3, 71);
	assert_string_equal(bench_first(b, RUN_CMD_SUBMIT)->job.id,
		BENCH_UUID "/final/3/0/0");
	assert_true(
		bench_first(b, RUN_CMD_SUBMIT)->job.training.recipe.flip_test);
}

static void a_run_that_comes_back_has_both(void **state)
{
	struct bench *b = among_mirrored(state, 2);
	struct run again;

	mirrored_trial(b, 3, 80);
	assert_int_equal(bench_copy(b, &again, &b->e), 0);
	assert_int_equal(again.trials, 3);
	assert_true(again.finalists[1].mirrored && again.finalists[1].tried);
	assert_false(again.finalists[0].tried);
	run_release(&again);
}

/* They start afresh, and nobody starts from them. */
static void finalists_of_a_run_that_inherits_bring_no_weights(void **state)
{
	struct bench *b = among_mirrored(state, 1);

	b->run.settings.inherit = 1;
	trial(b, 3, 70);
	mirrored_trial(b, 3, 71);
	assert_int_equal(b->run.phase, PHASE_FINAL);
}

/* How the first finalist is trained. */
static struct training long_training(void **state, int epochs)
{
	struct bench *b = *state;

	b->run.settings.final_augment = FINAL_AUGMENT_AUTO;
	bench_finalists(state, 1, epochs);
	return bench_first(b, RUN_CMD_SUBMIT)->job.training;
}

static void short_trainings_see_images_as_they_are(void **state)
{
	const struct training t = long_training(state, 5);
	struct bench *b = *state;

	assert_false(augment_is_on(&t.augment) || t.recipe.flip_test);
	assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 1);
}

static void long_ones_are_cropped_and_erased(void **state)
{
	const struct training t = long_training(state, 30);

	assert_int_equal(t.augment.crop, 1);
	assert_true(t.augment.erase == 0.25);
}

/* The lower of two limits counts, of which 0 is none. */
static void rates_are_limited_in_long_trainings(void **state)
{
	static const struct {
		double all, final, becomes;
	} cases[] = {{0, 0, 0}, {0, 0.003, 0.003}, {0.1, 0.003, 0.003},
		{0.1, 0.5, 0.1}, {0.1, 0, 0.1}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct run_settings *s;
		struct training t;

		bench_tear_down(state);
		bench_set_up(state);
		s = &((struct bench *)*state)->run.settings;
		s->training.recipe.rate_limit = cases[i].all;
		s->final_rate_limit = cases[i].final;
		t = long_training(state, 30);
		assert_true(t.recipe.rate_limit == cases[i].becomes);
		assert_true(s->training.recipe.rate_limit == cases[i].all);
	}
}

static void what_a_person_says_of_augmentation_holds(void **state)
{
	struct bench *b = *state;
	struct training t;

	b->run.settings.training.augment.crop = 3;
	t = long_training(state, 30);
	assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 1);
	assert_int_equal(t.augment.crop, 3);
	assert_true(t.augment.erase == 0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_best_are_trained_as_the_champion_will_be),
		TEST(who_is_best_then_is_the_champion),
		TEST(a_finalist_that_fails_is_none_any_more),
		TEST(a_result_that_comes_twice_changes_nothing),
		TEST(a_run_that_comes_back_waits_for_the_other_finalist),
		TEST(the_best_is_trained_with_mirror_images_and_without),
		TEST(rates_are_limited_in_long_trainings),
		TEST(the_others_and_the_champion_follow_what_was_better),
		TEST(one_finalist_is_tried_both_ways),
		TEST(a_run_that_comes_back_has_both),
		TEST(finalists_of_a_run_that_inherits_bring_no_weights),
		TEST(short_trainings_see_images_as_they_are),
		TEST(long_ones_are_cropped_and_erased),
		TEST(what_a_person_says_of_augmentation_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
