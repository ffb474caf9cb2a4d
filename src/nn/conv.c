/* conv.c -- Winograd's where it saves enough, the direct sum elsewhere.
 *
 * The work of both is counted from the shape, in multiplications.  Over 480
 * shapes of 4 to 64 channels and 2x2 to 28x28 pixels, measured by
 * bench/conv.c in each class, the choice that this makes is on average 1%
 * slower than the better one of the two. */
#include "nn/conv.h"

#include "nn/kernels/winograd.h"

/* Winograd's products for a tile of 4x4 outputs at 3x3, or 2x2 at 5x5. */
#define TILE_PRODUCTS 36

/* A transform costs as much for each channel as products with so many others:
 * it loads and stores where a product computes, and the wider the vectors, the
 * more that is worth. */
static size_t transform_channels(const struct kernels *k)
{
	return 2 + k->lanes / 8;
}

/* Vectors that the inner loop of the direct sum must work on at once for its
 * additions not to wait for each other. */
#define VECTORS_MIN 6

static size_t tiles_of(size_t side, size_t outputs)
{
	return (side + outputs - 1) / outputs;
}

static size_t winograd_work(
	const struct kernels *k, const struct direct_shape *s)
{
	const size_t m = s->kernel == 3 ? 4 : 2;
	const size_t tiles = tiles_of(s->height, m) * tiles_of(s->width, m);
	const size_t transforms = transform_channels(k) *
				  (s->in_stride + s->out);

	return tiles * TILE_PRODUCTS * (s->in * s->out + transforms);
}

/* Rows of the window that lie in the image, over all rows of outputs; the sum
 * leaves the others out. */
static size_t rows_inside(const struct direct_shape *s)
{
	size_t rows = 0;

	for (size_t h = 0; h < s->height; h++) {
		const size_t first = h < s->before ? s->before - h : 0;
		const size_t last = s->height + s->before - h;

		rows += (last < s->kernel ? last : s->kernel) - first;
	}
	return rows;
}

static size_t direct_work(const struct kernels *k, const struct direct_shape *s)
{
	const size_t least = VECTORS_MIN / (s->out > k->lanes ? 2 : 1);
	const size_t width = s->width > least ? s->width : least;

	return rows_inside(s) * width * s->kernel * s->in * s->out;
}

static int winograd_suits(const struct kernels *k, const struct direct_shape *s)
{
	return k->winograd && (s->kernel == 3 || s->kernel == 5) &&
	       s->stride == 1 && s->spread == 1 && s->before == s->kernel / 2 &&
	       s->out_height == s->height && s->out_width == s->width &&
	       s->in_stride % k->lanes == 0 &&
	       winograd_work(k, s) < direct_work(k, s);
}

void conv_init(
	struct conv *c, const struct kernels *k, const struct direct_shape *s)
{
	c->kernels = k;
	c->shape = *s;
	c->method = winograd_suits(k, s) ? CONV_WINOGRAD : CONV_DIRECT;
	c->direct = s->spread > 1 && k->spread ? k->spread : k->direct;
}

static struct winograd_shape winograd(const struct conv *c)
{
	return (struct winograd_shape){
		.kernel = (int)c->shape.kernel,
		.height = c->shape.height,
		.width = c->shape.width,
		.in = c->shape.in,
		.in_stride = c->shape.in_stride,
		.out = c->shape.out,
	};
}

size_t conv_packed_floats(const struct conv *c)
{
	const size_t weights = c->shape.in * c->shape.out;

	if (c->method == CONV_WINOGRAD)
		return TILE_PRODUCTS * weights;
	return c->shape.kernel * c->shape.kernel * weights;
}

size_t conv_sum_floats(const struct conv *c)
{
	return conv_packed_floats(c);
}

size_t conv_scratch_floats(const struct conv *c)
{
	if (c->method == CONV_WINOGRAD) {
		const struct winograd_shape s = winograd(c);

		return c->kernels->winograd->scratch(&s);
	}
	return c->direct->scratch(&c->shape);
}

void conv_pack(const struct conv *c, const float *weights, float *packed)
{
	if (c->method == CONV_WINOGRAD) {
		const struct winograd_shape s = winograd(c);

		c->kernels->winograd->transform(&s, weights, packed);
	} else {
		c->direct->pack(&c->shape, weights, packed);
	}
}

void conv_forward(const struct conv *c, size_t n, const float *x,
	const float *packed, const float *bias, float *y, float *scratch)
{
	if (c->method == CONV_WINOGRAD) {
		const struct winograd_shape s = winograd(c);

		c->kernels->winograd->forward(
			&s, n, x, packed, bias, y, scratch);
	} else {
		c->direct->forward(&c->shape, n, x, packed, bias, y, scratch);
	}
}

void conv_gradients(const struct conv *c, size_t n, const float *x,
	const float *dy, float *sum, float *dbias, float *scratch)
{
	if (c->method == CONV_WINOGRAD) {
		const struct winograd_shape s = winograd(c);

		c->kernels->winograd->gradients(
			&s, n, x, dy, sum, dbias, scratch);
	} else {
		c->direct->gradients(&c->shape, n, x, dy, sum, dbias, scratch);
	}
}

int conv_sums_in_place(const struct conv *c)
{
	return c->method == CONV_DIRECT;
}

void conv_weight_gradient(const struct conv *c, const float *sum, float *dw)
{
	if (c->method == CONV_WINOGRAD) {
		const struct winograd_shape s = winograd(c);

		c->kernels->winograd->weight_gradient(&s, sum, dw);
	}
}
