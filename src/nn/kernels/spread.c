/* spread.c -- convolution of a map whose pixels count as lying apart, without
 * the products with the zeros between.
 *
 * Which taps of the window meet a pixel depends on the output's row and column
 * modulo the spread alone.  All outputs that share both are a convolution of
 * the map as it is by those taps, every spread-th of the window, and their
 * weights are packed together.  The contract is that of direct.h. */
#include <string.h>

#include "nn/kernels/direct.h"
#include "nn/kernels/panel.h"

/* The taps first, first + spread, ... of a window's side. */
static size_t taps(const struct direct_shape *s, size_t first)
{
	return first < s->kernel ? (s->kernel - first - 1) / s->spread + 1 : 0;
}

/* How many taps of the side start from less than `first`. */
static size_t taps_before(const struct direct_shape *s, size_t first)
{
	size_t n = 0;

	for (size_t i = 0; i < first; i++)
		n += taps(s, i);
	return n;
}

/* The first tap that meets a pixel at an output's row or column. */
static size_t first_tap(const struct direct_shape *s, size_t at)
{
	return (s->before + (s->spread - 1) * at) % s->spread;
}

/* -- the map with a border of zeros, its channels side by side -- */

static size_t border(const struct direct_shape *s)
{
	return (s->before + s->spread - 1) / s->spread;
}

/* The pixel under the first tap of an output, border included. */
static size_t under(const struct direct_shape *s, size_t at)
{
	return (at + first_tap(s, at) + border(s) * s->spread - s->before) /
	       s->spread;
}

/* Up to the pixel under the last tap of the last output. */
static size_t padded_side(const struct direct_shape *s, size_t out_side)
{
	return (out_side - 1 + s->kernel - 1 + border(s) * s->spread -
		       s->before) /
		       s->spread +
	       1;
}

static size_t padded_row(const struct direct_shape *s)
{
	return padded_side(s, s->out_width) * s->in;
}

static size_t spread_scratch(const struct direct_shape *s)
{
	return padded_side(s, s->out_height) * padded_row(s);
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void spread_input(
	const struct direct_shape *s, const float *x, float *scratch)
{
	const size_t row = padded_row(s), edge = border(s);
	const size_t height = smaller(
		s->height, padded_side(s, s->out_height) - edge);
	const size_t width = smaller(
		s->width, padded_side(s, s->out_width) - edge);
	float *to = scratch + edge * row + edge * s->in;

	for (size_t h = 0; h < height; h++)
		for (size_t w = 0; w < width; w++)
			memcpy(to + h * row + w * s->in,
				x + (h * s->width + w) * s->in_stride,
				s->in * sizeof *to);
}

/* -- weights: for each panel of outputs, the taps of each pair of firsts -- */

static size_t panel_width(const struct direct_shape *s, size_t o)
{
	return s->out - o > LANES ? PANEL_COLUMNS : LANES;
}

/* Where in a panel those of rows from i and columns from j begin. */
static size_t place_of(
	const struct direct_shape *s, size_t i, size_t j, size_t width)
{
	const size_t before = taps_before(s, i) * s->kernel +
			      taps(s, i) * taps_before(s, j);

	return before * s->in * width;
}

static float *pack_tap(const struct direct_shape *s, const float *weights,
	size_t width, float *packed)
{
	for (size_t k = 0; k < s->in; k++, packed += width)
		memcpy(packed, weights + k * s->out, width * sizeof *packed);
	return packed;
}

static void spread_pack(
	const struct direct_shape *s, const float *weights, float *packed)
{
	const size_t tap = s->in * s->out, side = s->kernel, by = s->spread;

	for (size_t o = 0; o < s->out; o += PANEL_COLUMNS)
		for (size_t f = 0; f < by * by; f++)
			for (size_t i = f / by; i < side; i += by)
				for (size_t j = f % by; j < side; j += by)
					packed = pack_tap(s,
						weights + (i * side + j) * tap +
							o,
						panel_width(s, o), packed);
}

/* -- products -- */

/* The outputs of row h and columns w, w + spread, ... */
static struct panel panel_of(const struct direct_shape *s, size_t h, size_t w,
	const float *image, size_t width)
{
	const size_t i = first_tap(s, h), j = first_tap(s, w);
	const size_t depth = taps(s, j) * s->in;

	return (struct panel){
		.a = image + under(s, h) * padded_row(s) + under(s, w) * s->in,
		.a_row = s->in,
		.a_depth = 1,
		.a_segment = padded_row(s),
		.b_depth = width,
		.b_segment = depth * width,
		.c_row = s->spread * s->out,
		.depth = depth,
		.segments = taps(s, i),
	};
}

static void forward_image(const struct direct_shape *s, const float *image,
	const float *packed, const float *bias, float *y)
{
	const size_t last = smaller(s->spread, s->out_width);

	for (size_t o = 0; o < s->out; o += PANEL_COLUMNS) {
		const size_t width = panel_width(s, o);

		for (size_t h = 0; h < s->out_height; h++)
			for (size_t w = 0; w < last; w++) {
				struct panel p = panel_of(
					s, h, w, image, width);

				p.b = packed + place_of(s, first_tap(s, h),
						       first_tap(s, w), width);
				p.c = y + (h * s->out_width + w) * s->out + o;
				p.start = bias ? bias + o : panel_zeros;
				panel_rows(&p,
					(s->out_width - w - 1) / s->spread + 1,
					width / LANES);
			}
		packed += s->kernel * s->kernel * s->in * width;
	}
}

static void spread_forward(const struct direct_shape *s, size_t n,
	const float *x, const float *packed, const float *bias, float *y,
	float *scratch)
{
	memset(scratch, 0, spread_scratch(s) * sizeof *scratch);
	for (size_t i = 0; i < n; i++) {
		spread_input(s, x, scratch);
		forward_image(s, scratch, packed, bias, y);
		x += s->height * s->width * s->in_stride;
		y += s->out_height * s->out_width * s->out;
	}
}

extern const struct direct_kernels KERNELS(spread);

const struct direct_kernels KERNELS(spread) = {
	.scratch = spread_scratch,
	.pack = spread_pack,
	.forward = spread_forward,
};
