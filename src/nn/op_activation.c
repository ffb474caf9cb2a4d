/* op_activation.c -- a function applied to each number, in place where that
 * harms nobody. */
#include "nn/op.h"

#include "nn/kernels/activate.h"

static int activation_shape(const struct spec_node *node,
	const struct shape *in, struct shape *out, struct err *e)
{
	if ((int)node->activation < 0 || node->activation >= ACT_COUNT)
		return err_set(e, ERR_GENOME, "an activation of number %d",
			(int)node->activation);
	*out = *in;
	return 0;
}

static void activation_forward(struct layer *l, const struct pass *p)
{
	float *y = tensor_value(l->out, p);

	l->kernels->activation->forward[l->node->activation](
		tensor_value(l->in[0], p), y, p->n * tensor_image(l->out));
	/* Which makes 0.5 of the zeros beyond the channels. */
	if (l->node->activation == ACT_SIGMOID)
		tensor_clear_padding(
			y, l->out, p->n * shape_pixels(l->out->shape));
}

static void activation_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	(void)which;
	l->kernels->activation->backward[l->node->activation](
		tensor_value(l->out, p), tensor_gradient(l->out, p), dx,
		p->n * tensor_image(l->out));
}

const struct op_verbs op_activation = {
	.name = "activation",
	.min_inputs = 1,
	.max_inputs = 1,
	.shape = activation_shape,
	.forward = activation_forward,
	.backward = activation_backward,
	.in_place = 1,
	.keeps_output = 1,
};
