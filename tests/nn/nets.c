/* nets.c -- what the tests of nn/ share. */
#include "nets.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "buffers.h"
#include "nn/kernels/kernels.h"
#include "reference.h"

/* The float net against the double one: about a thousand roundings. */
#define TOLERANCE 1e-4

/* Parameters whose gradient is checked, in each tensor. */
#define SAMPLES 24

static const struct kernels *kernels;

int nets_begin(int argc, char **argv)
{
	struct err e = {0};

	kernels = argc > 1 ? kernels_find(argv[1], &e) : kernels_best();
	if (kernels)
		return 1;
	printf("skipped: %s\n", e.text);
	return 0;
}

int nets_end(int failed)
{
	buffer_print_bits(kernels->name);
	return failed;
}

const struct kernels *nets_kernels(void)
{
	return kernels;
}

static int add(struct spec *s, int in, struct spec_node node)
{
	struct err e = {0};
	int i;

	node.inputs[0] = in;
	node.n_inputs = 1;
	i = spec_add(s, &node, &e);
	assert_true(i > 0);
	return i;
}

int nets_conv(struct spec *s, int in, int filters, int kernel)
{
	return nets_conv_by(s, in, filters, kernel, 1);
}

int nets_conv_by(struct spec *s, int in, int filters, int kernel, int stride)
{
	return add(s, in,
		(struct spec_node){.op = OP_CONV,
			.filters = filters,
			.kernel = kernel,
			.stride = stride});
}

int nets_batchnorm(struct spec *s, int in)
{
	return add(s, in, (struct spec_node){.op = OP_BATCHNORM});
}

int nets_layernorm(struct spec *s, int in)
{
	return add(s, in, (struct spec_node){.op = OP_LAYERNORM});
}

int nets_activation(struct spec *s, int in, enum activation a)
{
	return add(s, in,
		(struct spec_node){.op = OP_ACTIVATION, .activation = a});
}

int nets_maxpool(struct spec *s, int in)
{
	return add(s, in, (struct spec_node){.op = OP_MAXPOOL});
}

int nets_avgpool(struct spec *s, int in)
{
	return add(s, in, (struct spec_node){.op = OP_AVGPOOL});
}

int nets_shrink(struct spec *s, int in, int height, int width)
{
	return add(s, in,
		(struct spec_node){
			.op = OP_SHRINK, .height = height, .width = width});
}

int nets_dense(struct spec *s, int in, int units)
{
	return add(s, in, (struct spec_node){.op = OP_DENSE, .units = units});
}

int nets_dropout(struct spec *s, int in, double rate)
{
	return add(s, in, (struct spec_node){.op = OP_DROPOUT, .rate = rate});
}

int nets_join(struct spec *s, enum op join, int a, int b)
{
	const struct spec_node node = {
		.op = join, .inputs = {a, b}, .n_inputs = 2};
	struct err e = {0};

	return spec_add(s, &node, &e);
}

int nets_merge(struct spec *s, enum op join, const int *inputs, int n)
{
	struct err e = {0};
	int i = spec_merge(s, join, inputs, n, &e);

	if (i < 0)
		fail_msg("%s", e.text);
	return i;
}

/* Scales and variances from 0.5 to 1.5; the rest around 0, and weights so small
 * that logits stay around 1 and the softmax far from saturation, where every
 * gradient would be next to nothing. */
static float draw(const struct net_tensor *t, int scale, struct rng *r)
{
	double x = rng_unit(r) - 0.5;

	if (scale)
		return (float)(1.0 + x);
	if (t->ndims > 1)
		x *= 4.0 / sqrt((double)t->count / t->dims[0]);
	return (float)x;
}

static void draw_tensors(struct net *n, struct rng *r)
{
	for (size_t i = 0; i < net_tensor_count(n); i++) {
		struct net_tensor t;
		float *values;
		int scale;

		net_tensor(n, i, &t);
		values = xcalloc(t.count, sizeof *values);
		net_tensor_read(n, i, values);
		scale = values[0] == 1.0f;
		for (size_t k = 0; k < t.count; k++)
			values[k] = draw(&t, scale, r);
		net_tensor_write(n, i, values);
		free(values);
	}
}

struct net *nets_new(struct spec *s, int batch, uint64_t seed)
{
	struct err e = {0};
	struct net *n = NULL;
	struct rng r;

	rng_stream(&r, seed, 0, 0);
	if (spec_check(s, &e) == 0)
		n = net_new(s, batch, kernels, &r, &e);
	if (!n)
		fail_msg("%s", e.text);
	draw_tensors(n, &r);
	return n;
}

void nets_load(
	struct net *n, const struct spec *s, const float *images, size_t count)
{
	const struct shape in = s->nodes[0].shape;
	const size_t pixels = (size_t)in.height * (size_t)in.width;
	size_t pixel;
	float *to = net_input(n, &pixel);

	for (size_t i = 0; i < count; i++, to += pixels * pixel)
		for (size_t c = 0; c < (size_t)in.channels; c++)
			for (size_t k = 0; k < pixels; k++)
				to[k * pixel + c] = *images++;
}

double nets_backward(struct net *n, const struct spec *s, const float *images,
	const struct net_step *step, size_t *correct)
{
	nets_load(n, s, images, step->n);
	return net_backward(n, step, correct);
}

void nets_forward(struct net *n, const struct spec *s, const float *images,
	size_t count, float *logits)
{
	nets_load(n, s, images, count);
	net_forward(n, count, logits);
}

