/* dense.c -- three matrix products over weights in panels. */
#include "nn/kernels/dense.h"

#include "nn/kernels/panel.h"
#include "nn/kernels/transpose.h"

/* The depth of a product is cut, so that a panel's part stays in the first
 * level of the cache while the images pass. */
#define DEPTH_MAX 256

static size_t panel_width(size_t columns, size_t o)
{
	return columns - o > LANES ? PANEL_COLUMNS : LANES;
}

static size_t dense_at(const struct dense_shape *s, size_t i, size_t o)
{
	const size_t first = o - o % PANEL_COLUMNS;

	return first * s->in + i * panel_width(s->out, first) + (o - first);
}

/* A panel of columns of c = start + a (rows, depth) b, with b contiguous and
 * the rows of `a` too. */
static void product_panel(const float *a, size_t rows, size_t depth,
	const float *b, size_t width, const float *start, float *c,
	size_t c_row)
{
	for (size_t k = 0; k < depth; k += DEPTH_MAX) {
		const struct panel p = {
			.a = a + k,
			.a_row = depth,
			.a_depth = 1,
			.b = b + k * width,
			.b_depth = width,
			.c = c,
			.c_row = c_row,
			.start = k ? c : start,
			.start_row = k ? c_row : 0,
			.depth = depth - k < DEPTH_MAX ? depth - k : DEPTH_MAX,
			.segments = 1,
		};

		panel_rows(&p, rows, width / LANES);
	}
}

static void dense_forward(const struct dense_shape *s, size_t n, const float *x,
	const float *weights, const float *bias, float *y)
{
	for (size_t o = 0; o < s->out; o += PANEL_COLUMNS)
		product_panel(x, n, s->in, weights + o * s->in,
			panel_width(s->out, o), bias + o, y + o, s->out);
}

static void dense_gradients(const struct dense_shape *s, size_t n,
	const float *x, const float *dy, float *dweights, float *dbias)
{
	/* A few rows of weights at a time, for all panels: their inputs are
	 * far apart and are brought into the cache once. */
	for (size_t i = 0; i < s->in; i += PANEL_ROWS)
		for (size_t o = 0; o < s->out; o += PANEL_COLUMNS) {
			const size_t width = panel_width(s->out, o);
			const struct panel p = {
				.a = x + i,
				.a_row = 1,
				.a_depth = s->in,
				.b = dy + o,
				.b_depth = s->out,
				.c = dweights + o * s->in + i * width,
				.c_row = width,
				.start = panel_zeros,
				.depth = n,
				.segments = 1,
			};
			const size_t rows = s->in - i;

			panel_rows(&p, rows < PANEL_ROWS ? rows : PANEL_ROWS,
				width / LANES);
		}
	for (size_t o = 0; o < s->out; o += LANES) {
		lanes sum = lanes_zero();

		for (size_t i = 0; i < n; i++)
			sum += lanes_load(dy + i * s->out + o);
		lanes_store(dbias + o, sum);
	}
}

/* The panel of columns i of the weights turned over, (out, in). */
static void turn_over(const struct dense_shape *s, const float *weights,
	size_t i, size_t width, float *to)
{
	for (size_t o = 0; o < s->out; o += PANEL_COLUMNS) {
		const size_t from_width = panel_width(s->out, o);

		transpose(weights + o * s->in + i * from_width, from_width,
			to + o * width, width, width, from_width);
	}
}

static void dense_backward(const struct dense_shape *s, size_t n,
	const float *dy, const float *weights, float *panel, float *dx)
{
	for (size_t i = 0; i < s->in; i += PANEL_COLUMNS) {
		const size_t width = panel_width(s->in, i);

		turn_over(s, weights, i, width, panel);
		product_panel(dy, n, s->out, panel, width, panel_zeros, dx + i,
			s->in);
	}
}

const struct dense_kernels KERNELS(dense) = {
	.at = dense_at,
	.forward = dense_forward,
	.gradients = dense_gradients,
	.backward = dense_backward,
};
