/* test_err.c -- a sentence stays a sentence, whatever it quotes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/err.h"

static void an_error_may_be_ignored(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, ERR_BUSY, "x"), ERR_BUSY);
	assert_int_equal(err_at(NULL, ERR_RANGE, "", "k", "x"), ERR_RANGE);
}

static void what_cannot_be_printed_becomes_a_question_mark(void **state)
{
	struct err e;

	(void)state;
	err_set(&e, ERR_INVALID,
		"a\nb\x7f|\xff|\xc0\x80|\xed\xa0\x80|\xe2\x82");
	assert_string_equal(e.text, "a?b?|?|?"
				    "?|?"
				    "?"
				    "?|?"
				    "?");
	err_set(&e, ERR_INVALID, "\xc3\xb6 \xe2\x82\xac \xf0\x9f\x98\x80");
	assert_string_equal(e.text, "\xc3\xb6 \xe2\x82\xac \xf0\x9f\x98\x80");
}

static void keys_are_escaped_in_pointers(void **state)
{
	struct err e;

	(void)state;
	err_at(&e, ERR_RANGE, "/a", "b/c~d", "x");
	assert_string_equal(e.where, "/a/b~1c~0d");
	err_at(&e, ERR_RANGE, "/a", NULL, "x");
	assert_string_equal(e.where, "/a");
	err_at(&e, ERR_RANGE, "", "", "x");
	assert_string_equal(e.where, "/");
	err_set(&e, ERR_RANGE, "x");
	assert_string_equal(e.where, "");
}

static void too_long_is_cut(void **state)
{
	char parent[400];
	struct err e;

	(void)state;
	memset(parent, 'p', sizeof parent - 1);
	parent[sizeof parent - 1] = '\0';
	err_at(&e, ERR_RANGE, parent, "key", "%s%s", parent, parent);
	assert_int_equal(strlen(e.where), sizeof e.where - 1);
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
	err_at(&e, ERR_RANGE, "", parent, "x");
	assert_true(strlen(e.where) < sizeof e.where);
}

static void a_prefix_keeps_code_and_place(void **state)
{
	struct err e;

	(void)state;
	err_at(&e, ERR_RANGE, "/a", "b", "too much");
	assert_int_equal(err_prefix(&e, "job %d", 7), ERR_RANGE);
	assert_string_equal(e.text, "job 7: too much");
	assert_string_equal(e.where, "/a/b");
	for (int i = 0; i < 50; i++)
		err_prefix(&e, "and again, %d", i);
	assert_true(strlen(e.text) < sizeof e.text);
	assert_memory_equal(e.text, "and again, 49: and again, 48", 28);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_may_be_ignored),
		cmocka_unit_test(
			what_cannot_be_printed_becomes_a_question_mark),
		cmocka_unit_test(keys_are_escaped_in_pointers),
		cmocka_unit_test(too_long_is_cut),
		cmocka_unit_test(a_prefix_keeps_code_and_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
