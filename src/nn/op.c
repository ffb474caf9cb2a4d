/* op.c -- the table of ops, and what their files share. */
#include "nn/op.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Each in the file of its name. */
extern const struct op_verbs op_conv, op_batchnorm, op_layernorm, op_activation,
	op_maxpool, op_avgpool, op_shrink, op_dense, op_dropout, op_concat,
	op_sum;

/* The input's value is filled in by net.c; it has no inputs to work on. */
static const struct op_verbs op_input = {.name = "input"};

const struct op_verbs *op_verbs(enum op op)
{
	static const struct op_verbs *const table[OP_COUNT] = {
		[OP_INPUT] = &op_input,
		[OP_CONV] = &op_conv,
		[OP_BATCHNORM] = &op_batchnorm,
		[OP_LAYERNORM] = &op_layernorm,
		[OP_ACTIVATION] = &op_activation,
		[OP_MAXPOOL] = &op_maxpool,
		[OP_AVGPOOL] = &op_avgpool,
		[OP_SHRINK] = &op_shrink,
		[OP_DENSE] = &op_dense,
		[OP_DROPOUT] = &op_dropout,
		[OP_CONCAT] = &op_concat,
		[OP_SUM] = &op_sum,
	};

	if ((int)op < 0 || op >= OP_COUNT)
		return NULL;
	return table[op];
}

struct op_needs op_needs(const struct spec_node *node)
{
	const struct op_verbs *op = op_verbs(node->op);

	return op->needs_of ? op->needs_of(node) : op->needs;
}

int op_pool_shape(const struct spec_node *node, const struct shape *in,
	struct shape *out, struct err *e)
{
	(void)node;
	if (in->height < 2 || in->width < 2)
		return err_set(e, ERR_GENOME,
			"pooling a map of %dx%d, which would vanish",
			in->height, in->width);
	*out = (struct shape){in->channels, in->height / 2, in->width / 2};
	return 0;
}

void tensor_clear_padding(float *x, const struct tensor *t, size_t pixels)
{
	const size_t channels = (size_t)t->shape.channels;

	if (t->pixel == channels)
		return;
	for (size_t i = 0; i < pixels; i++, x += t->pixel)
		memset(x + channels, 0, (t->pixel - channels) * sizeof *x);
}

int layer_add_param(struct layer *l, const struct op_build *b,
	const struct layer_tensor *seen, struct err *e)
{
	struct param *p = &l->params[l->n_params];
	int rc = mem_floats(b->mem, &p->value, seen->stored, e);

	if (rc == 0)
		rc = mem_floats(b->mem, &p->gradient, seen->stored, e);
	if (rc)
		return rc;
	p->count = seen->stored;
	p->vector = seen->ndims == 1;
	l->tensors[l->n_tensors] = *seen;
	l->tensors[l->n_tensors].data = p->value;
	l->n_params++;
	l->n_tensors++;
	return 0;
}

int layer_draw(struct layer *l, int i, const struct op_build *b, double fan_in,
	struct err *e)
{
	double bound = 1.0 / sqrt(fan_in);
	size_t n = layer_tensor_count(l, i);
	float *values = malloc(n * sizeof *values);

	if (!values)
		return err_set(e, ERR_WORLD, "no memory for %zu weights", n);
	for (size_t k = 0; k < n; k++)
		values[k] = (float)((2.0 * rng_unit(b->rng) - 1.0) * bound);
	layer_write(l, i, values);
	free(values);
	return 0;
}

void op_build_wants(struct op_build *b, size_t scratch_floats)
{
	if (scratch_floats > b->scratch_floats)
		b->scratch_floats = scratch_floats;
}

size_t layer_tensor_count(const struct layer *l, int i)
{
	size_t n = 1;

	for (int d = 0; d < l->tensors[i].ndims; d++)
		n *= (size_t)l->tensors[i].dims[d];
	return n;
}

void layer_read(const struct layer *l, int i, float *out)
{
	const struct layer_tensor *t = &l->tensors[i];

	if (l->op->read && t->ndims > 1)
		l->op->read(l, out);
	else
		memcpy(out, t->data, layer_tensor_count(l, i) * sizeof *out);
}

void layer_write(struct layer *l, int i, const float *values)
{
	const struct layer_tensor *t = &l->tensors[i];

	if (l->op->write && t->ndims > 1)
		l->op->write(l, values);
	else
		memcpy(t->data, values,
			layer_tensor_count(l, i) * sizeof *values);
}
