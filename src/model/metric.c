/* metric.c -- counts and ranks as numbers. */
#include "model/metric.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "nn/kernels/fmath.h"

#define ROC_STEPS (METRIC_ROC_MAX - 2)

const char *metric_name(int i)
{
	static const char *const names[] = {[METRIC_ACCURACY] = "accuracy",
		[METRIC_BALANCED_ACCURACY] = "balanced_accuracy",
		[METRIC_F1_MACRO] = "f1_macro",
		[METRIC_AUROC] = "auroc",
		[METRIC_LOG_LOSS] = "log_loss"};

	return i < METRICS ? names[i] : NULL;
}

int metric_counts(enum metric m)
{
	return m == METRIC_ACCURACY || m == METRIC_BALANCED_ACCURACY ||
	       m == METRIC_F1_MACRO;
}

/* -- counts -- */

static double ratio(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

struct class_figures metric_class(
	const uint64_t *confusion, int classes, int class)
{
	const size_t n = (size_t)classes, c = (size_t) class;
	struct class_figures f = {.right = confusion[c * n + c]};
	uint64_t all = 0, neither;

	for (size_t i = 0; i < n * n; i++)
		all += confusion[i];
	for (size_t k = 0; k < n; k++) {
		f.images += confusion[c * n + k];
		f.answers += confusion[k * n + c];
	}
	neither = all - f.images - f.answers + f.right;
	f.recall = ratio(f.right, f.images);
	f.precision = ratio(f.right, f.answers);
	f.f1 = ratio(2 * f.right, f.images + f.answers);
	f.specificity = ratio(neither, all - f.images);
	return f;
}

/* Rows and columns in one pass: metric_class would take a pass for each. */
struct sums {
	uint64_t *images, *answers;
};

static void sum_up(struct sums *s, const uint64_t *confusion, size_t n)
{
	s->images = xcalloc(n, sizeof *s->images);
	s->answers = xcalloc(n, sizeof *s->answers);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++) {
			s->images[i] += confusion[i * n + k];
			s->answers[k] += confusion[i * n + k];
		}
}

double metric_of_counts(enum metric m, const uint64_t *confusion, int classes)
{
	const size_t n = (size_t)classes;
	uint64_t right = 0, all = 0;
	double sum = 0;
	size_t counted = 0;
	struct sums s;

	assert(metric_counts(m));
	sum_up(&s, confusion, n);
	for (size_t c = 0; c < n; c++) {
		const uint64_t hit = confusion[c * n + c];

		right += hit;
		all += s.images[c];
		if (m == METRIC_BALANCED_ACCURACY && s.images[c]) {
			sum += ratio(hit, s.images[c]);
			counted++;
		}
		if (m == METRIC_F1_MACRO && s.images[c] + s.answers[c]) {
			sum += ratio(2 * hit, s.images[c] + s.answers[c]);
			counted++;
		}
	}
	free(s.images);
	free(s.answers);
	if (m == METRIC_ACCURACY)
		return ratio(right, all);
	return counted ? sum / (double)counted : 0;
}

/* -- ranks -- */

struct ranked {
	double score;
	size_t index;
	int positive;
};

static int by_score(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

/* The images in the order of how likely they are of the class, the least first;
 * returns how many are. */
static size_t rank_images(struct ranked *r, const double *log_probability,
	const int32_t *labels, size_t n, int classes, int class)
{
	size_t positives = 0;

	for (size_t i = 0; i < n; i++) {
		r[i] = (struct ranked){
			log_probability[i * (size_t)classes + (size_t) class],
			i, labels[i] == class};
		positives += (size_t)r[i].positive;
	}
	qsort(r, n, sizeof *r, by_score);
	return positives;
}

/* The share of pairs of an image of the class and one of another in which the
 * first is ranked above. */
static double area(const struct ranked *r, size_t n, size_t positives)
{
	uint64_t pairs = 0, below = 0;

	for (size_t i = 0; i < n; i++) {
		if (r[i].positive)
			pairs += below;
		else
			below++;
	}
	return (double)pairs / ((double)positives * (double)(n - positives));
}

double metric_auroc(const double *log_probability, const int32_t *labels,
	size_t n, int classes)
{
	/* Each of two classes has the same curve, turned round. */
	const int first = classes == 2 ? 1 : 0;
	struct ranked *r = xcalloc(n, sizeof *r);
	double sum = 0;
	int counted = 0;

	for (int c = first; c < classes; c++) {
		size_t positives = rank_images(
			r, log_probability, labels, n, classes, c);

		if (positives == 0 || positives == n)
			continue;
		sum += area(r, n, positives);
		counted++;
	}
	free(r);
	return counted ? sum / counted : 0;
}

double metric_of_loss(double loss)
{
	return loss < 80 ? (double)fmath_exp((float)-loss) : 0;
}

size_t metric_roc(const double *log_probability, const int32_t *labels,
	size_t n, struct roc_point out[METRIC_ROC_MAX])
{
	struct ranked *r = xcalloc(n, sizeof *r);
	size_t positives = rank_images(r, log_probability, labels, n, 2, 1);
	const size_t step = (n + ROC_STEPS - 1) / ROC_STEPS;
	size_t hits = 0, points = 0;

	if (positives > 0 && positives < n)
		out[points++] = (struct roc_point){0, 0};
	/* From the likeliest down. */
	for (size_t i = 0; points && i < n; i++) {
		hits += (size_t)r[n - 1 - i].positive;
		if ((i + 1) % step == 0 || i + 1 == n)
			out[points++] = (struct roc_point){
				ratio(i + 1 - hits, n - positives),
				ratio(hits, positives)};
	}
	free(r);
	return points;
}
