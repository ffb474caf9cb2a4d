/* test_run_driver.c -- the driver of a run, and a store that refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/canonical.h"
#include "wire/genome_json.h"
#include "run_bench.h"
#include "service/broker/broker.h"
#include "service/driver/run_driver.h"
#include "shaky_disk.h"
#include "temp_folder.h"

static const struct log quiet = {.service = "test", .level = LOG_ERROR};

struct desk {
	char folder[TEMP_FOLDER_BYTES];
	struct broker broker;
	sqlite3 *behind; /* the same store, behind the broker's back */
};

/* -- a run in the store, four genomes of which wait for a score -- */

static void put_members(struct store *s, const struct run *r)
{
	struct err e;

	for (size_t i = 0; i < r->n_members; i++) {
		const struct run_member *m = &r->members[i];
		json_t *doc = genome_doc_write(&m->genome);
		char *text = canonical_text(doc, NULL);

		assert_int_equal(store_genome_insert(s, r->uuid,
					 &(struct store_genome){.id = m->id,
						 .parents = {-1, -1},
						 .genome = text},
					 &e),
			0);
		free(text);
		json_decref(doc);
	}
	assert_int_equal(
		store_generation_put(s, r->uuid,
			&(struct store_generation){.members = "[0,1,2,3]"}, &e),
		0);
}

static void put_run(struct store *s, const struct run *r)
{
	json_t *settings = settings_write(&r->settings);
	json_t *document = run_document(r);
	char *settings_text = canonical_text(settings, NULL);
	char *document_text = canonical_text(document, NULL);
	struct store_run row = {.settings = settings_text,
		.document = document_text,
		.state = run_state_name(r->state)};

	memcpy(row.uuid, r->uuid, sizeof row.uuid);
	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_run_insert(s, &row, NULL), 0);
	put_members(s, r);
	assert_int_equal(store_commit(s, NULL), 0);
	free(settings_text);
	free(document_text);
	json_decref(settings);
	json_decref(document);
}

static void store_a_run(struct store *s)
{
	struct run_settings settings = bench_settings();
	struct bench bench;

	bench_init(&bench, &settings);
	bench_send(&bench, RUN_EV_CONTINUE);
	bench_breed(&bench, 0, -1);
	put_run(s, &bench.run);
	bench_release(&bench);
}

static int set_up(void **state)
{
	static const struct service_options options = {
		.genome_url = "http://127.0.0.1:9"};
	struct desk *d = xcalloc(1, sizeof *d);
	struct service_options o = options;
	char path[TEMP_FOLDER_BYTES + 16];
	struct err e;

	*state = d;
	temp_folder_make(d->folder);
	o.data_dir = d->folder;
	if (broker_open(&d->broker, &o, &quiet, &e))
		return -1;
	store_a_run(d->broker.store);
	snprintf(path, sizeof path, "%s/nevod.db", d->folder);
	if (sqlite3_open(path, &d->behind) != SQLITE_OK)
		return -1;
	sqlite3_busy_timeout(d->behind, 10000);
	return driver_start(&d->broker, BENCH_UUID, &e);
}

static int tear_down(void **state)
{
	struct desk *d = *state;

	sqlite3_close(d->behind);
	broker_close(&d->broker);
	temp_folder_remove(d->folder);
	free(d);
	return 0;
}

/* -- what the tests do -- */

static void sql(struct desk *d, const char *text)
{
	assert_int_equal(
		sqlite3_exec(d->behind, text, NULL, NULL, NULL), SQLITE_OK);
}

/* Hands in the score of genome 0, as the collector does. */
static void hand_in(struct desk *d)
{
	struct job_result j = {.id = BENCH_UUID "/0/0/0/0",
		.correct = 70,
		.total = 100,
		.images = 100};
	struct mail m = {.kind = MAIL_RESULT};

	strcpy(m.result.id, j.id);
	m.result.document = result_write(&j, 0, NULL, "avx2-2", 0);
	pthread_mutex_lock(&d->broker.runs_lock);
	mailbox_put(&d->broker.drivers[0]->mail, &m);
	pthread_mutex_unlock(&d->broker.runs_lock);
}

/* An order is answered when all mail before it has been dealt with. */
static void order(struct desk *d, enum driver_order what, int want)
{
	struct err e = {0};

	assert_int_equal(driver_order(&d->broker, BENCH_UUID, what, &e), want);
	assert_int_equal(e.code, want);
	assert_int_equal(e.text[0] != '\0', want != 0);
}

static int is_scored(struct desk *d)
{
	struct store_genome g;
	struct arena mem;
	int scored;

	arena_init(&mem, (size_t)1 << 20);
	assert_int_equal(store_genome_get(d->broker.store, &mem, BENCH_UUID, 0,
				 &g, NULL),
		0);
	scored = g.scored;
	arena_release(&mem);
	return scored;
}

#define REFUSE(what, table)                                                \
	"CREATE TRIGGER refuse BEFORE " what " ON " table " BEGIN SELECT " \
	"RAISE(ABORT, 'refused'); END"

static void a_result_that_the_store_refused_counts_when_it_comes_again(
	void **state)
{
	struct driver_view view;
	struct desk *d = *state;

	sql(d, REFUSE("UPDATE", "genome"));
	hand_in(d);
	order(d, ORDER_PAUSE, 0);
	assert_false(is_scored(d));
	assert_true(driver_look(&d->broker, BENCH_UUID, &view));
	assert_int_equal(view.scored, 0);
	sql(d, "DROP TRIGGER refuse");
	hand_in(d);
	order(d, ORDER_RESUME, 0);
	assert_true(is_scored(d));
	assert_true(driver_look(&d->broker, BENCH_UUID, &view));
	assert_int_equal(view.scored, 1);
}

static void an_order_that_the_store_refused_changes_nothing(void **state)
{
	struct desk *d = *state;

	sql(d, REFUSE("UPDATE", "run"));
	order(d, ORDER_PAUSE, ERR_WORLD);
	sql(d, "DROP TRIGGER refuse");
	order(d, ORDER_RESUME, ERR_CONFLICT); /* it runs */
	order(d, ORDER_PAUSE, 0);
}

static int64_t count_events(struct desk *d, const char *type)
{
	struct store_event *page;
	struct arena mem;
	int64_t count = 0;
	size_t n;

	arena_init(&mem, (size_t)1 << 20);
	assert_int_equal(store_events(d->broker.store, &mem, BENCH_UUID, 0, 999,
				 &page, &n, NULL),
		0);
	for (size_t i = 0; i < n; i++)
		count += strcmp(page[i].type, type) == 0;
	arena_release(&mem);
	return count;
}

/* What the store shows is what the run is, and the result counts once. */
static void a_commit_that_may_have_happened_is_looked_up(void **state)
{
	struct driver_view view;
	struct desk *d = *state;

	shaky_disk_fail(1);
	hand_in(d);
	order(d, ORDER_PAUSE, ERR_UNKNOWN);
	shaky_disk_fail(0);
	assert_true(driver_look(&d->broker, BENCH_UUID, &view));
	assert_int_equal(view.scored, is_scored(d));
	hand_in(d);
	order(d, ORDER_PAUSE, 0);
	assert_true(is_scored(d));
	assert_true(driver_look(&d->broker, BENCH_UUID, &view));
	assert_int_equal(view.scored, 1);
	assert_int_equal(count_events(d, "evaluation"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_result_that_the_store_refused_counts_when_it_comes_again,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			an_order_that_the_store_refused_changes_nothing, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_commit_that_may_have_happened_is_looked_up, set_up,
			tear_down),
	};

	shaky_disk_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
