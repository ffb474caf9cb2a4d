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

static const struct log silent = {.service = "test", .level = LOG_ERROR};

/* -- the place -- */

static struct fake_worker workers[CONTRACT_WORKERS_MAX + 1];
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

/* The blobs that there are are the texts "0" and "1". */
static const char *const blob_text[] = {"0", "1"};
static atomic_int blobs_away; /* so often they cannot be read */

static void blob_name(int i, char out[SHA256_HEX_BYTES])
{
	sha256_of(blob_text[i], 1, out);
}

static int give_blob(
	void *ctx, const char *sha256, struct buf *out, struct err *e)
{
	(void)ctx;
	if (blobs_away > 0) {
		blobs_away--;
		return err_set(e, ERR_WORLD, "the disk is away");
	}
	for (int i = 0; i < 2; i++) {
		char name[SHA256_HEX_BYTES];

		blob_name(i, name);
		if (strcmp(name, sha256) == 0)
			return buf_add(out, blob_text[i], 1, e);
	}
	return err_set(e, ERR_NOT_FOUND, "there is no such blob");
}

static int same(const json_t *a, const json_t *b)
{
	return json_equal(a, b);
}

static struct dispatch *open_urls(
	const char *const *urls, size_t n, struct err *e)
{
	return dispatch_open(&(struct dispatch_options){.url = "http",
				     .workers = urls,
				     .n_workers = n,
				     .blob = give_blob,
				     .same = same,
				     .log = &silent},
		e);
}

