/* test_blob_sweep.c -- who leads no more removes no weights: another broker may
 * have named them since.
 *
 * tools/with-postgres starts the server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/driver/blob_sweep.h"

#define SKIPPED 77
#define URL_BYTES 700

static void read_url(char url[URL_BYTES])
{
	snprintf(url, URL_BYTES, "postgresql://nevod@/postgres?host=%s",
		getenv("NEVOD_TEST_POSTGRES"));
}

static void sql(const char *url, const char *text)
{
	PGconn *db = PQconnectdb(url);
	PGresult *r = PQexec(db, text);

	assert_int_equal(PQresultStatus(r), PGRES_COMMAND_OK);
	PQclear(r);
	PQfinish(db);
}

static void only_who_leads_sweeps(void **state)
{
	char url[URL_BYTES], name[SHA256_HEX_BYTES];
	struct store *first, *second;
	struct blobs *blobs;
	struct err e = {0};
	size_t n;

	(void)state;
	read_url(url);
	first = store_open(url, &e);
	if (!first)
		fail_msg("%s", e.text);
	blobs = blobs_open(url, NULL);
	assert_non_null(blobs);
	assert_int_equal(blob_put(blobs, "abc", 3, name, NULL), 0);

	/* As if the first had been stopped in the middle of its sweep. */
	sql(url, "UPDATE leader SET expires = '-infinity'");
	second = store_open(url, NULL);
	assert_non_null(second);
	assert_int_equal(blob_sweep(first, blobs, &e), ERR_WORLD);
	assert_string_equal(
		e.text, "another broker leads the store now: stop this one");
	assert_int_equal(blob_size(blobs, name, &n, NULL), 0);

	assert_int_equal(blob_sweep(second, blobs, NULL), 0);
	assert_int_equal(blob_size(blobs, name, &n, NULL), ERR_NOT_FOUND);
	blobs_close(blobs);
	store_close(second);
	store_close(first);
}

static void one_that_spares_a_day_is_not_made_twice_an_hour(void **state)
{
	char url[URL_BYTES], name[SHA256_HEX_BYTES];
	struct store *s;
	struct blobs *blobs;
	size_t n;

	(void)state;
	read_url(url);
	s = store_open(url, NULL);
	blobs = blobs_open(url, NULL);
	assert_non_null(s);
	assert_non_null(blobs);
	blobs_spare(blobs, 86400);
	assert_int_equal(blob_sweep(s, blobs, NULL), 0);
	assert_int_equal(blob_put(blobs, "abc", 3, name, NULL), 0);
	sql(url, "UPDATE blob SET stored = stored - interval '25 h'");
	assert_int_equal(blob_sweep(s, blobs, NULL), 0);
	assert_int_equal(blob_size(blobs, name, &n, NULL), 0);
	blobs_close(blobs);

	/* As a broker that has just started. */
	blobs = blobs_open(url, NULL);
	assert_non_null(blobs);
	blobs_spare(blobs, 86400);
	assert_int_equal(blob_sweep(s, blobs, NULL), 0);
	assert_int_equal(blob_size(blobs, name, &n, NULL), ERR_NOT_FOUND);
	blobs_close(blobs);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_who_leads_sweeps),
		cmocka_unit_test(
			one_that_spares_a_day_is_not_made_twice_an_hour),
	};

	if (!getenv("NEVOD_TEST_POSTGRES"))
		return SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
