/* test_eta.c -- what is left of a run, at the pace so far. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "neat/algorithm_truncation.h"
#include "neat/chain.h"
#include "service/broker/eta.h"

/* Half of the first generation of four: two genomes took 50 images each, and
 * ten seconds together. */
static const struct driver_view half = {
	.scored = 2, .members = 4, .work_left = 2};
static const struct dispatch_load idle = {.running = 0};
#define WALL_S 10.0

static int algorithm(const char *name)
{
	int i = 0;

	while (strcmp(algorithm_at(i)->name, name) != 0)
		i++;
	return i;
}

static struct run half_done(int64_t generations)
{
	return (struct run){.settings = {.algorithm = algorithm("random"),
				    .population = 4,
				    .rungs = 1,
				    .eta = 3,
				    .generations = generations},
		.state = RUN_RUNNING,
		.phase = PHASE_SCORING,
		.totals = {.evaluations = 2, .images = 100}};
}

static void assert_seconds(
	const struct run *run, const struct dispatch_load *load, double seconds)
{
	double s = eta_seconds(run, WALL_S, &half, load);

	assert_true(s > seconds - 1e-9 && s < seconds + 1e-9);
}

static void what_is_left_takes_as_long_as_what_was(void **state)
{
	const struct run last = half_done(1), one_of_three = half_done(3);

	(void)state;
	assert_seconds(&last, &idle, 10);
	assert_seconds(&one_of_three, &idle, 10 + 2 * 20);
}

static void images_of_running_jobs_are_done(void **state)
{
	const struct dispatch_load busy = {.running = 2, .images = 60};
	const struct dispatch_load late = {.running = 2, .images = 600};
	const struct run run = half_done(1);

	(void)state;
	assert_seconds(&run, &busy, 4);
	assert_seconds(&run, &late, 0); /* longer ones than those before */
}

static void genomes_that_live_on_are_not_scored_again(void **state)
{
	struct run run = half_done(3);
	struct truncation_settings *own = (void *)run.settings.own;

	(void)state;
	run.settings.algorithm = algorithm("truncation");
	own->elite = 1;
	assert_seconds(&run, &idle, 10 + 2 * 15);
}

/* Four genomes, of which two train three times as much: a work of 10 in a
 * generation.  Now one of the two is left, and has trained a third of it. */
static void a_higher_rung_takes_as_many_times_the_images(void **state)
{
	const struct driver_view view = {
		.scored = 2, .members = 4, .work_left = 3};
	const struct dispatch_load load = {.running = 1, .images = 50};
	struct run run = half_done(2);
	double s;

	(void)state;
	run.settings.rungs = 2;
	run.totals = (struct run_totals){
		.evaluations = 5, .raised = 2, .images = 350};
	s = eta_seconds(&run, WALL_S, &view, &load);
	assert_true(s > 0 && s < (150 - 50 + 500) * WALL_S / 350 + 1e-9);
	assert_true(s > (150 - 50 + 500) * WALL_S / 350 - 1e-9);
}

/* Two workers: the search has taken 20 seconds of CPU in 10. */
static struct run with_a_final_training(void)
{
	struct run run = half_done(1);

	run.settings.train_images = 30;
	run.settings.validation_images = 10;
	run.settings.final_epochs = 5;
	run.totals.cpu_s = 20;
	return run;
}

static void the_final_training_is_on_one_thread(void **state)
{
	const struct dispatch_load busy = {.running = 1, .images = 50};
	struct run run = with_a_final_training();

	(void)state;
	assert_seconds(&run, &idle, 10 + 200 * 0.2);
	run.phase = PHASE_FINAL;
	assert_seconds(&run, &idle, 200 * 0.2);
	assert_seconds(&run, &busy, 150 * 0.2);
}

static void finalists_are_trained_before_it(void **state)
{
	struct run run = with_a_final_training();

	(void)state;
	run.settings.finalists = 2;
	assert_seconds(&run, &idle, 10 + 2 * 150 * 0.1 + 200 * 0.2);
	/* One of them once more. */
	run.settings.final_augment = FINAL_AUGMENT_AUTO;
	assert_seconds(&run, &idle, 10 + 3 * 150 * 0.1 + 200 * 0.2);
	run.phase = PHASE_FINALISTS;
	run.trials = 2;
	assert_seconds(&run, &idle, 2 * 150 * 0.1 + 200 * 0.2);
}

