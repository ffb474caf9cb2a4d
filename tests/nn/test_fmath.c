/* test_fmath.c -- our functions against the C library's in double. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nn/kernels/fmath.h"

/* Relative errors over many values, from tiny to large, of both signs. */
static void compare(float (*mine)(float), double (*want)(double), double top)
{
	for (double size = 1e-6; size < top; size *= 1.003)
		for (int sign = -1; sign <= 1; sign += 2) {
			float x = (float)(sign * size);
			double y = want((double)x);

			if (fabs((double)mine(x) - y) > 1e-6 * fabs(y))
				fail_msg("at %g: %.9g, not %.9g", (double)x,
					(double)mine(x), y);
		}
	assert_true(isnan(mine(NAN)));
}

static double sigmoid(double x)
{
	return 1 / (1 + exp(-x));
}

static void exp_is_exact_to_a_millionth(void **state)
{
	(void)state;
	compare(fmath_exp, exp, 87);
}

static void expm1_is_exact_near_zero_too(void **state)
{
	(void)state;
	compare(fmath_expm1, expm1, 87);
}

static void tanh_is_exact_near_zero_too(void **state)
{
	(void)state;
	compare(fmath_tanh, tanh, 1000);
}

static void sigmoid_is_exact_where_it_is_small(void **state)
{
	(void)state;
	compare(fmath_sigmoid, sigmoid, 87);
}

/* Below 4 as the others, beyond with roundings of the exponent. */
static void erfc_is_exact_in_its_tail_too(void **state)
{
	(void)state;
	compare(fmath_erfc, erfc, 4);
	for (double x = 4; x < 9; x *= 1.0001)
		assert_true(fabs((double)fmath_erfc((float)x) -
				    erfc((double)(float)x)) <=
			    5e-6 * erfc((double)(float)x));
}

static void log_is_exact(void **state)
{
	(void)state;
	for (double x = 1e-300; x < 1e300; x *= 1.01)
		assert_true(fabs(fmath_log(x) - log(x)) <=
			    1e-13 * fmax(1.0, fabs(log(x))));
	assert_true(isnan(fmath_log(NAN)));
	assert_true(isnan(fmath_log(INFINITY)));
}

static void cos_of_half_a_turn_is_exact(void **state)
{
	(void)state;
	for (int i = 0; i <= 1000; i++) {
		double x = i / 1000.0;

		assert_true(fabs(fmath_cos_pi(x) - cos(acos(-1) * x)) < 1e-15);
	}
	assert_true(fmath_cos_pi(0) == 1 && fmath_cos_pi(1) == -1);
}

static void far_out_is_finite(void **state)
{
	(void)state;
	assert_true(isfinite(fmath_exp(FLT_MAX)));
	assert_true(fmath_exp(-FLT_MAX) < 1e-37f);
	assert_true(fmath_expm1(-INFINITY) == -1.0f);
	assert_true(fmath_tanh(-INFINITY) == -1.0f);
	assert_true(fmath_sigmoid(INFINITY) == 1.0f);
	assert_true(fmath_erfc(-INFINITY) == 2.0f);
	assert_true(fmath_erfc(FLT_MAX) < 1e-37f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exp_is_exact_to_a_millionth),
		cmocka_unit_test(expm1_is_exact_near_zero_too),
		cmocka_unit_test(tanh_is_exact_near_zero_too),
		cmocka_unit_test(sigmoid_is_exact_where_it_is_small),
		cmocka_unit_test(erfc_is_exact_in_its_tail_too),
		cmocka_unit_test(log_is_exact),
		cmocka_unit_test(cos_of_half_a_turn_is_exact),
		cmocka_unit_test(far_out_is_finite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
