/* test_store_transfer.c -- all rows of a store in another of the other kind, or
 * none.
 *
 * tools/with-postgres starts the server; without one the rules are tried
 * between files of SQLite's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store_fixture.h"
#include "temp_folder.h"

#define GENOMES 250 /* some pages */
#define URL_BYTES 800

static const char *const tables[] = {"run", "generation", "genome", "species",
	"rung", "training", "event", "roster", "population", "model"};
#define TABLES (sizeof tables / sizeof *tables)

static char folder[TEMP_FOLDER_BYTES];
static int places;

static int set_up(void **state)
{
	(void)state;
	temp_folder_make(folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	temp_folder_remove(folder);
	return 0;
}

static void file_url(const char *name, char url[URL_BYTES])
{
	snprintf(url, URL_BYTES, "sqlite:%s/%s", folder, name);
}

/* A schema of its own. */
static void postgres_url(char url[URL_BYTES])
{
	const char *server = getenv("NEVOD_TEST_POSTGRES");
	char text[URL_BYTES];
	PGconn *db;

	places++;
	snprintf(text, sizeof text, "host=%s user=nevod dbname=postgres",
		server);
	db = PQconnectdb(text);
	snprintf(text, sizeof text, "CREATE SCHEMA moved%d", places);
	PQclear(PQexec(db, text));
	PQfinish(db);
	snprintf(url, URL_BYTES,
		"postgresql://nevod@/postgres?host=%s"
		"&options=-csearch_path%%3Dmoved%d",
		server, places);
}

static struct store *open_store(const char *url)
{
	struct err e = {0};
	struct store *s = store_open(url, &e);

	if (!s)
		fail_msg("%s", e.text);
	return s;
}

/* Rows of every kind, of two runs. */
static void fill(struct store *s)
{
	const struct store_generation g = {.generation = 0,
		.members = "[0,1]",
		.best = 0.1,
		.mean = -0.0,
		.created_ms = 5};
	const struct store_species sp = {
		.id = 1, .size = 2, .best = 1e-300, .mean = 0.25};
	const struct store_rung rung = {
		.genome = 1, .fitness = 0.5, .loss = 3e300, .result = "{}"};
	const struct store_training training = {.key = "a'b", .genome = 1};
	const struct store_population p = {
		.uuid = RUN_C, .dataset = "gr\303\266\303\237e", .seed = -1};
	const struct store_model m = {.id = 3, .genome = "{}"};

	put_run(s, RUN_A);
	put_run(s, RUN_B);
	put_genomes(s, RUN_A, 0, 0, GENOMES - 1);
	put_genomes(s, RUN_B, 0, 0, 3);
	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_generation_put(s, RUN_A, &g, NULL), 0);
	assert_int_equal(store_species_put(s, RUN_A, &sp, NULL), 0);
	assert_int_equal(store_rung_insert(s, RUN_A, &rung, NULL), 0);
	assert_int_equal(store_training_put(s, RUN_A, &training, NULL), 0);
	assert_int_equal(store_run_label(s, RUN_B, "mine", 1, NULL), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(
			store_event_add(s, RUN_A, "kind", "{}", i, NULL, NULL),
			0);
	assert_int_equal(store_population_insert(s, &p, NULL), 0);
	assert_int_equal(store_model_insert(s, RUN_C, &m, NULL), 0);
	assert_int_equal(store_commit(s, NULL), 0);
}

/* All that a file has, as text. */
static void dump(const char *url, struct buf *out)
{
	sqlite3 *db;

	buf_init(out, 16 << 20);
	assert_int_equal(sqlite3_open(strchr(url, '/'), &db), SQLITE_OK);
	for (size_t i = 0; i < TABLES; i++) {
		char sql[80];
		sqlite3_stmt *s;

		snprintf(sql, sizeof sql, "SELECT * FROM %s", tables[i]);
		assert_int_equal(
			sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
		for (int rows = 0; sqlite3_step(s) == SQLITE_ROW; rows++)
			for (int c = 0; c < sqlite3_column_count(s); c++) {
				const unsigned char *t = sqlite3_column_text(
					s, c);

				assert_int_equal(
					buf_printf(out, NULL, "%s.%d: %s\n",
						tables[i], rows,
						t ? (const char *)t : "NULL"),
					0);
			}
		sqlite3_finalize(s);
	}
	sqlite3_close(db);
}

static int64_t rows_of(struct store *s)
{
	int64_t n;

	assert_int_equal(store_rows(s, &n, NULL), 0);
	return n;
}

static void move(const char *from_url, const char *to_url)
{
	struct store *from = open_store(from_url), *to = open_store(to_url);
	struct store_moved moved;
	struct err e = {0};

	if (store_transfer(from, to, NULL, &moved, &e))
		fail_msg("%s", e.text);
	assert_int_equal(moved.runs, 2);
	assert_int_equal(moved.rows, rows_of(from));
	assert_int_equal(rows_of(to), rows_of(from));
	store_close(to);
	store_close(from);
}

/* By way of `between` and back. */
static void there_and_back(const char *between)
{
	char first[URL_BYTES], last[URL_BYTES];
	struct buf before, after;
	struct store *s;
	struct store_run r = a_run(RUN_C);

	file_url("first.db", first);
	file_url("last.db", last);
	s = open_store(first);
	fill(s);
	store_close(s);
	move(first, between);
	move(between, last);
	dump(first, &before);
	dump(last, &after);
	assert_true(before.len > 1000);
	assert_string_equal(before.data, after.data);
	buf_release(&before);
	buf_release(&after);

	/* A run that is made there is the next one. */
	s = open_store(between);
	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_run_insert(s, &r, NULL), 0);
	assert_int_equal(r.number, 3);
	store_rollback(s);
	store_close(s);
}

static void rows_come_back_from_sqlite_as_they_went(void **state)
{
	char between[URL_BYTES];

	(void)state;
	file_url("between.db", between);
	there_and_back(between);
}

static void rows_come_back_from_postgres_as_they_went(void **state)
{
	char between[URL_BYTES];

	(void)state;
	if (!getenv("NEVOD_TEST_POSTGRES"))
		skip();
	postgres_url(between);
	there_and_back(between);
}

/* The code of a copy that fails, after which nothing is there. */
static int refusal(
	const char *from_url, const struct store_watch *watch, struct err *e)
{
	struct store *from = open_store(from_url), *to;
	struct store_moved moved;
	char to_url[URL_BYTES];
	int rc;

	if (getenv("NEVOD_TEST_POSTGRES"))
		postgres_url(to_url);
	else
		file_url("to.db", to_url);
	to = open_store(to_url);
	rc = store_transfer(from, to, watch, &moved, e);
	assert_int_equal(rows_of(to), 0);
	store_close(to);
	store_close(from);
	return rc;
}

static void damage(const char *url, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(strchr(url, '/'), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_true(sqlite3_changes(db) > 0);
	sqlite3_close(db);
}

static void a_damaged_row_is_named_and_nothing_copied(void **state)
{
	static const char *const damages[] = {
		"UPDATE genome SET fitness = 0.75 WHERE id = 240",
		"UPDATE run SET settings = '{} ' WHERE uuid = '" RUN_A "'",
		"UPDATE rung SET checksum = ''",
		"UPDATE species SET run = 2", /* another's row */
		"UPDATE training SET genome = 2",
		"UPDATE generation SET members = '[0]'"};
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
		char url[URL_BYTES], name[20];
		struct store *s;

		snprintf(name, sizeof name, "%zu.db", i);
		file_url(name, url);
		s = open_store(url);
		fill(s);
		store_close(s);
		damage(url, damages[i]);
		assert_int_equal(refusal(url, NULL, &e), ERR_DAMAGED);
		assert_non_null(strstr(e.text, "nothing was copied"));
	}
}

static int give_up(void *at, int64_t rows, int64_t all)
{
	assert_true(rows <= all);
	return rows == *(int64_t *)at;
}

static void one_that_is_given_up_leaves_nothing(void **state)
{
	char url[URL_BYTES];
	struct store *s;
	struct err e = {0};

	(void)state;
	file_url("from.db", url);
	s = open_store(url);
	fill(s);
	for (int64_t at = 1, all = rows_of(s); at <= all; at += all / 4) {
		const struct store_watch watch = {give_up, &at};

		store_close(s);
		assert_int_equal(refusal(url, &watch, &e), ERR_CANCELLED);
		s = open_store(url);
	}
	store_close(s);
}

static void a_target_that_has_rows_is_left_alone(void **state)
{
	char url[URL_BYTES], other[URL_BYTES];
	struct store *from, *to;
	struct store_moved moved;
	struct err e = {0};

	(void)state;
	file_url("from.db", url);
	file_url("to.db", other);
	from = open_store(url);
	to = open_store(other);
	fill(from);
	put_run(to, RUN_C);
	assert_int_equal(
		store_transfer(from, to, NULL, &moved, &e), ERR_CONFLICT);
	assert_non_null(strstr(e.text, "has 1 rows already"));
	assert_int_equal(rows_of(to), 1);
	store_close(to);
	store_close(from);
}

#define RULE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(rows_come_back_from_sqlite_as_they_went),
		RULE(rows_come_back_from_postgres_as_they_went),
		RULE(a_damaged_row_is_named_and_nothing_copied),
		RULE(one_that_is_given_up_leaves_nothing),
		RULE(a_target_that_has_rows_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
