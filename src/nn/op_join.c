/* op_join.c -- concat and sum: several maps become one. */
#include "nn/op.h"

#include <string.h>

#include "nn/kernels/update.h"

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

static void concat_forward(struct layer *l, const struct pass *p)
{
	const size_t to_pixel = l->out->pixel, pixels = pixels_of(l, p);
	float *start = tensor_value(l->out, p);

	for (int i = 0; i < l->node->n_inputs; i++) {
		const size_t channels = (size_t)l->in[i]->shape.channels;
		const float *from = tensor_value(l->in[i], p);
		float *to = start;

		for (size_t k = 0; k < pixels; k++) {
			memcpy(to, from, channels * sizeof *to);
			to += to_pixel;
			from += l->in[i]->pixel;
		}
		start += channels;
	}
	tensor_clear_padding(tensor_value(l->out, p), l->out, pixels);
}

static void concat_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	const size_t channels = (size_t)l->in[which]->shape.channels;
	const float *from = tensor_gradient(l->out, p);
	float *to = dx;

	for (int i = 0; i < which; i++)
		from += l->in[i]->shape.channels;
	for (size_t k = 0; k < pixels_of(l, p); k++) {

		memcpy(to, from, channels * sizeof *to);
		to += l->in[which]->pixel;
		from += l->out->pixel;
	}
	tensor_clear_padding(dx, l->in[which], pixels_of(l, p));
}

static void sum_forward(struct layer *l, const struct pass *p)
{
	const size_t n = p->n * tensor_image(l->out);
	float *y = tensor_value(l->out, p);

	memcpy(y, tensor_value(l->in[0], p), n * sizeof *y);
	for (int i = 1; i < l->node->n_inputs; i++)
		l->kernels->update->add(n, y, tensor_value(l->in[i], p), 1.0f);
}

static void sum_backward(
	struct layer *l, const struct pass *p, int which, float *dx)
{
	(void)which;
	memcpy(dx, tensor_gradient(l->out, p),
		p->n * tensor_image(l->out) * sizeof *dx);
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
