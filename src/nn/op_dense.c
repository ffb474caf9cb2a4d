/* op_dense.c -- fully connected units with bias.
 *
 * Inside, the weights lie as the kernels like them, a unit's inputs in the
 * order of a map's floats, (H,W,C) with padding; outside as (units, C*H*W). */
#include "nn/op.h"

#include <assert.h>

#include "nn/kernels/dense.h"

#define UNITS_MAX 65535 /* as classes */

static int dense_shape_of(const struct spec_node *node, const struct shape *in,
	struct shape *out, struct err *e)
{
	(void)in;
	if (node->units < 1 || node->units > UNITS_MAX)
		return err_set(e, ERR_GENOME, "%d units, which must be 1 to %d",
			node->units, UNITS_MAX);
	*out = (struct shape){node->units, 1, 1};
	return 0;
}

static int64_t padded(int64_t n)
{
	const int64_t lanes = KERNELS_LANES_MAX;

	return (n + lanes - 1) / lanes * lanes;
}

static void dense_cost(
	const struct spec_node *node, const struct shape *in, struct op_cost *c)
{
	int64_t weights = node->units * (int64_t)shape_floats(*in);
	int64_t stored = padded(node->units) * shape_padded(*in);

	c->parameters = weights + node->units;
	c->flops = 2 * weights;
	c->param_floats = stored + padded(node->units);
	c->scratch_floats = 2 * KERNELS_LANES_MAX * padded(node->units);
}

static struct dense_shape shape_of(const struct layer *l)
{
	return (struct dense_shape){
		.in = tensor_image(l->in[0]),
		.out = l->out->pixel,
	};
}

static int dense_new(struct layer *l, struct op_build *b, struct err *e)
{
	const size_t in = shape_floats(l->in[0]->shape);
	const struct dense_shape s = shape_of(l);
	const int units = l->node->units;
	const struct layer_tensor weight = {
		"weight", 2, {units, (int)in}, NULL, s.in * s.out};
	const struct layer_tensor bias = {"bias", 1, {units}, NULL, s.out};
	int rc = layer_add_param(l, b, &weight, e);

	op_build_wants(b, 2 * b->kernels->lanes * s.out);
	if (rc == 0)
		rc = layer_add_param(l, b, &bias, e);
	if (rc == 0)
		rc = layer_draw(l, 0, b, (double)in, e);
	return rc ? rc : layer_draw(l, 1, b, (double)in, e);
}

static void dense_forward(struct layer *l, const struct pass *p)
{
	const struct dense_shape s = shape_of(l);

	l->kernels->dense->forward(&s, p->n, tensor_value(l->in[0], p),
		l->params[0].value, l->params[1].value,
		tensor_value(l->out, p));
}

static void dense_gradients(struct layer *l, const struct pass *p)
{
	const struct dense_shape s = shape_of(l);

	/* The plan gives dense layers the whole batch at once. */
	assert(pass_starts(p) && pass_ends(p));
	l->kernels->dense->gradients(&s, p->n, tensor_value(l->in[0], p),
		tensor_gradient(l->out, p), l->params[0].gradient,
		l->params[1].gradient);
}

static void dense_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	const struct dense_shape s = shape_of(l);

	(void)which;
	l->kernels->dense->backward(&s, p->n, tensor_gradient(l->out, p),
		l->params[0].value, *l->scratch, dx);
}

/* Where weight (u,i) of the outside lies inside; i in (C,H,W) order. */
static size_t place_of(const struct layer *l, size_t u, size_t i)
{
	const struct dense_shape s = shape_of(l);
	const size_t pixels = shape_pixels(l->in[0]->shape);
	const size_t inside = i % pixels * l->in[0]->pixel + i / pixels;

	return l->kernels->dense->at(&s, inside, u);
}

static void dense_read(const struct layer *l, float *out)
{
	for (size_t u = 0; u < (size_t)l->node->units; u++)
		for (size_t i = 0; i < shape_floats(l->in[0]->shape); i++)
			*out++ = l->params[0].value[place_of(l, u, i)];
}

static void dense_write(struct layer *l, const float *values)
{
	for (size_t u = 0; u < (size_t)l->node->units; u++)
		for (size_t i = 0; i < shape_floats(l->in[0]->shape); i++)
			l->params[0].value[place_of(l, u, i)] = *values++;
}

const struct op_verbs op_dense = {
	.name = "dense",
	.min_inputs = 1,
	.max_inputs = 1,
	.fields = {{"units", SPEC_INT, offsetof(struct spec_node, units)}},
	.shape = dense_shape_of,
	.cost = dense_cost,
	.new = dense_new,
	.forward = dense_forward,
	.gradients = dense_gradients,
	.backward = dense_backward,
	.read = dense_read,
	.write = dense_write,
	.needs = {.keeps_input = 1},
	.reads_unpadded = 1,
	.whole_batch = 1,
};
