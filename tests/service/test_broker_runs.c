/* test_broker_runs.c -- runs are made, listed, shown and given orders; wrong
 * requests change nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "broker_bench.h"
#include "idx_files.h"
#include "temp_folder.h"
#include "shaky_disk.h"

#define NOBODY "6ba7b810-9dad-41d1-80b4-00c04fd430c8"

static char dataset[TEMP_FOLDER_BYTES];

static int make_dataset(void **state)
{
	(void)state;
	temp_folder_make(dataset);
	idx_files_dataset(dataset, 40, 10, 8, 4, 3);
	return 0;
}

static int remove_dataset(void **state)
{
	(void)state;
	temp_folder_remove(dataset);
	return 0;
}

static const char *text(const json_t *v, const char *key)
{
	return json_string_value(json_object_get(v, key));
}

static void refuse(struct broker_bench *b, const char *method,
	const char *target, int status)
{
	json_t *v = broker_bench_ask(b, method, target, NULL, status);

	assert_string_equal(text(v, "error"), text(v, "detail"));
	json_decref(v);
}

/* Makes a run with these settings beside the data set; the answer. */
static json_t *create(struct broker_bench *b, json_t *settings, int status)
{
	json_t *v;

	json_object_set_new(settings, "dataset", json_string(dataset));
	v = broker_bench_ask(b, "POST", "/v1/runs", settings, status);
	json_decref(settings);
	return v;
}

static size_t count_runs(struct broker_bench *b)
{
	struct store_run *rows;
	struct arena mem;
	size_t n;

	arena_init(&mem, (size_t)1 << 24);
	assert_int_equal(store_runs(b->broker.store, &mem, NULL, 1, INT64_MAX,
				 99, &rows, &n, NULL),
		0);
	arena_release(&mem);
	return n;
}

static void a_run_is_made_with_its_defaults_filled_in(void **state)
{
	json_t *v = create(*state, json_pack("{s:i}", "population", 5), 202);
	const json_t *s = json_object_get(v, "settings");
	char target[100];
	json_t *again;

	assert_string_equal(text(v, "state"), "created");
	assert_int_equal(
		json_integer_value(json_object_get(s, "population")), 5);
	assert_string_equal(text(s, "kernels"), FAKE_KERNELS);
	assert_true(json_is_integer(json_object_get(s, "seed")));
	snprintf(target, sizeof target, "/v1/runs/%s", text(v, "uuid"));
	again = broker_bench_ask(*state, "GET", target, NULL, 200);
	assert_string_equal(text(again, "uuid"), text(v, "uuid"));
	assert_true(json_equal(json_object_get(again, "settings"), s));
	json_decref(again);
	json_decref(v);
}

static void settings_that_cannot_be_make_no_run(void **state)
{
	struct broker_bench *b = *state;
	json_t *v = create(b, json_pack("{s:i}", "population", 1), 422);

	assert_string_equal(text(v, "pointer"), "/population");
	json_decref(v);
	v = create(b, json_pack("{s:i}", "colour", 1), 400);
	assert_string_equal(text(v, "pointer"), "/colour");
	json_decref(v);
	v = create(b, json_pack("{s:s}", "kernels", "abacus-1"), 422);
	json_decref(v);
	assert_int_equal(count_runs(b), 0);
}

static void a_run_that_cannot_be_saved_is_not_made(void **state)
{
	struct broker_bench *b = *state;

	broker_bench_sql(b, BROKER_BENCH_REFUSE("INSERT", "run"));
	json_decref(create(b, json_object(), 422));
	assert_int_equal(count_runs(b), 0);
}

/* It may have been saved, is looked for, and is not there. */
static void a_run_whose_commit_is_unknown_is_looked_for(void **state)
{
	struct broker_bench *b = *state;

	shaky_disk_fail(1);
	json_decref(create(b, json_object(), 503));
	shaky_disk_fail(0);
	assert_int_equal(count_runs(b), 0);
	json_decref(create(b, json_object(), 202));
}

static void only_uuids_name_runs(void **state)
{
	refuse(*state, "GET", "/v1/runs/" NOBODY, 404);
	refuse(*state, "GET", "/v1/runs/..%2Fetc", 400);
	refuse(*state, "POST", "/v1/runs/" NOBODY "/pause", 404);
}

static void runs_are_listed_newest_first_a_page_at_a_time(void **state)
{
	struct broker_bench *b = *state;
	json_t *page, *items;
	char target[100];

	for (int i = 0; i < 4; i++)
		json_decref(create(b, json_object(), 202));
	page = broker_bench_ask(b, "GET", "/v1/runs?limit=2", NULL, 200);
	items = json_object_get(page, "items");
	assert_int_equal(json_array_size(items), 2);
	snprintf(target, sizeof target, "/v1/runs?limit=2&after=%d",
		(int)json_integer_value(json_object_get(page, "next")));
	json_decref(page);
	page = broker_bench_ask(b, "GET", target, NULL, 200);
	items = json_object_get(page, "items");
	assert_int_equal(json_array_size(items), 2);
	/* Full, and yet the last. */
	assert_true(json_is_null(json_object_get(page, "next")));
	json_decref(page);
	page = broker_bench_ask(b, "GET", "/v1/runs?state=failed", NULL, 200);
	assert_int_equal(json_array_size(json_object_get(page, "items")), 0);
	json_decref(page);
}

static void list_parameters_are_checked(void **state)
{
	refuse(*state, "GET", "/v1/runs?limit=0", 422);
	refuse(*state, "GET", "/v1/runs?limit=x", 400);
	refuse(*state, "GET", "/v1/runs?state=happy", 422);
}

