/* winograd.c -- tiles are transformed, multiplied point by point, and
 * transformed back.
 *
 * The 36 points of a tile are matrices over (tiles, channels): transformed
 * inputs V (tiles, in), weights U (in, out), products M (tiles, out).  A block
 * of tiles at a time goes through all three steps, so that V and M stay in the
 * second-level cache. */
#include "nn/kernels/winograd.h"

#include <string.h>

#include "nn/kernels/panel.h"
#include "nn/kernels/winograd_tile.h"

#define POINTS (WINOGRAD_SIDE * WINOGRAD_SIDE)

/* Of V and M together: half a megabyte. */
#define BLOCK_FLOATS ((size_t)128 * 1024)

/* Where things are for one call. */
struct winograd_plan {
	const struct winograd_shape *s;
	size_t m;             /* outputs a tile's side: 4 or 2 */
	size_t rows, columns; /* tiles of an image */
	size_t border;        /* pixels before an image: kernel / 2 */

	/* An image with its border, and after it as much as tiles reach. */
	size_t padded_height, padded_width;
	float *padded;

	/* A tile of output gradients at the edge of an image. */
	float *edge;

	size_t block;            /* tiles */
	float *v, *z;            /* (POINTS, block, in_stride) and (..., out) */
	size_t v_point, z_point; /* floats from a point to the next */
};

static size_t tiles_of(size_t side, size_t m)
{
	return (side + m - 1) / m;
}

static size_t block_of(const struct winograd_shape *s)
{
	size_t n = BLOCK_FLOATS / (POINTS * (s->in_stride + s->out));

	n -= n % PANEL_ROWS;
	return n < PANEL_ROWS ? PANEL_ROWS : n > 96 ? 96 : n;
}

/* Takes its memory from `scratch`, or with NULL counts it; returns floats. */
static size_t plan_init(
	struct winograd_plan *p, const struct winograd_shape *s, float *scratch)
{
	size_t padded, edge, v, z;

	*p = (struct winograd_plan){.s = s, .m = s->kernel == 3 ? 4 : 2};
	p->rows = tiles_of(s->height, p->m);
	p->columns = tiles_of(s->width, p->m);
	p->border = (size_t)s->kernel / 2;
	p->padded_height = p->rows * p->m + (size_t)s->kernel - 1;
	p->padded_width = p->columns * p->m + (size_t)s->kernel - 1;
	p->block = block_of(s);
	/* A distance of a power of two would put all points into one set of
	 * the cache. */
	p->v_point = p->block * s->in_stride + LANES;
	p->z_point = p->block * s->out + LANES;
	padded = p->padded_height * p->padded_width * s->in_stride;
	edge = p->m * p->m * s->out;
	v = POINTS * p->v_point;
	z = POINTS * p->z_point;
	if (scratch) {
		p->padded = scratch;
		p->edge = p->padded + padded;
		p->v = p->edge + edge;
		p->z = p->v + v;
	}
	return padded + edge + v + z;
}

static size_t winograd_scratch(const struct winograd_shape *s)
{
	struct winograd_plan p;

	return plan_init(&p, s, NULL);
}

/* -- weights -- */

/* U lies in panels of columns, each contiguous over the depth. */
static void winograd_transform(
	const struct winograd_shape *s, const float *weights, float *u)
{
	const size_t tap = s->in * s->out;

	for (size_t o = 0; o < s->out; o += LANES) {
		size_t first = o - o % PANEL_COLUMNS;
		size_t width = s->out - first < PANEL_COLUMNS ? s->out - first
							      : PANEL_COLUMNS;
		float *to = u + first * s->in + (o - first);

		for (size_t i = 0; i < s->in; i++, to += width) {
			const float *from = weights + i * s->out + o;

			if (s->kernel == 3)
				weight_tile(from, tap, to, tap, 3);
			else
				weight_tile(from, tap, to, tap, 5);
		}
	}
}

/* -- images -- */

/* An image into the middle of `padded`, whose border stays as it is. */
static void pad_image(const struct winograd_plan *p, const float *x)
{
	const struct winograd_shape *s = p->s;
	const size_t row = p->padded_width * s->in_stride;
	const size_t floats = s->width * s->in_stride;
	float *to = p->padded + p->border * row + p->border * s->in_stride;

	for (size_t h = 0; h < s->height; h++, to += row, x += floats)
		memcpy(to, x, floats * sizeof *to);
}

