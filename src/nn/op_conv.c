/* op_conv.c -- convolution, stride 1, `same` padding, with bias. */
#include "nn/op.h"

#include <string.h>

#include "nn/onednn.h"

#define FILTERS_MAX 512
#define KERNEL_MAX 11

static int conv_shape_of(const struct spec_node *node, const struct shape *in,
	struct shape *out, struct err *e)
{
	if (node->filters < 1 || node->filters > FILTERS_MAX)
		return err_set(e, ERR_GENOME,
			"%d filters, which must be 1 to %d", node->filters,
			FILTERS_MAX);
	if (node->kernel < 1 || node->kernel > KERNEL_MAX)
		return err_set(e, ERR_GENOME,
			"a kernel of %d, which must be 1 to %d", node->kernel,
			KERNEL_MAX);
	*out = *in;
	out->channels = node->filters;
	return 0;
}

static int64_t round_up(int64_t n, int64_t to)
{
	return (n + to - 1) / to * to;
}

/* oneDNN pads the channels of its weight layouts to 16 at most.  Its fallback
 * by matrix product is what wants most working memory: the patches of an image
 * side by side and, measured, up to four copies of the weights (a fifth and
 * the second set of patches are margin).  Held to by test_spec_cost.c in every
 * kernel class. */
static void conv_cost(
	const struct spec_node *node, const struct shape *in, struct op_cost *c)
{
	int64_t area = (int64_t)node->kernel * node->kernel;
	int64_t pixels = (int64_t)in->height * in->width;
	int64_t weights = (int64_t)node->filters * in->channels * area;
	int64_t stored = round_up(node->filters, 16) *
			 round_up(in->channels, 16) * area;

	c->parameters = weights + node->filters;
	c->flops = 2 * weights * pixels;
	c->param_floats = stored + node->filters;
	c->fixed_floats = 2 * stored; /* gradient and backward layouts */
	c->scratch_floats = 2 * area * in->channels * pixels + 5 * stored +
			    (node->filters + in->channels) * pixels + 8192;
}

static int new_params(struct layer *l, const struct op_build *b, struct err *e)
{
	const struct spec_node *node = l->node;
	struct conv *c = l->state;
	const struct layer_tensor weight = {"weight", 4,
		{node->filters, l->in[0]->shape.channels, node->kernel,
			node->kernel},
		NULL, conv_weight_floats(c)};
	const struct layer_tensor bias = {
		"bias", 1, {node->filters}, NULL, (size_t)node->filters};
	double fan_in = (double)l->in[0]->shape.channels * node->kernel *
			node->kernel;
	int rc = layer_add_param(l, b, &weight, e);

	if (rc == 0)
		rc = layer_add_param(l, b, &bias, e);
	if (rc)
		return rc;
	conv_bind(c, &(struct conv_params){
			     .weights = l->params[0].value,
			     .weights_gradient = l->params[0].gradient,
			     .bias = l->params[1].value,
			     .bias_gradient = l->params[1].gradient,
		     });
	rc = layer_draw(l, 0, b, fan_in, e);
	return rc ? rc : layer_draw(l, 1, b, fan_in, e);
}

static int conv_new_layer(
	struct layer *l, const struct op_build *b, struct err *e)
{
	struct err why = {0};
	const struct shape in = l->in[0]->shape;

	l->state = conv_new(b->onednn,
		&(struct conv_shape){
			.batch = l->batch,
			.in = in.channels,
			.out = l->node->filters,
			.height = in.height,
			.width = in.width,
			.kernel = l->node->kernel,
			.needs_backward = l->in[0]->gradient != NULL,
		},
		b->mem, &why);
	if (!l->state)
		return err_set(e, why.code, "%s", why.text);
	return new_params(l, b, e);
}

/* The convolution is built for the whole batch and always works on all of it,
 * which costs little as only the last batch of an epoch is short.  What lies
 * beyond a short one is made zero, so that it adds nothing to the gradients. */
static void clear_rest(const struct layer *l, const struct pass *p, float *data,
	struct shape s)
{
	size_t image = shape_floats(s), rest = (size_t)l->batch - p->n;

	memset(data + p->n * image, 0, rest * image * sizeof *data);
}

static void conv_run(struct layer *l, const struct pass *p)
{
	clear_rest(l, p, l->in[0]->value, l->in[0]->shape);
	conv_forward(l->state, l->in[0]->value, l->out->value);
}

static void conv_run_gradients(struct layer *l, const struct pass *p)
{
	clear_rest(l, p, l->out->gradient, l->out->shape);
	conv_gradients(l->state, l->in[0]->value, l->out->gradient);
}

static void conv_run_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	(void)p, (void)which;
	conv_backward(l->state, l->out->gradient, dx);
}

static void conv_run_changed(struct layer *l)
{
	conv_changed(l->state);
}

static void conv_run_read(const struct layer *l, float *out)
{
	conv_read(l->state, out);
}

static void conv_run_write(struct layer *l, const float *values)
{
	conv_write(l->state, values);
}

static void conv_free_layer(struct layer *l)
{
	conv_free(l->state);
}

const struct op_verbs op_conv = {
	.name = "conv",
	.min_inputs = 1,
	.max_inputs = 1,
	.shape = conv_shape_of,
	.cost = conv_cost,
	.new = conv_new_layer,
	.forward = conv_run,
	.gradients = conv_run_gradients,
	.backward = conv_run_backward,
	.changed = conv_run_changed,
	.read = conv_run_read,
	.write = conv_run_write,
	.free = conv_free_layer,
};
