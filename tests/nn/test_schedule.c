/* test_schedule.c -- the rates of every step against PyTorch's formulas. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nn/schedule.h"

static void constant_is_the_rate_itself(void **state)
{
	(void)state;
	for (int i = 0; i < 7; i++)
		assert_true(schedule_factor(SCHEDULE_CONSTANT, i, 7) == 1.0);
}

/* CosineAnnealingLR with T_max steps and eta_min 0. */
static void cosine_follows_its_formula(void **state)
{
	const double pi = acos(-1);

	(void)state;
	for (int i = 0; i < 50; i++)
		assert_true(fabs(schedule_factor(SCHEDULE_COSINE, i, 50) -
				    (1 + cos(pi * i / 50)) / 2) < 1e-14);
	assert_true(schedule_factor(SCHEDULE_COSINE, 0, 1) == 1.0);
}

static double annealed(double from, double to, double share)
{
	return to + (from - to) / 2 * (cos(acos(-1) * share) + 1);
}

/* OneCycleLR with max_lr 1 and its defaults, written as PyTorch writes it. */
static double one_cycle(int step, int steps)
{
	double initial = 1 / 25.0, last = initial / 1e4;
	double peak = 0.3 * steps - 1, end = steps - 1;

	if (step <= peak && peak > 0)
		return annealed(initial, 1, step / peak);
	return annealed(1, last, (step - peak) / (end - peak));
}

static void one_cycle_follows_its_formula(void **state)
{
	(void)state;
	for (int steps = 1; steps < 200; steps++)
		for (int i = 0; i < steps; i++)
			assert_true(fabs(schedule_factor(
						 SCHEDULE_ONE_CYCLE, i, steps) -
					    one_cycle(i, steps)) < 1e-14);
}

/* 0.3 of 20 steps: the sixth has the highest rate. */
static void one_cycle_starts_low_peaks_and_ends_lower(void **state)
{
	const enum schedule s = SCHEDULE_ONE_CYCLE;

	(void)state;
	assert_true(fabs(schedule_factor(s, 0, 20) - 0.04) < 1e-15);
	assert_true(schedule_factor(s, 5, 20) == 1.0);
	assert_true(fabs(schedule_factor(s, 19, 20) - 4e-6) < 1e-15);
}

static void every_rate_is_above_0_and_at_most_1(void **state)
{
	(void)state;
	for (int s = 0; s < SCHEDULE_COUNT; s++)
		for (int64_t i = 0; i < 1000; i++) {
			double f = schedule_factor((enum schedule)s, i, 1000);

			assert_true(f > 0 && f <= 1);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constant_is_the_rate_itself),
		cmocka_unit_test(cosine_follows_its_formula),
		cmocka_unit_test(one_cycle_follows_its_formula),
		cmocka_unit_test(one_cycle_starts_low_peaks_and_ends_lower),
		cmocka_unit_test(every_rate_is_above_0_and_at_most_1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
