/* op_shrink.c -- average pooling to exactly the height and width asked for.
 *
 * Output row i averages input rows floor(i H / h) up to ceil((i + 1) H / h),
 * columns likewise: every input counts, and windows may overlap by one. */
#include "nn/op.h"

#include <string.h>

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

/* The inputs from..to-1 that output i of `out` averages, of `in` in all. */
struct window {
	size_t from, to;
};

static struct window window_of(int i, int in, int out)
{
	const size_t n = (size_t)in, m = (size_t)out, k = (size_t)i;

	return (struct window){k * n / m, ((k + 1) * n + m - 1) / m};
}

/* A window of one image: its first pixel, its rows and columns, floats from
 * row to row, and what each pixel counts for. */
struct view {
	size_t at, rows, columns, row;
	float weight;
};

static struct view view_of(const struct layer *l, int h, int w)
{
	const struct shape in = l->in[0]->shape, out = l->out->shape;
	const struct window y = window_of(h, in.height, out.height);
	const struct window x = window_of(w, in.width, out.width);
	const size_t pixel = l->in[0]->pixel;
	const size_t row = (size_t)in.width * pixel;

	return (struct view){
		.at = y.from * row + x.from * pixel,
		.rows = y.to - y.from,
		.columns = x.to - x.from,
		.row = row,
		.weight = 1.0f / (float)((y.to - y.from) * (x.to - x.from)),
	};
}

/* y += the average of the window of x. */
static void gather(const struct view *v, const float *restrict x,
	float *restrict y, size_t channels)
{
	for (size_t h = 0; h < v->rows; h++)
		for (size_t w = 0; w < v->columns; w++) {
			const float *restrict from = x + v->at + h * v->row +
						     w * channels;

			for (size_t c = 0; c < channels; c++)
				y[c] += from[c] * v->weight;
		}
}

/* The window of dx += what it gave to y. */
static void spread(const struct view *v, const float *restrict dy,
	float *restrict dx, size_t channels)
{
	for (size_t h = 0; h < v->rows; h++)
		for (size_t w = 0; w < v->columns; w++) {
			float *restrict to = dx + v->at + h * v->row +
					     w * channels;

			for (size_t c = 0; c < channels; c++)
				to[c] += dy[c] * v->weight;
		}
}

static void shrink_forward(struct layer *l, const struct pass *p)
{
	const struct shape out = l->out->shape;
	const size_t channels = l->out->pixel;
	const float *x = tensor_value(l->in[0], p);
	float *y = tensor_value(l->out, p);

	memset(y, 0, p->n * tensor_image(l->out) * sizeof *y);
	for (size_t i = 0; i < p->n; i++, x += tensor_image(l->in[0])) {

		for (int k = 0; k < out.height * out.width; k++) {
			struct view v = view_of(
				l, k / out.width, k % out.width);

			gather(&v, x, y, channels);
			y += channels;
		}
	}
}

static void shrink_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	const struct shape out = l->out->shape;
	const size_t channels = l->out->pixel;
	const size_t image = tensor_image(l->in[0]);
	const float *dy = tensor_gradient(l->out, p);

	(void)which;
	memset(dx, 0, p->n * image * sizeof *dx);
	for (size_t i = 0; i < p->n; i++, dx += image)
		for (int k = 0; k < out.height * out.width; k++) {
			struct view v = view_of(
				l, k / out.width, k % out.width);

			spread(&v, dy, dx, channels);
			dy += channels;
		}
}

const struct op_verbs op_shrink = {
	.name = "shrink",
	.min_inputs = 1,
	.max_inputs = 1,
	.shape = shrink_shape,
	.forward = shrink_forward,
	.backward = shrink_backward,
};
