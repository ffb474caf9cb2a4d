/* loss.c -- the softmax is never formed with a number above 1 to raise. */
#include "nn/loss.h"

#include <assert.h>

#include "nn/kernels/fmath.h"

/* One image: its loss; `gradient` becomes (softmax - target) / n.  The target
 * is 1 - smoothing at the label, and smoothing / classes more everywhere. */
static double one_image(const struct loss_shape *s, const float *z,
	int32_t label, float *gradient)
{
	const int classes = s->classes;
	const float weight = 1.0f / (float)s->n;
	const float everywhere = (float)(s->smoothing / classes) * weight;
	float top = z[0];
	double sum = 0.0, off = 0.0;

	for (int k = 1; k < classes; k++)
		top = z[k] > top ? z[k] : top;
	for (int k = 0; k < classes; k++) {
		off += (double)z[k] - (double)top;
		gradient[k] = fmath_exp(z[k] - top);
		sum += (double)gradient[k];
	}
	for (int k = 0; k < classes; k++)
		gradient[k] = (float)((double)gradient[k] / sum) * weight -
			      everywhere;
	gradient[label] -= (float)(1.0 - s->smoothing) * weight;
	return fmath_log(sum) -
	       (1.0 - s->smoothing) * ((double)z[label] - (double)top) -
	       s->smoothing * off / classes;
}

/* The same where classes have weights: each -log p[k] counts by the weight of k
 * times its share of the label.  `all` is the weights of the batch's labels. */
static double one_weighted(const struct loss_shape *s, const float *z,
	int32_t label, double all, float *gradient)
{
	const int classes = s->classes;
	const double own = (1.0 - s->smoothing) * (double)s->weights[label];
	const double share = s->smoothing / classes;
	double sum = 0.0, loss = 0.0, total = 0.0;
	float top = z[0];

	for (int k = 1; k < classes; k++)
		top = z[k] > top ? z[k] : top;
	for (int k = 0; k < classes; k++) {
		gradient[k] = fmath_exp(z[k] - top);
		sum += (double)gradient[k];
	}
	for (int k = 0; k < classes; k++) {
		double by = share * (double)s->weights[k] +
			    (k == label ? own : 0.0);

		total += by;
		loss -= by * ((double)z[k] - (double)top);
	}
	for (int k = 0; k < classes; k++) {
		double by = share * (double)s->weights[k] +
			    (k == label ? own : 0.0);

		gradient[k] = (float)((total * (double)gradient[k] / sum - by) /
				      all);
	}
	return loss + total * fmath_log(sum);
}

static double loss_weighted(const struct loss_shape *s, const float *logits,
	const int32_t *labels, float *gradient)
{
	double total = 0.0, all = 0.0;

	for (size_t i = 0; i < s->n; i++) {
		assert(labels[i] >= 0 && labels[i] < s->classes);
		all += (double)s->weights[labels[i]];
	}
	for (size_t i = 0; i < s->n; i++) {
		total += one_weighted(s, logits, labels[i], all, gradient);
		logits += s->stride;
		gradient += s->stride;
	}
	return total / all;
}

double loss_softmax(const struct loss_shape *s, const float *logits,
	const int32_t *labels, float *gradient)
{
	double total = 0.0;

	if (s->weights)
		return loss_weighted(s, logits, labels, gradient);
	for (size_t i = 0; i < s->n; i++) {
		assert(labels[i] >= 0 && labels[i] < s->classes);
		total += one_image(s, logits, labels[i], gradient);
		logits += s->stride;
		gradient += s->stride;
	}
	return total / (double)s->n;
}

double loss_of(const float *logits, int classes, int32_t label)
{
	float top = logits[0];
	double sum = 0.0;

	for (int k = 1; k < classes; k++)
		top = logits[k] > top ? logits[k] : top;
	for (int k = 0; k < classes; k++)
		sum += (double)fmath_exp(logits[k] - top);
	return fmath_log(sum) - ((double)logits[label] - (double)top);
}

int loss_answer(const float *logits, int classes)
{
	int best = 0;

	for (int k = 1; k < classes; k++)
		if (logits[k] > logits[best])
			best = k;
	return loss_is_correct(logits, classes, best) ? best : -1;
}

int loss_is_correct(const float *logits, int classes, int32_t label)
{
	const float mine = logits[label];

	for (int k = 0; k < label; k++)
		if (!(mine > logits[k]))
			return 0;
	for (int k = label; k < classes; k++)
		if (!(mine >= logits[k]))
			return 0;
	return 1;
}
