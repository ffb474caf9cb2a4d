/* op_dropout.c -- numbers dropped at random while training.
 * Srivastava et al., 2014; inverted: what stays is scaled up, so that
 * evaluation is the identity.
 *
 * One draw a number, in the order (n,H,W,C) of the step's images. */
#include "nn/op.h"

#include <string.h>

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

static void dropout_cost(
	const struct spec_node *node, const struct shape *in, struct op_cost *c)
{
	(void)node;
	c->image_floats = (int64_t)shape_floats(*in);
}

/* The state is what each number was multiplied by: 0 or 1 / (1 - rate). */
static int dropout_new(struct layer *l, const struct op_build *b, struct err *e)
{
	float *factors;

	if (mem_floats(b->mem, &factors,
		    (size_t)l->batch * shape_floats(l->out->shape), e))
		return ERR_WORLD;
	l->state = factors;
	return 0;
}

static void multiply(float *restrict out, const float *restrict a,
	const float *restrict b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = a[i] * b[i];
}

static void dropout_forward(struct layer *l, const struct pass *p)
{
	const size_t n = pass_floats(p, l->out);
	const float keep = (float)(1.0 / (1.0 - l->node->rate));
	float *factors = l->state;

	if (!p->training) {
		memcpy(l->out->value, l->in[0]->value, n * sizeof *factors);
		return;
	}
	for (size_t i = 0; i < n; i++)
		factors[i] = rng_chance(p->rng, l->node->rate) ? 0.0f : keep;
	multiply(l->out->value, l->in[0]->value, factors, n);
}

static void dropout_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	(void)which;
	multiply(dx, l->out->gradient, l->state, pass_floats(p, l->out));
}

const struct op_verbs op_dropout = {
	.name = "dropout",
	.min_inputs = 1,
	.max_inputs = 1,
	.shape = dropout_shape,
	.cost = dropout_cost,
	.new = dropout_new,
	.forward = dropout_forward,
	.backward = dropout_backward,
};
