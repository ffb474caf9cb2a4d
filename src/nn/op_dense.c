/* op_dense.c -- fully connected units with bias.
 *
 * Inside, the inputs of a unit lie as a map's floats do, (H,W,C); outside, in
 * (C,H,W) order. */
#include "nn/op.h"

#include "nn/onednn.h"

#define UNITS_MAX 4096

static int dense_shape(const struct spec_node *node, const struct shape *in,
	struct shape *out, struct err *e)
{
	(void)in;
	if (node->units < 1 || node->units > UNITS_MAX)
		return err_set(e, ERR_GENOME, "%d units, which must be 1 to %d",
			node->units, UNITS_MAX);
	*out = (struct shape){node->units, 1, 1};
	return 0;
}

static void dense_cost(
	const struct spec_node *node, const struct shape *in, struct op_cost *c)
{
	int64_t weights = node->units * (int64_t)shape_floats(*in);

	c->parameters = weights + node->units;
	c->flops = 2 * weights;
	c->param_floats = c->parameters;
}

static int dense_new(struct layer *l, const struct op_build *b, struct err *e)
{
	const size_t in = shape_floats(l->in[0]->shape);
	const int out = l->node->units;
	const struct layer_tensor weight = {
		"weight", 2, {out, (int)in}, NULL, (size_t)out * in};
	const struct layer_tensor bias = {"bias", 1, {out}, NULL, (size_t)out};
	int rc = layer_add_param(l, b, &weight, e);

	if (rc == 0)
		rc = layer_add_param(l, b, &bias, e);
	if (rc == 0)
		rc = layer_draw(l, 0, b, (double)in, e);
	return rc ? rc : layer_draw(l, 1, b, (double)in, e);
}

/* y (n,O) = x (n,I) W' + bias, with W (O,I). */
static void dense_forward(struct layer *l, const struct pass *p)
{
	const size_t units = (size_t)l->node->units;
	const float *bias = l->params[1].value;
	float *y = l->out->value;

	for (size_t i = 0; i < p->n; i++)
		for (size_t u = 0; u < units; u++)
			y[i * units + u] = bias[u];
	onednn_gemm(&(struct gemm){
		.transpose_b = 1,
		.m = p->n,
		.n = units,
		.k = shape_floats(l->in[0]->shape),
		.a = l->in[0]->value,
		.b = l->params[0].value,
		.beta = 1.0f,
		.c = y,
	});
}

/* dW (O,I) = dy' (O,n) x (n,I); dbias = the sum of dy over the batch. */
static void dense_gradients(struct layer *l, const struct pass *p)
{
	const size_t units = (size_t)l->node->units;
	const float *dy = l->out->gradient;
	float *dbias = l->params[1].gradient;

	onednn_gemm(&(struct gemm){
		.transpose_a = 1,
		.m = units,
		.n = shape_floats(l->in[0]->shape),
		.k = p->n,
		.a = dy,
		.b = l->in[0]->value,
		.c = l->params[0].gradient,
	});
	for (size_t u = 0; u < units; u++)
		dbias[u] = 0.0f;
	for (size_t i = 0; i < p->n; i++)
		for (size_t u = 0; u < units; u++)
			dbias[u] += dy[i * units + u];
}

/* dx (n,I) = dy (n,O) W (O,I). */
static void dense_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	(void)which;
	onednn_gemm(&(struct gemm){
		.m = p->n,
		.n = shape_floats(l->in[0]->shape),
		.k = (size_t)l->node->units,
		.a = l->out->gradient,
		.b = l->params[0].value,
		.c = dx,
	});
}

/* Copies the weights between the inside order (outward) and the outside. */
static void dense_permute(
	const struct layer *l, const float *from, float *to, int outward)
{
	const struct shape s = l->in[0]->shape;
	const size_t channels = (size_t)s.channels;
	const size_t pixels = (size_t)s.height * (size_t)s.width;

	for (size_t u = 0; u < (size_t)l->node->units; u++) {
		for (size_t k = 0; k < channels * pixels; k++) {
			size_t outside = k % channels * pixels + k / channels;

			if (outward)
				to[outside] = from[k];
			else
				to[k] = from[outside];
		}
		from += channels * pixels;
		to += channels * pixels;
	}
}

static void dense_read(const struct layer *l, float *out)
{
	dense_permute(l, l->params[0].value, out, 1);
}

static void dense_write(struct layer *l, const float *values)
{
	dense_permute(l, values, l->params[0].value, 0);
}

const struct op_verbs op_dense = {
	.name = "dense",
	.min_inputs = 1,
	.max_inputs = 1,
	.shape = dense_shape,
	.cost = dense_cost,
	.new = dense_new,
	.forward = dense_forward,
	.gradients = dense_gradients,
	.backward = dense_backward,
	.read = dense_read,
	.write = dense_write,
};
