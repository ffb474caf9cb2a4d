/* test_run_end.c -- how a run stops, pauses and ends, rule by rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/rng.h"
#include "run_bench.h"

static void threshold_stops_before_the_other_rules(void **state)
{
	struct bench *b = bench_scoring(state);

	b->run.settings.has_threshold = 1;
	b->run.settings.fitness_threshold = 0.4;
	b->run.settings.generations = 1;
	bench_score_all(b, (int64_t[]){10, 20, 30, 40});
	assert_string_equal(b->run.stop_reason, "threshold");
}

static void run_stops_after_its_generations(void **state)
{
	struct bench *b = bench_scoring(state);

	bench_score_all(b, (int64_t[]){10, 20, 30, 40});
	bench_breed(b, 1, -1);
	bench_score_all(b, (int64_t[]){10, 20, 30, 40});
	assert_int_equal(b->run.phase, PHASE_BREEDING);
	bench_breed(b, 2, -1);
	bench_score_all(b, (int64_t[]){10, 20, 30, 40});
	assert_string_equal(b->run.stop_reason, "generations");
	assert_int_equal(b->run.phase, PHASE_FINAL);
}

static void run_without_a_better_best_stagnates(void **state)
{
	struct bench *b = bench_scoring(state);

	b->run.settings.generations = 100;
	b->run.settings.stagnation = 2;
	bench_score_all(b, (int64_t[]){10, 20, 30, 40});
	bench_breed(b, 1, -1);
	bench_score_all(b, (int64_t[]){10, 20, 30, 41}); /* better */
	bench_breed(b, 2, -1);
	bench_score_all(b, (int64_t[]){41, 20, 30, 40}); /* as good */
	assert_int_equal(b->run.best_since, 1);
	assert_int_equal(b->run.phase, PHASE_BREEDING);
	bench_breed(b, 3, -1);
	bench_score_all(b, (int64_t[]){10, 20, 30, 40});
	assert_string_equal(b->run.stop_reason, "stagnation");
}

static void final_job_is_the_champion_from_scratch_on_all_data(void **state)
{
	struct bench *b = bench_in_final(state);
	const struct job_doc *j = &bench_first(b, RUN_CMD_SUBMIT)->job;

	assert_int_equal(bench_count(b, RUN_CMD_SUBMIT), 1);
	assert_string_equal(j->id, BENCH_UUID "/final/3/0/0");
	assert_true(j->final);
	assert_int_equal(j->training.epochs, 3);
	assert_int_equal(j->training.train_limit, 0);
	assert_int_not_equal(j->seed, rng_derive(7, 0, 3));
}

/* The recipe is the run's, of every training: what was selected for is what is
 * trained at the end. */
static void every_job_has_the_runs_recipe(void **state)
{
	struct bench *b = *state;
	const struct job_doc *j;

	b->run.settings.training.recipe.schedule = SCHEDULE_COSINE;
	b->run.settings.training.augment.crop = 3;
	b->run.settings.generations = 1;
	bench_scoring(state);
	j = &bench_first(b, RUN_CMD_SUBMIT)->job;
	assert_int_equal(j->training.recipe.schedule, SCHEDULE_COSINE);
	assert_int_equal(j->training.augment.crop, 3);
	bench_score_all(b, (int64_t[]){10, 20, 30, 40});
	j = &bench_first(b, RUN_CMD_SUBMIT)->job;
	assert_true(j->final);
	assert_int_equal(j->training.recipe.schedule, SCHEDULE_COSINE);
	assert_int_equal(j->training.augment.crop, 3);
}

static void final_result_finishes_the_run_and_is_no_evaluation(void **state)
{
	struct bench *b = bench_in_final(state);

	bench_final(b, 3, 88);
	BENCH_GAVE(b, RUN_CMD_SAVE_FINAL, RUN_CMD_SAVE_RUN);
	assert_int_equal(b->run.state, RUN_FINISHED);
	assert_int_equal(b->run.phase, PHASE_OVER);
	assert_int_equal(b->run.test_correct, 88);
	assert_int_equal(b->run.test_total, 100);
	assert_int_equal(b->run.parameters, 1234);
	assert_true(sha256_is_hex(b->run.weights));
	assert_int_equal(b->run.totals.evaluations, 4);
	assert_int_equal(b->run.totals.images, 500);
	bench_final(b, 3, 88);
	assert_null(b->out.head);
}