static struct dispatch *open_place(struct err *e)
{
	const char *urls[CONTRACT_WORKERS_MAX + 1];

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

/* The whole of a worker that refuses is put back, not one job after another. */
/* One that has not yet been seen gets no job. */
static void await_workers(struct dispatch *d, size_t n)
{
	struct dispatch_worker *w;
	struct arena mem;
	size_t found, answer;

	do {
		clock_sleep_ms(5);
		answer = 0;
		arena_init(&mem, 1 << 20);
		found = dispatch_workers(d, &mem, &w);
		for (size_t i = 0; i < found; i++)
			answer += dispatch_worker_answers(&w[i]) != 0;
		arena_release(&mem);
	} while (answer < n);
}

static void a_worker_that_refuses_all_is_set_aside(void **state)
{
	struct dispatch *d = begin(2, FAKE_FAILS);
	struct dispatch_worker *w;
	char id[DISPATCH_ID_MAX];
	struct arena mem;

	(void)state;
	await_workers(d, 2);
	for (int i = 0; i < 60; i++) {
		snprintf(id, sizeof id, "run/0/%d/0/0", i);
		submit(d, id);
	}
	expect(d, 60);
	assert_in_range(workers[0].posts, 1, 20);
	arena_init(&mem, 1 << 20);
	assert_int_equal(dispatch_workers(d, &mem, &w), 2);
	assert_true(w[0].refusals > 0);
	assert_string_equal(w[0].refusal, "out of luck");
	assert_int_equal(w[1].refusals, 0);
	assert_false(w[1].aside);
	arena_release(&mem);
	end(d);
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

static void submit_with_blobs(struct dispatch *d, const char *id)
{
	char name[2][SHA256_HEX_BYTES], body[200];

	blob_name(0, name[0]);
	blob_name(1, name[1]);
	snprintf(body, sizeof body, "{\"id\":\"%s\"}", id);
	dispatch_submit(d, &(struct dispatch_job){.id = id,
				   .body = body,
				   .kernels = CONTRACT_KERNELS,
				   .blobs = {name[0], name[1]}});
}

static void a_worker_is_brought_the_blobs_that_it_lacks(void **state)
{
	struct dispatch *d = begin(1, FAKE_GOOD);

	(void)state;
	workers[0].wants = 2;
	submit_with_blobs(d, "run/1/3/0/0");
	expect(d, 1);
	assert_int_equal(workers[0].posts, 2);
	assert_int_equal(workers[0].puts, 2);
	submit_with_blobs(d, "run/1/4/0/0"); /* it has them now */
	expect(d, 1);
	assert_int_equal(workers[0].posts, 3);
	assert_int_equal(workers[0].puts, 2);
	end(d);
}

static void a_blob_that_cannot_be_read_is_the_worlds_failure(void **state)
{
	struct dispatch *d = begin(1, FAKE_GOOD);

	(void)state;
	workers[0].wants = 2;
	blobs_away = 3;
	submit_with_blobs(d, "run/1/3/0/0");
	expect(d, 1);
	assert_int_equal(blobs_away, 0);
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

/* Each is found by its id at once: a scan of the list took 4 to 8 s for all. */
static void ten_thousand_jobs_are_submitted_and_forgotten(void **state)
{
	struct dispatch *d = open_urls(NULL, 0, NULL);
	const int64_t begin_ms = clock_mono_ms();
	struct dispatch_load load;
	char id[DISPATCH_ID_MAX];

	(void)state;
	for (int twice = 0; twice < 2; twice++)
		for (int i = 0; i < 10000; i++) {
			snprintf(id, sizeof id, "%s/0/%d/0/0",
				i % 2 ? "odd" : "even", i);
			submit(d, id);
		}
	dispatch_load(d, "odd", &load);
	assert_int_equal(load.queued, 5000);
	dispatch_cancel(d, "odd");
	dispatch_load(d, "odd", &load);
	assert_int_equal(load.queued, 0);
	dispatch_load(d, "even", &load);
	assert_int_equal(load.queued, 5000);
	for (int i = 0; i < 10000; i += 2) {
		snprintf(id, sizeof id, "even/0/%d/0/0", i);
		dispatch_done(d, id);
	}
	dispatch_load(d, "", &load);
	assert_int_equal(load.queued, 0);
	assert_true(clock_mono_ms() - begin_ms < WAIT_MS);
	dispatch_free(d);
}

/* -- workers that come and go -- */

static void join(struct dispatch *d, int i, int draining)
{
	char id[] = {'w', (char)('0' + i), '\0'};

	assert_int_equal(dispatch_join(d,
				 &(struct dispatch_member){.id = id,
					 .url = workers[i].url,
					 .draining = draining},
				 NULL),
		0);
}

static size_t count_workers(struct dispatch *d)
{
	struct dispatch_worker *w;
	struct arena mem;
	size_t n;

	arena_init(&mem, 1 << 20);
	n = dispatch_workers(d, &mem, &w);
	arena_release(&mem);
	return n;
}

static void submit_some(struct dispatch *d, int first, int n)
{
	char id[DISPATCH_ID_MAX];

	for (int i = first; i < first + n; i++) {
		snprintf(id, sizeof id, "run/0/%d/0/0", i);
		submit(d, id);
	}
}

/* One more than the place has. */
static void begin_another(int i)
{
	workers[i].kernels = CONTRACT_KERNELS;
	workers[i].slots = CONTRACT_SLOTS;
	workers[i].bad_looks = -1;
	fake_start(&workers[i], 0);
	n_workers = i + 1;
}

/* -- jobs that two must agree on -- */

static void submit_witnessed(struct dispatch *d, const char *id)
{
	char body[200];

	snprintf(body, sizeof body, "{\"id\":\"%s\"}", id);
	dispatch_submit(d, &(struct dispatch_job){.id = id,
				   .body = body,
				   .kernels = CONTRACT_KERNELS,
				   .witnessed = 1});
}

static void a_witnessed_job_is_run_by_two(void **state)
{
	struct dispatch *d = begin(2, FAKE_GOOD);
	struct dispatch_result r;

	(void)state;
	submit_witnessed(d, "run/0/0/0/0");
	assert_int_equal(dispatch_take(d, WAIT_MS, &r), 1);
	assert_string_equal(r.liar, "");
	dispatch_result_release(&r);
	assert_int_equal(workers[0].runs, 1);
	assert_int_equal(workers[1].runs, 1);
	dispatch_done(d, "run/0/0/0/0");
	while (workers[0].deletes + workers[1].deletes < 2)
		clock_sleep_ms(5);
	end(d);
}

static void one_worker_alone_is_not_believed(void **state)
{
	struct dispatch *d = begin(1, FAKE_GOOD);
	struct dispatch_result r;
	struct dispatch_load load;

	(void)state;
	submit_witnessed(d, "run/0/0/0/0");
	do
		dispatch_load(d, "run/", &load);
	while (load.unconfirmed == 0);
	assert_int_equal(dispatch_take(d, 100, &r), 0);
	begin_another(1);
	join(d, 1, 0);
	expect(d, 1);
	end(d);
}

static void a_third_decides_and_the_liar_gets_no_more(void **state)
{
	struct dispatch *d = begin(2, FAKE_LIES);
	struct dispatch_result r;
	struct dispatch_worker *w;
	struct arena mem;

	(void)state;
	submit_witnessed(d, "run/0/0/0/0");
	while (workers[0].runs + workers[1].runs < 2)
		clock_sleep_ms(5);
	assert_int_equal(dispatch_take(d, 100, &r), 0);
	begin_another(2);
	join(d, 2, 0);
	assert_int_equal(dispatch_take(d, WAIT_MS, &r), 1);
	assert_string_equal(r.liar, workers[0].url);
	assert_true(
		json_real_value(json_object_get(r.document, "fitness")) < 0.5);
	dispatch_result_release(&r);
	arena_init(&mem, 1 << 20);
	assert_int_equal(dispatch_workers(d, &mem, &w), 3);
	assert_true(w[0].aside);
	assert_non_null(strstr(w[0].refusal, "not that of two others"));
	arena_release(&mem);
	submit_some(d, 1, 6);
	expect(d, 6);
	assert_int_equal(workers[0].runs, 1);
	end(d);
}

/* It hangs on the one that was given it, and nothing else is to do. */
static void a_straggler_is_given_to_an_idle_worker_too(void **state)
{
	struct dispatch *d = open_urls(NULL, 0, NULL);

	(void)state;
	begin_fakes(2, FAKE_HANGS);
	join(d, 0, 0);
	submit_some(d, 0, CONTRACT_SLOTS);
	while (workers[0].runs < CONTRACT_SLOTS)
		clock_sleep_ms(5);
	join(d, 1, 0);
	submit_some(d, CONTRACT_SLOTS, 6);
	expect(d, CONTRACT_SLOTS + 6);
	assert_int_equal(workers[1].runs, CONTRACT_SLOTS + 6);
	while (workers[0].deletes < CONTRACT_SLOTS)
		clock_sleep_ms(5);
	end(d);
}

/* Where two must agree and one of them hangs, a third is asked. */
static void a_witness_that_straggles_is_given_help(void **state)
{
	struct dispatch *d = open_urls(NULL, 0, NULL);
	struct dispatch_result r;

	(void)state;
	begin_fakes(3, FAKE_HANGS);
	join(d, 0, 0);
	join(d, 1, 0);
	submit_witnessed(d, "run/0/0/0/0");
	while (workers[0].runs + workers[1].runs < 2)
		clock_sleep_ms(5);
	join(d, 2, 0);
	assert_int_equal(dispatch_take(d, WAIT_MS, &r), 1);
	assert_string_equal(r.liar, "");
	dispatch_result_release(&r);
	assert_int_equal(workers[2].runs, 1);
	dispatch_done(d, "run/0/0/0/0");
	while (workers[0].deletes < 1)
		clock_sleep_ms(5);
	end(d);
}

/* -- coming and going -- */

static void a_worker_that_joins_gets_the_jobs_that_wait(void **state)
{
	struct dispatch *d = open_urls(NULL, 0, NULL);

	(void)state;
	begin_fakes(1, FAKE_GOOD);
	submit_some(d, 0, 4);
	join(d, 0, 0);
	expect(d, 4);
	join(d, 0, 0); /* it is still there */
	assert_int_equal(count_workers(d), 1);
	end(d);
}

static void a_draining_worker_gets_no_more_jobs(void **state)
{
	struct dispatch *d = open_urls(NULL, 0, NULL);

	(void)state;
	begin_fakes(2, FAKE_GOOD);
	join(d, 0, 1);
	join(d, 1, 0);
	submit_some(d, 0, 6);
	expect(d, 6);
	assert_int_equal(workers[0].posts, 0);
	end(d);
}

static void a_worker_that_leaves_is_forgotten_and_its_jobs_are_not(void **state)
{
	struct dispatch *d = open_urls(NULL, 0, NULL);
	struct err e = {0};

	(void)state;
	begin_fakes(2, FAKE_HANGS);
	join(d, 0, 0);
	submit_some(d, 0, 2);
	while (workers[0].runs < 2)
		clock_sleep_ms(5);
	assert_int_equal(dispatch_leave(d, "w0", NULL), 0);
	assert_int_equal(dispatch_leave(d, "w0", &e), ERR_NOT_FOUND);
	assert_int_equal(count_workers(d), 0);
	fake_stop(&workers[0]);
	join(d, 1, 0);
	expect(d, 2);
	assert_int_equal(workers[1].runs, 2);
	end(d);
}

static void a_worker_comes_and_goes_at_one_url(void **state)
{
	struct dispatch *d = open_urls(NULL, 0, NULL);

	(void)state;
	begin_fakes(1, FAKE_GOOD);
	for (int i = 0; i < 20; i++) {
		join(d, 0, 0);
		submit_some(d, i, 1);
		expect(d, 1);
		assert_int_equal(dispatch_leave(d, "w0", NULL), 0);
	}
	assert_int_equal(count_workers(d), 0);
	end(d);
}

static void a_worker_of_the_options_stays_when_it_leaves(void **state)
{
	struct dispatch *d = begin(1, FAKE_GOOD);

	(void)state;
	join(d, 0, 0);
	assert_int_equal(count_workers(d), 1);
	assert_int_equal(dispatch_leave(d, "w0", NULL), 0);
	assert_int_equal(count_workers(d), 1);
	submit_some(d, 0, 1); /* it is still there */
	expect(d, 1);
	end(d);
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
	assert_string_equal(e.text,
		"jobs cannot be handed out by "
		"\"pigeon://post\"; known are http, nats tls");
}

int main(void)
{
	static const struct dispatch_place http = {
		.name = "http",
		.begin = begin_place,
		.end = end_place,
		.open = open_place,
		.close = dispatch_free,
		.behave = behave,
		.kill = kill_worker,
		.revive = revive,
		.started = started,
		.ended = ended,
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(job_goes_elsewhere_when_a_worker_is_full),
		cmocka_unit_test(a_worker_that_refuses_all_is_set_aside),
		cmocka_unit_test(job_goes_elsewhere_when_a_worker_babbles),
		cmocka_unit_test(failure_of_the_world_is_retried),
		cmocka_unit_test(forgotten_job_is_submitted_again),
		cmocka_unit_test(nonsense_is_retried),
		cmocka_unit_test(weights_that_are_cut_are_fetched_again),
		cmocka_unit_test(a_worker_is_brought_the_blobs_that_it_lacks),
		cmocka_unit_test(
			a_blob_that_cannot_be_read_is_the_worlds_failure),
		cmocka_unit_test(done_job_of_a_dead_worker_is_run_elsewhere),
		cmocka_unit_test(silent_worker_is_described_with_its_error),
		cmocka_unit_test(ten_thousand_jobs_are_submitted_and_forgotten),
		cmocka_unit_test(a_straggler_is_given_to_an_idle_worker_too),
		cmocka_unit_test(a_witness_that_straggles_is_given_help),
		cmocka_unit_test(a_witnessed_job_is_run_by_two),
		cmocka_unit_test(one_worker_alone_is_not_believed),
		cmocka_unit_test(a_third_decides_and_the_liar_gets_no_more),
		cmocka_unit_test(a_worker_that_joins_gets_the_jobs_that_wait),
		cmocka_unit_test(a_draining_worker_gets_no_more_jobs),
		cmocka_unit_test(
			a_worker_that_leaves_is_forgotten_and_its_jobs_are_not),
		cmocka_unit_test(a_worker_comes_and_goes_at_one_url),
		cmocka_unit_test(a_worker_of_the_options_stays_when_it_leaves),
		cmocka_unit_test(impossible_url_is_refused),
		cmocka_unit_test(a_way_that_nobody_knows_is_refused),
	};

	signal(SIGPIPE, SIG_IGN);
	http_client_init();
	return dispatch_contract(&http) +
	       cmocka_run_group_tests_name("http alone", tests, NULL, NULL);
}
