/* net_judge.c -- what a net is judged by: averages of its numbers over the
 * steps, and an image's mirror beside it. */
#include "nn/net_private.h"

#include <string.h>

#include "nn/kernels/update.h"

/* -- averages -- */

/* Calls `visit` for every tensor of the net, with the place of its average. */
static void each_tensor(struct net *n,
	void (*visit)(const struct net *n, struct layer_tensor *t, float *a))
{
	float *a = n->average.values;

	for (int i = 1; i < n->spec.n; i++)
		for (int k = 0; k < n->layers[i].n_tensors; k++) {
			struct layer_tensor *t = &n->layers[i].tensors[k];

			visit(n, t, a);
			a += t->stored;
		}
}

int net_average(struct net *n, double decay, struct err *e)
{
	size_t floats = 0;

	for (int i = 1; i < n->spec.n; i++)
		for (int k = 0; k < n->layers[i].n_tensors; k++)
			floats += n->layers[i].tensors[k].stored;
	n->average.decay = decay;
	return mem_floats(&n->mem, &n->average.values, floats, e);
}

static void follow(const struct net *n, struct layer_tensor *t, float *a)
{
	n->kernels->update->follow(t->stored, a, t->data, n->average.share);
}

/* An average of few steps is to forget the first values sooner, or a short
 * training would be judged by how it began: after n steps the decay is at most
 * (1 + n) / (10 + n), as in TensorFlow's ExponentialMovingAverage. */
void net_average_step(struct net *n)
{
	struct net_average *a = &n->average;
	const double steps = (double)a->steps;
	const double early = (1 + steps) / (10 + steps);
	const double decay = early < a->decay ? early : a->decay;

	if (!a->values)
		return;
	a->share = a->steps == 0 ? 1.0f : (float)(1 - decay);
	a->steps++;
	each_tensor(n, follow);
}

static void exchange(const struct net *n, struct layer_tensor *t, float *a)
{
	(void)n;
	for (size_t i = 0; i < t->stored; i++) {
		const float x = t->data[i];

		t->data[i] = a[i];
		a[i] = x;
	}
}

void net_exchange(struct net *n)
{
	if (!n->average.values)
		return;
	each_tensor(n, exchange);
	net_parameters_changed(n);
}

/* -- views -- */

void net_flip_test(struct net *n, int on)
{
	n->flip_test = on;
}

/* One row of pixels, its last first. */
static void mirror_row(float *row, size_t width, size_t pixel)
{
	float *left = row, *right = row + (width - 1) * pixel;

	for (; left < right; left += pixel, right -= pixel)
		for (size_t c = 0; c < pixel; c++) {
			const float x = left[c];

			left[c] = right[c];
			right[c] = x;
		}
}

void net_mirror_input(struct net *n, size_t count)
{
	const struct tensor *in = &n->tensors[0];
	const size_t width = (size_t)in->shape.width;
	const size_t rows = count * (size_t)in->shape.height;

	for (size_t i = 0; i < rows; i++)
		mirror_row(in->value + i * width * in->pixel, width, in->pixel);
}
