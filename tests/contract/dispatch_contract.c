/* dispatch_contract.c -- no submitted job is ever lost, whatever the workers
 * do; no result is forgotten before it is done; what is not wanted any more
 * ends. */
#include "dispatch_contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define WAIT_MS 30000 /* longer than anything here takes */
#define JOBS_MAX 64

static const struct dispatch_place *place;
static struct dispatch *d;

static void open_place(void)
{
	struct err e = {0};

	d = place->open(&e);
	if (!d)
		fail_msg("%s", e.text);
}

static void begin(int n, enum contract_worker first)
{
	place->begin(n, first);
	open_place();
}

static void end(void)
{
	place->close(d);
	place->end();
}

static void submit_id(const char *id, const char *kernels)
{
	char body[200];

	snprintf(body, sizeof body, "{\"id\":\"%s\"}", id);
	dispatch_submit(d, &(struct dispatch_job){
				   .id = id, .body = body, .kernels = kernels});
}

static void submit(int i)
{
	char id[DISPATCH_ID_MAX];

	snprintf(id, sizeof id, "run/0/%d/0/0", i);
	submit_id(id, CONTRACT_KERNELS);
}

static struct dispatch_result take(void)
{
	struct dispatch_result r;
	const char *id;

	assert_int_equal(dispatch_take(d, WAIT_MS, &r), 1);
	id = json_string_value(json_object_get(r.document, "id"));
	assert_string_equal(r.id, id);
	return r;
}

static void expect_nothing(void)
{
	struct dispatch_result r;

	assert_int_equal(dispatch_take(d, 0, &r), 0);
}

/* Takes the result of this job, which must be the next. */
static void take_id(const char *id)
{
	struct dispatch_result r = take();

	assert_string_equal(r.id, id);
	dispatch_result_release(&r);
}

/* Takes `n` results and checks that they are those of jobs 0..n-1, each once,
 * and that there is no other. */
static void expect_all(int n)
{
	int seen[JOBS_MAX] = {0}, i;

	for (int k = 0; k < n; k++) {
		struct dispatch_result r = take();

		assert_int_equal(sscanf(r.id, "run/0/%d/0/0", &i), 1);
		assert_in_range(i, 0, n - 1);
		assert_int_equal(seen[i]++, 0);
		dispatch_result_release(&r);
	}
	expect_nothing();
}

/* Waits for a count of the workers to become at least `n`. */
static void await(int (*count)(void), int n)
{
	int64_t until_ms = clock_mono_ms() + WAIT_MS;

	while (count() < n && clock_mono_ms() < until_ms)
		clock_sleep_ms(5);
	assert_true(count() >= n);
}

/* Waits until the load's running and queued jobs are so many. */
static struct dispatch_load await_load(int64_t running, int64_t queued)
{
	int64_t until_ms = clock_mono_ms() + WAIT_MS;
	struct dispatch_load l;

	do {
		dispatch_load(d, "run/", &l);
		if (l.running == running && l.queued == queued)
			return l;
		clock_sleep_ms(5);
	} while (clock_mono_ms() < until_ms);
	fail_msg("running %d, queued %d", (int)l.running, (int)l.queued);
	return l;
}

/* -- submit and take -- */

static void every_job_has_one_result(void **state)
{
	(void)state;
	begin(2, CONTRACT_GOOD);
	for (int i = 0; i < JOBS_MAX; i++)
		submit(i);
	expect_all(JOBS_MAX);
	end();
}

static void an_id_that_is_here_is_left_as_it_is(void **state)
{
	(void)state;
	begin(1, CONTRACT_HANGS);
	submit(0);
	submit(0);
	await_load(1, 0);
	submit(0);
	await_load(1, 0);
	place->behave(0, CONTRACT_GOOD);
	expect_all(1);
	assert_int_equal(place->started(), 1);
	end();
}

static void no_more_jobs_than_slots_run(void **state)
{
	(void)state;
	begin(1, CONTRACT_HANGS);
	for (int i = 0; i < CONTRACT_SLOTS + 3; i++)
		submit(i);
	await_load(CONTRACT_SLOTS, 3);
	end();
}

static void a_worker_without_the_kernels_is_passed_over(void **state)
{
	(void)state;
	begin(1, CONTRACT_GOOD);
	submit_id("run/0/1/0/0", "avx2");
	submit_id("run/0/2/0/0", "avx512-2");
	submit(0);
	take_id("run/0/0/0/0");
	await_load(0, 2);
	assert_int_equal(place->started(), 1);
	end();
}

static void a_crash_is_a_result(void **state)
{
	struct dispatch_result r;
	const json_t *failure;

	(void)state;
	begin(1, CONTRACT_CRASHES);
	submit(0);
	r = take();
	failure = json_object_get(r.document, "failure");
	assert_string_equal(
		json_string_value(json_object_get(failure, "whose")), "crash");
	assert_null(r.weights);
	dispatch_result_release(&r);
	end();
}

