/* test_run_driver.c -- the driver of a run: results that count once, crashes
 * that are counted, and a store that refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "broker_bench.h"
#include "service/driver/driver_admit.h"
#include "service/driver/run_driver.h"
#include "shaky_disk.h"

#define JOB_0 BENCH_UUID "/0/0/0/0" /* of genome 0 */
#define WAIT_MS 20000

static int set_up(void **state)
{
	struct broker_bench *b;
	int rc = broker_bench_set_up(state);

	if (rc)
		return rc;
	b = *state;
	broker_bench_store_run(b);
	rc = drivers_start(b->broker.drivers, BENCH_UUID, NULL);
	fake_dispatch_await_submitted(b->dispatch, JOB_0, 1);
	return rc;
}

/* -- what the tests do -- */

static void deliver(struct broker_bench *b, struct job_result *r)
{
	strcpy(r->id, JOB_0);
	strcpy(r->kernels, "avx2-2");
	fake_dispatch_deliver(b->dispatch, JOB_0, result_write(r), NULL, 0);
}

/* Hands in the score of genome 0. */
static void hand_in(struct broker_bench *b)
{
	deliver(b, &(struct job_result){
			   .correct = 70, .total = 100, .images = 100});
}

static void crash(struct broker_bench *b)
{
	deliver(b, &(struct job_result){.failure = FAILURE_CRASH,
			   .code = "signal",
			   .reason = "The child was ended by a signal."});
}

static void order(struct broker_bench *b, enum driver_order what, int want)
{
	struct err e = {0};

	assert_int_equal(
		drivers_order(b->broker.drivers, BENCH_UUID, what, &e), want);
	assert_int_equal(e.code, want);
	assert_int_equal(e.text[0] != '\0', want != 0);
}

/* The row of genome 0; its failure must be this, its texts are gone. */
static struct store_genome genome(struct broker_bench *b, const char *failure)
{
	struct store_genome g;
	struct arena mem;

	arena_init(&mem, (size_t)1 << 20);
	assert_int_equal(store_genome_get(b->broker.store, &mem, BENCH_UUID, 0,
				 &g, NULL),
		0);
	if (failure)
		assert_string_equal(g.failure, failure);
	else
		assert_null(g.failure);
	arena_release(&mem);
	return g;
}

static int64_t scored_in_memory(struct broker_bench *b)
{
	struct driver_view view;

	assert_true(drivers_look(b->broker.drivers, BENCH_UUID, &view));
	return view.scored;
}

/* Waits until the driver says that it cannot save. */
static void await_trouble(struct broker_bench *b)
{
	int64_t until_ms = clock_mono_ms() + WAIT_MS;
	struct driver_view view;

	do {
		clock_sleep_ms(2);
		assert_true(drivers_look(b->broker.drivers, BENCH_UUID, &view));
	} while (!view.store.why[0] && clock_mono_ms() < until_ms);
	assert_true(view.store.why[0]);
}

static int64_t count_events(struct broker_bench *b, const char *type)
{
	struct store_event *page;
	struct arena mem;
	int64_t count = 0;
	size_t n;

	arena_init(&mem, (size_t)1 << 20);
	assert_int_equal(store_events(b->broker.store, &mem, BENCH_UUID, 0, 999,
				 &page, &n, NULL),
		0);
	for (size_t i = 0; i < n; i++)
		count += strcmp(page[i].type, type) == 0;
	arena_release(&mem);
	return count;
}

/* -- results -- */

static void a_result_is_done_after_its_commit(void **state)
{
	struct broker_bench *b = *state;

	hand_in(b);
	fake_dispatch_await_done(b->dispatch, JOB_0, 1);
	assert_true(genome(b, NULL).scored);
	assert_int_equal(scored_in_memory(b), 1);
	assert_int_equal(fake_dispatch_submitted(b->dispatch, JOB_0), 1);
}

static void a_result_that_comes_twice_counts_once(void **state)
{
	struct broker_bench *b = *state;

	hand_in(b);
	hand_in(b);
	fake_dispatch_await_done(b->dispatch, JOB_0, 2);
	assert_int_equal(scored_in_memory(b), 1);
	assert_int_equal(count_events(b, "evaluation"), 1);
}

static void a_result_that_the_store_refused_is_asked_for_again(void **state)
{
	struct broker_bench *b = *state;

	broker_bench_sql(b, BROKER_BENCH_REFUSE("UPDATE", "genome"));
	hand_in(b);
	fake_dispatch_await_submitted(b->dispatch, JOB_0, 2);
	assert_false(genome(b, NULL).scored);
	assert_int_equal(scored_in_memory(b), 0);
	assert_int_equal(fake_dispatch_done(b->dispatch, JOB_0), 0);
	broker_bench_sql(b, "DROP TRIGGER refuse");
	hand_in(b);
	fake_dispatch_await_done(b->dispatch, JOB_0, 1);
	assert_true(genome(b, NULL).scored);
	assert_int_equal(scored_in_memory(b), 1);
}

