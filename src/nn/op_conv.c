/* op_conv.c -- convolution by any stride, padded as spec.h says, with bias.
 *
 * Inside, the weights lie as (kernel,kernel,in,out), the filters padded to
 * whole vectors; outside as (O,I,H,W). */
#include "nn/op.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "nn/conv.h"

#define FILTERS_MAX 512
#define KERNEL_MAX 11
#define STRIDE_MAX 4

struct state {
	struct conv forward, backward; /* backward: dy to dx */
	float *packed;                 /* weights, for forward */
	float *sum;         /* of the weights' gradient over a step */
	float *turned;      /* weights (kernel,kernel,out,in), turned over */
	float *packed_back; /* those, for backward */
};

/* A stride that is left out is 1, so that nobody can forget it. */
static void conv_complete(struct spec_node *node)
{
	if (node->stride == 0)
		node->stride = 1;
}

static int conv_shape(const struct spec_node *node, const struct shape *in,
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
	if (node->stride < 1 || node->stride > STRIDE_MAX)
		return err_set(e, ERR_GENOME,
			"a stride of %d, which must be 1 to %d", node->stride,
			STRIDE_MAX);
	*out = (struct shape){node->filters,
		(in->height + node->stride - 1) / node->stride,
		(in->width + node->stride - 1) / node->stride};
	return 0;
}

/* What Winograd's kernels or the padded image of the direct ones need at most
 * (kernels/): the products of a block of tiles, and an image with the border
 * that tiles reach. */
static int64_t scratch_bound(
	const struct shape *in, int64_t channels, int64_t kernel)
{
	const int64_t points = 36, block = 128 * 1024, tiles = 12;
	int64_t least = points * tiles * channels;
	int64_t pixels = (in->height + 4 + kernel) * (in->width + 4 + kernel);

	return (least > block ? least : block) +
	       4 * points * KERNELS_LANES_MAX + pixels * channels;
}

static void conv_cost(
	const struct spec_node *node, const struct shape *in, struct op_cost *c)
{
	const struct shape wide_in = {in->channels, 1, 1};
	const struct shape wide_out = {node->filters, 1, 1};
	const int64_t i = shape_padded(wide_in), o = shape_padded(wide_out);
	const int64_t area = (int64_t)node->kernel * node->kernel;
	const int64_t packed = (area > 36 ? area : 36) * i * o;
	const int64_t weights = (int64_t)node->filters * in->channels * area;

	c->parameters = weights + node->filters;
	c->flops = 2 * weights * (int64_t)shape_pixels(node->shape);
	c->param_floats = area * in->channels * o + o;
	c->fixed_floats = 3 * packed + area * i * o;
	c->scratch_floats = scratch_bound(in, i + o, node->kernel);
}

static void init_shapes(struct layer *l, struct state *s)
{
	const struct tensor *in = l->in[0], *out = l->out;
	const size_t kernel = (size_t)l->node->kernel;
	const struct direct_shape forward = {
		.kernel = kernel,
		.stride = (size_t)l->node->stride,
		.before = (kernel - 1) / 2,
		.spread = 1,
		.height = (size_t)in->shape.height,
		.width = (size_t)in->shape.width,
		.out_height = (size_t)out->shape.height,
		.out_width = (size_t)out->shape.width,
		.in = (size_t)in->shape.channels,
		.in_stride = in->pixel,
		.out = out->pixel,
	};
	const struct direct_shape backward = {
		.kernel = kernel,
		.stride = 1,
		.before = kernel - 1 - forward.before,
		.spread = forward.stride,
		.height = forward.out_height,
		.width = forward.out_width,
		.out_height = forward.height,
		.out_width = forward.width,
		.in = (size_t)out->shape.channels,
		.in_stride = out->pixel,
		.out = in->pixel,
	};

	conv_init(&s->forward, l->kernels, &forward);
	conv_init(&s->backward, l->kernels, &backward);
}

static int new_params(struct layer *l, const struct op_build *b, struct err *e)
{
	const struct spec_node *node = l->node;
	const int in = l->in[0]->shape.channels;
	const size_t area = (size_t)node->kernel * (size_t)node->kernel;
	const struct layer_tensor weight = {"weight", 4,
		{node->filters, in, node->kernel, node->kernel}, NULL,
		area * (size_t)in * l->out->pixel};
	const struct layer_tensor bias = {
		"bias", 1, {node->filters}, NULL, l->out->pixel};
	double fan_in = (double)in * (double)area;
	int rc = layer_add_param(l, b, &weight, e);

	if (rc == 0)
		rc = layer_add_param(l, b, &bias, e);
	if (rc == 0)
		rc = layer_draw(l, 0, b, fan_in, e);
	return rc ? rc : layer_draw(l, 1, b, fan_in, e);
}

static int new_backward(struct layer *l, struct op_build *b, struct err *e)
{
	struct state *s = l->state;
	const struct direct_shape *d = &s->backward.shape;
	int rc = mem_floats(
		b->mem, &s->packed_back, conv_packed_floats(&s->backward), e);

	op_build_wants(b, conv_scratch_floats(&s->backward));
	return rc ? rc
		  : mem_floats(b->mem, &s->turned,
			    d->kernel * d->kernel * d->in * d->out, e);
}

