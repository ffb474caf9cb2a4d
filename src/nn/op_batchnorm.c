/* op_batchnorm.c -- each channel brought to mean 0 and variance 1 over the
 * batch, then scaled and shifted.  Ioffe & Szegedy, 2015, algorithms 1 and 2.
 *
 * Only the images of the step count, however short it is.  Moments are taken
 * image by image while it is in the cache, and joined. */
#include "nn/op.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "nn/kernels/norm.h"

#define EPSILON 1e-5f
#define MOMENTUM 0.1f

/* Per channel, padding included. */
struct batchnorm {
	float *mean, *squares; /* of the batch; the sum of squares around it */
	float *inverse;        /* of the standard deviation */
	float *image_mean, *image_squares;
	float *scale, *shift, *slope; /* of a pass over pixels */
};

#define STATES 8 /* arrays of struct batchnorm */

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
	const int64_t padded = shape_padded((struct shape){in->channels, 1, 1});

	(void)node;
	c->parameters = 2 * (int64_t)in->channels;
	c->statistics = 2 * (int64_t)in->channels;
	c->param_floats = 2 * padded;
	c->running_floats = 2 * padded;
	c->fixed_floats = STATES * padded + c->running_floats;
}

static int add_statistic(struct layer *l, const struct op_build *b,
	const char *suffix, struct err *e)
{
	const int channels = l->out->shape.channels;
	struct layer_tensor *t = &l->tensors[l->n_tensors];

	*t = (struct layer_tensor){suffix, 1, {channels}, NULL, l->out->pixel};
	if (mem_floats(b->mem, &t->data, t->stored, e))
		return ERR_WORLD;
	l->n_tensors++;
	return 0;
}

static int take_states(
	struct batchnorm *s, const struct op_build *b, size_t n, struct err *e)
{
	float **const states[STATES] = {&s->mean, &s->squares, &s->inverse,
		&s->image_mean, &s->image_squares, &s->scale, &s->shift,
		&s->slope};

	for (int i = 0; i < STATES; i++)
		if (mem_floats(b->mem, states[i], n, e))
			return ERR_WORLD;
	return 0;
}

static int batchnorm_new(struct layer *l, struct op_build *b, struct err *e)
{
	const int channels = l->out->shape.channels;
	const size_t n = l->out->pixel;
	const struct layer_tensor gamma = {"weight", 1, {channels}, NULL, n};
	const struct layer_tensor beta = {"bias", 1, {channels}, NULL, n};

	l->state = xcalloc(1, sizeof(struct batchnorm));
	if (layer_add_param(l, b, &gamma, e) ||
		layer_add_param(l, b, &beta, e) ||
		add_statistic(l, b, "running_mean", e) ||
		add_statistic(l, b, "running_var", e) ||
		take_states(l->state, b, n, e))
		return ERR_WORLD;
	for (int c = 0; c < channels; c++)
		l->tensors[GAMMA].data[c] = l->tensors[RUNNING_VAR].data[c] = 1;
	return 0;
}

/* -- forward -- */

/* The moments of `more` pixels join those of `so_far` (Chan et al., 1979): the
 * sum of squares is around the mean, which keeps it exact in floats. */
static void join_moments(
	struct batchnorm *s, size_t so_far, size_t more, size_t pixel)
{
	const float share = (float)more / (float)(so_far + more);
	const float weight = (float)so_far * share;

	for (size_t c = 0; c < pixel; c++) {
		const float d = s->image_mean[c] - s->mean[c];

		s->mean[c] += d * share;
		s->squares[c] += s->image_squares[c] + d * d * weight;
	}
}

/* The running variance is the unbiased one, as in PyTorch.  A single value has
 * none, so it leaves the statistics as they were. */
static void update_running(struct layer *l, size_t count)
{
	const struct batchnorm *s = l->state;
	float *mean = l->tensors[RUNNING_MEAN].data;
	float *var = l->tensors[RUNNING_VAR].data;

	if (count < 2)
		return;
	for (size_t c = 0; c < l->out->pixel; c++) {
		mean[c] += MOMENTUM * (s->mean[c] - mean[c]);
		var[c] += MOMENTUM *
			  (s->squares[c] / (float)(count - 1) - var[c]);
	}
}

