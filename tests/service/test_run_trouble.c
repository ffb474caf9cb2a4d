/* test_run_trouble.c -- each cause has its sentence, the first one counts, and
 * a run that gets on has none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "service/broker/run_trouble.h"

#define NOW_MS INT64_C(1790000000000)
#define SINCE "since 2026-09-21T14:13:20Z"
#define MINUTE 60000

/* A run whose one job trains, on one of two workers. */
struct scene {
	struct driver_view view;
	struct dispatch_load load;
	struct dispatch_worker workers[2];
	struct run_facts facts;
};

static int set_up(void **state)
{
	static struct scene s;

	s = (struct scene){
		.load = {.running = 1, .quiet_ms = 100},
		.workers = {{.url = "http://a",
				    .kernels = "avx2-2 simd128-2",
				    .seen_ms = NOW_MS,
				    .slots = 2,
				    .jobs = 1},
			{.url = "http://b",
				.kernels = "simd128-2",
				.seen_ms = NOW_MS,
				.slots = 2}},
		.facts = {.kernels = "avx2-2",
			.view = &s.view,
			.load = &s.load,
			.workers = s.workers,
			.n_workers = 2,
			.now_ms = NOW_MS},
	};
	*state = &s;
	return 0;
}

static void expect(const struct scene *s, const char *trouble)
{
	struct err e = {0};
	int rc = run_trouble(&s->facts, &e);

	assert_int_equal(rc, e.code);
	assert_string_equal(e.text, trouble);
	if (rc)
		assert_int_equal(run_waits(&s->facts, &e), 0);
}

/* The one job waits to be run. */
static void stop(struct scene *s)
{
	s->load = (struct dispatch_load){.queued = 1, .quiet_ms = INT64_MAX};
}

static void silence(struct dispatch_worker *w, int64_t seen_ms)
{
	strcpy(w->error, "nobody listens");
	w->seen_ms = seen_ms;
}

static void a_run_that_trains_has_none(void **state)
{
	expect(*state, "");
}

static void a_run_without_a_driver_is_driven_by_nobody(void **state)
{
	struct scene *s = *state;
	struct err e = {0};

	s->facts.view = NULL;
	assert_int_equal(run_trouble(&s->facts, &e), ERR_WORLD);
	assert_non_null(strstr(e.text, "nobody drives"));
}

static void what_cannot_be_saved_comes_before_all_else(void **state)
{
	struct scene *s = *state;

	s->view.store = (struct driver_wait){NOW_MS, "the disk is full"};
	s->view.genome = (struct driver_wait){NOW_MS, "nobody listens"};
	expect(s, "nothing can be saved " SINCE ": the disk is full");
}

static void the_genome_service_has_a_moment_to_answer(void **state)
{
	struct scene *s = *state;

	s->view.genome.since_ms = NOW_MS;
	s->facts.now_ms = NOW_MS + 1000;
	expect(s, "");
	s->facts.now_ms = NOW_MS + MINUTE;
	expect(s, "the genome service has not answered " SINCE);
	s->facts.now_ms = NOW_MS;
	strcpy(s->view.genome.why, "nobody listens");
	expect(s, "the genome service has not answered " SINCE
		  ": nobody listens");
}

static void of_silent_workers_the_last_to_answer_is_named(void **state)
{
	struct scene *s = *state;

	stop(s);
	silence(&s->workers[0], NOW_MS - MINUTE);
	expect(s, "no evolutioner that answers runs the kernels \"avx2-2\", to "
		  "which the run is pinned; they offer: simd128-2; silent is "
		  "http://a, which has them");
	silence(&s->workers[1], NOW_MS);
	expect(s, "no evolutioner answers " SINCE
		  ", when http://b was the last that did: nobody listens");
	silence(&s->workers[0], 0);
	silence(&s->workers[1], 0);
	expect(s, "no evolutioner has answered yet: nobody listens");
	s->facts.n_workers = 0;
	expect(s, "the broker has no evolutioner");
}

/* At the start of a broker, for a moment. */
static void a_worker_that_was_not_asked_yet_is_not_silent(void **state)
{
	struct scene *s = *state;

	stop(s);
	silence(&s->workers[0], NOW_MS);
	s->workers[1] = (struct dispatch_worker){.url = "http://b"};
	expect(s, "");
}

