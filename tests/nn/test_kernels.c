/* test_kernels.c -- the names of the kernel classes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nn/kernels.h"

static void unknown_name_is_invalid(void **state)
{
	struct err e = {0};

	(void)state;
	assert_int_equal(kernels_select("avx2", &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "\"avx2\""));
	assert_int_equal(kernels_select("", &e), ERR_INVALID);
}

static void available_classes_are_counted_beyond_the_room(void **state)
{
	const char *names[8] = {0};
	size_t n = kernels_available(names, 8);

	(void)state;
	assert_true(n >= 1 && n <= 3);
	assert_string_equal(names[n - 1], "sse41-1");
	assert_int_equal(kernels_available(NULL, 0), n);
}

static void best_class_can_be_selected(void **state)
{
	const char *name;
	struct err e = {0};

	(void)state;
	kernels_available(&name, 1);
	assert_true(strlen(name) < KERNELS_NAME_BYTES);
	assert_int_equal(kernels_select(name, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_name_is_invalid),
		cmocka_unit_test(available_classes_are_counted_beyond_the_room),
		cmocka_unit_test(best_class_can_be_selected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
