/* test_dispatch_http.c -- no submitted job is ever lost, whatever the workers
 * do; what is not wanted any more ends. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "dispatch/dispatch.h"
#include "http/client.h"
#include "fake_worker.h"

#define WAIT_MS 30000 /* longer than anything here takes */
#define JOBS_MAX 64

static const struct log silent = {"test", LOG_ERROR};

/* One or two workers and a dispatcher over them. */
struct bench {
	struct fake_worker w[2];
	int n;
	struct dispatch *d;
};

static void begin(struct bench *b, int n, enum fake_mode first)
{
	const char *urls[2];

	memset(b, 0, sizeof *b);
	b->n = n;
	for (int i = 0; i < n; i++) {
		b->w[i].kernels = "avx2-2";
		b->w[i].slots = 2;
		b->w[i].bad_looks = -1;
		fake_start(&b->w[i], 0);
		urls[i] = b->w[i].url;
	}
	b->w[0].mode = first;
	b->d = dispatch_http_new(urls, (size_t)n, NULL, &silent, NULL);
	assert_non_null(b->d);
}

static void end(struct bench *b)
{
	dispatch_free(b->d);
	for (int i = 0; i < b->n; i++)
		fake_stop(&b->w[i]);
}

static void submit_id(struct bench *b, const char *id, const char *kernels)
{
	struct dispatch_job j = {id, "{}", kernels};

	dispatch_submit(b->d, &j);
}

static void submit(struct bench *b, int i)
{
	char id[DISPATCH_ID_MAX];

	snprintf(id, sizeof id, "run/0/%d/0/0", i);
	submit_id(b, id, "avx2-2");
}

/* Takes `n` results and checks that they are those of jobs 0..n-1, each once,
 * and that there is no other. */
static void expect_all(struct bench *b, int n)
{
	int seen[JOBS_MAX] = {0}, i;
	struct dispatch_result r;

	for (int k = 0; k < n; k++) {
		assert_int_equal(dispatch_take(b->d, WAIT_MS, &r), 1);
		assert_int_equal(sscanf(r.id, "run/0/%d/0/0", &i), 1);
		assert_in_range(i, 0, n - 1);
		assert_int_equal(seen[i]++, 0);
		assert_non_null(strstr(r.body, r.id));
		free(r.body);
		free(r.weights);
	}
	assert_int_equal(dispatch_take(b->d, 0, &r), 0);
}

/* Waits for `*what` to become at least `n`. */
static void await(const atomic_int *what, int n)
{
	int64_t until_ms = clock_mono_ms() + WAIT_MS;

	while (*what < n && clock_mono_ms() < until_ms)
		clock_sleep_ms(5);
	assert_true(*what >= n);
}

/* Waits until the load's running and queued jobs are so many. */
static struct dispatch_load await_load(
	struct bench *b, int64_t running, int64_t queued)
{
	int64_t until_ms = clock_mono_ms() + WAIT_MS;
	struct dispatch_load l;

	do {
		dispatch_load(b->d, "run/", &l);
		if (l.running == running && l.queued == queued)
			return l;
		clock_sleep_ms(5);
	} while (clock_mono_ms() < until_ms);
	fail_msg("running %d, queued %d", (int)l.running, (int)l.queued);
	return l;
}

static void every_job_has_one_result(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, 2, FAKE_GOOD);
	for (int i = 0; i < JOBS_MAX; i++)
		submit(&b, i);
	expect_all(&b, JOBS_MAX);
	end(&b);
}

/* With the first worker misbehaving for ever the second does all the work. */
static void other_worker_takes_over(enum fake_mode mode)
{
	struct bench b;

	begin(&b, 2, mode);
	for (int i = 0; i < 8; i++)
		submit(&b, i);
	expect_all(&b, 8);
	end(&b);
}

static void job_goes_elsewhere_when_a_worker_is_full(void **state)
{
	(void)state;
	other_worker_takes_over(FAKE_BUSY);
}

static void job_goes_elsewhere_when_a_worker_fails(void **state)
{
	(void)state;
	other_worker_takes_over(FAKE_FAILS);
}

static void job_goes_elsewhere_when_a_worker_babbles(void **state)
{
	(void)state;
	other_worker_takes_over(FAKE_BABBLES);
	other_worker_takes_over(FAKE_CONFUSES);
}

/* A lone worker that misbehaves three times is tried again until it does not.
 */
static void lone_worker_is_tried_again(enum fake_mode mode)
{
	struct bench b;

	begin(&b, 1, mode);
	b.w[0].bad_looks = 3;
	submit(&b, 0);
	expect_all(&b, 1);
	assert_int_equal(b.w[0].posts, 4);
	end(&b);
}

static void failure_of_the_world_is_retried(void **state)
{
	(void)state;
	lone_worker_is_tried_again(FAKE_FAILS);
}

static void forgotten_job_is_submitted_again(void **state)
{
	(void)state;
	lone_worker_is_tried_again(FAKE_FORGETS);
}

