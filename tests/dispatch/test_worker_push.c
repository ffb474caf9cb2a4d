/* test_worker_push.c -- jobs that are brought: who may start, who attaches, who
 * is remembered.  The test is the slot. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "dispatch/worker_push.h"

#define WAIT_MS 20000

static struct worker *worker_of(int slots, struct worker_push_options o)
{
	o.slots = slots;
	o.memory_mb = o.memory_mb ? o.memory_mb : 4096;
	o.forget_ms = o.forget_ms ? o.forget_ms : WORKER_PUSH_FORGET_MS;
	o.keep_ms = o.keep_ms ? o.keep_ms : WORKER_PUSH_KEEP_MS;
	return worker_push_new(&o);
}

static int offer(struct worker *w, const char *id, const char *body)
{
	return worker_push_offer(w,
		&(struct worker_offer){
			.id = id, .body = body, .memory_mb = 1000},
		NULL);
}

static struct worker_status look(struct worker *w, const char *id)
{
	struct worker_status st;

	assert_int_equal(worker_push_look(w, id, 0, &st, NULL), 0);
	return st;
}

static void deliver(struct worker *w, struct worker_job *j,
	enum worker_state state, const char *whose, json_t *result)
{
	struct worker_outcome o = {
		.status = {.state = state, .whose = whose, .result = result}};

	worker_deliver(w, j, &o);
}

static int n_free(struct worker *w)
{
	int n, left;

	worker_push_count(w, &n, &left);
	return left;
}

static void a_job_goes_from_offer_to_result(void **state)
{
	struct worker *w = worker_of(1, (struct worker_push_options){0});
	struct worker_job *j;
	struct worker_status st;

	(void)state;
	assert_int_equal(offer(w, "a", "{}"), 0);
	assert_int_equal(look(w, "a").state, WORKER_QUEUED);
	assert_int_equal(n_free(w), 0);
	j = worker_take(w);
	assert_string_equal(j->id, "a");
	assert_string_equal(j->body, "{}");
	assert_int_equal(look(w, "a").state, WORKER_RUNNING);
	assert_true(worker_wanted(w, j));
	worker_progress(w, j, 5, 9);
	assert_int_equal(look(w, "a").images, 5);
	deliver(w, j, WORKER_DONE, NULL, json_string("result"));
	st = look(w, "a");
	assert_int_equal(st.state, WORKER_DONE);
	assert_int_equal(st.images, 5);
	assert_int_equal(st.total, 9);
	assert_string_equal(json_string_value(st.result), "result");
	json_decref(st.result);
	assert_int_equal(n_free(w), 1);
	worker_free(w);
}

static void jobs_are_taken_in_order(void **state)
{
	struct worker *w = worker_of(3, (struct worker_push_options){0});

	(void)state;
	assert_int_equal(offer(w, "a", "{}"), 0);
	assert_int_equal(offer(w, "b", "{}"), 0);
	assert_int_equal(offer(w, "c", "{}"), 0);
	assert_string_equal(worker_take(w)->id, "a");
	assert_string_equal(worker_take(w)->id, "b");
	assert_string_equal(worker_take(w)->id, "c");
	worker_free(w);
}

static void full_slots_are_busy(void **state)
{
	struct worker *w = worker_of(2, (struct worker_push_options){0});

	(void)state;
	assert_int_equal(offer(w, "a", "{}"), 0);
	assert_int_equal(offer(w, "b", "{}"), 0);
	assert_int_equal(offer(w, "c", "{}"), ERR_BUSY);
	deliver(w, worker_take(w), WORKER_CANCELLED, NULL, NULL);
	assert_int_equal(offer(w, "c", "{}"), 0);
	worker_free(w);
}

static void memory_limits_the_jobs_but_lets_one_run(void **state)
{
	struct worker *w = worker_of(
		4, (struct worker_push_options){.memory_mb = 999});

	(void)state;
	assert_int_equal(offer(w, "a", "{}"), 0);
	assert_int_equal(offer(w, "b", "{}"), ERR_BUSY);
	worker_free(w);
}

static void same_job_attaches_and_another_body_is_refused(void **state)
{
	struct worker *w = worker_of(1, (struct worker_push_options){0});

	(void)state;
	assert_int_equal(offer(w, "a", "{}"), 0);
	assert_int_equal(offer(w, "a", "{}"), 0);
	assert_int_equal(offer(w, "a", "{\"seed\":1}"), ERR_CONFLICT);
	deliver(w, worker_take(w), WORKER_DONE, NULL, json_object());
	assert_int_equal(offer(w, "a", "{}"), 0);
	assert_int_equal(n_free(w), 1); /* it was not started again */
	worker_free(w);
}

