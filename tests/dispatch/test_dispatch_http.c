/* test_dispatch_http.c -- the contract over HTTP, and what is HTTP's alone:
 * workers that are full, babble, forget or send weights in halves. */
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
#include "dispatch_contract.h"
#include "fake_worker.h"
#include "http/client.h"

#define WAIT_MS 30000 /* longer than anything here takes */

_Static_assert(sizeof FAKE_WEIGHTS == sizeof CONTRACT_WEIGHTS, "one text");

static const struct log silent = {"test", LOG_ERROR};

/* -- the place -- */

static struct fake_worker workers[CONTRACT_WORKERS_MAX];
static int n_workers;

static void behave(int worker, enum contract_worker how)
{
	static const enum fake_mode mode[] = {[CONTRACT_GOOD] = FAKE_GOOD,
		[CONTRACT_HANGS] = FAKE_HANGS,
		[CONTRACT_FAILS] = FAKE_FAILS,
		[CONTRACT_CRASHES] = FAKE_CRASHES};

	workers[worker].mode = mode[how];
}

static void begin_fakes(int n, enum fake_mode first)
{
	memset(workers, 0, sizeof workers);
	n_workers = n;
	for (int i = 0; i < n; i++) {
		workers[i].kernels = CONTRACT_KERNELS;
		workers[i].slots = CONTRACT_SLOTS;
		workers[i].bad_looks = -1;
		fake_start(&workers[i], 0);
	}
	workers[0].mode = first;
}

static void begin_place(int n, enum contract_worker first)
{
	begin_fakes(n, FAKE_GOOD);
	behave(0, first);
}

static void kill_worker(int i)
{
	fake_stop(&workers[i]);
}

static void end_place(void)
{
	for (int i = 0; i < n_workers; i++)
		if (workers[i].server)
			fake_stop(&workers[i]);
}

static void revive(int i)
{
	fake_start(&workers[i], workers[i].port);
}

static struct dispatch *open_urls(
	const char *const *urls, size_t n, struct err *e)
{
	return dispatch_open(&(struct dispatch_options){.url = "http",
				     .workers = urls,
				     .n_workers = n,
				     .log = &silent},
		e);
}

static struct dispatch *open_place(struct err *e)
{
	const char *urls[CONTRACT_WORKERS_MAX];

	for (int i = 0; i < n_workers; i++)
		urls[i] = workers[i].url;
	return open_urls(urls, (size_t)n_workers, e);
}

static int started(void)
{
	return workers[0].runs + workers[1].runs;
}

static int ended(void)
{
	return workers[0].deletes + workers[1].deletes;
}

/* -- HTTP's own -- */

static struct dispatch *begin(int n, enum fake_mode first)
{
	struct dispatch *d;

	begin_fakes(n, first);
	d = open_place(NULL);
	assert_non_null(d);
	return d;
}

static void end(struct dispatch *d)
{
	dispatch_free(d);
	end_place();
}

static void submit(struct dispatch *d, const char *id)
{
	char body[200];

	snprintf(body, sizeof body, "{\"id\":\"%s\"}", id);
	dispatch_submit(d,
		&(struct dispatch_job){
			.id = id, .body = body, .kernels = CONTRACT_KERNELS});
}

/* Takes the results of `n` jobs; nobody but the caller says which. */
static void expect(struct dispatch *d, int n)
{
	struct dispatch_result r;

	for (int i = 0; i < n; i++) {
		assert_int_equal(dispatch_take(d, WAIT_MS, &r), 1);
		assert_non_null(json_object_get(r.document, "fitness"));
		dispatch_result_release(&r);
	}
	assert_int_equal(dispatch_take(d, 0, &r), 0);
}

/* With the first worker misbehaving for ever the second does all the work. */
static void other_worker_takes_over(enum fake_mode mode)
{
	struct dispatch *d = begin(2, mode);
	char id[DISPATCH_ID_MAX];

	for (int i = 0; i < 8; i++) {
		snprintf(id, sizeof id, "run/0/%d/0/0", i);
		submit(d, id);
	}
	expect(d, 8);
	end(d);
}

