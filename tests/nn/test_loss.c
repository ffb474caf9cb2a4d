/* test_loss.c -- softmax cross-entropy and its smoothing, by formula. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "nn/loss.h"

#define N 5
#define CLASSES 4
#define STRIDE 8

static const float even[CLASSES] = {1, 1, 1, 1};

/* As PyTorch documents CrossEntropyLoss with label_smoothing and weight. */
static double formula(const double *z, const int32_t *labels, double smoothing,
	const float *weights)
{
	double total = 0, all = 0;

	for (int i = 0; i < N; i++, z += CLASSES) {
		double sum = 0;

		for (int k = 0; k < CLASSES; k++)
			sum += exp(z[k]);
		for (int k = 0; k < CLASSES; k++) {
			double target = smoothing / CLASSES +
					(k == labels[i] ? 1 - smoothing : 0);

			total -= (double)weights[k] * target *
				 (z[k] - log(sum));
		}
		all += (double)weights[labels[i]];
	}
	return total / all;
}

/* Value, and gradient by central differences; what is between the images'
 * logits stays as it is. */
static void follow(double smoothing, const float *weights)
{
	const struct loss_shape s = {N, CLASSES, STRIDE, smoothing,
		weights == even ? NULL : weights};
	const int32_t labels[N] = {0, 3, 1, 1, 2};
	float z[N * STRIDE], gradient[N * STRIDE];
	double x[N * CLASSES], loss;
	struct rng r;

	rng_stream(&r, 3, 0, 0);
	for (int i = 0; i < N * STRIDE; i++) {
		z[i] = (float)(6 * rng_unit(&r) - 3);
		gradient[i] = 77;
		if (i % STRIDE < CLASSES)
			x[i / STRIDE * CLASSES + i % STRIDE] = (double)z[i];
	}
	loss = loss_softmax(&s, z, labels, gradient);
	assert_true(fabs(loss - formula(x, labels, smoothing, weights)) < 1e-6);
	for (int i = 0; i < N * CLASSES; i++) {
		const double h = 1e-5, before = x[i];
		const float *g = gradient + i / CLASSES * STRIDE;
		double up, down;

		x[i] = before + h;
		up = formula(x, labels, smoothing, weights);
		x[i] = before - h;
		down = formula(x, labels, smoothing, weights);
		x[i] = before;
		assert_true(fabs((double)g[i % CLASSES] -
				    (up - down) / (2 * h)) < 1e-6);
		assert_true(g[CLASSES] == 77);
	}
}

static void loss_is_the_cross_entropy(void **state)
{
	(void)state;
	follow(0, even);
}

static void smoothing_spreads_a_share_over_all_classes(void **state)
{
	(void)state;
	follow(0.1, even);
	follow(0.5, even);
}

/* No image is of class 2 but one, and class 3 counts nothing. */
static void classes_count_by_their_weights(void **state)
{
	static const float weights[CLASSES] = {0.5f, 3, 1.25f, 0};

	(void)state;
	follow(0, weights);
	follow(0.1, weights);
}

static void the_loss_of_an_image_is_its_cross_entropy(void **state)
{
	const int32_t labels[N] = {0, 3, 1, 1, 2};
	float z[N * CLASSES], unsound[CLASSES] = {1, INFINITY};
	double x[N * CLASSES], sum = 0;
	struct rng r;

	(void)state;
	rng_stream(&r, 4, 0, 0);
	for (int i = 0; i < N * CLASSES; i++) {
		z[i] = (float)(6 * rng_unit(&r) - 3);
		x[i] = (double)z[i];
	}
	for (int i = 0; i < N; i++)
		sum += loss_of(z + i * CLASSES, CLASSES, labels[i]);
	assert_true(fabs(sum / N - formula(x, labels, 0, even)) < 1e-6);
	assert_false(isfinite(loss_of(unsound, CLASSES, 0)));
}

static void the_answer_is_the_first_of_the_largest(void **state)
{
	const float z[] = {1, 3, 3, -INFINITY}, with_nan[] = {5, 1, NAN, 2};

	(void)state;
	assert_int_equal(loss_answer(z, 4), 1);
	assert_true(loss_is_correct(z, 4, 1));
	assert_false(loss_is_correct(z, 4, 2));
	assert_int_equal(loss_answer(with_nan, 4), -1);
	assert_int_equal(loss_answer(with_nan + 2, 2), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loss_is_the_cross_entropy),
		cmocka_unit_test(smoothing_spreads_a_share_over_all_classes),
		cmocka_unit_test(classes_count_by_their_weights),
		cmocka_unit_test(the_loss_of_an_image_is_its_cross_entropy),
		cmocka_unit_test(the_answer_is_the_first_of_the_largest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
