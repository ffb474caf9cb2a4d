/* test_uuid.c -- only the one textual form is an identifier. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/uuid.h"

static void fresh_ones_are_version_4_and_differ(void **state)
{
	char a[UUID_TEXT_BYTES], b[UUID_TEXT_BYTES], c[UUID_TEXT_BYTES];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uuid_make(a);
		uuid_make(b);
		assert_string_not_equal(a, b);
		assert_int_equal(a[14], '4');
		assert_non_null(strchr("89ab", a[19]));
		assert_true(uuid_parse(a, c));
		assert_string_equal(a, c);
	}
}

static void upper_case_is_read_as_lower(void **state)
{
	char out[UUID_TEXT_BYTES];

	(void)state;
	assert_true(uuid_parse("01234567-89AB-CDEF-0123-456789abcdef", out));
	assert_string_equal(out, "01234567-89ab-cdef-0123-456789abcdef");
}

static void anything_else_is_refused_and_writes_nothing(void **state)
{
	static const char *const table[] = {"",
		"01234567-89ab-cdef-0123-456789abcde",
		"01234567-89ab-cdef-0123-456789abcdef0",
		"01234567-89ab-cdef-0123-456789abcdeg",
		"0123456789ab-cdef-0123-456789abcdef--",
		"01234567_89ab_cdef_0123_456789abcdef",
		"{1234567-89ab-cdef-0123-456789abcde}",
		"../../../../../../../../../etc/passw",
		"01234567-89ab-cdef-0123-456789abcd' "};
	char out[UUID_TEXT_BYTES] = "untouched";

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_false(uuid_parse(table[i], out));
		assert_string_equal(out, "untouched");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fresh_ones_are_version_4_and_differ),
		cmocka_unit_test(upper_case_is_read_as_lower),
		cmocka_unit_test(anything_else_is_refused_and_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