static void clear_padded(const struct winograd_plan *p)
{
	memset(p->padded, 0,
		p->padded_height * p->padded_width * p->s->in_stride *
			sizeof *p->padded);
}

/* Tile number `tile` of all images, as image, row and column. */
struct tile_place {
	size_t image, row, column;
};

static struct tile_place place_of(const struct winograd_plan *p, size_t tile)
{
	const size_t each = p->rows * p->columns;

	return (struct tile_place){
		tile / each, tile % each / p->columns, tile % p->columns};
}

/* V of the tiles first .. first + count - 1. */
static void transform_inputs(const struct winograd_plan *p, const float *x,
	size_t first, size_t count)
{
	const struct winograd_shape *s = p->s;
	const size_t stride = s->in_stride, row = p->padded_width * stride;

	for (size_t t = 0; t < count; t++) {
		struct tile_place at = place_of(p, first + t);
		const float *from = p->padded + at.row * p->m * row +
				    at.column * p->m * stride;

		if (at.row == 0 && at.column == 0)
			pad_image(p,
				x + at.image * s->height * s->width * stride);
		for (size_t c = 0; c < stride; c += LANES)
			input_tile(from + c, row, stride, p->v + t * stride + c,
				p->v_point);
	}
}

/* M = V U for every point. */
static void multiply(
	const struct winograd_plan *p, const float *u, size_t count)
{
	const struct winograd_shape *s = p->s;

	for (size_t e = 0; e < POINTS; e++)
		for (size_t o = 0; o < s->out; o += PANEL_COLUMNS) {
			size_t vectors = s->out - o > LANES ? 2 : 1;
			const struct panel panel = {
				.a = p->v + e * p->v_point,
				.a_row = s->in_stride,
				.a_depth = 1,
				.b = u + e * s->in * s->out + o * s->in,
				.b_depth = vectors * LANES,
				.c = p->z + e * p->z_point + o,
				.c_row = s->out,
				.start = panel_zeros,
				.depth = s->in,
				.segments = 1,
			};

			panel_rows(&panel, count, vectors);
		}
}

/* The tile's outputs that lie in the image. */
LANES_INLINE void store_tile(const struct winograd_plan *p,
	struct tile_place at, lanes y[4][4], float *to, const int m)
{
	const struct winograd_shape *s = p->s;
	const size_t side = (size_t)m, row = s->width * s->out;
	size_t height = s->height - at.row * side;
	size_t width = s->width - at.column * side;

	if (height >= side && width >= side) {
#pragma GCC unroll 4
		for (int i = 0; i < m; i++)
#pragma GCC unroll 4
			for (int j = 0; j < m; j++)
				lanes_store(to + (size_t)i * row +
						    (size_t)j * s->out,
					y[i][j]);
		return;
	}
	for (size_t i = 0; i < side && i < height; i++)
		for (size_t j = 0; j < side && j < width; j++)
			lanes_store(to + i * row + j * s->out, y[i][j]);
}

LANES_INLINE void transform_outputs(const struct winograd_plan *p,
	const float *bias, float *y, size_t first, size_t count, const int m)
{
	const struct winograd_shape *s = p->s;
	const size_t side = (size_t)m;

	for (size_t t = 0; t < count; t++) {
		struct tile_place at = place_of(p, first + t);
		float *to = y +
			    ((at.image * s->height + at.row * side) * s->width +
				    at.column * side) *
				    s->out;

		for (size_t o = 0; o < s->out; o += LANES) {
			lanes outputs[4][4];

			output_tile(p->z + t * s->out + o, p->z_point,
				bias ? lanes_load(bias + o) : lanes_zero(),
				outputs, m);
			store_tile(p, at, outputs, to + o, m);
		}
	}
}

static void winograd_forward(const struct winograd_shape *s, size_t n,
	const float *x, const float *u, const float *bias, float *y,
	float *scratch)
{
	struct winograd_plan p;
	size_t tiles, count;

	plan_init(&p, s, scratch);
	clear_padded(&p);
	tiles = n * p.rows * p.columns;
	for (size_t t = 0; t < tiles; t += count) {
		count = tiles - t < p.block ? tiles - t : p.block;
		transform_inputs(&p, x, t, count);
		multiply(&p, u, count);
		if (p.m == 4)
			transform_outputs(&p, bias, y, t, count, 4);
		else
			transform_outputs(&p, bias, y, t, count, 2);
	}
}