static void kernels_that_nobody_has_are_named_with_those_offered(void **state)
{
	struct scene *s = *state;

	stop(s);
	strcpy(s->workers[0].kernels, "avx512-2 simd128-2");
	expect(s, "no evolutioner that answers runs the kernels \"avx2-2\", to "
		  "which the run is pinned; they offer: avx512-2 simd128-2");
}

/* Beside one that trains a job may fail, but not for ever. */
static void jobs_that_fail_are_no_trouble_while_others_train(void **state)
{
	struct scene *s = *state;

	s->load.failing = s->load.attempts = 3;
	strcpy(s->load.trouble, "out of luck");
	strcpy(s->load.worker, "http://a");
	expect(s, "");
	s->load.failing = s->load.attempts = 10;
	expect(s, "jobs fail on http://a: out of luck");
	s->load.failing = s->load.attempts = 2;
	s->load.quiet_ms = INT64_MAX;
	expect(s, "jobs fail on http://a: out of luck");
}

static void workers_that_get_no_jobs_are_told_of(void **state)
{
	struct scene *s = *state;

	stop(s);
	s->workers[0].draining = 1;
	expect(s, "the evolutioners that could run its jobs are about to stop");
	s->workers[0].aside = 1;
	strcpy(s->workers[0].refusal, "out of luck");
	expect(s, "http://a has failed so many jobs that it gets none for a "
		  "while: out of luck");
	strcpy(s->workers[1].kernels, "avx2-2");
	expect(s, "");
}

static void training_may_be_quiet_for_a_minute(void **state)
{
	struct scene *s = *state;

	s->load.quiet_ms = MINUTE - 1;
	expect(s, "");
	s->load.quiet_ms = MINUTE;
	expect(s, "no training has got on for more than 60 s");
}

static void a_generation_that_failed_is_told_of_last(void **state)
{
	struct scene *s = *state;

	strcpy(s->view.failed, "all is lost");
	expect(s, "all is lost");
	s->load.quiet_ms = MINUTE;
	expect(s, "no training has got on for more than 60 s");
}

static void a_run_without_a_slot_waits(void **state)
{
	struct scene *s = *state;
	struct err e = {0};

	assert_int_equal(run_waits(&s->facts, &e), 0);
	stop(s);
	s->workers[0].jobs = 2;
	expect(s, "");
	assert_int_equal(run_waits(&s->facts, &e), ERR_BUSY);
	assert_string_equal(e.text,
		"other jobs are before its own: 2 of 2 slots are taken");
	s->workers[0].jobs = 1;
	run_waits(&s->facts, &e);
	assert_string_equal(e.text,
		"no evolutioner takes its jobs now, though 1 of 2 slots are "
		"free");
	s->load.attempts = 1;
	strcpy(s->load.trouble, "the link broke");
	run_waits(&s->facts, &e);
	assert_string_equal(e.text,
		"a job that failed is about to be tried again: the link "
		"broke");
}

static void a_data_set_that_gets_on_is_waited_for(void **state)
{
	struct scene *s = *state;
	struct err e = {0};

	s->load = (struct dispatch_load){.queued = 0};
	s->view.data.since_ms = NOW_MS;
	expect(s, "");
	assert_int_equal(run_waits(&s->facts, &e), ERR_BUSY);
	assert_string_equal(e.text, "the data set is being prepared");
	s->view.ready = (struct data_progress){40, 512, "MB"};
	run_waits(&s->facts, &e);
	assert_string_equal(
		e.text, "the data set is being prepared: 40 of 512 MB");
	strcpy(s->view.data.why, "the disk is full");
	expect(s, "the data set cannot be prepared: the disk is full");
}

#define RULE(f) cmocka_unit_test_setup(f, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(a_run_that_trains_has_none),
		RULE(a_run_without_a_driver_is_driven_by_nobody),
		RULE(what_cannot_be_saved_comes_before_all_else),
		RULE(the_genome_service_has_a_moment_to_answer),
		RULE(a_data_set_that_gets_on_is_waited_for),
		RULE(of_silent_workers_the_last_to_answer_is_named),
		RULE(a_worker_that_was_not_asked_yet_is_not_silent),
		RULE(kernels_that_nobody_has_are_named_with_those_offered),
		RULE(jobs_that_fail_are_no_trouble_while_others_train),
		RULE(workers_that_get_no_jobs_are_told_of),
		RULE(training_may_be_quiet_for_a_minute),
		RULE(a_generation_that_failed_is_told_of_last),
		RULE(a_run_without_a_slot_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
