/* test_metric.c -- figures by hand, and against their definitions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "model/metric.h"

#define N 60
#define CLASSES 3

/* Nobody is of the last class, and it is no answer. */
static const uint64_t counts[] = {
	8, 2, 0, 0, /* of 10 */
	1, 3, 0, 0, /* of 4 */
	0, 1, 1, 0, /* of 2 */
	0, 0, 0, 0, /* of none */
};

static int same(double x, double y)
{
	return fabs(x - y) < 1e-12;
}

static void counts_become_figures(void **state)
{
	(void)state;
	assert_true(metric_of_counts(METRIC_ACCURACY, counts, 4) == 12.0 / 16);
	assert_true(same(metric_of_counts(METRIC_BALANCED_ACCURACY, counts, 4),
		(0.8 + 0.75 + 0.5) / 3));
	assert_true(same(metric_of_counts(METRIC_F1_MACRO, counts, 4),
		(16.0 / 19 + 6.0 / 10 + 2.0 / 3) / 3));
}

static void a_class_has_its_own_figures(void **state)
{
	const struct class_figures f = metric_class(counts, 4, 1);

	(void)state;
	assert_int_equal(f.images, 4);
	assert_int_equal(f.answers, 6);
	assert_int_equal(f.right, 3);
	assert_true(f.recall == 0.75);
	assert_true(f.precision == 0.5);
	assert_true(same(f.f1, 0.6));
	assert_true(f.specificity == 9.0 / 12);
	assert_true(metric_class(counts, 4, 3).precision == 0);
}

/* Scores of few values, so that many are the same. */
static void draw(uint64_t seed, double *score, int32_t *label)
{
	struct rng r;

	rng_stream(&r, seed, 0, 0);
	for (int i = 0; i < N; i++) {
		label[i] = (int32_t)rng_below(&r, CLASSES);
		for (int k = 0; k < CLASSES; k++)
			score[i * CLASSES + k] = -(double)rng_below(&r, 7) -
						 (k != label[i]);
	}
}

/* The share of pairs in the right order; of equals the later counts more. */
static double pairs(const double *score, const int32_t *label, int class)
{
	double right = 0, all = 0;

	for (int i = 0; i < N; i++)
		for (int k = 0; k < N; k++) {
			double x = score[i * CLASSES + class];
			double y = score[k * CLASSES + class];

			if (label[i] != class || label[k] == class)
				continue;
			all++;
			right += x > y || (x == y && i > k);
		}
	return right / all;
}

static void the_area_is_the_share_of_pairs_in_order(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		double score[N * CLASSES], sum = 0;
		int32_t label[N];

		draw(seed, score, label);
		for (int c = 0; c < CLASSES; c++)
			sum += pairs(score, label, c);
		assert_true(same(
			metric_auroc(score, label, N, CLASSES), sum / CLASSES));
	}
}

static void of_two_classes_there_is_one_curve(void **state)
{
	/* log probabilities of the second class: the last two are wrong. */
	static const double two[] = {
		0, -9, -1, -2, -5, -1, -8, -0.1, 0, -3, -2, -2.5};
	static const int32_t label[] = {0, 0, 1, 1, 1, 0};
	struct roc_point p[METRIC_ROC_MAX];
	size_t n = metric_roc(two, label, 6, p);
	double area = 0;

	(void)state;
	assert_true(same(metric_auroc(two, label, 6, 2), 7.0 / 9));
	assert_int_equal(n, 7);
	for (size_t i = 1; i < n; i++) {
		area += (p[i].false_positive_rate -
				p[i - 1].false_positive_rate) *
			(p[i].true_positive_rate +
				p[i - 1].true_positive_rate) /
			2;
		assert_true(
			p[i].true_positive_rate >= p[i - 1].true_positive_rate);
	}
	assert_true(same(area, 7.0 / 9));
	assert_true(p[n - 1].true_positive_rate == 1 &&
		    p[n - 1].false_positive_rate == 1);
}

static void a_curve_of_many_images_has_few_points(void **state)
{
	static double score[2 * 100003];
	static int32_t label[100003];
	struct roc_point p[METRIC_ROC_MAX];
	size_t n;

	(void)state;
	for (int i = 0; i < 100003; i++) {
		score[2 * i + 1] = i % 997;
		label[i] = i % 2;
	}
	n = metric_roc(score, label, 100003, p);
	assert_in_range(n, 90, METRIC_ROC_MAX);
	assert_true(p[n - 1].true_positive_rate == 1);
}

static void where_a_class_has_no_image_there_is_no_area(void **state)
{
	static const double score[] = {0, -1, -1, 0};
	static const int32_t label[] = {1, 1};
	struct roc_point p[METRIC_ROC_MAX];

	(void)state;
	assert_true(metric_auroc(score, label, 2, 2) == 0);
	assert_int_equal(metric_roc(score, label, 2, p), 0);
}

static void a_loss_is_between_nothing_and_one(void **state)
{
	(void)state;
	assert_true(metric_of_loss(0) == 1);
	assert_true(fabs(metric_of_loss(1) - exp(-1)) < 1e-6);
	assert_true(metric_of_loss(1e300) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_become_figures),
		cmocka_unit_test(a_class_has_its_own_figures),
		cmocka_unit_test(the_area_is_the_share_of_pairs_in_order),
		cmocka_unit_test(of_two_classes_there_is_one_curve),
		cmocka_unit_test(a_curve_of_many_images_has_few_points),
		cmocka_unit_test(where_a_class_has_no_image_there_is_no_area),
		cmocka_unit_test(a_loss_is_between_nothing_and_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
