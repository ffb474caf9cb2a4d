/* test_worker_orders.c -- what a worker does with orders, and what it says. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "dispatch/worker_orders.h"
#include "dispatch/worker_push.h"

#define SLOTS 2

static struct worker *worker;
static int offers;

/* A job is taken as it is; one that names a code is refused with it. */
static int offer(void *ctx, const json_t *job, struct err *e)
{
	const json_t *code = json_object_get(job, "refuse");

	assert_ptr_equal(ctx, &offers);
	offers++;
	if (code)
		return err_set(e, (int)json_integer_value(code), "no");
	return worker_push_offer(worker,
		&(struct worker_offer){
			.id = json_string_value(json_object_get(job, "id")),
			.body = "{}"},
		e);
}

static struct worker_clerk clerk(void)
{
	return (struct worker_clerk){
		.worker = worker, .offer = offer, .ctx = &offers};
}

static int begin(void **state)
{
	(void)state;
	offers = 0;
	worker = worker_push_new(&(struct worker_push_options){.slots = SLOTS,
		.memory_mb = 1000,
		.forget_ms = 60000,
		.keep_ms = 60000});
	return 0;
}

static int end(void **state)
{
	(void)state;
	worker_free(worker);
	return 0;
}

static json_t *parse(const char *text)
{
	json_t *doc = json_loads(text, 0, NULL);

	assert_non_null(doc);
	return doc;
}

/* Does the orders and says the states that the report has, "id=state ...". */
static void exchange(const char *text, char out[200])
{
	const struct worker_clerk c = clerk();
	json_t *orders = parse(text), *refused, *report;
	size_t n = 0;

	assert_int_equal(worker_orders_do(&c, orders, &refused, NULL), 0);
	report = worker_orders_report(&c, orders, refused);
	out[0] = '\0';
	for (size_t i = 0; i < json_array_size(json_object_get(report, "jobs"));
		i++) {
		const json_t *job = json_array_get(
			json_object_get(report, "jobs"), i);

		n += (size_t)snprintf(out + n, 200 - n, "%s%s=%s", i ? " " : "",
			json_string_value(json_object_get(job, "id")),
			json_string_value(json_object_get(job, "state")));
	}
	json_decref(report);
	json_decref(refused);
	json_decref(orders);
}

static void expect(const char *orders, const char *states)
{
	char got[200];

	exchange(orders, got);
	assert_string_equal(got, states);
}

/* A slot takes the next job and brings it to an end. */
static void run_one(void)
{
	struct worker_outcome o = {.status = {.state = WORKER_DONE}};

	o.status.result = json_pack("{s:s}", "id", "a");
	worker_deliver(worker, worker_take(worker), &o);
}

static void jobs_are_taken_watched_and_forgotten(void **state)
{
	(void)state;
	expect("{\"take\":[{\"id\":\"a\"}],\"watch\":[\"b\"]}",
		"b=unknown a=queued");
	expect("{\"take\":[{\"id\":\"a\"}]}", "a=queued"); /* once more */
	run_one();
	expect("{\"watch\":[\"a\"]}", "a=done");
	expect("{\"watch\":[\"a\"]}", "a=done");
	expect("{\"forget\":[\"a\"],\"watch\":[\"a\"]}", "a=unknown");
}

/* Order of the members in the text is not order of what is done. */
static void what_is_forgotten_and_taken_is_run_anew(void **state)
{
	(void)state;
	expect("{\"take\":[{\"id\":\"a\"}]}", "a=queued");
	run_one();
	expect("{\"take\":[{\"id\":\"a\"}],\"forget\":[\"a\"]}", "a=queued");
}

static void what_is_not_taken_is_said_to_be_refused(void **state)
{
	const struct worker_clerk c = clerk();
	json_t *refused, *orders;

	(void)state;
	expect("{\"take\":[{\"id\":\"a\"},{\"id\":\"b\"},{\"id\":\"c\"}]}",
		"a=queued b=queued c=refused");
	orders = json_pack("{s:[{s:s,s:i},{s:s,s:i},{s:s}]}", "take", "id", "d",
		"refuse", ERR_NOT_FOUND, "id", "e", "refuse", ERR_RANGE, "id",
		"f");
	assert_int_equal(worker_orders_do(&c, orders, &refused, NULL), 0);
	for (int i = 0; i < 3; i++) {
		static const char *const codes[] = {
			WORKER_CODE_MISSING, "refused", WORKER_CODE_BUSY};
		const json_t *failure = json_object_get(
			json_array_get(refused, (size_t)i), "failure");

		assert_string_equal(
			json_string_value(json_object_get(failure, "code")),
			codes[i]);
	}
	json_decref(refused);
	json_decref(orders);
}

static void there_is_news_when_a_job_has_ended_or_is_not_here(void **state)
{
	const struct worker_clerk c = clerk();
	json_t *a = parse("{\"watch\":[\"a\"]}");

	(void)state;
	assert_true(worker_orders_news(&c, a));
	expect("{\"take\":[{\"id\":\"a\"}]}", "a=queued");
	assert_false(worker_orders_news(&c, a));
	run_one();
	assert_true(worker_orders_news(&c, a));
	json_decref(a);
}

static void orders_that_are_none_do_nothing(void **state)
{
	static const char *const bad[] = {"{\"watch\":[1]}", "{\"more\":1}",
		"{\"take\":[\"b\"]}", "{\"take\":[{}]}", "{\"cancel\":\"b\"}",
		"{\"wait_ms\":30001}", "{\"take\":[{\"id\":\"a\"}],\"x\":1}"};
	const struct worker_clerk c = clerk();

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		json_t *orders = parse(bad[i]), *refused;
		struct err e = {0};

		assert_int_not_equal(
			worker_orders_do(&c, orders, &refused, &e), 0);
		assert_true(e.text[0]);
		assert_null(refused);
		json_decref(orders);
	}
	assert_int_equal(offers, 0);
}

#define ON(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(jobs_are_taken_watched_and_forgotten),
		ON(what_is_forgotten_and_taken_is_run_anew),
		ON(what_is_not_taken_is_said_to_be_refused),
		ON(there_is_news_when_a_job_has_ended_or_is_not_here),
		ON(orders_that_are_none_do_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
