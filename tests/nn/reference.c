/* reference.c -- a network in plain loops and doubles. */
#include "reference.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define TENSORS_MAX 64

struct reference {
	const struct spec *spec;
	double *tensors[TENSORS_MAX];
	size_t n_tensors;
	int first[SPEC_NODES_MAX];     /* each node's first tensor */
	double *value[SPEC_NODES_MAX]; /* outputs of the step */
};

/* What one node works on. */
struct work {
	const struct spec_node *node;
	const double *in[SPEC_INPUTS_MAX];
	struct shape in_shape[SPEC_INPUTS_MAX], shape;
	double **params;
	double *out;
	const struct reference_step *step;
	uint32_t draws;  /* what this step's dropout is a function of */
	uint32_t number; /* of the node */
};

static int tensors_of(enum op op)
{
	switch (op) {
	case OP_CONV:
	case OP_DENSE:
	case OP_LAYERNORM: return 2;
	case OP_BATCHNORM: return 4;
	default: return 0;
	}
}

struct reference *reference_new(const struct spec *s, const struct net *n)
{
	struct reference *r = xcalloc(1, sizeof *r);

	r->spec = s;
	r->n_tensors = net_tensor_count(n);
	assert(r->n_tensors <= TENSORS_MAX);
	for (size_t i = 0; i < r->n_tensors; i++) {
		struct net_tensor t;
		float *values;

		net_tensor(n, i, &t);
		values = xcalloc(t.count, sizeof *values);
		r->tensors[i] = xcalloc(t.count, sizeof(double));
		net_tensor_read(n, i, values);
		for (size_t k = 0; k < t.count; k++)
			r->tensors[i][k] = (double)values[k];
		free(values);
	}
	for (int i = 1; i < s->n; i++)
		r->first[i] = r->first[i - 1] + tensors_of(s->nodes[i - 1].op);
	return r;
}

void reference_free(struct reference *r)
{
	for (size_t i = 0; i < r->n_tensors; i++)
		free(r->tensors[i]);
	free(r);
}

double *reference_tensor(struct reference *r, size_t i)
{
	return r->tensors[i];
}

static size_t at(struct shape s, size_t n, int c, int h, int w)
{
	return ((n * (size_t)s.channels + (size_t)c) * (size_t)s.height +
		       (size_t)h) *
		       (size_t)s.width +
	       (size_t)w;
}

/* Every number of every image of the step's output, w fastest. */
#define EACH(k)                                                     \
	for (size_t n = 0; n < (k)->step->n; n++)                   \
		for (int c = 0; c < (k)->shape.channels; c++)       \
			for (int h = 0; h < (k)->shape.height; h++) \
				for (int w = 0; w < (k)->shape.width; w++)

/* One number of a convolution: a pixel outside the map is 0. */
static double conv_at(const struct work *k, size_t n, int filter, int h, int w)
{
	const struct shape in = k->in_shape[0];
	const int size = k->node->kernel, before = (size - 1) / 2;
	const int stride = k->node->stride;
	const double *weight = k->params[0];
	double sum = k->params[1][filter];

	weight += (size_t)filter * (size_t)(in.channels * size * size);
	for (int c = 0; c < in.channels; c++)
		for (int i = 0; i < size * size; i++) {
			int y = h * stride + i / size - before;
			int x = w * stride + i % size - before;
			double v = *weight++;

			if (y < 0 || y >= in.height || x < 0 || x >= in.width)
				continue;
			sum += v * k->in[0][at(in, n, c, y, x)];
		}
	return sum;
}

static void conv(const struct work *k)
{
	EACH(k) k->out[at(k->shape, n, c, h, w)] = conv_at(k, n, c, h, w);
}

static void dense(const struct work *k)
{
	const struct shape in = k->in_shape[0];
	const size_t inputs = (size_t)(in.channels * in.height * in.width);

	EACH(k)
	{
		double sum = k->params[1][c];

		for (size_t i = 0; i < inputs; i++)
			sum += k->params[0][(size_t)c * inputs + i] *
			       k->in[0][n * inputs + i];
		k->out[at(k->shape, n, c, h, w)] = sum;
	}
}

