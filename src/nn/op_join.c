/* op_join.c -- concat and sum: several maps become one. */
#include "nn/op.h"

#include <string.h>

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

/* Copies `width` of each pixel's channels; strides in floats. */
static void copy_channels(float *to, size_t to_stride, const float *from,
	size_t from_stride, size_t width, size_t pixels)
{
	for (size_t i = 0; i < pixels; i++) {
		memcpy(to, from, width * sizeof *to);
		to += to_stride;
		from += from_stride;
	}
}

static size_t pixels_of(const struct layer *l, const struct pass *p)
{
	return p->n * (size_t)l->out->shape.height *
	       (size_t)l->out->shape.width;
}

static void concat_forward(struct layer *l, const struct pass *p)
{
	const size_t all = (size_t)l->out->shape.channels;
	float *to = l->out->value;

	for (int i = 0; i < l->node->n_inputs; i++) {
		size_t channels = (size_t)l->in[i]->shape.channels;

		copy_channels(to, all, l->in[i]->value, channels, channels,
			pixels_of(l, p));
		to += channels;
	}
}

static void concat_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	const size_t channels = (size_t)l->in[which]->shape.channels;
	const float *from = l->out->gradient;

	for (int i = 0; i < which; i++)
		from += l->in[i]->shape.channels;
	copy_channels(dx, channels, from, (size_t)l->out->shape.channels,
		channels, pixels_of(l, p));
}

static void sum_forward(struct layer *l, const struct pass *p)
{
	const size_t n = pass_floats(p, l->out);
	float *restrict y = l->out->value;

	memcpy(y, l->in[0]->value, n * sizeof *y);
	for (int i = 1; i < l->node->n_inputs; i++) {
		const float *restrict x = l->in[i]->value;

		for (size_t k = 0; k < n; k++)
			y[k] += x[k];
	}
}

static void sum_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	(void)which;
	memcpy(dx, l->out->gradient, pass_floats(p, l->out) * sizeof *dx);
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
};
