/* decode.c -- a flat genome as a chain of nodes, judged by its shapes. */
#include "model/decode.h"

#include <assert.h>

#define POOL_SIDE_MIN 4
#define MIB ((int64_t)1 << 20)

/* neat/ and nn/ do not know each other: their names meet here. */
static const enum activation activation_of[FLAT_ACTIVATIONS] = {
	[FLAT_RELU] = ACT_RELU,
	[FLAT_SIGMOID] = ACT_SIGMOID,
	[FLAT_TANH] = ACT_TANH,
	[FLAT_LEAKYRELU] = ACT_LEAKYRELU,
	[FLAT_SELU] = ACT_SELU,
};

static const enum optimizer_kind optimizer_of[FLAT_OPTIMIZERS] = {
	[FLAT_ADAM] = OPT_ADAM,
	[FLAT_ADAMW] = OPT_ADAMW,
	[FLAT_SGD] = OPT_SGD,
	[FLAT_RMSPROP] = OPT_RMSPROP,
};

/* A chain being built.  The longest one is far from SPEC_NODES_MAX, so adding
 * a node cannot fail. */
struct chain {
	struct spec *spec;
	int last; /* node that the next one hangs on */
};

static void append(struct chain *c, struct spec_node node)
{
	node.inputs[0] = c->last;
	node.n_inputs = 1;
	c->last = spec_add(c->spec, &node, NULL);
	assert(c->last > 0);
}

static void append_activation(struct chain *c, const struct flat *g, int layer)
{
	enum flat_activation a = g->activations[layer % g->n_activations];
	struct spec_node node = {
		.op = OP_ACTIVATION, .activation = activation_of[a]};

	append(c, node);
}

static void append_dense(struct chain *c, int units)
{
	struct spec_node node = {.op = OP_DENSE, .units = units};

	append(c, node);
}

/* Returns the map's height and width after the layer; channels play no part.
 * The pool stands before the activation: the largest of rising functions is the
 * function of the largest, and a quarter of the numbers is worked on. */
static struct shape append_conv_layer(
	struct chain *c, const struct flat *g, int i, struct shape map)
{
	struct spec_node conv = {.op = OP_CONV,
		.filters = g->filters[i],
		.kernel = g->kernels[i]};
	struct spec_node norm = {.op = OP_BATCHNORM};
	struct spec_node pool = {.op = OP_MAXPOOL};

	append(c, conv);

	append(c, norm);
	if (map.height >= POOL_SIDE_MIN && map.width >= POOL_SIDE_MIN) {
		append(c, pool);
		map.height /= 2;
		map.width /= 2;
	}
	append_activation(c, g, i);
	return map;
}

static void append_dense_layer(struct chain *c, const struct flat *g, int i)
{
	struct spec_node dropout = {.op = OP_DROPOUT, .rate = g->dropout};

	append_dense(c, g->nodes[i]);
	append_activation(c, g, i);
	append(c, dropout);
}

static void build(const struct flat *g, struct spec *s)
{
	struct shape map = {g->data.channels, g->data.height, g->data.width};
	struct chain c = {s, 0};

	spec_init(s, map, g->data.classes);
	for (int i = 0; i < g->n_conv; i++)
		map = append_conv_layer(&c, g, i, map);
	for (int i = 0; i < g->n_dense; i++)
		append_dense_layer(&c, g, i);
	append_dense(&c, g->data.classes);
}

int model_decode(const struct flat *g, int64_t max_job_bytes, struct model *out,
	struct err *e)
{
	struct model m = {
		.optimizer = optimizer_of[g->optimizer],
		.learning_rate = g->learning_rate,
		.batch = g->batch_size,
	};
	int rc;

	assert(flat_valid(g));
	build(g, &m.spec);
	rc = spec_check(&m.spec, e);
	if (rc)
		return rc;
	spec_cost(&m.spec, m.batch, &m.cost);
	if (m.cost.train_bytes > max_job_bytes)
		return err_genome(e, "memory",
			"training it takes %lld MB but a job may take %lld MB",
			(long long)(m.cost.train_bytes / MIB +
				    (m.cost.train_bytes % MIB != 0)),
			(long long)(max_job_bytes / MIB));
	*out = m;
	return 0;
}
