/* test_dispatch_pull.c -- the contract with workers that call, and what is
 * theirs alone: reports that are overtaken, orders that are lost. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "dispatch_contract.h"
#include "http/client.h"

#define KNOWN_MAX 256
#define CALL_MS 3

static const struct log silent = {.service = "test", .level = LOG_ERROR};

/* -- workers that call every few milliseconds, without a wire between -- */

struct puller {
	pthread_t thread;
	int running;
	char id[16];
	atomic_int mode, started, ended;
	json_t *orders; /* the last */
	int64_t number, seen;
	char known[KNOWN_MAX][DISPATCH_ID_MAX];
	int n_known;
};

static struct puller pullers[CONTRACT_WORKERS_MAX];
static int n_pullers;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards the two */
static struct dispatch *dispatch;                        /* NULL: closed */
static int stop[CONTRACT_WORKERS_MAX];

static int find(const struct puller *p, const char *id)
{
	int i = 0;

	while (i < p->n_known && strcmp(p->known[i], id) != 0)
		i++;
	return i;
}

static json_t *weights(struct puller *p, const char *id)
{
	const size_t n = strlen(CONTRACT_WEIGHTS);
	char hex[SHA256_HEX_BYTES];

	if (!strstr(id, "/final/"))
		return json_null();
	dispatch_weights(dispatch, p->id, id, CONTRACT_WEIGHTS, n, NULL);
	sha256_of(CONTRACT_WEIGHTS, n, hex);
	return json_pack("{s:s, s:i}", "sha256", hex, "bytes", (int)n);
}

static json_t *done(struct puller *p, const char *id, const char *whose)
{
	json_t *failure = whose ? json_pack("{s:s}", "whose", whose)
				: json_null();

	return json_pack("{s:s, s:s, s:{s:s, s:o, s:o}, s:n}", "id", id,
		"state", whose ? "failed" : "done", "result", "id", id,
		"weights", weights(p, id), "failure", failure, "failure");
}

static json_t *status(struct puller *p, const char *id)
{
	if (find(p, id) == p->n_known)
		return json_pack("{s:s, s:s}", "id", id, "state", "unknown");
	switch (atomic_load(&p->mode)) {
	case CONTRACT_GOOD: return done(p, id, NULL);
	case CONTRACT_CRASHES: return done(p, id, "crash");
	case CONTRACT_FAILS:
		return json_pack("{s:s, s:s, s:n, s:{s:s, s:s}}", "id", id,
			"state", "failed", "result", "failure", "whose",
			"world", "reason", "out of luck");
	default:
		return json_pack("{s:s, s:s, s:{s:i, s:i}}", "id", id, "state",
			"running", "progress", "images", 7, "total", 9);
	}
}

static json_t *report(struct puller *p)
{
	static const char *const lists[] = {"watch", "take"};
	json_t *jobs = json_array(), *v;
	size_t i;

	for (int k = 0; k < 2; k++)
		json_array_foreach(json_object_get(p->orders, lists[k]), i, v)
			json_array_append_new(jobs,
				status(p, json_string_value(
						  k ? json_object_get(v, "id")
						    : v)));
	return json_pack("{s:I, s:I, s:o}", "number", ++p->number, "seen",
		p->seen, "jobs", jobs);
}

static void obey(struct puller *p)
{
	static const char *const ends[] = {"forget", "cancel"};
	json_t *v;
	size_t i;

	for (int k = 0; k < 2; k++)
		json_array_foreach(json_object_get(p->orders, ends[k]), i, v) {
			int at = find(p, json_string_value(v));

			p->ended++;
			if (at < p->n_known)
				memmove(p->known[at], p->known[--p->n_known],
					sizeof p->known[at]);
		}
	json_array_foreach(json_object_get(p->orders, "take"), i, v) {
		const char *id = json_string_value(json_object_get(v, "id"));

		if (find(p, id) < p->n_known || p->n_known == KNOWN_MAX)
			continue;
		strcpy(p->known[p->n_known++], id);
		p->started++;
	}
}

static json_t *self(void)
{
	return json_pack("{s:i, s:i, s:[s], s:s, s:s}", "slots", CONTRACT_SLOTS,
		"free", CONTRACT_SLOTS, "kernels", CONTRACT_KERNELS, "cpu",
		"a fake", "version", NEVOD_VERSION);
}

