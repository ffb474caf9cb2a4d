/* test_parallel.c -- every element once, in stretches that follow each other;
 * the first error counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/parallel.h"

#define N 5000

struct loop {
	int times[N];
	size_t part_of[N];
	size_t failing; /* stretches that begin there or later fail */
};

static int count(void *ctx, size_t part, size_t from, size_t to, struct err *e)
{
	struct loop *l = ctx;

	for (size_t i = from; i < to; i++) {
		l->times[i]++;
		l->part_of[i] = part;
		if (i >= l->failing)
			return err_set(e, ERR_RANGE, "%zu", i);
	}
	return 0;
}

static void every_element_is_done_once(void **state)
{
	static const size_t sizes[] = {0, 1, 63, 64, 127, 128, 1000, N};

	(void)state;
	for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
		struct loop l = {.failing = N};
		const size_t n = sizes[k];

		assert_int_equal(parallel_for(n, count, &l, NULL), 0);
		for (size_t i = 0; i < N; i++)
			assert_int_equal(l.times[i], i < n);
		for (size_t i = 1; i < n; i++)
			assert_true(l.part_of[i] == l.part_of[i - 1] ||
				    l.part_of[i] == l.part_of[i - 1] + 1);
		if (n > 0)
			assert_true(l.part_of[n - 1] < PARALLEL_MAX);
	}
}

static void the_first_error_is_told(void **state)
{
	static const size_t failing[] = {0, 1, 2500, 4999};

	(void)state;
	for (size_t k = 0; k < sizeof failing / sizeof *failing; k++) {
		struct loop l = {.failing = failing[k]};
		struct err e;
		char want[16];

		snprintf(want, sizeof want, "%zu", failing[k]);
		assert_int_equal(parallel_for(N, count, &l, &e), ERR_RANGE);
		assert_string_equal(e.text, want);
		assert_int_equal(parallel_for(N, count, &l, NULL), ERR_RANGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_element_is_done_once),
		cmocka_unit_test(the_first_error_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
