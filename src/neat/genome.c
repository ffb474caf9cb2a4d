/* genome.c -- sorted arrays of genes: found by binary search, replaced whole.
 */
#include "neat/genome.h"

#include <assert.h>
#include <string.h>

/* A fresh array of `n` genes plus `room`, so that an array is never written
 * that another genome may share. */
static void *fresh(struct arena *mem, const void *genes, size_t n, size_t room,
	size_t size)
{
	void *copy = arena_array(mem, n + room, size);

	if (n)
		memcpy(copy, genes, n * size);
	return copy;
}

/* -- finding -- */

/* The index of the first node whose number is not below `number`. */
static size_t node_at(const struct genome *g, int64_t number)
{
	size_t lo = 0, hi = g->n_nodes;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (g->nodes[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static size_t edge_at(const struct genome *g, int64_t number)
{
	size_t lo = 0, hi = g->n_edges;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (g->edges[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct node_gene *genome_node(const struct genome *g, int64_t number)
{
	size_t i = node_at(g, number);

	return i < g->n_nodes && g->nodes[i].number == number ? &g->nodes[i]
							      : NULL;
}

const struct edge_gene *genome_edge(const struct genome *g, int64_t number)
{
	size_t i = edge_at(g, number);

	return i < g->n_edges && g->edges[i].number == number ? &g->edges[i]
							      : NULL;
}

const struct edge_gene *genome_edge_between(
	const struct genome *g, int64_t from, int64_t to)
{
	for (size_t i = 0; i < g->n_edges; i++)
		if (g->edges[i].from == from && g->edges[i].to == to)
			return &g->edges[i];
	return NULL;
}

size_t genome_size(const struct genome *g)
{
	return g->n_nodes + g->n_edges + g->n_hypers;
}

/* -- copying and writing -- */

struct genome *genome_copy(struct arena *mem, const struct genome *g)
{
	struct genome *copy = arena_alloc(mem, sizeof *copy);

	*copy = *g;
	return copy;
}

struct genome *genome_clone(struct arena *mem, const struct genome *g)
{
	struct genome *copy = genome_copy(mem, g);

	genome_own_nodes(mem, copy);
	genome_own_edges(mem, copy);
	genome_own_hypers(mem, copy);
	return copy;
}

struct node_gene *genome_own_nodes(struct arena *mem, struct genome *g)
{
	struct node_gene *own = fresh(
		mem, g->nodes, g->n_nodes, 0, sizeof *own);

	g->nodes = own;
	return own;
}

struct edge_gene *genome_own_edges(struct arena *mem, struct genome *g)
{
	struct edge_gene *own = fresh(
		mem, g->edges, g->n_edges, 0, sizeof *own);

	g->edges = own;
	return own;
}

struct hyper_gene *genome_own_hypers(struct arena *mem, struct genome *g)
{
	struct hyper_gene *own = fresh(
		mem, g->hypers, g->n_hypers, 0, sizeof *own);

	g->hypers = own;
	return own;
}

void genome_add_node(
	struct arena *mem, struct genome *g, const struct node_gene *n)
{
	size_t at = node_at(g, n->number);
	struct node_gene *own = fresh(
		mem, g->nodes, g->n_nodes, 1, sizeof *own);

	assert(g->n_nodes < GENOME_NODES_MAX);
	assert(at == g->n_nodes || g->nodes[at].number != n->number);
	memmove(own + at + 1, own + at, (g->n_nodes - at) * sizeof *own);
	own[at] = *n;
	g->nodes = own;
	g->n_nodes++;
}

void genome_add_edge(
	struct arena *mem, struct genome *g, const struct edge_gene *edge)
{
	size_t at = edge_at(g, edge->number);
	struct edge_gene *own = fresh(
		mem, g->edges, g->n_edges, 1, sizeof *own);

	assert(g->n_edges < GENOME_EDGES_MAX);
	assert(at == g->n_edges || g->edges[at].number != edge->number);
	memmove(own + at + 1, own + at, (g->n_edges - at) * sizeof *own);
	own[at] = *edge;
	g->edges = own;
	g->n_edges++;
}

void genome_remove_edge(struct arena *mem, struct genome *g, int64_t number)
{
	size_t at = edge_at(g, number);
	struct edge_gene *own = genome_own_edges(mem, g);

	assert(at < g->n_edges && own[at].number == number);
	g->n_edges--;
	memmove(own + at, own + at + 1, (g->n_edges - at) * sizeof *own);
}

void genome_remove_node(struct arena *mem, struct genome *g, int64_t number)
{
	size_t at = node_at(g, number), kept = 0;
	struct node_gene *nodes = genome_own_nodes(mem, g);
	struct edge_gene *edges = genome_own_edges(mem, g);

	assert(at < g->n_nodes && nodes[at].number == number);
	g->n_nodes--;
	memmove(nodes + at, nodes + at + 1, (g->n_nodes - at) * sizeof *nodes);
	for (size_t i = 0; i < g->n_edges; i++)
		if (edges[i].from != number && edges[i].to != number)
			edges[kept++] = edges[i];
	g->n_edges = kept;
}

/* -- equality: field by field, for padding has no meaning -- */

static int same_conv(const struct conv_gene *a, const struct conv_gene *b)
{
	return a->filters == b->filters && a->kernel == b->kernel &&
	       a->stride == b->stride && a->norm == b->norm &&
	       a->activation == b->activation && a->pool == b->pool &&
	       a->dropout == b->dropout;
}

static int same_node(const struct node_gene *a, const struct node_gene *b)
{
	return a->number == b->number && a->kind == b->kind &&
	       a->merge == b->merge &&
	       a->neuron.activation == b->neuron.activation &&
	       a->neuron.bias == b->neuron.bias &&
	       same_conv(&a->conv, &b->conv) &&
	       a->dense.units == b->dense.units &&
	       a->dense.activation == b->dense.activation &&
	       a->dense.dropout == b->dense.dropout;
}

static int same_edge(const struct edge_gene *a, const struct edge_gene *b)
{
	return a->number == b->number && a->from == b->from && a->to == b->to &&
	       a->enabled == b->enabled && a->weight == b->weight;
}

int genome_equal(const struct genome *a, const struct genome *b)
{
	if (a->kind != b->kind || a->recurrent != b->recurrent ||
		a->n_nodes != b->n_nodes || a->n_edges != b->n_edges ||
		a->n_hypers != b->n_hypers)
		return 0;
	for (size_t i = 0; i < a->n_nodes; i++)
		if (!same_node(&a->nodes[i], &b->nodes[i]))
			return 0;
	for (size_t i = 0; i < a->n_edges; i++)
		if (!same_edge(&a->edges[i], &b->edges[i]))
			return 0;
	for (size_t i = 0; i < a->n_hypers; i++)
		if (a->hypers[i].number != b->hypers[i].number ||
			a->hypers[i].value != b->hypers[i].value)
			return 0;
	return 1;
}