/* With the lock held.  A dispatcher that does not know the numbers is new. */
static void call(struct puller *p)
{
	json_t *info = self(), *said = report(p);
	const struct dispatch_caller c = {
		.id = p->id, .address = "127.0.0.1", .info = info};
	char *text;

	if (dispatch_report(dispatch, &c, said, NULL) == 0 &&
		dispatch_orders(dispatch, p->id, 1, &text) == 1) {
		json_decref(p->orders);
		p->orders = json_loads(text, 0, NULL);
		assert_non_null(p->orders);
		p->seen = json_integer_value(
			json_object_get(p->orders, "number"));
		obey(p);
		free(text);
	}
	json_decref(said);
	json_decref(info);
}

static void *puller_main(void *puller)
{
	struct puller *p = puller;

	for (;;) {
		pthread_mutex_lock(&lock);
		if (stop[p - pullers]) {
			pthread_mutex_unlock(&lock);
			return NULL;
		}
		if (dispatch)
			call(p);
		pthread_mutex_unlock(&lock);
		clock_sleep_ms(CALL_MS);
	}
}

/* -- the place -- */

static void begin_one(int i)
{
	struct puller *p = &pullers[i];

	stop[i] = 0;
	p->n_known = 0;
	p->number = p->seen = 0;
	/* Another start of the process, with a name of its own. */
	snprintf(p->id, sizeof p->id, "p%d-%d", i, ++p->running);
	assert_int_equal(pthread_create(&p->thread, NULL, puller_main, p), 0);
}

static void kill_one(int i)
{
	struct puller *p = &pullers[i];

	pthread_mutex_lock(&lock);
	stop[i] = 1;
	pthread_mutex_unlock(&lock);
	pthread_join(p->thread, NULL);
	json_decref(p->orders);
	p->orders = NULL;
}

static void behave(int i, enum contract_worker how)
{
	pullers[i].mode = (int)how;
}

static void begin_place(int n, enum contract_worker first)
{
	memset(pullers, 0, sizeof pullers);
	n_pullers = n;
	behave(0, first);
	for (int i = 0; i < n; i++)
		begin_one(i);
}

static void end_place(void)
{
	for (int i = 0; i < n_pullers; i++)
		if (!stop[i])
			kill_one(i);
}

static struct dispatch *open_place(struct err *e)
{
	struct dispatch *d = dispatch_open(
		&(struct dispatch_options){.url = "http", .log = &silent}, e);

	pthread_mutex_lock(&lock);
	dispatch = d;
	/* What they watch a new one does not know; jobs are still theirs. */
	for (int i = 0; i < n_pullers; i++) {
		json_decref(pullers[i].orders);
		pullers[i].orders = NULL;
		pullers[i].seen = 0;
	}
	pthread_mutex_unlock(&lock);
	return d;
}

static void close_place(struct dispatch *d)
{
	pthread_mutex_lock(&lock);
	dispatch = NULL;
	pthread_mutex_unlock(&lock);
	dispatch_free(d);
}

static int started(void)
{
	return pullers[0].started + pullers[1].started;
}

static int ended(void)
{
	return pullers[0].ended + pullers[1].ended;
}

/* -- by hand: one worker, whose every word the test says -- */

static struct dispatch *d;

static int begin_alone(void **state)
{
	(void)state;
	d = dispatch_open(
		&(struct dispatch_options){.url = "http", .log = &silent},
		NULL);
	assert_non_null(d);
	return 0;
}

static int end_alone(void **state)
{
	(void)state;
	dispatch_free(d);
	return 0;
}

static void submit(const char *id)
{
	char body[200];

	snprintf(body, sizeof body, "{\"id\":\"%s\"}", id);
	dispatch_submit(d,
		&(struct dispatch_job){
			.id = id, .body = body, .kernels = CONTRACT_KERNELS});
}

/* As `say`, by a worker that has the job `has`, or none. */
static int say_with(
	int64_t number, int64_t seen, const char *jobs, const char *has)
{
	json_t *info = self(), *list = json_loads(jobs, 0, NULL);
	json_t *doc = json_pack("{s:I, s:I, s:o}", "number", number, "seen",
		seen, "jobs", list);
	const struct dispatch_caller c = {
		.id = "w", .address = "127.0.0.1", .info = info};
	int rc;

	json_object_set_new(
		info, "jobs", has ? json_pack("[s]", has) : json_array());
	rc = dispatch_report(d, &c, doc, NULL);
	json_decref(doc);
	json_decref(info);
	return rc;
}