static void assert_near(double a, double b, double scale, const char *what)
{
	if (!(fabs(a - b) <= TOLERANCE * scale))
		fail_msg("%s: %.9g, and by the reference %.9g", what, a, b);
}

static void check_logits(struct net *n, const struct spec *s,
	struct reference *r, struct reference_step step)
{
	const size_t count = step.n * (size_t)s->classes;
	float *mine = xcalloc(count, sizeof *mine);
	double *want = xcalloc(count, sizeof *want), most = 1.0;

	step.training = 0;
	nets_forward(n, s, step.images, step.n, mine);
	reference_loss(r, &step, want);
	for (size_t i = 0; i < count; i++)
		most = fmax(most, fabs(want[i]));
	for (size_t i = 0; i < count; i++)
		assert_near((double)mine[i], want[i], most, "logit");
	free(mine);
	free(want);
}

static double difference(
	struct reference *r, const struct reference_step *step, double *x)
{
	/* So small that few maxima change places within it. */
	const double h = 1e-7, before = *x;
	double up, down;

	*x = before + h;
	up = reference_loss(r, step, NULL);
	*x = before - h;
	down = reference_loss(r, step, NULL);
	*x = before;
	return (up - down) / (2 * h);
}

/* Reads every tensor of the net, one after the other. */
static float *read_all(const struct net *n)
{
	size_t total = 0;
	float *values, *at;

	for (size_t i = 0; i < net_tensor_count(n); i++) {
		struct net_tensor t;

		net_tensor(n, i, &t);
		total += t.count;
	}
	at = values = xcalloc(total, sizeof *values);
	for (size_t i = 0; i < net_tensor_count(n); i++) {
		struct net_tensor t;

		net_tensor(n, i, &t);
		net_tensor_read(n, i, at);
		at += t.count;
	}
	return values;
}

static int is_statistic(const struct net_tensor *t)
{
	return strstr(t->name, ".running_") != NULL;
}

void nets_put_gradients(struct net *n)
{
	for (size_t i = 0; i < net_tensor_count(n); i++) {
		struct net_tensor t;
		float *zeros;

		net_tensor(n, i, &t);
		if (is_statistic(&t))
			continue;
		zeros = xcalloc(t.count, sizeof *zeros);
		net_tensor_write(n, i, zeros);
		free(zeros);
	}
	net_optimizer(n, OPT_SGD, &(struct recipe){0});
	net_update(n, -1.0);
}

/* A tensor's gradient against differences.  What has none, as a bias before
 * batch normalization, may have some by the roundings of others. */
static void check_tensor(struct reference *r, const struct reference_step *step,
	size_t i, const struct net_tensor *t, const float *gradient,
	struct rng *pick)
{
	double *x = reference_tensor(r, i);
	double mine[SAMPLES], want[SAMPLES], most = 5e-2;
	size_t samples = t->count < SAMPLES ? t->count : SAMPLES;

	for (size_t k = 0; k < samples; k++) {
		size_t p = samples == t->count
				   ? k
				   : (size_t)rng_below(pick, t->count);

		mine[k] = (double)gradient[p];
		want[k] = difference(r, step, &x[p]);
		most = fmax(most, fabs(want[k]));
	}
	for (size_t k = 0; k < samples; k++)
		assert_near(mine[k], want[k], most, t->name);
}

static void check_statistics(struct reference *r, size_t i,
	const struct net_tensor *t, const float *after)
{
	for (size_t k = 0; k < t->count; k++)
		assert_near((double)after[k], reference_tensor(r, i)[k],
			fmax(1.0, fabs((double)after[k])), t->name);
}

static void check_training(struct net *n, const struct spec *s,
	struct reference *r, struct reference_step step, struct rng *pick)
{
	struct rng stream = step.dropout;
	float *values;
	const float *at;
	size_t correct = 0;
	double loss;

	step.training = 1;
	loss = nets_backward(n, s, step.images,
		&(struct net_step){
			.n = step.n, .labels = step.labels, .dropout = &stream},
		&correct);
	assert_true(correct <= step.n);
	assert_near(loss, reference_loss(r, &step, NULL), 1.0, "loss");
	step.keep_running = 1;
	nets_put_gradients(n);
	at = values = read_all(n);
	for (size_t i = 0; i < net_tensor_count(n); i++) {
		struct net_tensor t;

		net_tensor(n, i, &t);
		if (is_statistic(&t))
			check_statistics(r, i, &t, at);
		else
			check_tensor(r, &step, i, &t, at, pick);
		at += t.count;
	}
	free(values);
}

void nets_check(struct spec *s, int batch, size_t count)
{
	const struct shape in = s->nodes[0].shape;
	const size_t floats = count * (size_t)in.channels * (size_t)in.height *
			      (size_t)in.width;
	float *images = xcalloc(floats, sizeof *images);
	int32_t *labels = xcalloc(count, sizeof *labels);
	struct net *n = nets_new(s, batch, 1);
	struct reference *r = reference_new(s, n);
	struct reference_step step = {
		.images = images, .labels = labels, .n = count};
	struct rng draw;

	rng_stream(&draw, 2, 0, 0);
	rng_stream(&step.dropout, 3, 0, 0);
	for (size_t i = 0; i < floats; i++)
		images[i] = (float)(2 * rng_unit(&draw) - 1);
	for (size_t i = 0; i < count; i++)
		labels[i] = (int32_t)rng_below(&draw, (uint64_t)s->classes);
	check_logits(n, s, r, step);
	check_training(n, s, r, step, &draw);
	reference_free(r);
	net_free(n);
	free(images);
	free(labels);
}
