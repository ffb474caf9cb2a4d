/* op_maxpool.c -- the largest of each 2 x 2, per channel.
 *
 * An odd last row or column is dropped.  The gradient goes to the first
 * largest in reading order. */
#include "nn/op.h"

#include "nn/kernels/pool.h"

static int maxpool_shape(const struct spec_node *node, const struct shape *in,
	struct shape *out, struct err *e)
{
	(void)node;
	if (in->height < 2 || in->width < 2)
		return err_set(e, ERR_GENOME,
			"pooling a map of %dx%d, which would vanish",
			in->height, in->width);
	*out = (struct shape){in->channels, in->height / 2, in->width / 2};
	return 0;
}

static struct pool_shape pool(const struct layer *l)
{
	return (struct pool_shape){
		.height = (size_t)l->in[0]->shape.height,
		.width = (size_t)l->in[0]->shape.width,
		.stride = l->in[0]->pixel,
	};
}

static void maxpool_forward(struct layer *l, const struct pass *p)
{
	const struct pool_shape s = pool(l);

	l->kernels->pool->forward(
		&s, p->n, tensor_value(l->in[0], p), tensor_value(l->out, p));
}

static void maxpool_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	const struct pool_shape s = pool(l);

	(void)which;
	l->kernels->pool->backward(&s, p->n, tensor_value(l->in[0], p),
		tensor_value(l->out, p), tensor_gradient(l->out, p), dx);
}

const struct op_verbs op_maxpool = {
	.name = "maxpool",
	.min_inputs = 1,
	.max_inputs = 1,
	.shape = maxpool_shape,
	.forward = maxpool_forward,
	.backward = maxpool_backward,
	.keeps_output = 1,
};