/* Brings a report; `jobs` is a list of statuses as text. */
static int say(int64_t number, int64_t seen, const char *jobs)
{
	return say_with(number, seen, jobs, NULL);
}

/* Whether the next orders hold that text. */
static int orders_hold(const char *part)
{
	char *text;
	int yes;

	assert_int_equal(dispatch_orders(d, "w", 1, &text), 1);
	yes = strstr(text, part) != NULL;
	free(text);
	return yes;
}

#define TAKE_A "\"take\":[{\"id\":\"a\"}]"
#define RUNS_A "[{\"id\":\"a\",\"state\":\"running\"}]"
#define DONE_A "[{\"id\":\"a\",\"state\":\"done\",\"result\":{\"id\":\"a\"}}]"

static void orders_that_were_lost_come_again(void **state)
{
	(void)state;
	submit("a");
	assert_int_equal(say(1, 0, "[]"), 0);
	assert_true(orders_hold(TAKE_A)); /* number 1, which is lost */
	assert_int_equal(say(2, 0, "[]"), 0);
	assert_true(orders_hold(TAKE_A));
	assert_int_equal(say(3, 2, RUNS_A), 0);
	assert_true(orders_hold("\"watch\":[\"a\"]"));
}

static void a_job_that_is_not_told_of_goes_out_again(void **state)
{
	struct dispatch_load load;

	(void)state;
	submit("a");
	say(1, 0, "[]");
	assert_true(orders_hold(TAKE_A));
	say(2, 1, RUNS_A);
	assert_true(orders_hold("\"watch\":[\"a\"]"));
	say(3, 2, "[]");
	dispatch_load(d, "a", &load);
	assert_int_equal(load.attempts, 1);
}

static void a_report_that_was_overtaken_says_nothing(void **state)
{
	struct dispatch_result r;

	(void)state;
	submit("a");
	say(1, 0, "[]");
	assert_true(orders_hold(TAKE_A));
	say(3, 1, RUNS_A);
	say(2, 1, DONE_A);
	assert_int_equal(dispatch_take(d, 0, &r), 0);
	orders_hold("");
	say(4, 2, DONE_A);
	assert_int_equal(dispatch_take(d, 1000, &r), 1);
	dispatch_result_release(&r);
	dispatch_done(d, "a");
	assert_true(orders_hold("\"forget\":[\"a\"]"));
	say(5, 2, "[]"); /* it has not seen that */
	assert_true(orders_hold("\"forget\":[\"a\"]"));
	say(6, 4, "[]");
	assert_false(orders_hold("forget"));
}

/* A worker that is older than we are counts on from the orders of the broker
 * before us: it would take lower numbers for orders that were overtaken. */
static void orders_go_on_from_those_of_a_broker_before(void **state)
{
	struct dispatch_load load;

	(void)state;
	submit("a");
	say(1500, 900, "[]");
	assert_true(orders_hold("{\"number\":901,"));
	say(1501, 901, RUNS_A);
	assert_true(orders_hold("{\"number\":902,"));
	dispatch_load(d, "a", &load);
	assert_int_equal(load.running, 1);
	assert_int_equal(load.attempts, 0);
}

static void who_is_set_aside_claims_nothing(void **state)
{
	int64_t seen = 0;

	(void)state;
	submit("a");
	for (int i = 0; i < 3; i++) {
		say_with(2 * seen + 1, seen, "[]", "a");
		assert_true(orders_hold(TAKE_A));
		say(2 * seen + 2, seen + 1, "[]");
		seen++;
	}
	say_with(2 * seen + 1, seen, "[]", "a");
	assert_false(orders_hold("take"));
}

/* Waits until the worker is to take the job "a"; how long it took. */
static int64_t until_taken(int64_t *number)
{
	const int64_t began_ms = clock_mono_ms();

	do {
		clock_sleep_ms(5);
		say(++*number, 0, "[]");
	} while (!orders_hold(TAKE_A));
	return clock_mono_ms() - began_ms;
}

/* A job whose workers have left again and again is tried soon when one fails it
 * for the first time. */
static void a_job_that_was_cut_off_often_is_not_at_fault(void **state)
{
	int64_t number = 0, cut_off_ms = 0, failed_ms;

	(void)state;
	submit("a");
	for (int i = 0; i < 7; i++) {
		cut_off_ms += until_taken(&number);
		assert_int_equal(dispatch_leave(d, "w", NULL), 0);
	}
	cut_off_ms += until_taken(&number);
	say(++number, INT64_C(1) << 40, "[]"); /* it says nothing of it */
	failed_ms = until_taken(&number);
	assert_true(failed_ms < cut_off_ms / 2);
}