static void failed_final_training_passes_on_to_the_next_finalist(void **state)
{
	struct bench *b = bench_in_final(state);

	bench_final(b, 3, -1);
	BENCH_GAVE(b, RUN_CMD_SAVE_RUN, RUN_CMD_SUBMIT);
	assert_string_equal(
		b->out.head->next->job.id, BENCH_UUID "/final/2/0/0");
	bench_final(b, 3, -1); /* the same again */
	assert_null(b->out.head);
	bench_final(b, 2, 77);
	assert_int_equal(b->run.state, RUN_FINISHED);
	assert_int_equal(run_champion(&b->run)->id, 2);
}

static void run_fails_when_every_finalist_failed(void **state)
{
	struct bench *b = bench_in_final(state);

	bench_final(b, 3, -1);
	bench_final(b, 2, -1);
	bench_final(b, 1, -1);
	BENCH_GAVE(b, RUN_CMD_SAVE_RUN, RUN_CMD_CANCEL_JOBS);
	assert_int_equal(b->run.state, RUN_FAILED);
	assert_non_null(strstr(b->run.error, "The loss is not finite."));
}

static void final_result_without_weights_is_ignored(void **state)
{
	struct bench *b = bench_in_final(state);
	struct job_result j = {.id = BENCH_UUID "/final/3/0/0", .total = 1};

	bench_step(b, (struct run_event){.kind = RUN_EV_RESULT, .result = &j});
	assert_null(b->out.head);
}

static void breeding_goes_on_after_a_generation_of_failures(void **state)
{
	struct bench *b = bench_scoring(state);

	bench_score_all(b, (int64_t[]){-1, -1, -1, -1});
	assert_int_equal(bench_count(b, RUN_CMD_ASK_GENERATION), 1);
	bench_breed(b, 1, -1);
	bench_score_all(b, (int64_t[]){-1, -1, -1, -1});
	bench_breed(b, 2, -1);
	bench_score_all(b, (int64_t[]){-1, -1, -1, -1});
	assert_int_equal(b->run.state, RUN_FAILED);
	assert_string_equal(b->run.error,
		"every genome of every generation failed, most of the last one "
		"by \"diverged\"");
	assert_null(run_champion(&b->run));
}

static void pause_keeps_what_comes_and_holds_what_has_not_begun(void **state)
{
	struct bench *b = bench_scoring(state);

	assert_int_equal(bench_send(b, RUN_EV_PAUSE), 0);
	BENCH_GAVE(b, RUN_CMD_SAVE_RUN, RUN_CMD_HOLD_JOBS);
	bench_score_all(b, (int64_t[]){10, 20, 30, 40});
	BENCH_GAVE(b, RUN_CMD_SAVE_RESULT, RUN_CMD_SAVE_GENERATION,
		RUN_CMD_SAVE_RUN);
	bench_breed(b, 1, -1); /* had been asked for before the pause */
	BENCH_GAVE(b, RUN_CMD_SAVE_MEMBERS, RUN_CMD_SAVE_RUN);
	bench_send(b, RUN_EV_CONTINUE);
	assert_null(b->out.head);
	assert_int_equal(bench_send(b, RUN_EV_RESUME), 0);
	BENCH_GAVE(b, RUN_CMD_SAVE_RUN, RUN_CMD_SUBMIT, RUN_CMD_SUBMIT,
		RUN_CMD_SUBMIT, RUN_CMD_SUBMIT);
}

static void continue_repeats_the_acts_and_writes_nothing(void **state)
{
	struct bench *b = *state;

	bench_send(b, RUN_EV_CONTINUE);
	bench_send(b, RUN_EV_CONTINUE);
	BENCH_GAVE(b, RUN_CMD_ASK_GENERATION);
	bench_breed(b, 0, -1);
	bench_score(b, 1, 50);
	bench_send(b, RUN_EV_CONTINUE);
	BENCH_GAVE(b, RUN_CMD_SUBMIT, RUN_CMD_SUBMIT, RUN_CMD_SUBMIT);
	b->run.settings.generations = 1;
	bench_score(b, 0, 10);
	bench_score(b, 2, 10);
	bench_score(b, 3, 10);
	bench_send(b, RUN_EV_CONTINUE);
	BENCH_GAVE(b, RUN_CMD_SUBMIT);
	assert_true(b->out.head->job.final);
}

