/* op_batchnorm.c -- each channel brought to mean 0 and variance 1 over the
 * batch, then scaled and shifted.  Ioffe & Szegedy, 2015, algorithms 1 and 2.
 *
 * Only the images of the step count, however short it is.  Sums are taken image
 * by image and then over images, which keeps their rounding small in floats,
 * and the variance around the mean already known. */
#include "nn/op.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define EPSILON 1e-5f
#define MOMENTUM 0.1f

/* Per channel; what a step leaves for its backward half, and working space. */
struct batchnorm {
	float *mean, *inverse; /* of the batch; inverse standard deviation */
	float *sum_dy;         /* sums over the batch: of dy */
	float *sum_dy_x;       /* and of dy times normalized x */
	float *part;           /* one image's share of a sum */
};

enum { GAMMA, BETA, RUNNING_MEAN, RUNNING_VAR };

static int batchnorm_shape(const struct spec_node *node, const struct shape *in,
	struct shape *out, struct err *e)
{
	(void)node, (void)e;
	*out = *in;
	return 0;
}

static void batchnorm_cost(
	const struct spec_node *node, const struct shape *in, struct op_cost *c)
{
	(void)node;
	c->parameters = 2 * (int64_t)in->channels;
	c->param_floats = c->parameters;
	c->fixed_floats = 7 * (int64_t)in->channels;
}

static int add_statistic(struct layer *l, const struct op_build *b,
	const char *suffix, struct err *e)
{
	const int channels = l->out->shape.channels;
	struct layer_tensor *t = &l->tensors[l->n_tensors];

	*t = (struct layer_tensor){
		suffix, 1, {channels}, NULL, (size_t)channels};
	if (mem_floats(b->mem, &t->data, t->stored, e))
		return ERR_WORLD;
	l->n_tensors++;
	return 0;
}

static void fill(float *out, size_t n, float value)
{
	for (size_t i = 0; i < n; i++)
		out[i] = value;
}

static int batchnorm_new(
	struct layer *l, const struct op_build *b, struct err *e)
{
	const int channels = l->out->shape.channels;
	const size_t n = (size_t)channels;
	const struct layer_tensor gamma = {"weight", 1, {channels}, NULL, n};
	const struct layer_tensor beta = {"bias", 1, {channels}, NULL, n};
	struct batchnorm *s = xcalloc(1, sizeof *s);

	l->state = s;
	if (layer_add_param(l, b, &gamma, e) ||
		layer_add_param(l, b, &beta, e) ||
		add_statistic(l, b, "running_mean", e) ||
		add_statistic(l, b, "running_var", e) ||
		mem_floats(b->mem, &s->mean, n, e) ||
		mem_floats(b->mem, &s->inverse, n, e) ||
		mem_floats(b->mem, &s->sum_dy, n, e) ||
		mem_floats(b->mem, &s->sum_dy_x, n, e) ||
		mem_floats(b->mem, &s->part, n, e))
		return ERR_WORLD;
	fill(l->tensors[GAMMA].data, n, 1.0f);
	fill(l->tensors[RUNNING_VAR].data, n, 1.0f);
	return 0;
}

static void add(float *restrict to, const float *restrict from, size_t n)
{
	for (size_t c = 0; c < n; c++)
		to[c] += from[c];
}

/* One image's sum of each channel. */
static void image_sum(float *restrict part, const float *restrict x,
	size_t pixels, size_t channels)
{
	fill(part, channels, 0.0f);
	for (size_t i = 0; i < pixels; i++, x += channels)
		for (size_t c = 0; c < channels; c++)
			part[c] += x[c];
}

/* One image's sum of squares around the mean. */
static void image_squares(float *restrict part, const float *restrict x,
	const float *restrict mean, size_t pixels, size_t channels)
{
	fill(part, channels, 0.0f);
	for (size_t i = 0; i < pixels; i++, x += channels)
		for (size_t c = 0; c < channels; c++)
			part[c] += (x[c] - mean[c]) * (x[c] - mean[c]);
}

/* One image's sum of dy times x around the mean. */
static void image_products(float *restrict part, const float *restrict dy,
	const float *restrict x, const float *restrict mean, size_t pixels,
	size_t channels)
{
	fill(part, channels, 0.0f);
	for (size_t i = 0; i < pixels; i++, x += channels, dy += channels)
		for (size_t c = 0; c < channels; c++)
			part[c] += dy[c] * (x[c] - mean[c]);
}

/* Mean and variance of the batch; the variance is left in s->inverse. */
static void measure(const struct layer *l, size_t n)
{
	const struct batchnorm *s = l->state;
	const struct shape shape = l->out->shape;
	const size_t channels = (size_t)shape.channels;
	const size_t image = shape_floats(shape), pixels = image / channels;
	const float count = (float)(n * pixels);
	const float *x = l->in[0]->value;

	fill(s->mean, channels, 0.0f);
	for (size_t i = 0; i < n; i++) {
		image_sum(s->part, x + i * image, pixels, channels);
		add(s->mean, s->part, channels);
	}
	for (size_t c = 0; c < channels; c++)
		s->mean[c] /= count;
	fill(s->inverse, channels, 0.0f);
	for (size_t i = 0; i < n; i++) {
		image_squares(
			s->part, x + i * image, s->mean, pixels, channels);
		add(s->inverse, s->part, channels);
	}
	for (size_t c = 0; c < channels; c++)
		s->inverse[c] /= count;
}

