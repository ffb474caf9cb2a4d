/* test_s3_list.c -- pages of lists, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "blob/s3_list.h"

#define ROOT "<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"x\">"
#define END "</ListBucketResult>"
#define OBJECT(key, time)                                 \
	"<Contents><Key>" key "</Key><LastModified>" time \
	"</LastModified><Size>3</Size></Contents>"
#define TIME "2026-11-29T10:00:01.000Z"

static char told[200];

static int tell(void *ctx, const char *name, int64_t stored_s, struct err *e)
{
	const size_t n = strlen(told);

	(void)e;
	snprintf(told + n, sizeof told - n, "%s@%lld ", name,
		(long long)stored_s);
	return *(int *)ctx;
}

static int read_list(const char *xml, int answer, char token[S3_TOKEN_BYTES])
{
	told[0] = '\0';
	return s3_list_read(xml, tell, &answer, token, NULL);
}

static void objects_are_told_by_their_last_segments(void **state)
{
	static const char two[] = ROOT "<IsTruncated>true</IsTruncated>" OBJECT(
		"a/b &amp; c/x", TIME) OBJECT("y",
		"1970-01-02T00:00:00Z") "<NextContinuationToken>ab+/==</"
					"NextContinuationToken>" END;
	char token[S3_TOKEN_BYTES];

	(void)state;
	assert_int_equal(read_list(two, 0, token), 0);
	assert_string_equal(told, "x@1795946401 y@86400 ");
	assert_string_equal(token, "ab+/==");
	assert_int_equal(read_list(ROOT END, 0, token), 0);
	assert_string_equal(told, "");
	assert_string_equal(token, "");
	assert_int_equal(read_list(ROOT OBJECT("x", TIME) OBJECT("y", TIME) END,
				 ERR_WORLD, token),
		ERR_WORLD);
	assert_string_equal(told, "x@1795946401 ");
}

static void what_is_no_list_is_refused(void **state)
{
	static const char *const wrong[] = {"", "<html>",
		ROOT OBJECT("x", "yesterday") END,
		ROOT OBJECT("x", TIME TIME TIME) END,
		ROOT "<Contents><Key>x</Key></Contents>" END,
		ROOT "<Contents></Contents>" OBJECT("x", TIME) END,
		ROOT "<NextContinuationToken>a&amp;b</NextContinuationToken>"};
	char token[S3_TOKEN_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(read_list(wrong[i], 0, token), ERR_WORLD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_told_by_their_last_segments),
		cmocka_unit_test(what_is_no_list_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
