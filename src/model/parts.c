/* parts.c -- a layer's nodes lie one behind the other, from what joins its
 * inputs to its last. */
#include "model/parts.h"

#include <assert.h>

#include "model/build.h"

int parts_open(struct parts *p, const struct genome *g,
	const struct data_shape *data, struct err *e)
{
	p->genome = g;
	return build_spec(g, data, &p->spec, p->nodes, e);
}

int parts_find(const struct parts *p, int64_t number)
{
	const struct node_gene *n = genome_node(p->genome, number);
	int i = n ? (int)(n - p->genome->nodes) : -1;

	return n && p->nodes[i] >= 0 ? i : -1;
}

static int has_weights(const struct spec_node *n)
{
	return n->op == OP_CONV || n->op == OP_DENSE;
}

/* The layer's own node: the last with weights before number `at`. */
static void find_own(const struct spec *s, int at, struct part *out)
{
	while (!has_weights(&s->nodes[at])) {
		const enum op op = s->nodes[at].op;

		if (op == OP_BATCHNORM || op == OP_LAYERNORM)
			out->norm = at;
		at = s->nodes[at].inputs[0];
	}
	out->own = at;
}

/* The projection on the way from what input `in` brings to what is joined, or
 * -1. */
static int projection_of(const struct parts *p, const struct part_input *in)
{
	const int from = p->nodes[parts_find(p, in->from)];
	int at = in->at;

	while (at != from && !has_weights(&p->spec.nodes[at]))
		at = p->spec.nodes[at].inputs[0];
	return at == from ? -1 : at;
}

/* Inputs are joined in the order of their edges. */
static void find_inputs(const struct parts *p, int64_t number, struct part *out)
{
	const struct genome *g = p->genome;
	const struct spec_node *join;
	int first = p->spec.nodes[out->own].inputs[0];

	for (size_t i = 0; i < g->n_edges; i++) {
		const struct edge_gene *x = &g->edges[i];

		if (x->to != number || !x->enabled ||
			parts_find(p, x->from) < 0)
			continue;
		assert(out->n_inputs < SPEC_INPUTS_MAX);
		out->inputs[out->n_inputs++] = (struct part_input){
			.edge = x->number, .from = x->from, .at = first};
	}
	out->joins = out->n_inputs > 1 ? first : -1;
	join = &p->spec.nodes[first];
	for (int k = 0; k < out->n_inputs; k++) {
		struct part_input *in = &out->inputs[k];

		if (out->joins >= 0)
			in->at = join->inputs[k];
		in->projection = projection_of(p, in);
	}
}

void parts_get(const struct parts *p, int i, struct part *out)
{
	const struct node_gene *n = &p->genome->nodes[i];

	assert(n->kind != NODE_INPUT && p->nodes[i] >= 0);
	*out = (struct part){.norm = -1};
	find_own(&p->spec, p->nodes[i], out);
	find_inputs(p, n->number, out);
}