static void job_goes_elsewhere_when_a_worker_is_full(void **state)
{
	(void)state;
	other_worker_takes_over(FAKE_BUSY);
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
	struct dispatch *d = begin(1, mode);

	workers[0].bad_looks = 3;
	submit(d, "run/0/0/0/0");
	expect(d, 1);
	assert_int_equal(workers[0].posts, 4);
	end(d);
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

static void weights_that_are_cut_are_fetched_again(void **state)
{
	struct dispatch *d = begin(1, FAKE_GOOD);
	struct dispatch_result r;

	(void)state;
	workers[0].cut_weights = 2;
	submit(d, "run/final/3/0/0");
	assert_int_equal(dispatch_take(d, WAIT_MS, &r), 1);
	assert_int_equal(r.n_weights, strlen(FAKE_WEIGHTS));
	assert_memory_equal(r.weights, FAKE_WEIGHTS, r.n_weights);
	assert_int_equal(workers[0].posts, 3);
	dispatch_result_release(&r);
	end(d);
}

/* Nobody is left to be told, and the job must not wait for that. */
static void done_job_of_a_dead_worker_is_run_elsewhere(void **state)
{
	struct dispatch *d = begin(1, FAKE_GOOD);

	(void)state;
	submit(d, "run/0/0/0/0");
	expect(d, 1);
	fake_stop(&workers[0]);
	dispatch_done(d, "run/0/0/0/0");
	submit(d, "run/0/0/0/0");
	fake_start(&workers[0], workers[0].port);
	expect(d, 1);
	assert_int_equal(workers[0].runs, 2);
	end(d);
}

static void silent_worker_is_described_with_its_error(void **state)
{
	const char *url = "http://127.0.0.1:1";
	struct dispatch *d = open_urls(&url, 1, NULL);
	struct dispatch_worker *w;
	struct arena mem;

	(void)state;
	arena_init(&mem, 1 << 20);
	do {
		arena_release(&mem);
		assert_int_equal(dispatch_workers(d, &mem, &w), 1);
	} while (!w->error[0]);
	assert_string_equal(w->url, url);
	assert_int_equal(w->seen_ms, 0);
	assert_int_equal(w->slots, 0);
	arena_release(&mem);
	dispatch_free(d);
}

static void impossible_url_is_refused(void **state)
{
	const char *url = "";
	struct err e;

	(void)state;
	assert_null(open_urls(&url, 1, &e));
	assert_int_equal(e.code, ERR_INVALID);
	dispatch_free(NULL);
}

static void a_way_that_nobody_knows_is_refused(void **state)
{
	struct err e = {0};

	(void)state;
	assert_null(dispatch_open(
		&(struct dispatch_options){.url = "pigeon://post"}, &e));
	assert_int_equal(e.code, ERR_INVALID);
	assert_string_equal(e.text, "jobs cannot be handed out by "
				    "\"pigeon://post\"; known are http");
}

int main(void)
{
	static const struct dispatch_place http = {
		.name = "http",
		.begin = begin_place,
		.end = end_place,
		.open = open_place,
		.behave = behave,
		.kill = kill_worker,
		.revive = revive,
		.started = started,
		.ended = ended,
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(job_goes_elsewhere_when_a_worker_is_full),
		cmocka_unit_test(job_goes_elsewhere_when_a_worker_babbles),
		cmocka_unit_test(failure_of_the_world_is_retried),
		cmocka_unit_test(forgotten_job_is_submitted_again),
		cmocka_unit_test(nonsense_is_retried),
		cmocka_unit_test(weights_that_are_cut_are_fetched_again),
		cmocka_unit_test(done_job_of_a_dead_worker_is_run_elsewhere),
		cmocka_unit_test(silent_worker_is_described_with_its_error),
		cmocka_unit_test(impossible_url_is_refused),
		cmocka_unit_test(a_way_that_nobody_knows_is_refused),
	};

	signal(SIGPIPE, SIG_IGN);
	http_client_init();
	return dispatch_contract(&http) +
	       cmocka_run_group_tests_name("http alone", tests, NULL, NULL);
}
