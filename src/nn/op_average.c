/* op_average.c -- maps made smaller by averages: of 2 x 2, or to exactly the
 * height and width asked for, which may be one pixel (global pooling).
 *
 * Shrinking, output row i averages input rows floor(i H / h) up to
 * ceil((i + 1) H / h), columns likewise: every input counts, and windows may
 * overlap by one.  Of 2 x 2, an odd last row or column is dropped. */
#include "nn/op.h"

#include <stdlib.h>

#include "base/arena.h"
#include "nn/kernels/average.h"

static int shrink_shape(const struct spec_node *node, const struct shape *in,
	struct shape *out, struct err *e)
{
	if (node->height < 1 || node->width < 1)
		return err_set(e, ERR_GENOME,
			"shrinking to %dx%d, a map that vanishes", node->height,
			node->width);
	if (node->height > in->height || node->width > in->width)
		return err_set(e, ERR_GENOME,
			"shrinking a map of %dx%d to %dx%d, which is larger",
			in->height, in->width, node->height, node->width);
	*out = (struct shape){in->channels, node->height, node->width};
	return 0;
}

/* The windows of both sides, rows first. */
static size_t windows_of(struct shape out)
{
	return (size_t)out.height + (size_t)out.width;
}

static void average_cost(
	const struct spec_node *node, const struct shape *in, struct op_cost *c)
{
	const size_t floats = sizeof(struct average_window) / sizeof(float);

	(void)in;
	c->fixed_floats = (int64_t)(windows_of(node->shape) * floats);
}

/* `out` windows over `in` rows or columns. */
static void fill_windows(struct average_window *windows, int in, int out)
{
	const size_t n = (size_t)in, m = (size_t)out;

	for (size_t i = 0; i < m; i++)
		windows[i] = (struct average_window){
			i * n / m, ((i + 1) * n + m - 1) / m};
}

static void new_windows(struct layer *l, int height, int width)
{
	const struct shape out = l->out->shape;
	struct average_window *rows = xcalloc(windows_of(out), sizeof *rows);

	fill_windows(rows, height, out.height);
	fill_windows(rows + out.height, width, out.width);
	l->state = rows;
}

static int avgpool_new(struct layer *l, struct op_build *b, struct err *e)
{
	const struct shape out = l->out->shape;

	(void)b, (void)e;
	new_windows(l, 2 * out.height, 2 * out.width);
	return 0;
}

static int shrink_new(struct layer *l, struct op_build *b, struct err *e)
{
	const struct shape in = l->in[0]->shape;

	(void)b, (void)e;
	new_windows(l, in.height, in.width);
	return 0;
}

static struct average_shape shape_of(const struct layer *l)
{
	const struct shape in = l->in[0]->shape, out = l->out->shape;
	const struct average_window *rows = l->state;

	return (struct average_shape){
		.height = (size_t)in.height,
		.width = (size_t)in.width,
		.out_height = (size_t)out.height,
		.out_width = (size_t)out.width,
		.stride = l->out->pixel,
		.rows = rows,
		.columns = rows + out.height,
	};
}

static void average_forward(struct layer *l, const struct pass *p)
{
	const struct average_shape s = shape_of(l);

	l->kernels->average->forward(
		&s, p->n, tensor_value(l->in[0], p), tensor_value(l->out, p));
}

static void average_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	const struct average_shape s = shape_of(l);

	(void)which;
	l->kernels->average->backward(&s, p->n, tensor_gradient(l->out, p), dx);
}

static void average_free(struct layer *l)
{
	free(l->state);
}

const struct op_verbs op_avgpool = {
	.name = "avgpool",
	.min_inputs = 1,
	.max_inputs = 1,
	.shape = op_pool_shape,
	.cost = average_cost,
	.new = avgpool_new,
	.forward = average_forward,
	.backward = average_backward,
	.free = average_free,
};

const struct op_verbs op_shrink = {
	.name = "shrink",
	.min_inputs = 1,
	.max_inputs = 1,
	.fields = {{"height", SPEC_INT, offsetof(struct spec_node, height)},
		{"width", SPEC_INT, offsetof(struct spec_node, width)}},
	.shape = shrink_shape,
	.cost = average_cost,
	.new = shrink_new,
	.forward = average_forward,
	.backward = average_backward,
	.free = average_free,
};
