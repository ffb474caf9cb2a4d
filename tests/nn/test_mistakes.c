/* test_mistakes.c -- the surest wrong answers are kept, and no more. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "nn/mistakes.h"

#define CLASSES 3

static void what_is_right_or_no_answer_is_no_mistake(void **state)
{
	const float right[CLASSES] = {0, 5, 1}, none[CLASSES] = {0, NAN, 1};
	struct mistakes m = {.n = 0};

	(void)state;
	mistakes_note(&m, 0, right, CLASSES, 1);
	mistakes_note(&m, 1, none, CLASSES, 1);
	assert_int_equal(m.n, 0);
}

static void a_mistake_has_the_answer_and_its_probability(void **state)
{
	const float logits[CLASSES] = {0, 1, 3}, huge[CLASSES] = {0, 1e30f, 0};
	struct mistakes m = {.n = 0};

	(void)state;
	mistakes_note(&m, 7, logits, CLASSES, 0);
	assert_int_equal(m.n, 1);
	assert_int_equal(m.worst[0].image, 7);
	assert_int_equal(m.worst[0].label, 0);
	assert_int_equal(m.worst[0].answer, 2);
	assert_true(fabs(m.worst[0].probability -
			    exp(3) / (1 + exp(1) + exp(3))) < 1e-6);
	mistakes_note(&m, 8, huge, CLASSES, 2);
	assert_int_equal(m.worst[0].image, 8);
	assert_true(m.worst[0].probability == 1);
}

/* Against all of them, looked through one by one. */
static void of_many_the_worst_stay_in_order(void **state)
{
	enum { MANY = 1000 };
	struct mistakes m = {.n = 0};
	float sure[MANY];
	struct rng r;

	(void)state;
	rng_stream(&r, 3, 0, 0);
	for (int i = 0; i < MANY; i++) {
		/* Few values, so that many are equal. */
		const float z = (float)rng_below(&r, 200) / 32;

		sure[i] = z;
		mistakes_note(&m, i, (float[CLASSES]){0, z, 0}, CLASSES, 2);
	}
	assert_int_equal(m.n, MISTAKES_MAX);
	for (size_t k = 0; k < m.n; k++) {
		int best = -1;

		for (int i = 0; i < MANY; i++)
			if (sure[i] > 0 && (best < 0 || sure[i] > sure[best]))
				best = i;
		assert_int_equal(m.worst[k].image, best);
		sure[best] = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_right_or_no_answer_is_no_mistake),
		cmocka_unit_test(a_mistake_has_the_answer_and_its_probability),
		cmocka_unit_test(of_many_the_worst_stay_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