static void a_genomes_own_failure_is_a_result(void **state)
{
	struct worker *w = worker_of(1, (struct worker_push_options){0});

	(void)state;
	assert_int_equal(offer(w, "a", "{}"), 0);
	deliver(w, worker_take(w), WORKER_FAILED, "genome", json_object());
	assert_int_equal(offer(w, "a", "{}"), 0);
	assert_int_equal(n_free(w), 1);
	worker_free(w);
}

/* A crash that was counted once must be able to happen again. */
static void what_may_end_otherwise_starts_again(void **state)
{
	struct worker *w = worker_of(1, (struct worker_push_options){0});

	(void)state;
	assert_int_equal(offer(w, "a", "{}"), 0);
	deliver(w, worker_take(w), WORKER_FAILED, "world", NULL);
	assert_int_equal(offer(w, "a", "{}"), 0);
	deliver(w, worker_take(w), WORKER_FAILED, "crash", json_object());
	assert_int_equal(offer(w, "a", "{}"), 0);
	deliver(w, worker_take(w), WORKER_CANCELLED, NULL, NULL);
	assert_int_equal(offer(w, "a", "{}"), 0);
	assert_int_equal(n_free(w), 0);
	worker_free(w);
}

static void a_cancelled_job_is_not_wanted_and_not_joined(void **state)
{
	struct worker *w = worker_of(2, (struct worker_push_options){0});
	struct worker_job *j;

	(void)state;
	assert_int_equal(offer(w, "a", "{}"), 0);
	j = worker_take(w);
	assert_int_equal(worker_push_cancel(w, "a", NULL), 0);
	assert_false(worker_wanted(w, j));
	assert_int_equal(offer(w, "a", "{}"), ERR_BUSY);
	deliver(w, j, WORKER_CANCELLED, NULL, NULL);
	assert_int_equal(offer(w, "a", "{}"), 0);
	worker_free(w);
}

static void a_job_that_nobody_asks_about_is_not_wanted(void **state)
{
	struct worker *w = worker_of(
		1, (struct worker_push_options){.forget_ms = 20});
	struct worker_job *j;

	(void)state;
	assert_int_equal(offer(w, "a", "{}"), 0);
	j = worker_take(w);
	clock_sleep_ms(40);
	assert_false(worker_wanted(w, j));
	worker_free(w);
}

static void ended_job_is_forgotten_after_its_time(void **state)
{
	struct worker *w = worker_of(
		1, (struct worker_push_options){.keep_ms = 20});
	struct worker_status st;

	(void)state;
	assert_int_equal(offer(w, "a", "{}"), 0);
	deliver(w, worker_take(w), WORKER_DONE, NULL, json_object());
	while (worker_push_look(w, "a", 0, &st, NULL) == 0)
		json_decref(st.result);
	worker_free(w);
}

static void only_an_ended_job_is_forgotten(void **state)
{
	struct worker *w = worker_of(1, (struct worker_push_options){0});
	struct worker_status st;

	(void)state;
	assert_int_equal(offer(w, "a", "{}"), 0);
	worker_push_forget(w, "a");
	assert_int_equal(look(w, "a").state, WORKER_QUEUED);
	deliver(w, worker_take(w), WORKER_DONE, NULL, json_object());
	worker_push_forget(w, "a");
	assert_int_equal(worker_push_look(w, "a", 0, &st, NULL), ERR_NOT_FOUND);
	worker_free(w);
}

