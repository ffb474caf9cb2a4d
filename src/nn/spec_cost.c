/* spec_cost.c -- what a network costs, from shapes alone.
 *
 * Only the multiply-adds of convolutions and dense layers are counted as work,
 * as the field does; all the rest is a few per cent of a network. */
#include "nn/spec.h"

#include "nn/mem.h"
#include "nn/op.h"

/* Blocks of memory that one node may take: value and gradient, two parameters
 * with theirs, and an op's own. */
#define BLOCKS_PER_NODE 16

static int64_t plus(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static int64_t times(int64_t a, int64_t b)
{
	int64_t product;

	return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

/* The memory of a network in floats, by what it grows with. */
struct floats {
	int64_t params;   /* each parameter */
	int64_t averages; /* each that has an average */
	int64_t fixed;    /* whatever the batch */
	int64_t image;    /* per image of the batch */
	int64_t spill;    /* largest image of a node that feeds several */
	int64_t scratch;  /* largest working memory */
};

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* An output feeds several nodes when it is listed as an input twice. */
static int feeds_several(const struct spec *s, int i)
{
	int uses = 0;

	for (int k = i + 1; k < s->n; k++)
		for (int j = 0; j < s->nodes[k].n_inputs; j++)
			uses += s->nodes[k].inputs[j] == i;
	return uses > 1;
}

static void count_memory(
	const struct spec *s, int i, const struct op_cost *c, struct floats *f)
{
	const int64_t image = shape_padded(s->nodes[i].shape);

	f->params = plus(f->params, c->param_floats);
	f->averages = plus(
		f->averages, plus(c->param_floats, c->running_floats));
	f->fixed = plus(f->fixed, c->fixed_floats);
	f->image = plus(f->image, plus(2 * image, c->image_floats));
	f->scratch = larger(f->scratch, c->scratch_floats);
	if (feeds_several(s, i))
		f->spill = larger(f->spill, image);
}

/* Parameters, their gradients and two states of an optimizer; the rest once.
 * Each block of memory is a little larger than asked for. */
static int64_t bytes_of(const struct floats *f, int batch, int nodes)
{
	int64_t floats = times(4, f->params);

	floats = plus(floats, f->fixed);
	floats = plus(floats, times(batch, plus(f->image, f->spill)));
	floats = plus(floats, f->scratch);
	return plus(times(floats, (int64_t)sizeof(float)),
		(int64_t)nodes * BLOCKS_PER_NODE * MEM_OVERHEAD_BYTES);
}

/* Backward, a layer with parameters works once for their gradients and once
 * more for its input's, unless that input is the images themselves. */
static int64_t train_flops(const struct spec_node *node, int64_t forward)
{
	return times(node->inputs[0] == 0 ? 2 : 3, forward);
}

static struct op_cost cost_of(const struct spec *s, int i)
{
	const struct spec_node *node = &s->nodes[i];
	const struct op_verbs *op = op_verbs(node->op);
	struct shape in[SPEC_INPUTS_MAX];
	struct op_cost c = {0};

	for (int k = 0; k < node->n_inputs; k++)
		in[k] = s->nodes[node->inputs[k]].shape;
	if (op->cost)
		op->cost(node, in, &c);
	return c;
}

void spec_node_cost(
	const struct spec *s, int i, int64_t *parameters, int64_t *flops)
{
	const struct op_cost c = cost_of(s, i);

	*parameters = c.parameters;
	*flops = c.flops;
}

void spec_cost(const struct spec *s, int batch, struct spec_cost *out)
{
	struct floats f = {0};

	*out = (struct spec_cost){0};
	for (int i = 0; i < s->n; i++) {
		const struct op_cost c = cost_of(s, i);

		out->parameters = plus(out->parameters, c.parameters);
		out->weights = plus(
			out->weights, plus(c.parameters, c.statistics));
		out->forward_flops = plus(out->forward_flops, c.flops);
		out->train_flops = plus(
			out->train_flops, train_flops(&s->nodes[i], c.flops));
		count_memory(s, i, &c, &f);
	}
	out->train_bytes = bytes_of(&f, batch, s->n);
	out->average_bytes = plus(
		times(f.averages, (int64_t)sizeof(float)), MEM_OVERHEAD_BYTES);
}