static void refusal_fails_the_run_and_says_why(void **state)
{
	struct bench *b = bench_scoring(state);

	bench_send(b, RUN_EV_REFUSED);
	BENCH_GAVE(b, RUN_CMD_SAVE_RUN, RUN_CMD_CANCEL_JOBS);
	assert_int_equal(b->run.state, RUN_FAILED);
	assert_string_equal(b->run.error, "no such data");
}

static void reason_cut_inside_a_character_can_still_be_saved(void **state)
{
	struct bench *b = bench_scoring(state);
	char reason[FAILURE_REASON_MAX + 3];
	json_t *doc;

	memset(reason, 'x', sizeof reason);
	strcpy(reason + FAILURE_REASON_MAX - 2, "\xc3\xbc!"); /* u umlaut */
	bench_step(b,
		(struct run_event){.kind = RUN_EV_REFUSED, .reason = reason});
	assert_int_equal(strlen(b->run.error), FAILURE_REASON_MAX - 2);
	doc = run_document(&b->run);
	assert_non_null(doc);
	json_decref(doc);
}

static void people_are_told_when_the_state_does_not_allow_it(void **state)
{
	struct bench *b = *state;

	assert_int_equal(bench_send(b, RUN_EV_PAUSE), ERR_CONFLICT);
	assert_string_equal(
		b->e.text, "the run is created and cannot be paused");
	bench_scoring(state);
	assert_int_equal(bench_send(b, RUN_EV_RESUME), ERR_CONFLICT);
	bench_send(b, RUN_EV_PAUSE);
	assert_int_equal(bench_send(b, RUN_EV_PAUSE), ERR_CONFLICT);
	assert_string_equal(
		b->e.text, "the run is paused and cannot be paused");
	assert_int_equal(b->run.state, RUN_PAUSED);
	assert_null(b->out.head);
}

static void cancelled_run_takes_nothing_any_more(void **state)
{
	struct bench *b = bench_scoring(state);

	assert_int_equal(bench_send(b, RUN_EV_CANCEL), 0);
	BENCH_GAVE(b, RUN_CMD_SAVE_RUN, RUN_CMD_CANCEL_JOBS);
	assert_int_equal(b->run.state, RUN_CANCELLED);
	assert_int_equal(b->run.phase, PHASE_OVER);
	assert_string_equal(b->run.stop_reason, "cancelled");
	for (enum run_event_kind k = RUN_EV_PAUSE; k <= RUN_EV_CANCEL; k++) {
		assert_int_equal(bench_send(b, k), ERR_CONFLICT);
		assert_null(b->out.head);
	}
	bench_send(b, RUN_EV_CONTINUE);
	assert_null(b->out.head);
	bench_score(b, 1, 50);
	assert_null(b->out.head);
	bench_breed(b, 1, -1);
	assert_null(b->out.head);
	bench_send(b, RUN_EV_REFUSED);
	assert_null(b->out.head);
	assert_int_equal(b->run.state, RUN_CANCELLED);
}

static void created_and_paused_runs_can_be_cancelled(void **state)
{
	struct bench *b = *state;

	assert_int_equal(bench_send(b, RUN_EV_CANCEL), 0);
	bench_tear_down(state);
	bench_set_up(state);
	bench_scoring(state);
	bench_send(b, RUN_EV_PAUSE);
	assert_int_equal(bench_send(b, RUN_EV_CANCEL), 0);
	assert_int_equal(b->run.state, RUN_CANCELLED);
}

#define RULE(f) \
	cmocka_unit_test_setup_teardown(f, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(threshold_stops_before_the_other_rules),
		RULE(run_stops_after_its_generations),
		RULE(run_without_a_better_best_stagnates),
		RULE(final_job_is_the_champion_from_scratch_on_all_data),
		RULE(every_job_has_the_runs_recipe),
		RULE(final_result_finishes_the_run_and_is_no_evaluation),
		RULE(failed_final_training_passes_on_to_the_next_finalist),
		RULE(run_fails_when_every_finalist_failed),
		RULE(final_result_without_weights_is_ignored),
		RULE(breeding_goes_on_after_a_generation_of_failures),
		RULE(pause_keeps_what_comes_and_holds_what_has_not_begun),
		RULE(continue_repeats_the_acts_and_writes_nothing),
		RULE(refusal_fails_the_run_and_says_why),
		RULE(reason_cut_inside_a_character_can_still_be_saved),
		RULE(people_are_told_when_the_state_does_not_allow_it),
		RULE(cancelled_run_takes_nothing_any_more),
		RULE(created_and_paused_runs_can_be_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
