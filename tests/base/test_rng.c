/* test_rng.c -- streams are reproducible everywhere and do not meet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"

/* The authors' reference implementation from state 1, 2, 3, 4. */
static void generator_is_xoshiro256_plus_plus(void **state)
{
	static const uint64_t expected[] = {UINT64_C(41943041),
		UINT64_C(58720359), UINT64_C(3588806011781223),
		UINT64_C(3591011842654386), UINT64_C(9228616714210784205),
		UINT64_C(9973669472204895162), UINT64_C(14011001112246962877),
		UINT64_C(12406186145184390807), UINT64_C(15849039046786891736),
		UINT64_C(10450023813501588000)};
	struct rng r = {{1, 2, 3, 4}};

	(void)state;
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		assert_true(rng_u64(&r) == expected[i]);
}

/* These values are in every digest that was ever published: they stay. */
static void a_streams_first_draws_never_change(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, 42, 3, 17);
	assert_true(rng_u64(&r) == UINT64_C(0x603100ebf85645e));
	assert_true(rng_u64(&r) == UINT64_C(0x620f20554cdc58a0));
	assert_true(rng_u64(&r) == UINT64_C(0xf852e6a712cf5413));
	assert_true(rng_derive(42, 3, 17) == INT64_C(211527170257068));
}

static void neighbouring_streams_differ(void **state)
{
	uint64_t first[6 * 6 * 6];
	size_t n = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 6; seed++)
		for (uint64_t a = 0; a < 6; a++)
			for (uint64_t b = 0; b < 6; b++) {
				struct rng r;

				rng_stream(&r, seed, a, b);
				first[n++] = rng_u64(&r);
			}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			assert_true(first[i] != first[j]);
}

static void below_stays_below_and_reaches_all(void **state)
{
	int count[7] = {0};
	struct rng r;

	(void)state;
	rng_stream(&r, 1, 0, 0);
	for (int i = 0; i < 70000; i++)
		count[rng_below(&r, 7)]++;
	for (int i = 0; i < 7; i++)
		assert_in_range(count[i], 9600, 10400);
	for (int i = 0; i < 1000; i++)
		assert_true(rng_below(&r, 1) == 0);
}

/* With n at 3/4 of 2^64 a plain remainder would favour the lowest third. */
static void below_is_unbiased_for_huge_n(void **state)
{
	const uint64_t n = UINT64_C(3) << 62;
	int low = 0;
	struct rng r;

	(void)state;
	rng_stream(&r, 2, 0, 0);
	for (int i = 0; i < 30000; i++) {
		uint64_t x = rng_below(&r, n);

		assert_true(x < n);
		low += x < n / 3;
	}
	assert_in_range(low, 9600, 10400);
}

static void unit_is_in_0_1_and_evenly_spread(void **state)
{
	double sum = 0;
	struct rng r;

	(void)state;
	rng_stream(&r, 3, 0, 0);
	for (int i = 0; i < 100000; i++) {
		double x = rng_unit(&r);

		assert_true(x >= 0 && x < 1);
		sum += x;
	}
	assert_true(sum > 49500 && sum < 50500);
}

static void chance_0_never_and_chance_1_always(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, 4, 0, 0);
	for (int i = 0; i < 10000; i++) {
		assert_false(rng_chance(&r, 0));
		assert_true(rng_chance(&r, 1));
	}
}

static void a_derived_seed_fits_json(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 10000; i++) {
		int64_t seed = rng_derive(i, i * i, ~i);

		assert_true(seed >= 0 && seed <= RNG_SEED_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generator_is_xoshiro256_plus_plus),
		cmocka_unit_test(a_streams_first_draws_never_change),
		cmocka_unit_test(neighbouring_streams_differ),
		cmocka_unit_test(below_stays_below_and_reaches_all),
		cmocka_unit_test(below_is_unbiased_for_huge_n),
		cmocka_unit_test(unit_is_in_0_1_and_evenly_spread),
		cmocka_unit_test(chance_0_never_and_chance_1_always),
		cmocka_unit_test(a_derived_seed_fits_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
