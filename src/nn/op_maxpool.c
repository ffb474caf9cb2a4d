/* op_maxpool.c -- the largest of each 2 x 2, per channel.
 *
 * An odd last row or column is dropped.  The gradient goes to the first
 * largest in reading order. */
#include "nn/op.h"

#include "nn/kernels/pool.h"

static void maxpool_cost(
	const struct spec_node *node, const struct shape *in, struct op_cost *c)
{
	(void)in;
	/* A byte a number. */
	c->image_floats = (shape_padded(node->shape) + 3) / 4;
}

/* The state says which pixel of each window was the largest, a byte a number
 * of the output. */
static int maxpool_new(struct layer *l, struct op_build *b, struct err *e)
{
	float *bytes;

	if (mem_floats(b->mem, &bytes,
		    (b->batch * tensor_image(l->out) + 3) / 4, e))
		return ERR_WORLD;
	l->state = bytes;
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

static uint8_t *largest(const struct layer *l, const struct pass *p)
{
	return (uint8_t *)l->state + p->first * tensor_image(l->out);
}

static void maxpool_forward(struct layer *l, const struct pass *p)
{
	const struct pool_shape s = pool(l);

	l->kernels->pool->forward(&s, p->n, tensor_value(l->in[0], p),
		tensor_value(l->out, p), largest(l, p));
}

static void maxpool_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	const struct pool_shape s = pool(l);

	(void)which;
	l->kernels->pool->backward(
		&s, p->n, largest(l, p), tensor_gradient(l->out, p), dx);
}

const struct op_verbs op_maxpool = {
	.name = "maxpool",
	.min_inputs = 1,
	.max_inputs = 1,
	.shape = op_pool_shape,
	.cost = maxpool_cost,
	.new = maxpool_new,
	.forward = maxpool_forward,
	.backward = maxpool_backward,
};
