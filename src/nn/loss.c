/* loss.c -- the softmax is never formed with a number above 1 to raise. */
#include "nn/loss.h"

#include <assert.h>

#include "nn/fmath.h"

/* One image: its loss; `gradient` becomes (softmax - one hot) * weight. */
static double one_image(const float *z, int32_t label, int classes,
	float weight, float *gradient)
{
	float top = z[0];
	double sum = 0.0;

	for (int k = 1; k < classes; k++)
		top = z[k] > top ? z[k] : top;
	for (int k = 0; k < classes; k++) {
		gradient[k] = fmath_exp(z[k] - top);
		sum += (double)gradient[k];
	}
	for (int k = 0; k < classes; k++)
		gradient[k] = (float)((double)gradient[k] / sum) * weight;
	gradient[label] -= weight;
	return fmath_log(sum) - ((double)z[label] - (double)top);
}

double loss_softmax(const struct loss_shape *s, const float *logits,
	const int32_t *labels, float *gradient)
{
	const float weight = 1.0f / (float)s->n;
	double total = 0.0;

	for (size_t i = 0; i < s->n; i++) {
		assert(labels[i] >= 0 && labels[i] < s->classes);
		total += one_image(
			logits, labels[i], s->classes, weight, gradient);
		logits += s->stride;
		gradient += s->stride;
	}
	return total / (double)s->n;
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