static void there_are_no_orders_where_nothing_is_to_do(void **state)
{
	char *text;

	(void)state;
	say(1, 0, "[]");
	assert_int_equal(dispatch_orders(d, "w", 0, &text), 0);
	submit("a");
	for (int i = 0; i < 1000 && dispatch_orders(d, "w", 0, &text) == 0; i++)
		clock_sleep_ms(5);
	assert_non_null(strstr(text, TAKE_A));
	free(text);
	assert_int_equal(
		dispatch_orders(d, "another", 0, &text), ERR_NOT_FOUND);
}

static int is_lost(void)
{
	struct dispatch_worker *w;
	struct arena mem;
	int lost;

	arena_init(&mem, (size_t)1 << 20);
	assert_int_equal(dispatch_workers(d, &mem, &w), 1);
	lost = w[0].lost;
	arena_release(&mem);
	return lost;
}

static void who_waits_is_there_and_who_has_hung_up_is_soon_lost(void **state)
{
	const int64_t began_ms = clock_mono_ms();
	int64_t hung_up_ms;
	char *text;

	(void)state;
	say(1, 0, "[]");
	while (clock_mono_ms() - began_ms < 6500) {
		assert_int_equal(dispatch_orders(d, "w", 0, &text), 0);
		clock_sleep_ms(50);
	}
	assert_false(is_lost());
	dispatch_hung_up(d, "w");
	say(2, 0, "[]"); /* it had two calls with us, or calls again */
	dispatch_hung_up(d, "nobody");
	dispatch_hung_up(d, "w");
	assert_false(is_lost());
	hung_up_ms = clock_mono_ms();
	while (!is_lost() && clock_mono_ms() - hung_up_ms < 15000)
		clock_sleep_ms(50);
	assert_true(is_lost());
	say(3, 0, "[]");
	assert_false(is_lost());
}

static void what_is_no_report_is_refused(void **state)
{
	json_t *info = json_pack("{s:s}", "version", "99.0.0"), *doc;
	struct dispatch_caller c = {.id = "w", .address = "127.0.0.1"};

	(void)state;
	doc = json_pack("{s:i, s:i, s:[]}", "number", 1, "seen", 0, "jobs");
	assert_int_equal(dispatch_report(d, &c, doc, NULL), ERR_NOT_FOUND);
	c.info = info;
	assert_int_equal(dispatch_report(d, &c, doc, NULL), ERR_INVALID);
	json_decref(info);
	c.info = info = self();
	json_object_set_new(info, "version", json_string("99.0.0"));
	assert_int_equal(dispatch_report(d, &c, doc, NULL), ERR_CONFLICT);
	json_decref(info);
	json_decref(doc);
	assert_int_equal(say(0, 0, "[]"), ERR_RANGE);
	assert_int_equal(
		dispatch_weights(d, "w", "a", "x", 1, NULL), ERR_NOT_FOUND);
}

#define ALONE(test) \
	cmocka_unit_test_setup_teardown(test, begin_alone, end_alone)

int main(void)
{
	static const struct dispatch_place pull = {
		.name = "pull",
		.begin = begin_place,
		.end = end_place,
		.open = open_place,
		.close = close_place,
		.behave = behave,
		.kill = kill_one,
		.revive = begin_one,
		.started = started,
		.ended = ended,
	};
	const struct CMUnitTest tests[] = {
		ALONE(orders_that_were_lost_come_again),
		ALONE(a_job_that_is_not_told_of_goes_out_again),
		ALONE(a_report_that_was_overtaken_says_nothing),
		ALONE(orders_go_on_from_those_of_a_broker_before),
		ALONE(who_is_set_aside_claims_nothing),
		ALONE(a_job_that_was_cut_off_often_is_not_at_fault),
		ALONE(there_are_no_orders_where_nothing_is_to_do),
		ALONE(who_waits_is_there_and_who_has_hung_up_is_soon_lost),
		ALONE(what_is_no_report_is_refused),
	};

	signal(SIGPIPE, SIG_IGN);
	http_client_init();
	return dispatch_contract(&pull) +
	       cmocka_run_group_tests_name("pull alone", tests, NULL, NULL);
}
