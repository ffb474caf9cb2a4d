/* test_fma_peak.c -- every kernel class has a loop that this CPU can run. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nn/fma_peak.h"
#include "nn/kernels/kernels.h"

#define CLASSES_MAX 16

/* A core of any machine that runs this does 1 GFLOP/s, and none 100,000: a
 * loop that the compiler removed would. */
static void every_class_of_this_cpu_has_a_peak(void **state)
{
	const char *names[CLASSES_MAX];
	size_t n = kernels_available(names, CLASSES_MAX);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		double peak = fma_peak_gflop_per_s(
			kernels_find(names[i], NULL));

		assert_true(isfinite(peak));
		assert_true(peak > 0.1 && peak < 1e5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_class_of_this_cpu_has_a_peak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
