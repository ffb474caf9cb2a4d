/* test_trace.c -- traceparents as the W3C's recommendation has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/trace.h"

#define ID "4bf92f3577b34da6a3ce929d0e0e4736"
#define CALLER "00f067aa0ba902b7"

static void a_traceparent_names_its_trace(void **state)
{
	struct trace t;

	(void)state;
	assert_int_equal(trace_read("00-" ID "-" CALLER "-01", &t), 0);
	assert_string_equal(t.id, ID);
	assert_int_equal(t.flags, 1);
	assert_int_equal(trace_read("00-" ID "-" CALLER "-00", &t), 0);
	assert_int_equal(t.flags, 0);
}

static void of_a_later_version_the_beginning_counts(void **state)
{
	struct trace t;

	(void)state;
	assert_int_equal(trace_read("cc-" ID "-" CALLER "-01", &t), 0);
	assert_int_equal(trace_read("cc-" ID "-" CALLER "-01-more", &t), 0);
	assert_string_equal(t.id, ID);
	assert_int_not_equal(trace_read("cc-" ID "-" CALLER "-01x", &t), 0);
}

static void what_is_malformed_is_none(void **state)
{
	static const char *const bad[] = {
		"",
		"00",
		"ff-" ID "-" CALLER "-01",
		"0g-" ID "-" CALLER "-01",
		"00-" ID "-" CALLER "-01-more",
		"00-" ID "-" CALLER "-0",
		"00-" ID "-" CALLER "-0g",
		"00-" ID "-" CALLER,
		"00_" ID "-" CALLER "-01",
		"00-00000000000000000000000000000000-" CALLER "-01",
		"00-" ID "-0000000000000000-01",
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-" CALLER "-01",
		"00-4bf92f3577b34da6a3ce929d0e0e473-0" CALLER "-01",
		"00-" ID "-" CALLER "_01",
		" 00-" ID "-" CALLER "-01",
	};
	struct trace t = {.id = "untouched"};

	(void)state;
	assert_int_equal(trace_read(NULL, &t), ERR_INVALID);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (trace_read(bad[i], &t) != ERR_INVALID)
			fail_msg("%s was taken", bad[i]);
	assert_string_equal(t.id, "untouched");
}

static void what_is_written_is_the_same_trace_from_another_caller(void **state)
{
	char first[TRACE_PARENT_BYTES], second[TRACE_PARENT_BYTES];
	struct trace t, again;

	(void)state;
	trace_make(&t);
	trace_write(&t, first);
	trace_write(&t, second);
	assert_string_not_equal(first, second);
	assert_int_equal(trace_read(first, &again), 0);
	assert_string_equal(again.id, t.id);
	assert_int_equal(again.flags, t.flags);
}

static void a_run_has_the_trace_of_its_client_or_its_own(void **state)
{
	static const char uuid[] = "8c1b0f5e-0000-4000-8000-123456789abc";
	struct trace t;

	(void)state;
	trace_of_run("00-" ID "-" CALLER "-01", uuid, &t);
	assert_string_equal(t.id, ID);
	trace_of_run(NULL, uuid, &t);
	assert_string_equal(t.id, "8c1b0f5e000040008000123456789abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_traceparent_names_its_trace),
		cmocka_unit_test(of_a_later_version_the_beginning_counts),
		cmocka_unit_test(what_is_malformed_is_none),
		cmocka_unit_test(
			what_is_written_is_the_same_trace_from_another_caller),
		cmocka_unit_test(a_run_has_the_trace_of_its_client_or_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
