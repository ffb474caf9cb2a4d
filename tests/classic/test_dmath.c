/* test_dmath.c -- our functions against the C library's, close to the last
 * bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "classic/dmath.h"

static void near(double got, double wanted, double relative)
{
	if (fabs(got - wanted) > relative * fabs(wanted))
		fail_msg("%.17g is not %.17g", got, wanted);
}

static void exp_is_exact_to_a_few_units(void **state)
{
	(void)state;
	for (double x = -690; x < 690; x += 0.0371)
		near(dmath_exp(x), exp(x), 2e-15);
	assert_true(dmath_exp(0) == 1);
}

static void exp_is_held_within_finite_bounds(void **state)
{
	(void)state;
	assert_true(isfinite(dmath_exp(1e9)));
	assert_true(dmath_exp(-1e9) > 0);
}

static void sine_and_cosine_are_exact_within_a_radian(void **state)
{
	(void)state;
	for (double x = -1; x <= 1; x += 0.00037) {
		dmath_pair both = {x, -x};

		near(dmath_sin(both)[0], sin(x), 1e-15);
		near(dmath_sin(both)[1], sin(-x), 1e-15);
		near(dmath_cos(both)[0], cos(x), 1e-15);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exp_is_exact_to_a_few_units),
		cmocka_unit_test(exp_is_held_within_finite_bounds),
		cmocka_unit_test(sine_and_cosine_are_exact_within_a_radian),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