static void nonsense_is_retried(void **state)
{
	(void)state;
	lone_worker_is_tried_again(FAKE_BABBLES);
	lone_worker_is_tried_again(FAKE_CONFUSES);
}

static void attempts_and_the_last_trouble_are_shown(void **state)
{
	struct dispatch_load l;
	struct bench b;

	(void)state;
	begin(&b, 1, FAKE_FAILS);
	submit(&b, 0);
	await(&b.w[0].posts, 3);
	dispatch_load(b.d, "run/", &l);
	assert_true(l.attempts >= 2);
	assert_string_equal(l.trouble, "out of luck");
	dispatch_load(b.d, "other/", &l);
	assert_int_equal(l.attempts, 0);
	end(&b);
}

static void crash_is_a_result(void **state)
{
	struct dispatch_result r;
	struct bench b;

	(void)state;
	begin(&b, 1, FAKE_CRASHES);
	submit(&b, 0);
	assert_int_equal(dispatch_take(b.d, WAIT_MS, &r), 1);
	assert_non_null(strstr(r.body, "\"crash\""));
	assert_null(r.weights);
	free(r.body);
	end(&b);
}

/* Until then a quick worker may have done all there is. */
static void await_first_worker(struct bench *b)
{
	struct dispatch_worker w[2];
	int64_t until_ms = clock_mono_ms() + WAIT_MS;

	do {
		clock_sleep_ms(5);
		dispatch_workers(b->d, w, 2);
	} while (w[0].seen_ms == 0 && clock_mono_ms() < until_ms);
	assert_true(w[0].seen_ms > 0);
}

static void jobs_of_a_dead_worker_go_to_another(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, 2, FAKE_HANGS);
	await_first_worker(&b);
	for (int i = 0; i < 8; i++)
		submit(&b, i);
	await(&b.w[0].posts, 1);
	fake_stop(&b.w[0]);
	expect_all(&b, 8);
	dispatch_free(b.d);
	fake_stop(&b.w[1]);
}

static void worker_that_comes_back_goes_on(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, 1, FAKE_HANGS);
	submit(&b, 0);
	submit(&b, 1);
	await(&b.w[0].posts, 2);
	fake_stop(&b.w[0]);
	await_load(&b, 0, 2);
	b.w[0].mode = FAKE_GOOD;
	fake_start(&b.w[0], b.w[0].port);
	expect_all(&b, 2);
	end(&b);
}

static void jobs_wait_for_a_worker_that_is_not_there_yet(void **state)
{
	struct bench b = {.n = 1};
	const char *url;

	(void)state;
	b.w[0].kernels = "avx2-2";
	b.w[0].slots = 1;
	fake_start(&b.w[0], 0); /* a port that is free */
	fake_stop(&b.w[0]);
	url = b.w[0].url;
	b.d = dispatch_http_new(&url, 1, NULL, &silent, NULL);
	submit(&b, 0);
	await_load(&b, 0, 1);
	fake_start(&b.w[0], b.w[0].port);
	expect_all(&b, 1);
	end(&b);
}

static void worker_without_the_kernels_is_passed_over(void **state)
{
	struct dispatch_result r;
	struct bench b;

	(void)state;
	begin(&b, 1, FAKE_GOOD);
	submit_id(&b, "run/0/1/0/0", "avx2");
	submit_id(&b, "run/0/2/0/0", "avx512-2");
	submit(&b, 0);
	assert_int_equal(dispatch_take(b.d, WAIT_MS, &r), 1);
	assert_string_equal(r.id, "run/0/0/0/0");
	free(r.body);
	await_load(&b, 0, 2);
	assert_int_equal(b.w[0].posts, 1);
	end(&b);
}

static void no_more_jobs_than_slots_run(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, 1, FAKE_HANGS);
	for (int i = 0; i < 5; i++)
		submit(&b, i);
	await_load(&b, 2, 3);
	end(&b);
}

static void progress_of_running_jobs_is_summed(void **state)
{
	int64_t until_ms = clock_mono_ms() + WAIT_MS;
	struct dispatch_load l;
	struct bench b;

	(void)state;
	begin(&b, 1, FAKE_HANGS);
	submit(&b, 0);
	submit(&b, 1);
	do
		dispatch_load(b.d, "run/", &l);
	while (l.images < 14 && clock_mono_ms() < until_ms);
	assert_int_equal(l.images, 14);
	end(&b);
}

static void id_that_is_here_is_left_as_it_is(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, 1, FAKE_HANGS);
	submit(&b, 0);
	submit(&b, 0);
	await_load(&b, 1, 0);
	submit(&b, 0);
	await_load(&b, 1, 0);
	b.w[0].mode = FAKE_GOOD;
	expect_all(&b, 1);
	end(&b);
}

static void cancelled_jobs_end_on_their_workers_too(void **state)
{
	struct dispatch_result r;
	struct bench b;

	(void)state;
	begin(&b, 1, FAKE_HANGS);
	for (int i = 0; i < 4; i++)
		submit(&b, i);
	submit_id(&b, "other/0/0/0/0", "avx2-2");
	await_load(&b, 2, 2);
	dispatch_cancel(b.d, "run/");
	await_load(&b, 0, 0);
	await(&b.w[0].deletes, 2);
	b.w[0].mode = FAKE_GOOD;
	assert_int_equal(dispatch_take(b.d, WAIT_MS, &r), 1);
	assert_string_equal(r.id, "other/0/0/0/0");
	free(r.body);
	end(&b);
}

