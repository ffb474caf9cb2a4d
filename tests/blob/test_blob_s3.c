/* test_blob_s3.c -- the contract on an S3 store, which tests/s3/with-s3.mjs
 * starts, and what it says of stores that are not as they should be.
 *
 * A place is a prefix of its own, with what a key may hold in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blob_contract.h"
#include "http/client.h"

#define SKIPPED 77

static int places;

static int next_prefix(void)
{
	places++;
	return 0;
}

/* What lies in it goes with the store. */
static void leave_prefix(void)
{
}

static struct blobs *open_prefix(struct err *e)
{
	char url[300];

	snprintf(url, sizeof url,
		"%s/place %d/a+b & c%%20/gr\303\266\303\237e (1)!~'*",
		getenv("NEVOD_TEST_S3"), places);
	return blobs_open(url, e);
}

static void assert_refused(const char *url, int code, const char *sentence)
{
	struct err e = {0};

	assert_null(blobs_open(url, &e));
	assert_int_equal(e.code, code);
	if (!strstr(e.text, sentence))
		fail_msg("%s", e.text);
}

static void what_is_no_place_is_refused(void **state)
{
	char url[1200], *secret = strdup(getenv("AWS_SECRET_ACCESS_KEY"));

	(void)state;
	assert_refused("s3://B_D/x", ERR_INVALID, "names no bucket");
	assert_refused("ftp://blobs/x", ERR_INVALID, "known are folder:");
	memset(url, 'x', sizeof url - 1);
	url[sizeof url - 1] = '\0';
	memcpy(url, "s3://blobs/", 11);
	assert_refused(url, ERR_INVALID, "900 is the most");
	assert_refused(
		"s3://nobodys", ERR_NOT_FOUND, "has no bucket of that name");
	setenv("AWS_SECRET_ACCESS_KEY", "a guess", 1);
	assert_refused(getenv("NEVOD_TEST_S3"), ERR_DENIED,
		"refuses the blobs' keys (status 403)");
	unsetenv("AWS_SECRET_ACCESS_KEY");
	assert_refused(getenv("NEVOD_TEST_S3"), ERR_INVALID,
		"need AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
	setenv("AWS_SECRET_ACCESS_KEY", secret, 1);
	free(secret);
}

int main(void)
{
	static const struct blob_backend backend = {
		"s3", next_prefix, leave_prefix, open_prefix};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_place_is_refused),
	};

	if (!getenv("NEVOD_TEST_S3"))
		return SKIPPED;
	http_client_init();
	return blob_contract(&backend) +
	       cmocka_run_group_tests_name("s3 alone", tests, NULL, NULL);
}
