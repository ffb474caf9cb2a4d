/* op_join.c -- concat and sum: several maps become one. */
#include "nn/op.h"

#include <string.h>

#include "nn/kernels/join.h"

static int concat_shape(const struct spec_node *node, const struct shape *in,
	struct shape *out, struct err *e)
{
	*out = in[0];
	for (int i = 1; i < node->n_inputs; i++) {
		if (in[i].height != in[0].height || in[i].width != in[0].width)
			return err_set(e, ERR_GENOME,
				"joining maps of %dx%d and %dx%d", in[0].height,
				in[0].width, in[i].height, in[i].width);
		out->channels += in[i].channels;
	}
	return 0;
}

static int sum_shape(const struct spec_node *node, const struct shape *in,
	struct shape *out, struct err *e)
{
	if (concat_shape(node, in, out, e))
		return ERR_GENOME;
	for (int i = 1; i < node->n_inputs; i++)
		if (in[i].channels != in[0].channels)
			return err_set(e, ERR_GENOME,
				"adding maps of %d and %d channels",
				in[0].channels, in[i].channels);
	*out = in[0];
	return 0;
}

static size_t pixels_of(const struct layer *l, const struct pass *p)
{
	return p->n * shape_pixels(l->out->shape);
}

/* Floats beyond the channels of a pixel. */
static size_t padding_of(const struct tensor *t)
{
	return t->pixel - (size_t)t->shape.channels;
}

static void concat_forward(struct layer *l, const struct pass *p)
{
	const int last = l->node->n_inputs - 1;
	float *to = tensor_value(l->out, p);

	for (int i = 0; i <= last; i++) {
		const struct join_strip s = {
			.channels = (size_t)l->in[i]->shape.channels,
			.from_pixel = l->in[i]->pixel,
			.to_pixel = l->out->pixel,
			.zeros = i == last ? padding_of(l->out) : 0,
		};

		l->kernels->join->copy(
			&s, pixels_of(l, p), tensor_value(l->in[i], p), to);
		to += s.channels;
	}
}

static void concat_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	const struct join_strip s = {
		.channels = (size_t)l->in[which]->shape.channels,
		.from_pixel = l->out->pixel,
		.to_pixel = l->in[which]->pixel,
		.zeros = padding_of(l->in[which]),
	};
	const float *from = tensor_gradient(l->out, p);

	for (int i = 0; i < which; i++)
		from += l->in[i]->shape.channels;
	l->kernels->join->copy(&s, pixels_of(l, p), from, dx);
}

/* In place, the first input is where the sum is already. */
static void sum_forward(struct layer *l, const struct pass *p)
{
	const size_t n = p->n * tensor_image(l->out);
	const float *sum = tensor_value(l->in[0], p);
	float *y = tensor_value(l->out, p);

	for (int i = 1; i < l->node->n_inputs; i++) {
		l->kernels->join->sum(n, sum, tensor_value(l->in[i], p), y);
		sum = y;
	}
}

static void sum_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	const float *dy = tensor_gradient(l->out, p);

	(void)which;
	if (dx != dy)
		memcpy(dx, dy, p->n * tensor_image(l->out) * sizeof *dx);
}

const struct op_verbs op_concat = {
	.name = "concat",
	.min_inputs = 2,
	.max_inputs = SPEC_INPUTS_MAX,
	.shape = concat_shape,
	.forward = concat_forward,
	.backward = concat_backward,
};

const struct op_verbs op_sum = {
	.name = "sum",
	.min_inputs = 2,
	.max_inputs = SPEC_INPUTS_MAX,
	.shape = sum_shape,
	.forward = sum_forward,
	.backward = sum_backward,
	.needs = {.in_place = 1},
};