/* -- gradients -- */

/* A tile that reaches over the edge of its image, with zeros beyond it. */
static const float *edge_tile(
	const struct winograd_plan *p, struct tile_place at, const float *from)
{
	const struct winograd_shape *s = p->s;
	const size_t floats = p->m * s->out;
	size_t height = s->height - at.row * p->m;
	size_t width = s->width - at.column * p->m;

	height = height < p->m ? height : p->m;
	width = width < p->m ? width : p->m;
	memset(p->edge, 0, p->m * floats * sizeof *p->edge);
	for (size_t h = 0; h < height; h++)
		memcpy(p->edge + h * floats, from + h * s->width * s->out,
			width * s->out * sizeof *from);
	return p->edge;
}

/* The gradients of all tiles' outputs, and their sums. */
LANES_INLINE void transform_gradients(const struct winograd_plan *p,
	const float *dy, float *dbias, size_t first, size_t count, const int m)
{
	const struct winograd_shape *s = p->s;
	const size_t side = (size_t)m;

	for (size_t t = 0; t < count; t++) {
		const struct tile_place at = place_of(p, first + t);
		const size_t h = at.row * side, w = at.column * side;
		size_t row = s->width * s->out;
		const float *from = dy +
				    ((at.image * s->height + h) * s->width +
					    w) *
					    s->out;

		if (h + side > s->height || w + side > s->width) {
			from = edge_tile(p, at, from);
			row = side * s->out;
		}
		for (size_t o = 0; o < s->out; o += LANES) {
			lanes sum = gradient_tile(from + o, row, s->out,
				p->z + t * s->out + o, p->z_point, m);

			lanes_store(dbias + o, lanes_load(dbias + o) + sum);
		}
	}
}

/* dU += V' Z for every point. */
static void accumulate(const struct winograd_plan *p, float *du, size_t count)
{
	const struct winograd_shape *s = p->s;

	for (size_t e = 0; e < POINTS; e++)
		for (size_t o = 0; o < s->out; o += PANEL_COLUMNS) {
			size_t vectors = s->out - o > LANES ? 2 : 1;
			float *c = du + e * s->in * s->out + o;
			const struct panel panel = {
				.a = p->v + e * p->v_point,
				.a_row = 1,
				.a_depth = s->in_stride,
				.b = p->z + e * p->z_point + o,
				.b_depth = s->out,
				.c = c,
				.c_row = s->out,
				.start = c,
				.start_row = s->out,
				.depth = count,
				.segments = 1,
			};

			panel_rows(&panel, s->in, vectors);
		}
}

static void winograd_weight_gradient(
	const struct winograd_shape *s, const float *du, float *dweights)
{
	const size_t tap = s->in * s->out;

	for (size_t k = 0; k < tap; k += LANES)
		if (s->kernel == 3)
			weight_gradient_tile(du + k, tap, dweights + k, tap, 3);
		else
			weight_gradient_tile(du + k, tap, dweights + k, tap, 5);
}

static void winograd_gradients(const struct winograd_shape *s, size_t n,
	const float *x, const float *dy, float *du, float *dbias,
	float *scratch)
{
	struct winograd_plan p;
	size_t tiles, count;

	plan_init(&p, s, scratch);
	clear_padded(&p);
	tiles = n * p.rows * p.columns;
	for (size_t t = 0; t < tiles; t += count) {
		count = tiles - t < p.block ? tiles - t : p.block;
		transform_inputs(&p, x, t, count);
		if (p.m == 4)
			transform_gradients(&p, dy, dbias, t, count, 4);
		else
			transform_gradients(&p, dy, dbias, t, count, 2);
		accumulate(&p, du, count);
	}
}

const struct winograd_kernels KERNELS(winograd) = {
	.scratch = winograd_scratch,
	.transform = winograd_transform,
	.forward = winograd_forward,
	.gradients = winograd_gradients,
	.weight_gradient = winograd_weight_gradient,
};
