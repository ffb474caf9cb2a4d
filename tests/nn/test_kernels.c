/* test_kernels.c -- the names of the kernel classes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nn/kernels/kernels.h"

static void unknown_name_is_invalid(void **state)
{
	struct err e = {0};

	(void)state;
	assert_null(kernels_find("avx2", &e));
	assert_int_equal(e.code, ERR_INVALID);
	assert_non_null(strstr(e.text, "\"avx2\""));
	assert_null(kernels_find("", NULL));
}

static void available_classes_are_counted_beyond_the_room(void **state)
{
	const char *names[8] = {0};
	size_t n = kernels_available(names, 8);

	(void)state;
	assert_true(n >= 1 && n <= 3);
	assert_string_equal(names[n - 1], "simd128-2");
	assert_int_equal(kernels_available(NULL, 0), n);
}

static void available_classes_are_found_best_first(void **state)
{
	const char *names[8];
	size_t n = kernels_available(names, 8);

	(void)state;
	assert_string_equal(kernels_best()->name, names[0]);
	for (size_t i = 0; i < n; i++) {
		const struct kernels *k = kernels_find(names[i], NULL);

		assert_non_null(k);
		assert_string_equal(k->name, names[i]);
		assert_true(strlen(names[i]) < KERNELS_NAME_BYTES);
		assert_true(k->lanes <= KERNELS_LANES_MAX);
	}
}

static void reference_is_found_and_not_offered(void **state)
{
	const char *names[8];
	size_t n = kernels_available(names, 8);

	(void)state;
	assert_non_null(kernels_find("reference-2", NULL));
	for (size_t i = 0; i < n; i++)
		assert_string_not_equal(names[i], "reference-2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_name_is_invalid),
		cmocka_unit_test(available_classes_are_counted_beyond_the_room),
		cmocka_unit_test(available_classes_are_found_best_first),
		cmocka_unit_test(reference_is_found_and_not_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
