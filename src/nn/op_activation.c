/* op_activation.c -- a function applied to each number; a monotonic one in
 * place where that harms nobody. */
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

/* The slope is worked out from what is kept. */
static struct op_needs activation_needs(const struct spec_node *node)
{
	if (activation_is_monotonic(node->activation))
		return (struct op_needs){.in_place = 1, .keeps_output = 1};
	return (struct op_needs){.keeps_input = 1};
}

static void activation_forward(struct layer *l, const struct pass *p)
{
	const enum activation a = l->node->activation;
	const struct activation_kernels *k = l->kernels->activation;
	float *y = tensor_value(l->out, p), of_zero = 0.0f;

	k->forward[a](
		tensor_value(l->in[0], p), y, p->n * tensor_image(l->out));
	/* The zeros beyond the channels must stay: sigmoid makes 0.5 of them.
	 */
	k->forward[a](&of_zero, &of_zero, 1);
	if (of_zero != 0.0f)
		tensor_clear_padding(
			y, l->out, p->n * shape_pixels(l->out->shape));
}

static void activation_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	const enum activation a = l->node->activation;
	const struct tensor *kept = activation_is_monotonic(a) ? l->out
							       : l->in[0];

	(void)which;
	l->kernels->activation->backward[a](tensor_value(kept, p),
		tensor_gradient(l->out, p), dx, p->n * tensor_image(l->out));
}

const struct op_verbs op_activation = {
	.name = "activation",
	.min_inputs = 1,
	.max_inputs = 1,
	.fields = {{"activation", SPEC_ACTIVATION,
		offsetof(struct spec_node, activation)}},
	.shape = activation_shape,
	.forward = activation_forward,
	.backward = activation_backward,
	.needs_of = activation_needs,
};
