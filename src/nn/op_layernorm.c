/* op_layernorm.c -- each image brought to mean 0 and variance 1, over all its
 * channels and pixels, then scaled and shifted per channel.  Ba, Kiros &
 * Hinton, "Layer Normalization", 2016; for maps, Wu & He, "Group
 * Normalization", 2018, with one group.
 *
 * No image counts for another, so evaluation is the same as training.  What
 * lies beyond the channels stays zero and enters no sum: scale and shift are
 * zero there, and so is the mean. */
#include "nn/op.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "nn/kernels/norm.h"

#define EPSILON 1e-5

/* What is kept of an image from one verb to the next. */
struct image {
	float mean, inverse; /* of the standard deviation */
	float shift, slope;  /* what its gradients share */
};

#define IMAGE_FLOATS (sizeof(struct image) / sizeof(float))

/* Per channel, of one image. */
struct layernorm {
	struct image *images; /* of the batch */
	float *moments, *squares;
	float *mean, *scale, *shift, *slope;
};

#define STATES 6 /* arrays of struct layernorm per channel */

enum { GAMMA, BETA };

static int layernorm_shape(const struct spec_node *node, const struct shape *in,
	struct shape *out, struct err *e)
{
	(void)node, (void)e;
	*out = *in;
	return 0;
}

static void layernorm_cost(
	const struct spec_node *node, const struct shape *in, struct op_cost *c)
{
	const int64_t padded = shape_padded((struct shape){in->channels, 1, 1});

	(void)node;
	c->parameters = 2 * (int64_t)in->channels;
	c->param_floats = 2 * padded;
	c->fixed_floats = STATES * padded;
	c->image_floats = IMAGE_FLOATS;
}

static int take_states(struct layernorm *s, const struct op_build *b,
	size_t pixel, struct err *e)
{
	float **const states[STATES] = {&s->moments, &s->squares, &s->mean,
		&s->scale, &s->shift, &s->slope};
	float *images;

	for (int i = 0; i < STATES; i++)
		if (mem_floats(b->mem, states[i], pixel, e))
			return ERR_WORLD;
	if (mem_floats(b->mem, &images, b->batch * IMAGE_FLOATS, e))
		return ERR_WORLD;
	s->images = (struct image *)images;
	return 0;
}

static int layernorm_new(struct layer *l, struct op_build *b, struct err *e)
{
	const int channels = l->out->shape.channels;
	const size_t n = l->out->pixel;
	const struct layer_tensor gamma = {"weight", 1, {channels}, NULL, n};
	const struct layer_tensor beta = {"bias", 1, {channels}, NULL, n};

	l->state = xcalloc(1, sizeof(struct layernorm));
	if (layer_add_param(l, b, &gamma, e) ||
		layer_add_param(l, b, &beta, e) ||
		take_states(l->state, b, n, e))
		return ERR_WORLD;
	for (int c = 0; c < channels; c++)
		l->params[GAMMA].value[c] = 1;
	return 0;
}

/* Writes a number to each channel, leaving what is beyond them. */
static void fill(const struct layer *l, float *to, float value)
{
	for (int c = 0; c < l->out->shape.channels; c++)
		to[c] = value;
}

/* Numbers of one image. */
static double count_of(const struct layer *l)
{
	return (double)shape_floats(l->out->shape);
}

/* -- forward -- */

/* The moments of the channels, all of as many pixels, are joined (Chan et al.,
 * 1979). */
static void join_moments(const struct layer *l, struct image *out)
{
	const struct layernorm *s = l->state;
	const int channels = l->out->shape.channels;
	const double pixels = (double)shape_pixels(l->out->shape);
	double mean = 0, squares = 0;

	for (int c = 0; c < channels; c++)
		mean += (double)s->moments[c];
	mean /= channels;
	for (int c = 0; c < channels; c++) {
		const double d = (double)s->moments[c] - mean;

		squares += (double)s->squares[c] + pixels * d * d;
	}
	out->mean = (float)mean;
	out->inverse = (float)(1 / sqrt(squares / count_of(l) + EPSILON));
}

static void forward_image(
	const struct layer *l, struct image *image, const float *x, float *y)
{
	const struct layernorm *s = l->state;
	const size_t pixel = l->out->pixel;
	const size_t pixels = shape_pixels(l->out->shape);
	const float *gamma = l->params[GAMMA].value;

	l->kernels->norm->moments(pixels, pixel, x, s->moments, s->squares);
	join_moments(l, image);
	fill(l, s->mean, image->mean);
	for (size_t c = 0; c < pixel; c++)
		s->scale[c] = gamma[c] * image->inverse;
	l->kernels->norm->apply(
		pixels, pixel, x, s->mean, s->scale, l->params[BETA].value, y);
}