/* The running variance is the unbiased one, as in PyTorch.  A single value has
 * none, so it leaves the statistics as they were. */
static void update_running(struct layer *l, size_t count)
{
	const struct batchnorm *s = l->state;
	const size_t channels = (size_t)l->out->shape.channels;
	float *mean = l->tensors[RUNNING_MEAN].data;
	float *var = l->tensors[RUNNING_VAR].data;
	float unbias;

	if (count < 2)
		return;
	unbias = (float)count / (float)(count - 1);
	for (size_t c = 0; c < channels; c++) {
		mean[c] += MOMENTUM * (s->mean[c] - mean[c]);
		var[c] += MOMENTUM * (s->inverse[c] * unbias - var[c]);
	}
}

static void invert(float *out, const float *variance, size_t channels)
{
	for (size_t c = 0; c < channels; c++)
		out[c] = 1.0f / sqrtf(variance[c] + EPSILON);
}

/* y = (x - mean) * inverse * gamma + beta, over all pixels of all images. */
static void apply(struct layer *l, size_t pixels, const float *restrict mean)
{
	const struct batchnorm *s = l->state;
	const size_t channels = (size_t)l->out->shape.channels;
	const float *restrict x = l->in[0]->value;
	const float *restrict gamma = l->tensors[GAMMA].data;
	const float *restrict beta = l->tensors[BETA].data;
	float *restrict scale = s->part, *restrict y = l->out->value;

	for (size_t c = 0; c < channels; c++)
		scale[c] = gamma[c] * s->inverse[c];
	for (size_t i = 0; i < pixels; i++, x += channels, y += channels)
		for (size_t c = 0; c < channels; c++)
			y[c] = (x[c] - mean[c]) * scale[c] + beta[c];
}

static void batchnorm_forward(struct layer *l, const struct pass *p)
{
	const struct batchnorm *s = l->state;
	const size_t channels = (size_t)l->out->shape.channels;
	const size_t pixels = pass_floats(p, l->out) / channels;

	if (p->training) {
		measure(l, p->n);
		update_running(l, pixels);
		invert(s->inverse, s->inverse, channels);
		apply(l, pixels, s->mean);
	} else {
		invert(s->inverse, l->tensors[RUNNING_VAR].data, channels);
		apply(l, pixels, l->tensors[RUNNING_MEAN].data);
	}
}

static void batchnorm_gradients(struct layer *l, const struct pass *p)
{
	const struct batchnorm *s = l->state;
	const struct shape shape = l->out->shape;
	const size_t channels = (size_t)shape.channels;
	const size_t image = shape_floats(shape), pixels = image / channels;
	const float *x = l->in[0]->value, *dy = l->out->gradient;

	fill(s->sum_dy, channels, 0.0f);
	fill(s->sum_dy_x, channels, 0.0f);
	for (size_t i = 0; i < p->n; i++, x += image, dy += image) {
		image_sum(s->part, dy, pixels, channels);
		add(s->sum_dy, s->part, channels);
		image_products(s->part, dy, x, s->mean, pixels, channels);
		add(s->sum_dy_x, s->part, channels);
	}
	for (size_t c = 0; c < channels; c++)
		s->sum_dy_x[c] *= s->inverse[c];
	memcpy(l->params[GAMMA].gradient, s->sum_dy_x, channels * sizeof *x);
	memcpy(l->params[BETA].gradient, s->sum_dy, channels * sizeof *x);
}

/* dx = gamma inverse (dy - mean of dy - xhat * mean of dy xhat), with xhat the
 * normalized x.  The sums become what is subtracted, in their places. */
static void batchnorm_backward(
	struct layer *l, const struct pass *p, int which, float *restrict dx)
{
	const struct batchnorm *s = l->state;
	const size_t channels = (size_t)l->out->shape.channels;
	const size_t pixels = pass_floats(p, l->out) / channels;
	const float *restrict gamma = l->params[GAMMA].value;
	const float *restrict x = l->in[0]->value, *restrict mean = s->mean;
	const float *restrict dy = l->out->gradient;
	float *restrict scale = s->part, *restrict shift = s->sum_dy;
	float *restrict slope = s->sum_dy_x;

	(void)which;
	for (size_t c = 0; c < channels; c++) {
		scale[c] = gamma[c] * s->inverse[c];
		shift[c] /= (float)pixels;
		slope[c] *= s->inverse[c] / (float)pixels;
	}
	for (size_t i = 0; i < pixels; i++) {
		for (size_t c = 0; c < channels; c++)
			dx[c] = scale[c] * (dy[c] - shift[c] -
						   (x[c] - mean[c]) * slope[c]);
		x += channels;
		dy += channels;
		dx += channels;
	}
}

static void batchnorm_free(struct layer *l)
{
	free(l->state);
}

const struct op_verbs op_batchnorm = {
	.name = "batchnorm",
	.min_inputs = 1,
	.max_inputs = 1,
	.shape = batchnorm_shape,
	.cost = batchnorm_cost,
	.new = batchnorm_new,
	.forward = batchnorm_forward,
	.gradients = batchnorm_gradients,
	.backward = batchnorm_backward,
	.free = batchnorm_free,
};
