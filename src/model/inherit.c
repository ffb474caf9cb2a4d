/* inherit.c -- layer by layer: which parent's, and which of its numbers. */
#include "model/inherit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "model/parts.h"
#include "model/transfer.h"

/* A network with its genes. */
struct kin {
	struct parts parts;
	const struct net *net;
};

/* One layer's legacy: the child's part and that of the parent it came from. */
struct legacy {
	const struct kin *child, *parent; /* parent: NULL for a new layer */
	struct part mine, theirs;
	struct transfer transfer;
};

/* -- which input was which -- */

/* The parent's node that the child's node `number` stands for: itself, or for
 * one that is new, as where an edge was split, the one before it. */
static int64_t stands_for(const struct legacy *l, int64_t number)
{
	while (parts_find(&l->parent->parts, number) < 0) {
		const struct parts *p = &l->child->parts;
		struct part part;

		parts_get(p, parts_find(p, number), &part);
		number = part.inputs[0].from;
	}
	return number;
}

static int has_edge(const struct part *p, int64_t edge)
{
	for (int k = 0; k < p->n_inputs; k++)
		if (p->inputs[k].edge == edge)
			return 1;
	return 0;
}

/* The parent's input that input `k` of the child's layer was, or -1. */
static int input_before(const struct legacy *l, int k)
{
	const struct part_input *in = &l->mine.inputs[k];
	int64_t from;

	for (int i = 0; i < l->theirs.n_inputs; i++)
		if (l->theirs.inputs[i].edge == in->edge)
			return i;
	from = stands_for(l, in->from);
	for (int i = 0; i < l->theirs.n_inputs; i++)
		if (l->theirs.inputs[i].from == from &&
			!has_edge(&l->mine, l->theirs.inputs[i].edge))
			return i;
	return -1;
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* Channels side by side that one input brings, or all of them together. */
struct segment {
	int first, n;
};

static int concatenates(const struct parts *p, const struct part *part)
{
	return part->joins >= 0 && p->spec.nodes[part->joins].op == OP_CONCAT;
}

/* The segment of input `k`. */
static struct segment segment_of(
	const struct parts *p, const struct part *part, int k)
{
	const struct spec *s = &p->spec;
	struct segment out = {0};

	if (!concatenates(p, part)) {
		out.n = s->nodes[s->nodes[part->own].inputs[0]].shape.channels;
		return out;
	}
	for (int i = 0; i < k; i++)
		out.first += s->nodes[part->inputs[i].at].shape.channels;
	out.n = s->nodes[part->inputs[k].at].shape.channels;
	return out;
}

/* For each channel that comes into the child's layer the parent's, or -1; to be
 * freed. */
static int *match_channels(const struct legacy *l)
{
	const struct parts *c = &l->child->parts, *p = &l->parent->parts;
	const int many = concatenates(c, &l->mine);
	const int alone = !many && !concatenates(p, &l->theirs);
	const int n = transfer_channels(&c->spec, l->mine.own);
	int *source = xcalloc((size_t)n, sizeof *source);

	for (int i = 0; i < n; i++)
		source[i] = -1;
	for (int k = 0; k < (many ? l->mine.n_inputs : 1); k++) {
		const int was = alone ? 0 : input_before(l, k);
		struct segment to, from;

		if (was < 0)
			continue;
		to = segment_of(c, &l->mine, k);
		from = segment_of(p, &l->theirs, was);
		for (int i = 0; i < least(to.n, from.n); i++)
			source[to.first + i] = from.first + i;
	}
	return source;
}

/* -- layers -- */

static void take_norm(const struct legacy *l)
{
	static const char *const suffix[] = {
		"weight", "bias", "running_mean", "running_var"};
	const int mine = l->mine.norm, theirs = l->theirs.norm;
	enum op op;

	if (mine < 0 || theirs < 0)
		return;
	op = l->child->parts.spec.nodes[mine].op;
	if (op != l->parent->parts.spec.nodes[theirs].op)
		return;
	for (int i = 0; i < (op == OP_BATCHNORM ? 4 : 2); i++)
		transfer_vector(&l->transfer, mine, theirs, suffix[i]);
}

/* What fits an input to the others of a sum. */
static void take_projection(const struct legacy *l, int k)
{
	const int node = l->mine.inputs[k].projection;
	const int was = node < 0 ? -1 : input_before(l, k);
	int from, n, had, *source;

	if (was < 0)
		return;
	from = l->theirs.inputs[was].projection;
	if (from < 0) {
		transfer_identity(&l->transfer, node);
		return;
	}
	n = transfer_channels(&l->child->parts.spec, node);
	had = transfer_channels(&l->parent->parts.spec, from);
	source = xcalloc((size_t)n, sizeof *source);
	for (int i = 0; i < n; i++)
		source[i] = i < had ? i : -1;
	transfer_weights(&l->transfer, node, from, source);
	free(source);
}

static void take_layer(const struct legacy *l)
{
	int *source = match_channels(l);

	transfer_weights(&l->transfer, l->mine.own, l->theirs.own, source);
	free(source);
	take_norm(l);
	for (int k = 0; k < l->mine.n_inputs; k++)
		take_projection(l, k);
}

static enum activation activation_of(const struct node_gene *n)
{
	return n->kind == NODE_CONV ? n->conv.activation : n->dense.activation;
}

/* A sigmoid or a tanh bends everything that passes. */
static void begin_layer(const struct legacy *l, const struct node_gene *n)
{
	const enum activation a = activation_of(n);
	const struct spec *s = &l->child->parts.spec;
	const struct shape in = s->nodes[s->nodes[l->mine.own].inputs[0]].shape;

	if (a == ACT_SIGMOID || a == ACT_TANH)
		return;
	if (n->kind == NODE_DENSE && (in.height > 1 || in.width > 1))
		return;
	transfer_identity(&l->transfer, l->mine.own);
}

/* -- whose layer it is -- */

static int same_size(const struct node_gene *a, const struct node_gene *b)
{
	return a->conv.filters == b->conv.filters &&
	       a->conv.kernel == b->conv.kernel &&
	       a->dense.units == b->dense.units;
}

/* The parent's node for the gene, or -1. */
static int find_gene(const struct kin *parent, const struct node_gene *n)
{
	const int i = parts_find(&parent->parts, n->number);

	if (i < 0 || parent->parts.genome->nodes[i].kind != n->kind)
		return -1;
	return i;
}

/* The parent that the gene came from; *at is its node there.  NULL: none. */
static const struct kin *whose(const struct kin *parents, int n_parents,
	const struct node_gene *n, int *at)
{
	const struct kin *first = NULL;

	for (int i = 0; i < n_parents; i++) {
		const int found = find_gene(&parents[i], n);

		if (found < 0)
			continue;
		if (same_size(&parents[i].parts.genome->nodes[found], n)) {
			*at = found;
			return &parents[i];
		}
		if (!first) {
			first = &parents[i];
			*at = found;
		}
	}
	return first;
}

static void inherit_layer(
	struct legacy *l, const struct kin *parents, int n_parents, int i)
{
	const struct node_gene *n = &l->child->parts.genome->nodes[i];
	int at;

	if (n->kind == NODE_INPUT || l->child->parts.nodes[i] < 0)
		return;
	parts_get(&l->child->parts, i, &l->mine);
	l->parent = whose(parents, n_parents, n, &at);
	if (l->parent) {
		parts_get(&l->parent->parts, at, &l->theirs);
		l->transfer.from = l->parent->net;
		l->transfer.theirs = &l->parent->parts.spec;
		take_layer(l);
	} else if (n->kind != NODE_OUTPUT) {
		begin_layer(l, n);
	}
}

/* -- the whole -- */

static int same_node(const struct spec_node *a, const struct spec_node *b)
{
	if (a->op != b->op || a->n_inputs != b->n_inputs ||
		a->filters != b->filters || a->kernel != b->kernel ||
		memcmp(&a->shape, &b->shape, sizeof a->shape) != 0)
		return 0;
	for (int k = 0; k < a->n_inputs; k++)
		if (a->inputs[k] != b->inputs[k])
			return 0;
	return 1;
}

static int same_network(const struct spec *a, const struct spec *b)
{
	int same = a->n == b->n;

	for (int i = 0; same && i < a->n; i++)
		same = same_node(&a->nodes[i], &b->nodes[i]);
	return same;
}

static int open_parent(
	struct kin *k, const struct inherit_parent *p, struct err *e)
{
	struct err why = {0};

	k->net = p->net;
	if (parts_open(&k->parts, p->genome, &p->data, &why) == 0 &&
		same_network(&k->parts.spec, p->spec))
		return 0;
	return err_set(e, ERR_INVALID,
		"a parent's weights are not those of its genome%s%s",
		why.text[0] ? ": " : "", why.text);
}

int inherit(struct net *n, const struct genome *child,
	const struct data_shape *data, const struct inheritance *from,
	struct err *e)
{
	/* The parents, then the child: a spec is large for a stack. */
	struct kin *kin = xcalloc(INHERIT_PARENTS_MAX + 1, sizeof *kin);
	struct kin *own = &kin[INHERIT_PARENTS_MAX];
	struct legacy l = {.child = own,
		.transfer = {
			.to = n, .spec = &own->parts.spec, .keep = from->keep}};
	int rc = 0;

	assert(from->n >= 0 && from->n <= INHERIT_PARENTS_MAX);
	for (int i = 0; rc == 0 && i < from->n; i++)
		rc = open_parent(&kin[i], &from->parents[i], e);
	if (rc == 0)
		rc = parts_open(&own->parts, child, data, e);
	for (size_t i = 0; rc == 0 && from->n && i < child->n_nodes; i++)
		inherit_layer(&l, kin, from->n, (int)i);
	free(kin);
	return rc;
}
