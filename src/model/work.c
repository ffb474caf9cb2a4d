/* work.c -- operations, and what else takes time in terms of them. */
#include "model/work.h"

/* Going forward and back. */
#define OPERATIONS_A_LIGHT_VALUE 150.0
#define OPERATIONS_A_HEAVY_VALUE 570.0
/* In each step of the optimizer. */
#define OPERATIONS_A_PARAMETER 600.0

/* What a layer that multiplies writes is written with its products. */
static double operations_a_value(const struct spec_node *node)
{
	switch (node->op) {
	case OP_INPUT:
	case OP_CONV:
	case OP_DENSE: return 0;
	case OP_BATCHNORM:
	case OP_LAYERNORM:
	case OP_DROPOUT: return OPERATIONS_A_HEAVY_VALUE;
	case OP_ACTIVATION:
		return node->activation == ACT_RELU ||
				       node->activation == ACT_LEAKYRELU
			       ? OPERATIONS_A_LIGHT_VALUE
			       : OPERATIONS_A_HEAVY_VALUE;
	default: return OPERATIONS_A_LIGHT_VALUE;
	}
}

static double values(const struct spec_node *node)
{
	return (double)node->shape.channels * node->shape.height *
	       node->shape.width;
}

/* Forward and back, without the steps. */
static double passes(const struct spec *s, const struct spec_cost *c)
{
	double sum = (double)c->train_flops;

	for (int i = 0; i < s->n; i++)
		sum += operations_a_value(&s->nodes[i]) * values(&s->nodes[i]);
	return sum;
}

double work_train(const struct spec *s, const struct spec_cost *c, int batch)
{
	return passes(s, c) +
	       OPERATIONS_A_PARAMETER * (double)c->parameters / batch;
}

/* The way back takes twice the way forward. */
double work_judge(const struct spec *s, const struct spec_cost *c)
{
	return passes(s, c) / 3;
}
