/* predict.c -- pixels to logits to probabilities. */
#include "model/predict.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/arena.h"

static void load_images(struct import *m, const void *pixels, size_t n)
{
	const uint8_t *bytes = pixels;
	const float *floats = pixels;
	const size_t channels = (size_t)m->data.channels;
	const size_t plane = (size_t)m->data.height * (size_t)m->data.width;
	size_t pixel;
	float *to = net_input(m->net, &pixel);

	for (size_t i = 0; i < n; i++, to += plane * pixel)
		for (size_t c = 0; c < channels; c++)
			for (size_t k = 0; k < plane; k++)
				to[k * pixel + c] =
					m->data.dtype == DATASET_UINT8
						? normalization_apply(
							  &m->normalization, c,
							  *bytes++)
						: normalization_apply_float(
							  &m->normalization, c,
							  *floats++);
}

/* The largest logit is taken off first, so that no exponential overflows. */
static void softmax(const float *logits, size_t classes, double *out)
{
	double largest = logits[0], sum = 0;

	for (size_t k = 1; k < classes; k++)
		largest = fmax(largest, logits[k]);
	for (size_t k = 0; k < classes; k++)
		sum += out[k] = exp(logits[k] - largest);
	for (size_t k = 0; k < classes; k++)
		out[k] /= sum;
}

int predict(struct import *m, const void *pixels, size_t n,
	double *probabilities, struct err *e)
{
	const size_t classes = (size_t)m->data.classes;
	float *logits = xcalloc(n * classes, sizeof *logits);
	int rc = 0;

	assert(n >= 1 && n <= (size_t)m->batch);
	load_images(m, pixels, n);
	net_forward(m->net, n, logits);
	for (size_t i = 0; rc == 0 && i < n * classes; i++)
		if (!isfinite(logits[i]))
			rc = err_set(e, ERR_INVALID,
				"the network's answer is not a finite number: "
				"its values were damaged, or it diverged");
	for (size_t i = 0; rc == 0 && i < n; i++)
		softmax(logits + i * classes, classes,
			probabilities + i * classes);
	free(logits);
	return rc;
}
