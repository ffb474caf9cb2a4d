/* test_blob_postgres.c -- the contract on the database of a store, and what
 * becomes of rows that are damaged and of sessions that end.
 *
 * tools/with-postgres starts the server; a place is a schema of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blob_contract.h"
#include "store/store.h"

#define SKIPPED 77

static int places;
static struct blobs *blobs;

/* As somebody else would, in the place. */
static void sql(const char *text)
{
	char where[700];
	PGconn *db;
	PGresult *r;

	snprintf(where, sizeof where,
		"host=%s user=nevod dbname=postgres "
		"options='-csearch_path=place%d -cclient_min_messages=warning'",
		getenv("NEVOD_TEST_POSTGRES"), places);
	db = PQconnectdb(where);
	r = PQexec(db, text);
	if (PQresultStatus(r) != PGRES_COMMAND_OK &&
		PQresultStatus(r) != PGRES_TUPLES_OK)
		print_error("%s: %s\n", text, PQerrorMessage(db));
	PQclear(r);
	PQfinish(db);
}

static const char *url(void)
{
	static char text[800];

	snprintf(text, sizeof text,
		"postgresql://nevod@/postgres?host=%s"
		"&options=-csearch_path%%3Dplace%d",
		getenv("NEVOD_TEST_POSTGRES"), places);
	return text;
}

/* The store makes the tables, and need not be open. */
static int make_place(void)
{
	char text[60];
	struct store *s;

	places++;
	snprintf(text, sizeof text, "CREATE SCHEMA place%d", places);
	sql(text);
	s = store_open(url(), NULL);
	store_close(s);
	return s ? 0 : -1;
}

static void remove_place(void)
{
	char text[60];

	snprintf(text, sizeof text, "DROP SCHEMA place%d CASCADE", places);
	sql(text);
}

static struct blobs *open_place(struct err *e)
{
	return blobs_open(url(), e);
}

static int set_up(void **state)
{
	(void)state;
	if (make_place())
		return -1;
	blobs = open_place(NULL);
	return blobs ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	blobs_close(blobs);
	remove_place();
	return 0;
}

static void damaged_rows_are_the_worlds_failure_and_heal(void **state)
{
	static const char *const damages[] = {
		"UPDATE blob_piece SET bytes = 'abd'",
		"UPDATE blob_piece SET bytes = 'ab'", "DELETE FROM blob_piece",
		"UPDATE blob SET size = 0",
		("INSERT INTO blob_piece SELECT name, 1, 'x' FROM blob; "
		 "UPDATE blob SET size = 1048577")};
	char name[SHA256_HEX_BYTES];
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
		assert_int_equal(blob_put(blobs, "abc", 3, name, NULL), 0);
		sql(damages[i]);
		assert_int_equal(blob_get(blobs, name, &out, NULL), ERR_WORLD);
		assert_int_equal(out.len, 0);
		assert_int_equal(blob_put(blobs, "abc", 3, name, NULL), 0);
		assert_int_equal(blob_get(blobs, name, &out, NULL), 0);
		assert_string_equal(out.data, "abc");
		buf_release(&out);
	}
}

static void a_session_that_ends_is_followed_by_another(void **state)
{
	char name[SHA256_HEX_BYTES];
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	assert_int_equal(blob_put(blobs, "abc", 3, name, NULL), 0);
	sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
	    "WHERE application_name = 'nevod'");
	assert_int_equal(blob_get(blobs, name, &out, NULL), 0);
	sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
	    "WHERE application_name = 'nevod'");
	assert_int_equal(blob_put(blobs, "xyz", 3, name, NULL), 0);
	buf_release(&out);
}

static void a_database_without_a_store_is_refused(void **state)
{
	struct err e = {0};

	(void)state;
	sql("DROP TABLE blob CASCADE");
	assert_null(open_place(&e));
	assert_int_equal(e.code, ERR_WORLD);
	assert_non_null(strstr(e.text, "no place for blobs"));
}

#define RULE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct blob_backend backend = {
		"postgres", make_place, remove_place, open_place};
	const struct CMUnitTest tests[] = {
		RULE(damaged_rows_are_the_worlds_failure_and_heal),
		RULE(a_session_that_ends_is_followed_by_another),
		RULE(a_database_without_a_store_is_refused),
	};

	if (!getenv("NEVOD_TEST_POSTGRES"))
		return SKIPPED;
	return blob_contract(&backend) +
	       cmocka_run_group_tests_name("postgres alone", tests, NULL, NULL);
}