static void cancelled_job_may_be_submitted_again(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, 1, FAKE_HANGS);
	submit(&b, 0);
	await_load(&b, 1, 0);
	dispatch_cancel(b.d, "run/");
	submit(&b, 0);
	b.w[0].mode = FAKE_GOOD;
	expect_all(&b, 1);
	end(&b);
}

static void held_jobs_have_not_started(void **state)
{
	struct bench b;

	(void)state;
	begin(&b, 1, FAKE_HANGS);
	for (int i = 0; i < 4; i++)
		submit(&b, i);
	await_load(&b, 2, 2);
	dispatch_hold(b.d, "run/");
	await_load(&b, 2, 0);
	b.w[0].mode = FAKE_GOOD;
	expect_all(&b, 2);
	end(&b);
}

static void weights_come_with_a_final_result(void **state)
{
	struct dispatch_result r;
	struct bench b;

	(void)state;
	begin(&b, 1, FAKE_GOOD);
	b.w[0].cut_weights = 2;
	submit_id(&b, "run/final/3/0/0", "avx2-2");
	assert_int_equal(dispatch_take(b.d, WAIT_MS, &r), 1);
	assert_int_equal(r.n_weights, strlen(FAKE_WEIGHTS));
	assert_memory_equal(r.weights, FAKE_WEIGHTS, r.n_weights);
	assert_int_equal(b.w[0].posts, 3); /* two came cut */
	free(r.body);
	free(r.weights);
	end(&b);
}

static void workers_are_described(void **state)
{
	struct dispatch_worker w[2];
	struct bench b;

	(void)state;
	begin(&b, 2, FAKE_GOOD);
	submit(&b, 0);
	expect_all(&b, 1);
	assert_int_equal(dispatch_workers(b.d, w, 0), 2);
	do
		assert_int_equal(dispatch_workers(b.d, w, 2), 2);
	while (w[0].seen_ms == 0 || w[1].seen_ms == 0);
	assert_string_equal(w[0].url, b.w[0].url);
	assert_string_equal(w[1].kernels, "avx2-2");
	assert_int_equal(w[1].slots, 2);
	assert_int_equal(w[1].lost, 0);
	assert_string_equal(w[0].error, "");
	end(&b);
}

static void silent_worker_is_described_with_its_error(void **state)
{
	const char *url = "http://127.0.0.1:1";
	struct dispatch *d = dispatch_http_new(&url, 1, NULL, &silent, NULL);
	struct dispatch_worker w;

	(void)state;
	do
		dispatch_workers(d, &w, 1);
	while (!w.error[0]);
	assert_int_equal(w.seen_ms, 0);
	assert_int_equal(w.slots, 0);
	dispatch_free(d);
}

static void impossible_url_is_refused(void **state)
{
	const char *url = "";
	struct err e;

	(void)state;
	assert_null(dispatch_http_new(&url, 1, NULL, &silent, &e));
	assert_int_equal(e.code, ERR_INVALID);
	dispatch_free(NULL);
}

static int begin_all(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	http_client_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_job_has_one_result),
		cmocka_unit_test(job_goes_elsewhere_when_a_worker_is_full),
		cmocka_unit_test(job_goes_elsewhere_when_a_worker_fails),
		cmocka_unit_test(job_goes_elsewhere_when_a_worker_babbles),
		cmocka_unit_test(failure_of_the_world_is_retried),
		cmocka_unit_test(forgotten_job_is_submitted_again),
		cmocka_unit_test(nonsense_is_retried),
		cmocka_unit_test(attempts_and_the_last_trouble_are_shown),
		cmocka_unit_test(crash_is_a_result),
		cmocka_unit_test(jobs_of_a_dead_worker_go_to_another),
		cmocka_unit_test(worker_that_comes_back_goes_on),
		cmocka_unit_test(jobs_wait_for_a_worker_that_is_not_there_yet),
		cmocka_unit_test(worker_without_the_kernels_is_passed_over),
		cmocka_unit_test(no_more_jobs_than_slots_run),
		cmocka_unit_test(progress_of_running_jobs_is_summed),
		cmocka_unit_test(id_that_is_here_is_left_as_it_is),
		cmocka_unit_test(cancelled_jobs_end_on_their_workers_too),
		cmocka_unit_test(cancelled_job_may_be_submitted_again),
		cmocka_unit_test(held_jobs_have_not_started),
		cmocka_unit_test(weights_come_with_a_final_result),
		cmocka_unit_test(workers_are_described),
		cmocka_unit_test(silent_worker_is_described_with_its_error),
		cmocka_unit_test(impossible_url_is_refused),
	};

	return cmocka_run_group_tests(tests, begin_all, NULL);
}
