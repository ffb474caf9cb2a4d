/* average.c -- one output pixel at a time, one vector of channels at a time. */
#include "nn/kernels/average.h"

#include <string.h>

#include "nn/kernels/lanes.h"

/* One window of one image. */
struct view {
	struct average_window rows, columns;
	size_t rows_done, columns_done; /* where the windows before end */
	size_t row;                     /* floats from a row to the next */
	float weight;
};

static struct view view_of(const struct average_shape *s, size_t h, size_t w)
{
	const struct average_window rows = s->rows[h], columns = s->columns[w];
	const size_t pixels = (rows.to - rows.from) *
			      (columns.to - columns.from);

	return (struct view){
		.rows = rows,
		.columns = columns,
		.rows_done = h > 0 ? s->rows[h - 1].to : 0,
		.columns_done = w > 0 ? s->columns[w - 1].to : 0,
		.row = s->width * s->stride,
		.weight = 1.0f / (float)pixels,
	};
}

/* Four sums side by side: additions follow each other four times as fast, and
 * round less. */
static inline lanes sum_row(const float *x, size_t columns, size_t stride)
{
	lanes a = lanes_zero(), b = a, c = a, d = a;

	for (; columns >= 4; columns -= 4, x += 4 * stride) {
		a += lanes_load(x);
		b += lanes_load(x + stride);
		c += lanes_load(x + 2 * stride);
		d += lanes_load(x + 3 * stride);
	}
	for (; columns > 0; columns--, x += stride)
		a += lanes_load(x);
	return (a + b) + (c + d);
}

static void gather(
	const struct view *v, const float *x, float *y, size_t stride)
{
	const size_t columns = v->columns.to - v->columns.from;

	x += v->columns.from * stride;
	for (size_t c = 0; c < stride; c += LANES) {
		lanes sum = lanes_zero();

		for (size_t h = v->rows.from; h < v->rows.to; h++)
			sum += sum_row(x + h * v->row + c, columns, stride);
		lanes_store(y + c, sum * lanes_all(v->weight));
	}
}

static void average_forward(
	const struct average_shape *s, size_t n, const float *x, float *y)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t h = 0; h < s->out_height; h++)
			for (size_t w = 0; w < s->out_width; w++) {
				const struct view v = view_of(s, h, w);

				gather(&v, x, y, s->stride);
				y += s->stride;
			}
		x += s->height * s->width * s->stride;
	}
}

/* -- backward -- */

/* Gives each pixel its share: writes it, or adds it where a window before has
 * been. */
static void spread(
	const struct view *v, const float *dy, float *dx, size_t stride)
{
	for (size_t c = 0; c < stride; c += LANES) {
		const lanes share = lanes_load(dy + c) * lanes_all(v->weight);

		for (size_t h = v->rows.from; h < v->rows.to; h++) {
			const size_t seam = h < v->rows_done ? v->columns.to
							     : v->columns_done;
			float *to = dx + h * v->row + c;
			size_t w = v->columns.from;

			for (to += w * stride; w < seam; w++, to += stride)
				lanes_store(to, lanes_load(to) + share);
			for (; w < v->columns.to; w++, to += stride)
				lanes_store(to, share);
		}
	}
}

/* True if every pixel of x is in some window. */
static int covers(const struct average_shape *s)
{
	return s->rows[s->out_height - 1].to == s->height &&
	       s->columns[s->out_width - 1].to == s->width;
}

static void average_backward(
	const struct average_shape *s, size_t n, const float *dy, float *dx)
{
	const size_t image = s->height * s->width * s->stride;

	if (!covers(s))
		memset(dx, 0, n * image * sizeof *dx);
	for (size_t i = 0; i < n; i++, dx += image)
		for (size_t h = 0; h < s->out_height; h++)
			for (size_t w = 0; w < s->out_width; w++) {
				const struct view v = view_of(s, h, w);

				spread(&v, dy, dx, s->stride);
				dy += s->stride;
			}
}

extern const struct average_kernels KERNELS(average);

const struct average_kernels KERNELS(average) = {
	.forward = average_forward,
	.backward = average_backward,
};
