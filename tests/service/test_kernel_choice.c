/* test_kernel_choice.c -- a run is pinned to what every evolutioner can run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service/driver/kernel_choice.h"

static void the_best_class_that_all_have_is_chosen(void **state)
{
	const struct dispatch_worker w[] = {
		{.kernels = "avx512-2 avx2-2 simd128-2"},
		{.kernels = "avx2-2 simd128-2"},
	};
	char kernels[SETTINGS_KERNELS_MAX];
	struct err e;

	(void)state;
	assert_int_equal(kernels_common(w, 1, kernels, &e), 0);
	assert_string_equal(kernels, "avx512-2");
	assert_int_equal(kernels_common(w, 2, kernels, &e), 0);
	assert_string_equal(kernels, "avx2-2");
}

static void a_class_is_compared_whole(void **state)
{
	const struct dispatch_worker w[] = {
		{.kernels = "avx2-2"}, {.kernels = "avx2-21 avx2"}};
	char kernels[SETTINGS_KERNELS_MAX];
	struct err e;

	(void)state;
	assert_int_equal(kernels_common(w, 2, kernels, &e), ERR_RANGE);
}

static void without_workers_there_is_no_class(void **state)
{
	char kernels[SETTINGS_KERNELS_MAX];
	struct err e;

	(void)state;
	assert_int_equal(kernels_common(NULL, 0, kernels, &e), ERR_RANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_class_that_all_have_is_chosen),
		cmocka_unit_test(a_class_is_compared_whole),
		cmocka_unit_test(without_workers_there_is_no_class),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
