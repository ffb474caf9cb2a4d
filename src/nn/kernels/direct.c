/* direct.c -- one image at a time, with its border around it and its channels
 * side by side. */
#include "nn/kernels/direct.h"

#include <string.h>

#include "nn/kernels/panel.h"

static size_t padded_side(const struct direct_shape *s, size_t out_side)
{
	return (out_side - 1) * s->stride + s->kernel;
}

static size_t padded_row(const struct direct_shape *s)
{
	return padded_side(s, s->out_width) * s->in;
}

/* Lone pixels need no border and are read where they are. */
static int reads_in_place(const struct direct_shape *s)
{
	return s->kernel == 1 && s->stride == 1 && s->spread == 1;
}

/* The first layer of many networks; has loops of its own. */
static int is_3x3_on_one(const struct direct_shape *s)
{
	return s->kernel == 3 && s->in == 1;
}

static size_t direct_scratch(const struct direct_shape *s)
{
	return reads_in_place(s)
		       ? 0
		       : padded_side(s, s->out_height) * padded_row(s);
}

/* Floats from a pixel to the next, and from a row to the next, as the product
 * reads the image. */
static size_t pixel_of(const struct direct_shape *s)
{
	return reads_in_place(s) ? s->in_stride : s->in;
}

static size_t row_of(const struct direct_shape *s)
{
	return reads_in_place(s) ? s->width * s->in_stride : padded_row(s);
}

static void copy_row(
	const struct direct_shape *s, const float *x, float *to, size_t side)
{
	if (s->spread == 1 && s->in == s->in_stride && s->width <= side) {
		memcpy(to, x, s->width * s->in * sizeof *to);
		return;
	}
	for (size_t w = 0; w < s->width && w * s->spread < side; w++)
		memcpy(to + w * s->spread * s->in, x + w * s->in_stride,
			s->in * sizeof *to);
}

/* The image as the product reads it; what is border stays zero. */
static const float *pad_input(
	const struct direct_shape *s, const float *x, float *scratch)
{
	const size_t row = padded_row(s);
	const size_t height = padded_side(s, s->out_height) - s->before;
	const size_t side = padded_side(s, s->out_width) - s->before;
	float *to = scratch + s->before * row + s->before * s->in;

	if (reads_in_place(s))
		return x;
	for (size_t h = 0; h < s->height && h * s->spread < height; h++)
		copy_row(s, x + h * s->width * s->in_stride,
			to + h * s->spread * row, side);
	return scratch;
}

static void clear(const struct direct_shape *s, float *scratch)
{
	memset(scratch, 0, direct_scratch(s) * sizeof *scratch);
}

static size_t panel_width(const struct direct_shape *s, size_t o)
{
	return s->out - o > LANES ? PANEL_COLUMNS : LANES;
}

static void direct_pack(
	const struct direct_shape *s, const float *weights, float *packed)
{
	const size_t depth = s->kernel * s->kernel * s->in;

	if (is_3x3_on_one(s)) {
		memcpy(packed, weights, depth * s->out * sizeof *packed);
		return;
	}
	for (size_t o = 0; o < s->out; o += PANEL_COLUMNS) {
		const size_t width = panel_width(s, o);

		for (size_t k = 0; k < depth; k++, packed += width)
			memcpy(packed, weights + k * s->out + o,
				width * sizeof *packed);
	}
}

/* The window's rows, of those that output row h sees, that lie in the image. */
static size_t first_tap(const struct direct_shape *s, size_t h)
{
	const size_t at = h * s->stride;

	return at < s->before ? s->before - at : 0;
}

static size_t last_tap(const struct direct_shape *s, size_t h)
{
	const size_t end = s->before + (s->height - 1) * s->spread + 1;
	const size_t left = end - h * s->stride;

	return left < s->kernel ? left : s->kernel;
}

/* One image, a row of outputs at a time; where pixels are read in place, all
 * of it as one row. */