/* What is no result is of no use a second time: the worker forgets it. */
static void nonsense_is_done_and_the_job_is_run_anew(void **state)
{
	struct broker_bench *b = *state;

	fake_dispatch_deliver(b->dispatch, JOB_0, json_object(), NULL, 0);
	fake_dispatch_await_done(b->dispatch, JOB_0, 1);
	fake_dispatch_await_submitted(b->dispatch, JOB_0, 2);
	assert_false(genome(b, NULL).scored);
}

static void results_that_nobody_waits_for_are_done(void **state)
{
	static const char id[] = "6ba7b810-9dad-41d1-80b4-00c04fd430c8/0/0/0/0";
	struct broker_bench *b = *state;

	fake_dispatch_deliver(b->dispatch, id, json_object(), NULL, 0);
	fake_dispatch_await_done(b->dispatch, id, 1);
}

/* -- crashes -- */

static void three_crashes_are_the_genomes_failure(void **state)
{
	struct broker_bench *b = *state;
	struct store_genome g;

	for (int i = 1; i < DRIVER_CRASHES_MAX; i++) {
		crash(b);
		fake_dispatch_await_submitted(b->dispatch, JOB_0, i + 1);
		assert_int_equal(fake_dispatch_done(b->dispatch, JOB_0), i);
		g = genome(b, NULL);
		assert_int_equal(g.crashes, i);
		assert_false(g.scored);
	}
	crash(b);
	fake_dispatch_await_done(b->dispatch, JOB_0, DRIVER_CRASHES_MAX);
	g = genome(b, "crash");
	assert_true(g.scored);
	assert_true(g.fitness == 0);
	assert_int_equal(g.crashes, DRIVER_CRASHES_MAX);
	assert_int_equal(fake_dispatch_submitted(b->dispatch, JOB_0),
		DRIVER_CRASHES_MAX);
}

static void a_score_after_a_crash_counts(void **state)
{
	struct broker_bench *b = *state;
	struct store_genome g;

	crash(b);
	fake_dispatch_await_submitted(b->dispatch, JOB_0, 2);
	hand_in(b);
	fake_dispatch_await_done(b->dispatch, JOB_0, 2);
	g = genome(b, NULL);
	assert_true(g.fitness == 0.7);
	assert_int_equal(g.crashes, 1);
}

static void a_crash_that_could_not_be_counted_comes_again(void **state)
{
	struct broker_bench *b = *state;

	broker_bench_sql(b, BROKER_BENCH_REFUSE("UPDATE", "genome"));
	crash(b);
	fake_dispatch_await_submitted(b->dispatch, JOB_0, 2);
	assert_int_equal(fake_dispatch_done(b->dispatch, JOB_0), 0);
	assert_int_equal(genome(b, NULL).crashes, 0);
	broker_bench_sql(b, "DROP TRIGGER refuse");
}

/* -- orders -- */

static void an_order_that_the_store_refused_changes_nothing(void **state)
{
	struct broker_bench *b = *state;

	broker_bench_sql(b, BROKER_BENCH_REFUSE("UPDATE", "run"));
	order(b, ORDER_PAUSE, ERR_WORLD);
	broker_bench_sql(b, "DROP TRIGGER refuse");
	order(b, ORDER_RESUME, ERR_CONFLICT); /* it runs */
	order(b, ORDER_PAUSE, 0);
}

static void a_run_that_is_over_cancels_what_is_on_its_way(void **state)
{
	struct broker_bench *b = *state;
	int before = fake_dispatch_cancelled(b->dispatch, JOB_0);

	order(b, ORDER_CANCEL, 0);
	order(b, ORDER_PAUSE, ERR_NOT_FOUND);
	assert_true(fake_dispatch_cancelled(b->dispatch, JOB_0) > before);
}

/* What the store shows is what the run is, and the result counts once. */
static void a_commit_that_may_have_happened_is_looked_up(void **state)
{
	struct broker_bench *b = *state;

	shaky_disk_fail(1);
	hand_in(b);
	await_trouble(b);
	order(b, ORDER_PAUSE, ERR_UNKNOWN);
	shaky_disk_fail(0);
	assert_int_equal(scored_in_memory(b), genome(b, NULL).scored);
	assert_int_equal(fake_dispatch_done(b->dispatch, JOB_0), 0);
	hand_in(b);
	fake_dispatch_await_done(b->dispatch, JOB_0, 1);
	assert_true(genome(b, NULL).scored);
	assert_int_equal(scored_in_memory(b), 1);
	assert_int_equal(count_events(b, "evaluation"), 1);
}

#define RULE(f) \
	cmocka_unit_test_setup_teardown(f, set_up, broker_bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(a_result_is_done_after_its_commit),
		RULE(a_result_that_comes_twice_counts_once),
		RULE(a_result_that_the_store_refused_is_asked_for_again),
		RULE(nonsense_is_done_and_the_job_is_run_anew),
		RULE(results_that_nobody_waits_for_are_done),
		RULE(three_crashes_are_the_genomes_failure),
		RULE(a_score_after_a_crash_counts),
		RULE(a_crash_that_could_not_be_counted_comes_again),
		RULE(an_order_that_the_store_refused_changes_nothing),
		RULE(a_run_that_is_over_cancels_what_is_on_its_way),
		RULE(a_commit_that_may_have_happened_is_looked_up),
	};

	shaky_disk_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