static void weights_come_with_a_final_result(void **state)
{
	struct dispatch_result r;

	(void)state;
	begin(1, CONTRACT_GOOD);
	submit_id("run/final/3/0/0", CONTRACT_KERNELS);
	r = take();
	assert_int_equal(r.n_weights, strlen(CONTRACT_WEIGHTS));
	assert_memory_equal(r.weights, CONTRACT_WEIGHTS, r.n_weights);
	dispatch_result_release(&r);
	end();
}

/* -- at least once -- */

static void a_failure_of_the_world_is_tried_again(void **state)
{
	struct dispatch_load l;

	(void)state;
	begin(1, CONTRACT_FAILS);
	submit(0);
	do
		dispatch_load(d, "run/", &l);
	while (l.attempts < 2);
	assert_string_equal(l.trouble, "out of luck");
	assert_true(l.worker[0]);
	assert_true(l.failing >= 2);
	assert_true(l.quiet_ms == INT64_MAX);
	dispatch_load(d, "other/", &l);
	assert_int_equal(l.attempts, 0);
	assert_int_equal(l.failing, 0);
	place->behave(0, CONTRACT_GOOD);
	expect_all(1);
	end();
}

static void a_job_goes_elsewhere_when_a_worker_fails(void **state)
{
	(void)state;
	begin(2, CONTRACT_FAILS);
	for (int i = 0; i < 8; i++)
		submit(i);
	expect_all(8);
	end();
}

static void jobs_of_a_dead_worker_go_to_another(void **state)
{
	(void)state;
	begin(2, CONTRACT_HANGS);
	place->behave(1, CONTRACT_HANGS);
	for (int i = 0; i < 8; i++)
		submit(i);
	await(place->started, 2 * CONTRACT_SLOTS);
	place->kill(0);
	place->behave(1, CONTRACT_GOOD);
	expect_all(8);
	end();
}

static void a_worker_that_comes_back_goes_on(void **state)
{
	(void)state;
	begin(1, CONTRACT_HANGS);
	submit(0);
	submit(1);
	await(place->started, 2);
	place->kill(0);
	await_load(0, 2);
	place->behave(0, CONTRACT_GOOD);
	place->revive(0);
	expect_all(2);
	end();
}

static void jobs_wait_for_a_worker_that_is_not_there_yet(void **state)
{
	(void)state;
	place->begin(1, CONTRACT_GOOD);
	place->kill(0);
	open_place();
	submit(0);
	await_load(0, 1);
	place->revive(0);
	expect_all(1);
	end();
}

/* -- done -- */

static void a_result_that_is_not_done_comes_again(void **state)
{
	(void)state;
	begin(1, CONTRACT_GOOD);
	submit(0);
	expect_all(1);
	submit(0); /* the one who took it lost it */
	expect_all(1);
	assert_int_equal(place->started(), 1);
	end();
}

static void a_result_that_is_not_done_outlives_the_dispatcher(void **state)
{
	(void)state;
	begin(1, CONTRACT_GOOD);
	submit(0);
	expect_all(1);
	place->close(d);
	open_place();
	submit(0);
	expect_all(1);
	assert_int_equal(place->started(), 1);
	end();
}

static void a_job_that_is_done_is_forgotten(void **state)
{
	(void)state;
	begin(1, CONTRACT_GOOD);
	submit(0);
	expect_all(1);
	dispatch_done(d, "run/0/0/0/0");
	dispatch_done(d, "run/0/0/0/0");
	dispatch_done(d, "run/0/1/0/0"); /* nobody knows it */
	await(place->ended, 1);
	expect_nothing();
	end();
}

static void a_job_submitted_after_it_is_done_is_run_anew(void **state)
{
	(void)state;
	begin(1, CONTRACT_CRASHES);
	for (int i = 1; i <= 3; i++) {
		submit(0);
		expect_all(1);
		dispatch_done(d, "run/0/0/0/0");
		assert_int_equal(place->started(), i);
	}
	end();
}

/* A second delivery is under way when the first has been kept. */
static void a_job_done_while_it_runs_ends(void **state)
{
	(void)state;
	begin(1, CONTRACT_HANGS);
	submit(0);
	await_load(1, 0);
	dispatch_done(d, "run/0/0/0/0");
	await_load(0, 0);
	await(place->ended, 1);
	place->behave(0, CONTRACT_GOOD);
	expect_nothing();
	end();
}

/* -- cancel and hold -- */

static void cancelled_jobs_end_on_their_workers_too(void **state)
{
	(void)state;
	begin(1, CONTRACT_HANGS);
	for (int i = 0; i < CONTRACT_SLOTS + 2; i++)
		submit(i);
	submit_id("other/0/0/0/0", CONTRACT_KERNELS);
	await_load(CONTRACT_SLOTS, 2);
	dispatch_cancel(d, "run/");
	await_load(0, 0);
	await(place->ended, CONTRACT_SLOTS);
	place->behave(0, CONTRACT_GOOD);
	take_id("other/0/0/0/0");
	expect_nothing();
	end();
}

