/* test_score_cache.c -- a driver whose genomes make the same network: one is
 * trained, and the others have its score. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "broker_bench.h"
#include "service/driver/driver_admit.h"
#include "service/driver/run_driver.h"

#define JOB(genome) BENCH_UUID "/0/" genome "/0/0"
#define WAIT_MS 20000
#define EQUAL_ALL \
	"UPDATE genome SET genome = (SELECT genome FROM genome WHERE id = 0)"
#define SET(key, value) \
	"UPDATE run SET settings = json_set(settings, '$." key "', " value ")"

/* All four genomes of the run are equal, and share their seed. */
static struct broker_bench *start(void **state, const char *more)
{
	struct broker_bench *b;

	assert_int_equal(broker_bench_set_up(state), 0);
	b = *state;
	broker_bench_store_run(b);
	broker_bench_edit(b, EQUAL_ALL);
	broker_bench_edit(b, SET("seed_policy", "'network'"));
	broker_bench_edit(b, more);
	assert_int_equal(drivers_start(b->broker.drivers, BENCH_UUID, NULL), 0);
	fake_dispatch_await_submitted(b->dispatch, JOB("0"), 1);
	return b;
}

static int set_up(void **state)
{
	start(state, "");
	return 0;
}

static void deliver(struct broker_bench *b, const char *job,
	struct job_result *r, const char *weights)
{
	strcpy(r->id, job);
	strcpy(r->kernels, "avx2-2");
	if (weights) {
		r->has_weights = 1;
		r->weights_bytes = (int64_t)strlen(weights);
		sha256_of(weights, strlen(weights), r->weights);
	}
	fake_dispatch_deliver(b->dispatch, job, result_write(r), weights,
		weights ? strlen(weights) : 0);
}

static struct job_result score(void)
{
	return (struct job_result){
		.correct = 70, .total = 100, .images = 100, .cpu_s = 2};
}

static void order(struct broker_bench *b, enum driver_order what)
{
	assert_int_equal(
		drivers_order(b->broker.drivers, BENCH_UUID, what, NULL), 0);
}

/* The genome's document, a new reference, once it is scored. */
static json_t *scored(struct broker_bench *b, int id)
{
	int64_t until_ms = clock_mono_ms() + WAIT_MS;
	char target[120];
	json_t *doc = NULL;

	snprintf(target, sizeof target, "/v1/runs/" BENCH_UUID "/genomes/%d",
		id);
	do {
		json_decref(doc);
		clock_sleep_ms(2);
		doc = broker_bench_ask(b, "GET", target, NULL, 200);
	} while (strcmp(json_string_value(json_object_get(doc, "state")),
			 "scored") != 0 &&
		 clock_mono_ms() < until_ms);
	assert_string_equal(
		json_string_value(json_object_get(doc, "state")), "scored");
	return doc;
}

static void the_first_score_is_that_of_all(void **state)
{
	struct job_result r = score();
	struct broker_bench *b = *state;
	json_t *run;

	deliver(b, JOB("0"), &r, NULL);
	for (int id = 0; id < BENCH_POPULATION; id++) {
		json_t *doc = scored(b, id);
		json_t *result = json_object_get(doc, "result");

		assert_true(json_number_value(
				    json_object_get(doc, "fitness")) == 0.7);
		assert_int_equal(
			json_integer_value(json_object_get(result, "images")),
			100);
		assert_true(json_number_value(json_object_get(
				    result, "cpu_s")) == (id ? 0 : 2));
		assert_int_equal(
			json_object_get(result, "cached_from") != NULL, id > 0);
		json_decref(doc);
	}
	assert_int_equal(fake_dispatch_submitted(b->dispatch, JOB("0")), 1);
	assert_int_equal(fake_dispatch_submitted(b->dispatch, JOB("1")), 0);
	run = broker_bench_ask(b, "GET", "/v1/runs/" BENCH_UUID, NULL, 200);
	assert_int_equal(json_integer_value(json_object_get(run, "cached")), 3);
	assert_int_equal(
		json_integer_value(json_object_get(run, "images")), 100);
	json_decref(run);
}