static int conv_new(struct layer *l, struct op_build *b, struct err *e)
{
	struct state *s = xcalloc(1, sizeof *s);
	int rc;

	l->state = s;
	init_shapes(l, s);
	rc = mem_floats(b->mem, &s->packed, conv_packed_floats(&s->forward), e);
	if (rc == 0)
		rc = new_params(l, b, e);
	if (rc)
		return rc;
	op_build_wants(b, conv_scratch_floats(&s->forward));
	s->sum = l->params[0].gradient;
	if (!conv_sums_in_place(&s->forward))
		rc = mem_floats(
			b->mem, &s->sum, conv_sum_floats(&s->forward), e);
	if (rc == 0 && l->in[0]->gradient)
		rc = new_backward(l, b, e);
	return rc;
}

/* -- a step -- */

static void conv_run(struct layer *l, const struct pass *p)
{
	const struct state *s = l->state;

	conv_forward(&s->forward, p->n, tensor_value(l->in[0], p), s->packed,
		l->params[1].value, tensor_value(l->out, p), *l->scratch);
}

static void conv_run_gradients(struct layer *l, const struct pass *p)
{
	const struct state *s = l->state;
	float *dbias = l->params[1].gradient;

	if (pass_starts(p)) {
		memset(s->sum, 0,
			conv_sum_floats(&s->forward) * sizeof *s->sum);
		memset(dbias, 0, l->out->pixel * sizeof *dbias);
	}
	conv_gradients(&s->forward, p->n, tensor_value(l->in[0], p),
		tensor_gradient(l->out, p), s->sum, dbias, *l->scratch);
	if (pass_ends(p))
		conv_weight_gradient(
			&s->forward, s->sum, l->params[0].gradient);
}

static void conv_run_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	const struct state *s = l->state;

	(void)which;
	conv_forward(&s->backward, p->n, tensor_gradient(l->out, p),
		s->packed_back, NULL, dx, *l->scratch);
}

/* -- weights -- */

/* Tap (i,j) of what goes forward is tap (K-1-i,K-1-j) of what comes back, with
 * inputs and outputs changing places. */
static void turn_over(const struct state *s, const float *weights)
{
	const struct direct_shape *f = &s->forward.shape;
	const struct direct_shape *b = &s->backward.shape;
	const size_t taps = f->kernel * f->kernel;

	for (size_t t = 0; t < taps; t++) {
		const float *from = weights + (taps - 1 - t) * f->in * f->out;
		float *to = s->turned + t * b->in * b->out;

		for (size_t o = 0; o < b->in; o++)
			for (size_t i = 0; i < f->in; i++)
				to[o * b->out + i] = from[i * f->out + o];
	}
}

static void conv_changed(struct layer *l)
{
	const struct state *s = l->state;

	conv_pack(&s->forward, l->params[0].value, s->packed);
	if (!s->turned)
		return;
	turn_over(s, l->params[0].value);
	conv_pack(&s->backward, s->turned, s->packed_back);
}

/* Where weight (o,i,tap) of the outside lies inside. */
static size_t place_of(
	const struct direct_shape *d, size_t o, size_t i, size_t tap)
{
	return (tap * d->in + i) * d->out + o;
}

static void conv_read(const struct layer *l, float *out)
{
	const struct direct_shape *d =
		&((const struct state *)l->state)->forward.shape;

	for (size_t o = 0; o < (size_t)l->node->filters; o++)
		for (size_t i = 0; i < d->in; i++)
			for (size_t t = 0; t < d->kernel * d->kernel; t++)
				*out++ = l->params[0]
						 .value[place_of(d, o, i, t)];
}

static void conv_write(struct layer *l, const float *values)
{
	const struct direct_shape *d =
		&((const struct state *)l->state)->forward.shape;

	for (size_t o = 0; o < (size_t)l->node->filters; o++)
		for (size_t i = 0; i < d->in; i++)
			for (size_t t = 0; t < d->kernel * d->kernel; t++)
				l->params[0].value[place_of(d, o, i, t)] =
					*values++;
}

static void conv_free(struct layer *l)
{
	free(l->state);
}

const struct op_verbs op_conv = {
	.name = "conv",
	.min_inputs = 1,
	.max_inputs = 1,
	.fields = {{"filters", SPEC_INT, offsetof(struct spec_node, filters)},
		{"kernel", SPEC_INT, offsetof(struct spec_node, kernel)},
		{"stride", SPEC_INT, offsetof(struct spec_node, stride)}},
	.complete = conv_complete,
	.shape = conv_shape,
	.cost = conv_cost,
	.new = conv_new,
	.forward = conv_run,
	.gradients = conv_run_gradients,
	.backward = conv_run_backward,
	.changed = conv_changed,
	.read = conv_read,
	.write = conv_write,
	.free = conv_free,
	.needs = {.keeps_input = 1},
	.reads_unpadded = 1,
};