static void results_of_cancelled_jobs_are_not_delivered(void **state)
{
	(void)state;
	begin(1, CONTRACT_GOOD);
	submit(0);
	await(place->started, 1);
	await_load(0, 0);
	dispatch_cancel(d, "run/");
	expect_nothing();
	await(place->ended, 1);
	end();
}

static void a_cancelled_job_may_be_submitted_again(void **state)
{
	(void)state;
	begin(1, CONTRACT_HANGS);
	submit(0);
	await_load(1, 0);
	dispatch_cancel(d, "run/");
	submit(0);
	place->behave(0, CONTRACT_GOOD);
	expect_all(1);
	end();
}

static void held_jobs_have_not_started(void **state)
{
	(void)state;
	begin(1, CONTRACT_HANGS);
	for (int i = 0; i < CONTRACT_SLOTS + 2; i++)
		submit(i);
	await_load(CONTRACT_SLOTS, 2);
	dispatch_hold(d, "run/");
	await_load(CONTRACT_SLOTS, 0);
	place->behave(0, CONTRACT_GOOD);
	expect_all(CONTRACT_SLOTS);
	end();
}

/* -- load and workers -- */

static void progress_of_running_jobs_is_summed(void **state)
{
	int64_t until_ms = clock_mono_ms() + WAIT_MS;
	struct dispatch_load l;

	(void)state;
	begin(1, CONTRACT_HANGS);
	submit(0);
	submit(1);
	do
		dispatch_load(d, "run/", &l);
	while (l.images < 14 && clock_mono_ms() < until_ms);
	assert_int_equal(l.images, 14);
	end();
}

static void workers_are_described(void **state)
{
	struct dispatch_worker *w;
	struct arena mem;
	size_t n;

	(void)state;
	begin(2, CONTRACT_GOOD);
	arena_init(&mem, 1 << 24);
	do {
		arena_release(&mem);
		n = dispatch_workers(d, &mem, &w);
	} while (n < 2 || w[0].seen_ms == 0 || w[1].seen_ms == 0);
	assert_int_equal(n, 2);
	assert_string_equal(w[1].kernels, CONTRACT_KERNELS);
	assert_int_equal(w[1].slots, CONTRACT_SLOTS);
	assert_int_equal(w[1].lost, 0);
	assert_string_equal(w[0].error, "");
	arena_release(&mem);
	end();
}

static void a_worker_names_the_jobs_that_run_on_it(void **state)
{
	struct dispatch_worker *w;
	struct arena mem;

	(void)state;
	begin(1, CONTRACT_HANGS);
	for (int i = 0; i < CONTRACT_SLOTS + 1; i++)
		submit(i);
	await_load(CONTRACT_SLOTS, 1);
	arena_init(&mem, 1 << 24);
	assert_int_equal(dispatch_workers(d, &mem, &w), 1);
	assert_int_equal(w[0].jobs, CONTRACT_SLOTS);
	for (int64_t i = 0; i < w[0].jobs; i++)
		assert_memory_equal(w[0].training[i], "run/", 4);
	dispatch_cancel(d, "run/");
	await_load(0, 0);
	await(place->ended, CONTRACT_SLOTS);
	arena_release(&mem);
	assert_int_equal(dispatch_workers(d, &mem, &w), 1);
	assert_int_equal(w[0].jobs, 0);
	arena_release(&mem);
	end();
}

int dispatch_contract(const struct dispatch_place *p)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_job_has_one_result),
		cmocka_unit_test(an_id_that_is_here_is_left_as_it_is),
		cmocka_unit_test(no_more_jobs_than_slots_run),
		cmocka_unit_test(a_worker_without_the_kernels_is_passed_over),
		cmocka_unit_test(a_crash_is_a_result),
		cmocka_unit_test(weights_come_with_a_final_result),
		cmocka_unit_test(a_failure_of_the_world_is_tried_again),
		cmocka_unit_test(a_job_goes_elsewhere_when_a_worker_fails),
		cmocka_unit_test(jobs_of_a_dead_worker_go_to_another),
		cmocka_unit_test(a_worker_that_comes_back_goes_on),
		cmocka_unit_test(jobs_wait_for_a_worker_that_is_not_there_yet),
		cmocka_unit_test(a_result_that_is_not_done_comes_again),
		cmocka_unit_test(
			a_result_that_is_not_done_outlives_the_dispatcher),
		cmocka_unit_test(a_job_that_is_done_is_forgotten),
		cmocka_unit_test(a_job_submitted_after_it_is_done_is_run_anew),
		cmocka_unit_test(a_job_done_while_it_runs_ends),
		cmocka_unit_test(cancelled_jobs_end_on_their_workers_too),
		cmocka_unit_test(results_of_cancelled_jobs_are_not_delivered),
		cmocka_unit_test(a_cancelled_job_may_be_submitted_again),
		cmocka_unit_test(held_jobs_have_not_started),
		cmocka_unit_test(progress_of_running_jobs_is_summed),
		cmocka_unit_test(workers_are_described),
		cmocka_unit_test(a_worker_names_the_jobs_that_run_on_it),
	};

	place = p;
	return cmocka_run_group_tests_name(p->name, tests, NULL, NULL);
}