static void unknown_job_is_not_found(void **state)
{
	struct worker *w = worker_of(1, (struct worker_push_options){0});
	struct worker_status st;
	char *bytes;
	size_t n;

	(void)state;
	assert_int_equal(worker_push_look(w, "a", 0, &st, NULL), ERR_NOT_FOUND);
	assert_int_equal(worker_push_cancel(w, "a", NULL), ERR_NOT_FOUND);
	assert_int_equal(
		worker_push_weights(w, "a", &bytes, &n, NULL), ERR_NOT_FOUND);
	worker_push_forget(w, "a");
	worker_free(w);
}

static void weights_are_there_when_the_job_is_done(void **state)
{
	struct worker *w = worker_of(1, (struct worker_push_options){0});
	struct worker_outcome o = {
		.status = {.state = WORKER_DONE, .result = json_object()},
		.weights = xstrdup("bytes"),
		.n_weights = 5};
	char *bytes;
	size_t n;

	(void)state;
	assert_int_equal(offer(w, "a", "{}"), 0);
	assert_int_equal(
		worker_push_weights(w, "a", &bytes, &n, NULL), ERR_CONFLICT);
	worker_deliver(w, worker_take(w), &o);
	assert_int_equal(worker_push_weights(w, "a", &bytes, &n, NULL), 0);
	assert_int_equal(n, 5);
	assert_memory_equal(bytes, "bytes", 5);
	free(bytes);
	worker_free(w);
}

static void *take_one(void *worker)
{
	return worker_take(worker);
}

static void a_worker_that_stops_wants_nothing(void **state)
{
	struct worker *w = worker_of(2, (struct worker_push_options){0});
	struct worker_job *j;
	pthread_t t;
	void *taken = w;

	(void)state;
	assert_int_equal(offer(w, "a", "{}"), 0);
	j = worker_take(w);
	assert_int_equal(pthread_create(&t, NULL, take_one, w), 0);
	worker_stop(w);
	pthread_join(t, &taken);
	assert_null(taken);
	assert_false(worker_wanted(w, j));
	assert_int_equal(offer(w, "b", "{}"), ERR_BUSY);
	assert_null(worker_take(w));
	worker_free(w);
}

static void *end_one(void *worker)
{
	struct worker *w = worker;

	clock_sleep_ms(20);
	deliver(w, worker_take(w), WORKER_DONE, NULL, json_object());
	return NULL;
}

static void a_look_waits_for_the_end(void **state)
{
	struct worker *w = worker_of(1, (struct worker_push_options){0});
	struct worker_status st;
	pthread_t t;

	(void)state;
	assert_int_equal(offer(w, "a", "{}"), 0);
	assert_int_equal(pthread_create(&t, NULL, end_one, w), 0);
	assert_int_equal(worker_push_look(w, "a", WAIT_MS, &st, NULL), 0);
	assert_int_equal(st.state, WORKER_DONE);
	json_decref(st.result);
	pthread_join(t, NULL);
	worker_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_goes_from_offer_to_result),
		cmocka_unit_test(jobs_are_taken_in_order),
		cmocka_unit_test(full_slots_are_busy),
		cmocka_unit_test(memory_limits_the_jobs_but_lets_one_run),
		cmocka_unit_test(same_job_attaches_and_another_body_is_refused),
		cmocka_unit_test(a_genomes_own_failure_is_a_result),
		cmocka_unit_test(what_may_end_otherwise_starts_again),
		cmocka_unit_test(a_cancelled_job_is_not_wanted_and_not_joined),
		cmocka_unit_test(a_job_that_nobody_asks_about_is_not_wanted),
		cmocka_unit_test(ended_job_is_forgotten_after_its_time),
		cmocka_unit_test(only_an_ended_job_is_forgotten),
		cmocka_unit_test(unknown_job_is_not_found),
		cmocka_unit_test(weights_are_there_when_the_job_is_done),
		cmocka_unit_test(a_worker_that_stops_wants_nothing),
		cmocka_unit_test(a_look_waits_for_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