static void so_is_the_first_failure(void **state)
{
	struct job_result r = {.failure = FAILURE_GENOME,
		.code = "diverged",
		.reason = "The loss is not finite."};
	struct broker_bench *b = *state;

	deliver(b, JOB("0"), &r, NULL);
	for (int id = 0; id < BENCH_POPULATION; id++) {
		json_t *doc = scored(b, id);

		assert_string_equal(
			json_string_value(json_object_get(doc, "failure")),
			"diverged");
		json_decref(doc);
	}
	assert_int_equal(fake_dispatch_submitted(b->dispatch, JOB("1")), 0);
}

static void a_crash_is_nobody_elses(void **state)
{
	struct broker_bench *b = *state;

	for (int i = 1; i <= DRIVER_CRASHES_MAX; i++) {
		struct job_result r = {
			.failure = FAILURE_CRASH, .code = "signal"};

		fake_dispatch_await_submitted(b->dispatch, JOB("0"), i);
		deliver(b, JOB("0"), &r, NULL);
	}
	fake_dispatch_await_submitted(b->dispatch, JOB("1"), 1);
}

static void a_worker_cannot_say_that_it_was_cached(void **state)
{
	struct job_result r = score();
	struct broker_bench *b = *state;
	json_t *run;

	r.cached = 1;
	deliver(b, JOB("0"), &r, NULL);
	fake_dispatch_await_submitted(b->dispatch, JOB("0"), 2);
	run = broker_bench_ask(b, "GET", "/v1/runs/" BENCH_UUID, NULL, 200);
	assert_int_equal(
		json_integer_value(json_object_get(run, "evaluations")), 0);
	json_decref(run);
}

/* The answer comes from the store, whatever the driver remembers. */
static void a_run_that_is_resumed_finds_what_it_has(void **state)
{
	struct job_result r = score();
	struct broker_bench *b = *state;

	order(b, ORDER_PAUSE);
	deliver(b, JOB("0"), &r, NULL);
	json_decref(scored(b, 0));
	order(b, ORDER_RESUME);
	json_decref(scored(b, 3));
	assert_int_equal(fake_dispatch_submitted(b->dispatch, JOB("1")), 0);
}

static void weights_are_shared_while_they_are_there(void **state)
{
	struct broker_bench *b = start(state, SET("inherit", "json('true')"));
	struct job_result r = score();

	deliver(b, JOB("0"), &r, "learned");
	json_decref(scored(b, 1));
	assert_int_equal(fake_dispatch_submitted(b->dispatch, JOB("1")), 0);
}

static void weights_that_are_gone_are_learned_again(void **state)
{
	struct broker_bench *b = start(state, SET("inherit", "json('true')"));
	struct job_result r = score();
	char blobs[TEMP_FOLDER_BYTES + 16];

	snprintf(blobs, sizeof blobs, "%s/blobs", b->folder);
	order(b, ORDER_PAUSE);
	deliver(b, JOB("0"), &r, "learned");
	json_decref(scored(b, 0));
	temp_folder_remove(blobs);
	order(b, ORDER_RESUME);
	fake_dispatch_await_submitted(b->dispatch, JOB("1"), 1);
}

#define RULE(f) \
	cmocka_unit_test_setup_teardown(f, set_up, broker_bench_tear_down)
#define RULE_OF_ITS_OWN(f) cmocka_unit_test_teardown(f, broker_bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(the_first_score_is_that_of_all),
		RULE(so_is_the_first_failure),
		RULE(a_crash_is_nobody_elses),
		RULE(a_worker_cannot_say_that_it_was_cached),
		RULE(a_run_that_is_resumed_finds_what_it_has),
		RULE_OF_ITS_OWN(weights_are_shared_while_they_are_there),
		RULE_OF_ITS_OWN(weights_that_are_gone_are_learned_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
