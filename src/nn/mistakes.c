/* mistakes.c -- a short list that is kept in order. */
#include "nn/mistakes.h"

#include <math.h>

#include "nn/kernels/fmath.h"
#include "nn/loss.h"

static void insert(struct mistakes *m, const struct mistake *x)
{
	size_t at = m->n < MISTAKES_MAX ? m->n++ : MISTAKES_MAX - 1;

	for (; at > 0 && m->worst[at - 1].probability < x->probability; at--)
		m->worst[at] = m->worst[at - 1];
	m->worst[at] = *x;
}

void mistakes_note(struct mistakes *m, int64_t image, const float *logits,
	int classes, int32_t label)
{
	const int answer = loss_answer(logits, classes);
	struct mistake x = {.image = image, .label = label, .answer = answer};
	double loss;

	if (answer < 0 || answer == label)
		return;
	/* An infinite logit makes the answer certain and its loss no number. */
	loss = loss_of(logits, classes, answer);
	x.probability = isfinite(loss) ? fmin(fmath_exp((float)-loss), 1) : 1;
	if (m->n < MISTAKES_MAX ||
		x.probability > m->worst[MISTAKES_MAX - 1].probability)
		insert(m, &x);
}