/* Each takes what a training at the highest rung does. */
static void pilots_are_trained_before_those(void **state)
{
	struct run run = with_a_final_training();

	(void)state;
	run.settings.finalists = 1;
	run.settings.final_epochs = 6;
	run.settings.final_augment = FINAL_AUGMENT_SAME;
	assert_seconds(&run, &idle, 10 + 180 * 0.1 + 240 * 0.2);
	run.settings.final_augment = FINAL_AUGMENT_PILOT;
	assert_seconds(&run, &idle, 10 + 2 * 5 + 180 * 0.1 + 240 * 0.2);
	run.phase = PHASE_FINALISTS;
	run.trials = run.piloting = 1;
	run.pilot_losses[0] = 0.3;
	run.pilot_losses[1] = -1;
	assert_seconds(&run, &idle, 5 + 180 * 0.1 + 240 * 0.2);
}

/* A budget of a search, of which a half is spent, one finalist and the final
 * training, a quarter each; what is spent took ten seconds on two cores. */
static struct run with_a_budget(const struct genome *g)
{
	struct run run = half_done(100);

	run.settings.has_budget = 1;
	run.settings.budget_pflop = 1e-6;
	run.settings.search_share = 0.5;
	run.settings.finalists = 1;
	run.settings.final_epochs = 4;
	run.settings.train_images = 300;
	run.settings.data = (struct data_shape){1, 28, 28, 10};
	run.totals.planned = 250;
	run.totals.cpu_s = 20;
	run.finalists[0].genome = g;
	run.n_finalists = run.trials = 1;
	return run;
}

static const struct genome *any_genome(struct arena *mem)
{
	struct rng r;

	rng_stream(&r, 1, 0, 0);
	return chain_least(mem, 1, 0, 64, space_default(), &r);
}

static void of_a_budget_the_long_trainings_are_on_one_thread(void **state)
{
	const struct dispatch_load busy = {.running = 2, .images = 50};
	struct run run = with_a_budget(NULL);

	(void)state;
	assert_seconds(&run, &idle, 250 * 10.0 / 250 + 500 * 20.0 / 250);
	/* An image took 2.5 of it. */
	assert_seconds(&run, &busy, 125 * 10.0 / 250 + 500 * 20.0 / 250);
}

static void what_a_long_training_has_done_is_not_left(void **state)
{
	struct dispatch_load load = {.running = 1};
	struct arena mem;
	struct run run;
	double before;

	(void)state;
	arena_init(&mem, (size_t)1 << 20);
	run = with_a_budget(any_genome(&mem));
	run.settings.budget_pflop = 1e-2;
	run.phase = PHASE_FINAL;
	run.totals.planned = 7500000;
	before = eta_seconds(&run, WALL_S, &half, &load);
	assert_true(before > 0);
	for (int i = 1; i < 4; i++) {
		double now;

		load.images = 100L * i;
		now = eta_seconds(&run, WALL_S, &half, &load);
		assert_true(now < before);
		before = now;
	}
	arena_release(&mem);
}

static void nobody_knows_before_a_score_or_in_a_pause(void **state)
{
	struct run fresh = half_done(3), paused = fresh;

	(void)state;
	fresh.totals = (struct run_totals){.evaluations = 0};
	paused.state = RUN_PAUSED;
	assert_true(eta_seconds(&fresh, WALL_S, &half, &idle) < 0);
	assert_true(eta_seconds(&paused, WALL_S, &half, &idle) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left_takes_as_long_as_what_was),
		cmocka_unit_test(images_of_running_jobs_are_done),
		cmocka_unit_test(genomes_that_live_on_are_not_scored_again),
		cmocka_unit_test(a_higher_rung_takes_as_many_times_the_images),
		cmocka_unit_test(the_final_training_is_on_one_thread),
		cmocka_unit_test(finalists_are_trained_before_it),
		cmocka_unit_test(pilots_are_trained_before_those),
		cmocka_unit_test(
			of_a_budget_the_long_trainings_are_on_one_thread),
		cmocka_unit_test(what_a_long_training_has_done_is_not_left),
		cmocka_unit_test(nobody_knows_before_a_score_or_in_a_pause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