static void orders_change_the_state(void **state)
{
	struct broker_bench *b = *state;
	json_t *v;

	broker_bench_store_run(b);
	assert_int_equal(drivers_start(b->broker.drivers, BENCH_UUID, NULL), 0);
	v = broker_bench_ask(
		b, "POST", "/v1/runs/" BENCH_UUID "/pause", NULL, 200);
	assert_string_equal(text(v, "state"), "paused");
	json_decref(v);
	refuse(b, "POST", "/v1/runs/" BENCH_UUID "/pause", 409);
	v = broker_bench_ask(
		b, "POST", "/v1/runs/" BENCH_UUID "/resume", NULL, 200);
	assert_string_equal(text(v, "state"), "running");
	json_decref(v);
	v = broker_bench_ask(
		b, "POST", "/v1/runs/" BENCH_UUID "/cancel", NULL, 200);
	assert_string_equal(text(v, "state"), "cancelled");
	assert_true(json_is_string(json_object_get(v, "digest")));
	json_decref(v);
	refuse(b, "POST", "/v1/runs/" BENCH_UUID "/resume", 409);
}

/* A first failure may be a worker that was started anew. */
static void jobs_that_fail_are_trouble(void **state)
{
	struct broker_bench *b = *state;
	json_t *v;

	broker_bench_store_run(b);
	assert_int_equal(drivers_start(b->broker.drivers, BENCH_UUID, NULL), 0);
	fake_dispatch_fail(b->dispatch, 1, "out of luck");
	v = broker_bench_ask(b, "GET", "/v1/runs/" BENCH_UUID, NULL, 200);
	assert_true(json_is_null(json_object_get(v, "trouble")));
	json_decref(v);
	fake_dispatch_fail(b->dispatch, 2, "out of luck");
	v = broker_bench_ask(b, "GET", "/v1/runs/" BENCH_UUID, NULL, 200);
	assert_string_equal(text(v, "trouble"), "jobs fail: out of luck");
	assert_true(json_is_null(json_object_get(v, "eta_s")));
	json_decref(v);
}

static void workers_are_shown_as_they_are(void **state)
{
	struct broker_bench *b = *state;
	json_t *v = broker_bench_ask(b, "GET", "/v1/workers", NULL, 200), *w;

	w = json_array_get(json_object_get(v, "items"), 0);
	assert_string_equal(text(w, "url"), "http://worker");
	assert_string_equal(text(w, "state"), "ready");
	assert_string_equal(json_string_value(json_array_get(
				    json_object_get(w, "kernels"), 0)),
		FAKE_KERNELS);
	json_decref(v);
	fake_dispatch_lose(b->dispatch, 1);
	v = broker_bench_ask(b, "GET", "/v1/workers", NULL, 200);
	w = json_array_get(json_object_get(v, "items"), 0);
	assert_string_equal(text(w, "state"), "lost");
	json_decref(v);
}

/* Changes the run's labels; the answer. */
static json_t *label(
	struct broker_bench *b, const char *at, json_t *body, int status)
{
	json_t *v = broker_bench_ask(b, "PATCH", at, body, status);

	json_decref(body);
	return v;
}

static size_t listed(struct broker_bench *b, const char *target)
{
	json_t *v = broker_bench_ask(b, "GET", target, NULL, 200);
	const size_t n = json_array_size(json_object_get(v, "items"));

	json_decref(v);
	return n;
}

static void a_run_that_is_over_is_named_anew_put_away_and_deleted(void **state)
{
	struct broker_bench *b = *state;
	json_t *made = create(b, json_object(), 202), *v;
	char at[80], cancel[100];

	snprintf(at, sizeof at, "/v1/runs/%s", text(made, "uuid"));
	snprintf(cancel, sizeof cancel, "%s/cancel", at);
	v = label(b, at, json_pack("{s:s}", "name", "another"), 200);
	assert_string_equal(text(v, "name"), "another");
	json_decref(v);
	json_decref(label(b, at, json_pack("{s:b}", "archived", 1), 409));
	json_decref(label(b, at, json_pack("{s:i}", "name", 1), 400));
	json_decref(label(b, at, json_pack("{s:i}", "number", 1), 400));
	refuse(b, "DELETE", at, 409);
	json_decref(broker_bench_ask(b, "POST", cancel, NULL, 200));
	v = label(b, at, json_pack("{s:b}", "archived", 1), 200);
	assert_string_equal(text(v, "name"), "another");
	assert_true(json_is_true(json_object_get(v, "archived")));
	json_decref(v);
	assert_int_equal(listed(b, "/v1/runs"), 0);
	assert_int_equal(listed(b, "/v1/runs?archived=true"), 1);
	refuse(b, "GET", "/v1/runs?archived=1", 422);
	json_decref(broker_bench_ask(b, "DELETE", at, NULL, 204));
	refuse(b, "GET", at, 404);
	refuse(b, "DELETE", at, 404);
	json_decref(made);
}

#define RULE(f)                          \
	cmocka_unit_test_setup_teardown( \
		f, broker_bench_set_up, broker_bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(a_run_is_made_with_its_defaults_filled_in),
		RULE(settings_that_cannot_be_make_no_run),
		RULE(a_run_that_cannot_be_saved_is_not_made),
		RULE(a_run_whose_commit_is_unknown_is_looked_for),
		RULE(only_uuids_name_runs),
		RULE(runs_are_listed_newest_first_a_page_at_a_time),
		RULE(list_parameters_are_checked),
		RULE(orders_change_the_state),
		RULE(a_run_that_is_over_is_named_anew_put_away_and_deleted),
		RULE(jobs_that_fail_are_trouble),
		RULE(workers_are_shown_as_they_are),
	};

	shaky_disk_install();
	return cmocka_run_group_tests(tests, make_dataset, remove_dataset);
}