static void forward_image(const struct direct_shape *s, const float *x,
	const float *packed, const float *bias, float *y)
{
	const int flat = reads_in_place(s);
	const size_t rows = flat ? 1 : s->out_height;
	const size_t columns = s->out_width * (flat ? s->out_height : 1);
	const size_t depth = s->kernel * s->in;

	for (size_t o = 0; o < s->out; o += PANEL_COLUMNS) {
		const size_t width = panel_width(s, o);

		for (size_t h = 0; h < rows; h++) {
			const size_t tap = first_tap(s, h);
			const struct panel p = {
				.a = x + (h * s->stride + tap) * row_of(s),
				.a_row = s->stride * pixel_of(s),
				.a_depth = 1,
				.a_segment = row_of(s),
				.b = packed + tap * depth * width,
				.b_depth = width,
				.b_segment = depth * width,
				.c = y + h * s->out_width * s->out + o,
				.c_row = s->out,
				.start = bias ? bias + o : panel_zeros,
				.depth = depth,
				.segments = last_tap(s, h) - tap,
			};

			panel_rows(&p, columns, width / LANES);
		}
		packed += s->kernel * depth * width;
	}
}

/* A 3x3 window on one channel: the weights stay in registers and the pixels
 * pass by, since a product of depth 3 would spend its time between rows. */
static void forward_image_3x3(const struct direct_shape *s, const float *x,
	const float *weights, const float *bias, float *y)
{
	const size_t row = row_of(s), stride = s->stride;

	for (size_t o = 0; o < s->out; o += LANES) {
		const lanes start = bias ? lanes_load(bias + o) : lanes_zero();
		lanes w[9];
		float *to = y + o;

#pragma GCC unroll 9
		for (int t = 0; t < 9; t++)
			w[t] = lanes_load(weights + (size_t)t * s->out + o);
		for (size_t h = 0; h < s->out_height; h++) {
			const float *a = x + h * stride * row;

			for (size_t k = 0; k < s->out_width; k++) {
				lanes acc = start;

#pragma GCC unroll 9
				for (size_t t = 0; t < 9; t++)
					acc = lanes_fma(
						lanes_all(
							a[t / 3 * row + t % 3]),
						w[t], acc);
				lanes_store(to, acc);
				a += stride;
				to += s->out;
			}
		}
	}
}

/* On a small map the window lies over the edge nearly everywhere.  There the
 * images are the rows of a product for each output pixel, and only pixels of
 * the image are read; the sums have the same terms in the same order. */
static int is_small(const struct direct_shape *s, size_t n)
{
	return n >= PANEL_ROWS / 2 && s->out_width < 2 * s->kernel &&
	       s->kernel > 1 && s->spread == 1 && s->in == s->in_stride &&
	       s->in > 1;
}

/* As last_tap, for columns. */
static size_t last_column(const struct direct_shape *s, size_t w)
{
	const size_t left = s->before + s->width - w * s->stride;

	return left < s->kernel ? left : s->kernel;
}

/* Output pixel (h,w) of all images, a panel of outputs from o on. */
static void forward_pixel(const struct direct_shape *s, size_t n,
	const float *x, const float *packed, const float *start, float *y,
	size_t h, size_t w, size_t o)
{
	const size_t tap = first_tap(s, h), column = first_tap(s, w);
	const size_t row = h * s->stride + tap - s->before;
	const size_t width = panel_width(s, o);
	const struct panel p = {
		.a = x + (row * s->width + w * s->stride + column - s->before) *
				 s->in,
		.a_row = s->height * s->width * s->in,
		.a_depth = 1,
		.a_segment = s->width * s->in,
		.b = packed + (tap * s->kernel + column) * s->in * width,
		.b_depth = width,
		.b_segment = s->kernel * s->in * width,
		.c = y + (h * s->out_width + w) * s->out + o,
		.c_row = s->out_height * s->out_width * s->out,
		.start = start,
		.depth = (last_column(s, w) - column) * s->in,
		.segments = last_tap(s, h) - tap,
	};

	panel_rows(&p, n, width / LANES);
}

static void forward_small(const struct direct_shape *s, size_t n,
	const float *x, const float *packed, const float *bias, float *y)
{
	for (size_t o = 0; o < s->out; o += PANEL_COLUMNS) {
		for (size_t h = 0; h < s->out_height; h++)
			for (size_t w = 0; w < s->out_width; w++)
				forward_pixel(s, n, x, packed,
					bias ? bias + o : panel_zeros, y, h, w,
					o);
		packed += s->kernel * s->kernel * s->in * panel_width(s, o);
	}
}

static void direct_forward(const struct direct_shape *s, size_t n,
	const float *x, const float *packed, const float *bias, float *y,
	float *scratch)
{
	if (is_small(s, n)) {
		forward_small(s, n, x, packed, bias, y);
		return;
	}
	clear(s, scratch);
	for (size_t i = 0; i < n; i++) {
		const float *image = pad_input(s, x, scratch);

		if (is_3x3_on_one(s))
			forward_image_3x3(s, image, packed, bias, y);
		else
			forward_image(s, image, packed, bias, y);
		x += s->height * s->width * s->in_stride;
		y += s->out_height * s->out_width * s->out;
	}
}

