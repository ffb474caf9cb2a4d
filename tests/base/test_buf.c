/* test_buf.c -- a buffer grows to its maximum and never past it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static void appends_add_up_and_end_with_nul(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100000);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(buf_add(&b, "abc", 3, NULL), 0);
	assert_int_equal(b.len, 30000);
	assert_int_equal(strlen(b.data), 30000);
	assert_memory_equal(b.data + 29997, "abc", 4);
	buf_release(&b);
}

static void maximum_is_reached_but_not_passed(void **state)
{
	struct err e = {0};
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_int_equal(buf_puts(&b, "0123456", &e), 0);
	assert_int_equal(buf_puts(&b, "789x", &e), ERR_TOO_BIG);
	assert_non_null(strstr(e.text, "10 bytes"));
	assert_string_equal(b.data, "0123456");
	assert_int_equal(buf_printf(&b, &e, "%d", 1234), ERR_TOO_BIG);
	assert_string_equal(b.data, "0123456");
	assert_int_equal(buf_printf(&b, &e, "%d", 789), 0);
	assert_string_equal(b.data, "0123456789");
	assert_int_equal(buf_add(&b, "x", SIZE_MAX, &e), ERR_TOO_BIG);
	buf_release(&b);
}

static void taken_bytes_belong_to_the_taker(void **state)
{
	struct buf b;
	char *s;

	(void)state;
	buf_init(&b, 10);
	s = buf_take(&b);
	assert_string_equal(s, "");
	free(s);
	buf_puts(&b, "one", NULL);
	s = buf_take(&b);
	assert_int_equal(b.len, 0);
	buf_puts(&b, "two", NULL);
	assert_string_equal(s, "one");
	free(s);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends_add_up_and_end_with_nul),
		cmocka_unit_test(maximum_is_reached_but_not_passed),
		cmocka_unit_test(taken_bytes_belong_to_the_taker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
