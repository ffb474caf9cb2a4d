/* build.c -- each layer after those that feed it, as a few nodes. */
#include "model/build.h"

#include <assert.h>

#include "neat/graph.h"
#include "neat/layer.h"

#define POOL_SIDE_MIN 4

struct build {
	const struct genome *genome;
	struct spec *spec;
	int at[GENOME_NODES_MAX]; /* spec node of each of the genome's, or -1 */
	int last; /* spec node that the next one hangs on, or an error */
};

/* Does nothing after a failure, so that a layer's nodes follow one another
 * without a check between. */
static void append(struct build *b, struct spec_node node, struct err *e)
{
	if (b->last < 0)
		return;
	node.inputs[0] = b->last;
	node.n_inputs = 1;
	b->last = spec_add(b->spec, &node, e);
}

static void append_activation(struct build *b, enum activation a, struct err *e)
{
	const struct spec_node node = {.op = OP_ACTIVATION, .activation = a};

	append(b, node, e);
}

static void append_dropout(struct build *b, double rate, struct err *e)
{
	const struct spec_node node = {.op = OP_DROPOUT, .rate = rate};

	append(b, node, e);
}

static int large_enough_to_pool(const struct build *b)
{
	struct shape map;

	if (b->last < 0)
		return 0;
	map = b->spec->nodes[b->last].shape;
	return map.height >= POOL_SIDE_MIN && map.width >= POOL_SIDE_MIN;
}

static void append_norm(struct build *b, enum conv_norm norm, struct err *e)
{
	if (norm == CONV_NORM_BATCH)
		append(b, (struct spec_node){.op = OP_BATCHNORM}, e);
	if (norm == CONV_NORM_LAYER)
		append(b, (struct spec_node){.op = OP_LAYERNORM}, e);
}

static void append_pool(struct build *b, enum op pool, struct err *e)
{
	if (large_enough_to_pool(b))
		append(b, (struct spec_node){.op = pool}, e);
}

/* The largest value of a monotonic activation is that of the largest number, so
 * there a max pool comes first, and a quarter of the numbers is worked on. */
static void append_pooled(
	struct build *b, const struct conv_gene *c, struct err *e)
{
	const int max_first = activation_is_monotonic(c->activation);

	if (c->pool == CONV_POOL_MAX && max_first)
		append_pool(b, OP_MAXPOOL, e);
	append_activation(b, c->activation, e);
	if (c->pool == CONV_POOL_MAX && !max_first)
		append_pool(b, OP_MAXPOOL, e);
	if (c->pool == CONV_POOL_AVERAGE)
		append_pool(b, OP_AVGPOOL, e);
}

static void append_conv(
	struct build *b, const struct conv_gene *c, struct err *e)
{
	append(b,
		(struct spec_node){.op = OP_CONV,
			.filters = c->filters,
			.kernel = c->kernel,
			.stride = c->stride},
		e);
	append_norm(b, c->norm, e);
	append_pooled(b, c, e);
	if (c->dropout > 0)
		append_dropout(b, c->dropout, e);
}

static void append_dense(struct build *b, int units, struct err *e)
{
	const struct spec_node node = {.op = OP_DENSE, .units = units};

	append(b, node, e);
}

static void append_layer(
	struct build *b, const struct node_gene *n, struct err *e)
{
	switch (n->kind) {
	case NODE_CONV: append_conv(b, &n->conv, e); break;
	case NODE_DENSE:
		append_dense(b, n->dense.units, e);
		append_activation(b, n->dense.activation, e);
		append_dropout(b, layer_dropout(b->genome, n), e);
		break;
	default: append_dense(b, b->spec->classes, e);
	}
}

/* Joins what feeds the node; b->last is then its input. */
static void join_inputs(
	struct build *b, const struct node_gene *n, struct err *e)
{
	const struct genome *g = b->genome;
	int inputs[SPEC_INPUTS_MAX], count = 0;

	for (size_t i = 0; i < g->n_edges; i++) {
		const struct edge_gene *x = &g->edges[i];
		int from;

		if (x->to != n->number || !x->enabled)
			continue;
		from = b->at[genome_node(g, x->from) - g->nodes];
		if (from < 0)
			continue;
		if (count == SPEC_INPUTS_MAX) {
			b->last = err_set(e, ERR_GENOME, "more than %d inputs",
				SPEC_INPUTS_MAX);
			return;
		}
		inputs[count++] = from;
	}
	b->last = spec_merge(b->spec,
		n->merge == MERGE_SUM ? OP_SUM : OP_CONCAT, inputs, count, e);
}

static int build_node(struct build *b, size_t i, struct err *e)
{
	const struct node_gene *n = &b->genome->nodes[i];
	struct err why = {0};

	if (n->kind == NODE_INPUT) {
		b->at[i] = 0;
		return 0;
	}
	join_inputs(b, n, &why);
	append_layer(b, n, &why);
	/* A node alone comes back as it is, if it and all before it can be
	 * built: so the layer is named that cannot. */
	if (b->last >= 0)
		b->last = spec_merge(b->spec, OP_SUM, &b->last, 1, &why);
	b->at[i] = b->last;
	if (b->last >= 0)
		return 0;
	return err_set(e, ERR_GENOME, "layer %lld: %s", (long long)n->number,
		why.text);
}

int build_spec(const struct genome *g, const struct data_shape *data,
	struct spec *out, int *nodes, struct err *e)
{
	const struct shape images = {data->channels, data->height, data->width};
	struct build b = {.genome = g, .spec = out};
	unsigned char used[GENOME_NODES_MAX];
	size_t order[GENOME_NODES_MAX];
	size_t n = graph_order(g, used, order);
	int rc = 0;

	assert(g->kind == &genome_layers);
	spec_init(out, images, data->classes);
	for (size_t i = 0; i < g->n_nodes; i++)
		b.at[i] = -1;
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = build_node(&b, order[i], e);
	for (size_t i = 0; nodes && i < g->n_nodes; i++)
		nodes[i] = b.at[i];
	return rc ? rc : spec_check(out, e);
}