/* Mean and biased variance of one channel over the step's images. */
static void measure(
	const struct work *k, int channel, double *mean, double *variance)
{
	double sum = 0, squares = 0, count = 0;

	EACH(k)
	if (c == channel) {
		sum += k->in[0][at(k->shape, n, c, h, w)];
		count++;
	}
	*mean = sum / count;
	EACH(k)
	if (c == channel)
		squares += pow(k->in[0][at(k->shape, n, c, h, w)] - *mean, 2);
	*variance = squares / count;
}

static void keep_running(const struct work *k, int c, double mean, double var)
{
	double count = (double)k->step->n * k->shape.height * k->shape.width;

	if (k->step->keep_running || count < 2)
		return;
	k->params[2][c] = 0.9 * k->params[2][c] + 0.1 * mean;
	k->params[3][c] = 0.9 * k->params[3][c] +
			  0.1 * var * count / (count - 1);
}

static void batchnorm(const struct work *k)
{
	for (int channel = 0; channel < k->shape.channels; channel++) {
		double mean = k->params[2][channel];
		double var = k->params[3][channel];

		if (k->step->training) {
			measure(k, channel, &mean, &var);
			keep_running(k, channel, mean, var);
		}
		EACH(k)
		if (c == channel) {
			size_t i = at(k->shape, n, c, h, w);

			k->out[i] = (k->in[0][i] - mean) / sqrt(var + 1e-5) *
					    k->params[0][c] +
				    k->params[1][c];
		}
	}
}

/* The image's numbers lie side by side. */
static void layernorm(const struct work *k)
{
	const struct shape s = k->shape;
	const size_t pixels = (size_t)(s.height * s.width);
	const size_t count = (size_t)s.channels * pixels;

	for (size_t n = 0; n < k->step->n; n++) {
		const double *x = k->in[0] + n * count;
		double mean = 0, var = 0;

		for (size_t i = 0; i < count; i++)
			mean += x[i] / (double)count;
		for (size_t i = 0; i < count; i++)
			var += pow(x[i] - mean, 2) / (double)count;
		for (size_t i = 0; i < count; i++)
			k->out[n * count + i] =
				(x[i] - mean) / sqrt(var + 1e-5) *
					k->params[0][i / pixels] +
				k->params[1][i / pixels];
	}
}

static double activate(enum activation a, double x)
{
	switch (a) {
	case ACT_RELU: return x > 0 ? x : 0;
	case ACT_SIGMOID: return 1 / (1 + exp(-x));
	case ACT_TANH: return tanh(x);
	case ACT_LEAKYRELU: return x > 0 ? x : 0.01 * x;
	case ACT_SELU:
		return 1.0507009873554805 *
		       (x > 0 ? x : 1.6732632423543772 * (exp(x) - 1));
	case ACT_GELU: return x * erfc(-x / sqrt(2)) / 2;
	case ACT_SILU: return x / (1 + exp(-x));
	case ACT_COUNT: break;
	}
	abort();
}

static void activation(const struct work *k)
{
	EACH(k)
	{
		size_t i = at(k->shape, n, c, h, w);

		k->out[i] = activate(k->node->activation, k->in[0][i]);
	}
}

static void maxpool(const struct work *k)
{
	EACH(k)
	{
		double most = -INFINITY;

		for (int i = 0; i < 4; i++)
			most = fmax(
				most, k->in[0][at(k->in_shape[0], n, c,
					      2 * h + i / 2, 2 * w + i % 2)]);
		k->out[at(k->shape, n, c, h, w)] = most;
	}
}

static void avgpool(const struct work *k)
{
	EACH(k)
	{
		double total = 0;

		for (int i = 0; i < 4; i++)
			total += k->in[0][at(k->in_shape[0], n, c,
				2 * h + i / 2, 2 * w + i % 2)];
		k->out[at(k->shape, n, c, h, w)] = total / 4;
	}
}

/* The input rows or columns that output i of `out` averages. */
static int window_from(int i, int in, int out)
{
	return (int)floor((double)i * in / out);
}

static int window_to(int i, int in, int out)
{
	return (int)ceil((double)(i + 1) * in / out);
}