static void batchnorm_measure(struct layer *l, const struct pass *p)
{
	struct batchnorm *s = l->state;
	const size_t pixel = l->out->pixel;
	const size_t pixels = shape_pixels(l->out->shape);
	const float *x = tensor_value(l->in[0], p);

	if (pass_starts(p)) {
		memset(s->mean, 0, pixel * sizeof *s->mean);
		memset(s->squares, 0, pixel * sizeof *s->squares);
	}
	for (size_t i = 0; i < p->n; i++, x += pixels * pixel) {
		l->kernels->norm->moments(
			pixels, pixel, x, s->image_mean, s->image_squares);
		join_moments(s, (p->first + i) * pixels, pixels, pixel);
	}
	if (!pass_ends(p))
		return;
	update_running(l, p->total * pixels);
	for (size_t c = 0; c < pixel; c++)
		s->inverse[c] = 1.0f / sqrtf(s->squares[c] / (float)(p->total *
								     pixels) +
					       EPSILON);
}

/* y = (x - mean) * inverse * gamma + beta, over all pixels of all images. */
static void batchnorm_forward(struct layer *l, const struct pass *p)
{
	const struct batchnorm *s = l->state;
	const size_t pixel = l->out->pixel;
	const float *gamma = l->tensors[GAMMA].data;
	const float *mean = p->training ? s->mean
					: l->tensors[RUNNING_MEAN].data;
	const float *var = l->tensors[RUNNING_VAR].data;

	for (size_t c = 0; c < pixel; c++)
		s->scale[c] = gamma[c] *
			      (p->training ? s->inverse[c]
					   : 1.0f / sqrtf(var[c] + EPSILON));
	l->kernels->norm->apply(p->n * shape_pixels(l->out->shape), pixel,
		tensor_value(l->in[0], p), mean, s->scale,
		l->tensors[BETA].data, tensor_value(l->out, p));
}

/* -- backward -- */

/* The sums over the batch are the gradients of beta and, normalized, gamma. */
static void batchnorm_gradients(struct layer *l, const struct pass *p)
{
	const struct batchnorm *s = l->state;
	const size_t pixel = l->out->pixel;
	const size_t pixels = shape_pixels(l->out->shape);
	const float *x = tensor_value(l->in[0], p);
	const float *dy = tensor_gradient(l->out, p);
	float *dgamma = l->params[GAMMA].gradient;
	float *dbeta = l->params[BETA].gradient;

	if (pass_starts(p)) {
		memset(dgamma, 0, pixel * sizeof *dgamma);
		memset(dbeta, 0, pixel * sizeof *dbeta);
	}
	for (size_t i = 0; i < p->n; i++) {
		l->kernels->norm->sums(pixels, pixel, dy + i * pixels * pixel,
			x + i * pixels * pixel, s->mean, dbeta, dgamma);
	}
	if (pass_ends(p))
		for (size_t c = 0; c < pixel; c++)
			dgamma[c] *= s->inverse[c];
}

/* dx = gamma inverse (dy - mean of dy - xhat * mean of dy xhat), with xhat the
 * normalized x. */
static void batchnorm_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	const struct batchnorm *s = l->state;
	const size_t pixel = l->out->pixel;
	const size_t pixels = shape_pixels(l->out->shape);
	const float count = (float)(p->total * pixels);
	const float *gamma = l->params[GAMMA].value;

	(void)which;
	for (size_t c = 0; c < pixel; c++) {
		s->scale[c] = gamma[c] * s->inverse[c];
		s->shift[c] = l->params[BETA].gradient[c] / count;
		s->slope[c] = l->params[GAMMA].gradient[c] * s->inverse[c] /
			      count;
	}
	l->kernels->norm->backward(p->n * pixels, pixel,
		tensor_gradient(l->out, p), tensor_value(l->in[0], p), s->mean,
		&(struct norm_slope){s->scale, s->shift, s->slope}, dx);
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
	.measure = batchnorm_measure,
	.forward = batchnorm_forward,
	.gradients = batchnorm_gradients,
	.backward = batchnorm_backward,
	.free = batchnorm_free,
	.needs = {.keeps_input = 1},
};
