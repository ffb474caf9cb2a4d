/* op_dropout.c -- numbers dropped at random while training.
 * Srivastava et al., 2014; inverted: what stays is scaled up, so that
 * evaluation is the identity.
 *
 * A draw is a function of the step, the node, the image's number in the step
 * and the position in (H,W,C): no order of work changes it. */
#include "nn/op.h"

#include <string.h>

#include "nn/kernels/dropout.h"

#define RATE_MAX 0.9

static int dropout_shape(const struct spec_node *node, const struct shape *in,
	struct shape *out, struct err *e)
{
	/* Written so that a NaN is refused. */
	if (!(node->rate >= 0.0 && node->rate <= RATE_MAX))
		return err_set(e, ERR_GENOME,
			"a dropout rate of %g, which must be 0 to %g",
			node->rate, RATE_MAX);
	*out = *in;
	return 0;
}

/* Draws of one image start from its number; positions count the channels
 * alone, so they are the same on vectors of any width. */
static void drop(
	const struct layer *l, const struct pass *p, const float *x, float *y)
{
	const struct shape s = l->out->shape;
	const size_t pixel = l->out->pixel, channels = (size_t)s.channels;
	const size_t at_once = pixel == channels ? shape_pixels(s) : 1;
	const float keep = (float)(1.0 / (1.0 - l->node->rate));
	const uint32_t threshold = (uint32_t)(l->node->rate * 4294967296.0);
	const uint32_t key = rng_mix32(p->dropout + l->number);

	for (size_t i = p->first; i < p->first + p->n; i++)
		for (size_t k = 0; k < shape_pixels(s); k += at_once) {
			l->kernels->dropout->apply(rng_mix32(key + (uint32_t)i),
				(uint32_t)(k * channels), threshold, keep,
				at_once * pixel, x, y);
			x += at_once * pixel;
			y += at_once * pixel;
		}
}

static void dropout_forward(struct layer *l, const struct pass *p)
{
	const float *x = tensor_value(l->in[0], p);
	float *y = tensor_value(l->out, p);

	if (p->training)
		drop(l, p, x, y);
	else if (x != y)
		memcpy(y, x, p->n * tensor_image(l->out) * sizeof *y);
}

static void dropout_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	(void)which;
	drop(l, p, tensor_gradient(l->out, p), dx);
}

const struct op_verbs op_dropout = {
	.name = "dropout",
	.min_inputs = 1,
	.max_inputs = 1,
	.fields = {{"rate", SPEC_REAL, offsetof(struct spec_node, rate)}},
	.shape = dropout_shape,
	.forward = dropout_forward,
	.backward = dropout_backward,
	.needs = {.in_place = 1},
};