static void shrink(const struct work *k)
{
	const struct shape in = k->in_shape[0], s = k->shape;

	EACH(k)
	{
		double sum = 0, count = 0;

		for (int y = window_from(h, in.height, s.height);
			y < window_to(h, in.height, s.height); y++)
			for (int x = window_from(w, in.width, s.width);
				x < window_to(w, in.width, s.width); x++) {
				sum += k->in[0][at(in, n, c, y, x)];
				count++;
			}
		k->out[at(s, n, c, h, w)] = sum / count;
	}
}

/* Draws in the order (n,H,W,C), which is the net's. */
static void dropout(const struct work *k)
{
	const struct shape s = k->shape;
	const double rate = k->node->rate;

	for (uint32_t n = 0; n < k->step->n; n++)
		for (int i = 0; i < s.height * s.width * s.channels; i++) {
			uint32_t key = rng_mix32(
				rng_mix32(k->draws + k->number) + n);
			double draw = rng_mix32(key + (uint32_t)i) /
				      4294967296.0;
			size_t p = at(s, n, i % s.channels,
				i / s.channels / s.width,
				i / s.channels % s.width);

			k->out[p] = k->in[0][p];
			if (!k->step->training)
				continue;
			k->out[p] *= draw < rate ? 0 : 1 / (1 - rate);
		}
}

static void concat(const struct work *k)
{
	int before = 0;

	for (int i = 0; i < k->node->n_inputs; i++) {
		const struct shape in = k->in_shape[i];

		EACH(k)
		if (c >= before && c < before + in.channels)
			k->out[at(k->shape, n, c, h, w)] =
				k->in[i][at(in, n, c - before, h, w)];
		before += in.channels;
	}
}

static void sum(const struct work *k)
{
	EACH(k)
	{
		size_t p = at(k->shape, n, c, h, w);

		k->out[p] = 0;
		for (int i = 0; i < k->node->n_inputs; i++)
			k->out[p] += k->in[i][p];
	}
}

static void run_node(struct reference *r, int i,
	const struct reference_step *step, uint32_t draws)
{
	static void (*const ops[OP_COUNT])(const struct work *) = {
		[OP_CONV] = conv,
		[OP_BATCHNORM] = batchnorm,
		[OP_LAYERNORM] = layernorm,
		[OP_ACTIVATION] = activation,
		[OP_MAXPOOL] = maxpool,
		[OP_AVGPOOL] = avgpool,
		[OP_SHRINK] = shrink,
		[OP_DENSE] = dense,
		[OP_DROPOUT] = dropout,
		[OP_CONCAT] = concat,
		[OP_SUM] = sum,
	};
	const struct spec_node *node = &r->spec->nodes[i];
	struct work k = {.node = node,
		.shape = node->shape,
		.params = &r->tensors[r->first[i]],
		.out = r->value[i],
		.step = step,
		.draws = draws,
		.number = (uint32_t)i};

	for (int j = 0; j < node->n_inputs; j++) {
		k.in[j] = r->value[node->inputs[j]];
		k.in_shape[j] = r->spec->nodes[node->inputs[j]].shape;
	}
	ops[node->op](&k);
}

static double softmax_loss(
	const double *z, const int32_t *labels, size_t n, int classes)
{
	double total = 0;

	for (size_t i = 0; i < n; i++, z += classes) {
		double all = 0;

		for (int k = 0; k < classes; k++)
			all += exp(z[k]);
		total += log(all) - z[labels[i]];
	}
	return total / (double)n;
}

double reference_loss(
	struct reference *r, const struct reference_step *step, double *logits)
{
	const struct spec *s = r->spec;
	const size_t answers = step->n * (size_t)s->classes;
	struct rng stream = step->dropout;
	const uint32_t draws = (uint32_t)rng_u64(&stream);
	double loss, *out;

	for (int i = 0; i < s->n; i++) {
		const struct shape shape = s->nodes[i].shape;
		const size_t count = step->n *
				     (size_t)(shape.channels * shape.height *
					      shape.width);

		r->value[i] = xcalloc(count, sizeof(double));
		for (size_t k = 0; i == 0 && k < count; k++)
			r->value[0][k] = (double)step->images[k];
		if (i > 0)
			run_node(r, i, step, draws);
	}
	out = r->value[s->n - 1];
	if (logits)
		memcpy(logits, out, answers * sizeof *logits);
	loss = softmax_loss(out, step->labels, step->n, s->classes);
	for (int i = 0; i < s->n; i++)
		free(r->value[i]);
	return loss;
}
