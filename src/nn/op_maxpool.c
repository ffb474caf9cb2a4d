/* op_maxpool.c -- the largest of each 2 x 2, per channel.
 *
 * An odd last row or column is dropped.  The gradient goes to the first
 * largest in reading order. */
#include "nn/op.h"

#include <string.h>

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

/* Ends with b where either is a NaN, in one instruction. */
static float larger(float a, float b)
{
	return a > b ? a : b;
}

/* One row of outputs from two rows of inputs, `channels` apart. */
static void pool_row(const float *restrict top, const float *restrict bottom,
	float *restrict y, size_t width, size_t channels)
{
	for (size_t w = 0; w < width; w++) {
		for (size_t c = 0; c < channels; c++)
			y[c] = larger(larger(top[c], top[c + channels]),
				larger(bottom[c], bottom[c + channels]));
		top += 2 * channels;
		bottom += 2 * channels;
		y += channels;
	}
}

static void maxpool_forward(struct layer *l, const struct pass *p)
{
	const struct shape in = l->in[0]->shape, out = l->out->shape;
	const size_t channels = (size_t)in.channels;
	const size_t row = (size_t)in.width * channels;
	const size_t out_row = (size_t)out.width * channels;

	for (size_t i = 0; i < p->n; i++) {
		const float *x = l->in[0]->value + i * shape_floats(in);
		float *y = l->out->value + i * shape_floats(out);

		for (int h = 0; h < out.height; h++) {
			pool_row(x, x + row, y, (size_t)out.width, channels);
			x += 2 * row;
			y += out_row;
		}
	}
}

/* Where input x is the largest, its gradient is what its predecessors in the
 * window have left of the output's. */
static void take(float *restrict dx, const float *restrict x,
	const float *restrict y, float *restrict left, size_t channels)
{
	for (size_t c = 0; c < channels; c++) {
		int mine = x[c] == y[c];
		float dy = left[c];

		dx[c] = mine ? dy : 0.0f;
		left[c] = mine ? 0.0f : dy;
	}
}

/* The gradients of one row of outputs, from and to two rows of inputs.
 * Uses up the outputs' gradients. */
static void unpool_row(
	const struct layer *l, size_t in_at, size_t out_at, float *dx)
{
	const size_t channels = (size_t)l->in[0]->shape.channels;
	const size_t row = (size_t)l->in[0]->shape.width * channels;
	const float *x = l->in[0]->value;
	const float *y = l->out->value + out_at;
	float *left = l->out->gradient + out_at;

	for (int w = 0; w < l->out->shape.width; w++) {
		const size_t corners[] = {in_at, in_at + channels, in_at + row,
			in_at + row + channels};

		for (int k = 0; k < 4; k++)
			take(dx + corners[k], x + corners[k], y, left,
				channels);
		in_at += 2 * channels;
		y += channels;
		left += channels;
	}
}

static void maxpool_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	const struct shape in = l->in[0]->shape, out = l->out->shape;
	const size_t image = shape_floats(in);
	const size_t row = (size_t)(in.width * in.channels);
	const size_t out_row = (size_t)(out.width * in.channels);

	(void)which;
	/* The dropped row and column have no gradient. */
	if (in.height % 2 || in.width % 2)
		memset(dx, 0, p->n * image * sizeof *dx);
	for (size_t i = 0; i < p->n; i++)
		for (size_t h = 0; h < (size_t)out.height; h++)
			unpool_row(l, i * image + 2 * h * row,
				(i * (size_t)out.height + h) * out_row, dx);
}

const struct op_verbs op_maxpool = {
	.name = "maxpool",
	.min_inputs = 1,
	.max_inputs = 1,
	.shape = maxpool_shape,
	.forward = maxpool_forward,
	.backward = maxpool_backward,
};