static void layernorm_forward(struct layer *l, const struct pass *p)
{
	const struct layernorm *s = l->state;
	const size_t floats = tensor_image(l->out);
	const float *x = tensor_value(l->in[0], p);
	float *y = tensor_value(l->out, p);

	for (size_t i = 0; i < p->n; i++)
		forward_image(l, &s->images[p->first + i], x + i * floats,
			y + i * floats);
}

/* -- backward -- */

/* With xhat the normalized x and means over the image,
 *
 *   dx = inverse (gamma dy - mean of gamma dy - xhat * mean of gamma dy xhat):
 *
 * notes what of it is the same for all of the image, given the sums over the
 * pixels of dy and of dy (x - mean). */
static void note_shared(const struct layer *l, struct image *image,
	const float *sums, const float *products)
{
	const float *gamma = l->params[GAMMA].value;
	const double inverse = (double)image->inverse;
	double sum = 0, product = 0;

	for (int c = 0; c < l->out->shape.channels; c++) {
		sum += (double)(gamma[c] * sums[c]);
		product += (double)(gamma[c] * products[c]);
	}
	image->shift = (float)(inverse * sum / count_of(l));
	image->slope = (float)(inverse * inverse * inverse * product /
			       count_of(l));
}

static void gradients_image(
	struct layer *l, struct image *image, const float *dy, const float *x)
{
	const struct layernorm *s = l->state;
	const size_t pixel = l->out->pixel;
	float *sums = s->moments, *products = s->squares;
	float *dgamma = l->params[GAMMA].gradient;
	float *dbeta = l->params[BETA].gradient;

	memset(sums, 0, pixel * sizeof *sums);
	memset(products, 0, pixel * sizeof *products);
	fill(l, s->mean, image->mean);
	l->kernels->norm->sums(shape_pixels(l->out->shape), pixel, dy, x,
		s->mean, sums, products);
	for (size_t c = 0; c < pixel; c++) {
		dbeta[c] += sums[c];
		dgamma[c] += products[c] * image->inverse;
	}
	note_shared(l, image, sums, products);
}

static void layernorm_gradients(struct layer *l, const struct pass *p)
{
	const struct layernorm *s = l->state;
	const size_t pixel = l->out->pixel, floats = tensor_image(l->out);
	const float *x = tensor_value(l->in[0], p);
	const float *dy = tensor_gradient(l->out, p);

	if (pass_starts(p))
		for (int i = GAMMA; i <= BETA; i++)
			memset(l->params[i].gradient, 0, pixel * sizeof(float));
	for (size_t i = 0; i < p->n; i++)
		gradients_image(l, &s->images[p->first + i], dy + i * floats,
			x + i * floats);
}

static void backward_image(const struct layer *l, const struct image *image,
	const float *dy, const float *x, float *dx)
{
	const struct layernorm *s = l->state;
	const size_t pixel = l->out->pixel;
	const float *gamma = l->params[GAMMA].value;

	fill(l, s->mean, image->mean);
	fill(l, s->shift, image->shift);
	fill(l, s->slope, image->slope);
	for (size_t c = 0; c < pixel; c++)
		s->scale[c] = gamma[c] * image->inverse;
	l->kernels->norm->backward_joint(shape_pixels(l->out->shape), pixel, dy,
		x, s->mean, &(struct norm_slope){s->scale, s->shift, s->slope},
		dx);
}

static void layernorm_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	const struct layernorm *s = l->state;
	const size_t floats = tensor_image(l->out);
	const float *x = tensor_value(l->in[0], p);
	const float *dy = tensor_gradient(l->out, p);

	(void)which;
	for (size_t i = 0; i < p->n; i++)
		backward_image(l, &s->images[p->first + i], dy + i * floats,
			x + i * floats, dx + i * floats);
}

static void layernorm_free(struct layer *l)
{
	free(l->state);
}

const struct op_verbs op_layernorm = {
	.name = "layernorm",
	.min_inputs = 1,
	.max_inputs = 1,
	.shape = layernorm_shape,
	.cost = layernorm_cost,
	.new = layernorm_new,
	.forward = layernorm_forward,
	.gradients = layernorm_gradients,
	.backward = layernorm_backward,
	.free = layernorm_free,
	.needs = {.keeps_input = 1},
};