/* -- gradients -- */

/* The output rows that see the window's row i inside the image: *first, and how
 * many. */
static size_t rows_of_tap(const struct direct_shape *s, size_t i, size_t *first)
{
	size_t end = s->out_height;

	*first = 0;
	while (*first < end && first_tap(s, *first) > i)
		++*first;
	while (end > *first && last_tap(s, end - 1) <= i)
		end--;
	return end - *first;
}

/* One image's share of the weights' gradient: for each row of the window, a
 * product of the transposed image and the output's gradient. */
static void gradients_image(const struct direct_shape *s, const float *x,
	const float *dy, float *dweights)
{
	const int flat = reads_in_place(s);
	const size_t depth = s->kernel * s->in;
	const size_t dy_row = s->out_width * s->out;

	for (size_t i = 0; i < s->kernel; i++) {
		size_t h, rows = rows_of_tap(s, i, &h);

		if (rows == 0)
			continue;
		for (size_t o = 0; o < s->out; o += PANEL_COLUMNS) {
			float *c = dweights + i * depth * s->out + o;
			const struct panel p = {
				.a = x + (h * s->stride + i) * row_of(s),
				.a_row = 1,
				.a_depth = s->stride * pixel_of(s),
				.a_segment = s->stride * row_of(s),
				.b = dy + h * dy_row + o,
				.b_depth = s->out,
				.b_segment = dy_row,
				.c = c,
				.c_row = s->out,
				.start = c,
				.start_row = s->out,
				.depth = s->out_width * (flat ? rows : 1),
				.segments = flat ? 1 : rows,
			};

			panel_rows(&p, depth, panel_width(s, o) / LANES);
		}
	}
}

/* The nine taps of a 3x3 window on one channel in registers at once: three to
 * a row would leave most of them idle. */
static void gradients_image_3x3(const struct direct_shape *s, const float *x,
	const float *dy, float *dweights)
{
	const size_t row = row_of(s), stride = s->stride;

	for (size_t o = 0; o < s->out; o += LANES) {
		lanes acc[9];
		const float *d = dy + o;

#pragma GCC unroll 9
		for (size_t t = 0; t < 9; t++)
			acc[t] = lanes_load(dweights + (size_t)t * s->out + o);
		for (size_t h = 0; h < s->out_height; h++) {
			const float *a = x + h * stride * row;

			for (size_t w = 0; w < s->out_width; w++) {
				const lanes y = lanes_load(d);

#pragma GCC unroll 9
				for (int t = 0; t < 9; t++)
					acc[t] = lanes_fma(
						lanes_all(a[(size_t)(t / 3) *
								    row +
							    t % 3]),
						y, acc[t]);
				a += stride;
				d += s->out;
			}
		}
#pragma GCC unroll 9
		for (int t = 0; t < 9; t++)
			lanes_store(dweights + (size_t)t * s->out + o, acc[t]);
	}
}

static void add_pixels(
	const struct direct_shape *s, const float *dy, float *sum)
{
	const size_t pixels = s->out_height * s->out_width;

	for (size_t o = 0; o < s->out; o += LANES) {
		lanes total = lanes_zero();

		for (size_t i = 0; i < pixels; i++)
			total += lanes_load(dy + i * s->out + o);
		lanes_store(sum + o, lanes_load(sum + o) + total);
	}
}

static void direct_gradients(const struct direct_shape *s, size_t n,
	const float *x, const float *dy, float *dweights, float *dbias,
	float *scratch)
{
	clear(s, scratch);
	for (size_t i = 0; i < n; i++) {
		const float *image = pad_input(s, x, scratch);

		if (is_3x3_on_one(s))
			gradients_image_3x3(s, image, dy, dweights);
		else
			gradients_image(s, image, dy, dweights);
		add_pixels(s, dy, dbias);
		x += s->height * s->width * s->in_stride;
		dy += s->out_height * s->out_width * s->out;
	}
}

const struct direct_kernels KERNELS(direct) = {
	.scratch = direct_scratch,
	.pack = direct_pack,
	.forward = direct_forward,
	.gradients = direct_gradients,
};
