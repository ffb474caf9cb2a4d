/* graph.c -- walks over node indices; small arrays on the stack, no recursion.
 */
#include "neat/graph.h"

#include <assert.h>
#include <string.h>

/* A set of node indices, and the list of those still to be visited. */
struct walk {
	unsigned char seen[GENOME_NODES_MAX];
	unsigned short todo[GENOME_NODES_MAX];
	size_t n_todo;
};

static size_t index_of(const struct genome *g, int64_t number)
{
	const struct node_gene *n = genome_node(g, number);

	assert(n);
	return (size_t)(n - g->nodes);
}

static void visit(struct walk *w, size_t i)
{
	if (w->seen[i])
		return;
	w->seen[i] = 1;
	w->todo[w->n_todo++] = (unsigned short)i;
}

/* Visits all that follows the nodes to do, or precedes them if `backward`. */
static void spread(
	struct walk *w, const struct genome *g, int backward, int disabled_too)
{
	while (w->n_todo) {
		int64_t at = g->nodes[w->todo[--w->n_todo]].number;

		for (size_t i = 0; i < g->n_edges; i++) {
			const struct edge_gene *x = &g->edges[i];

			if ((backward ? x->to : x->from) != at)
				continue;
			if (x->enabled || disabled_too)
				visit(w, index_of(g,
						 backward ? x->from : x->to));
		}
	}
}

static void start(struct walk *w, const struct genome *g)
{
	memset(w->seen, 0, g->n_nodes);
	w->n_todo = 0;
}

static void visit_kind(
	struct walk *w, const struct genome *g, enum node_kind kind)
{
	for (size_t i = 0; i < g->n_nodes; i++)
		if (g->nodes[i].kind == kind)
			visit(w, i);
}

static void start_at_kind(
	struct walk *w, const struct genome *g, enum node_kind kind)
{
	start(w, g);
	visit_kind(w, g, kind);
}

int graph_reaches(const struct genome *g, int64_t from, int64_t to)
{
	struct walk w;

	start(&w, g);
	visit(&w, index_of(g, from));
	spread(&w, g, 0, 1);
	return w.seen[index_of(g, to)];
}

int graph_connected(const struct genome *g)
{
	struct walk w;

	start_at_kind(&w, g, NODE_INPUT);
	spread(&w, g, 0, 0);
	for (size_t i = 0; i < g->n_nodes; i++)
		if (g->nodes[i].kind == NODE_OUTPUT && w.seen[i])
			return 1;
	return 0;
}

/* -- order -- */

/* Kahn's algorithm over the nodes that `in` holds: writes them to `order`, each
 * after its sources, and returns how many there were; fewer than `in` has if
 * there is a cycle.  The lowest index whose sources are done goes first. */
static size_t sort(const struct genome *g, const unsigned char *in,
	int disabled_too, size_t *order)
{
	unsigned short waits[GENOME_NODES_MAX] = {0};
	unsigned char done[GENOME_NODES_MAX] = {0};
	size_t n = 0;

	for (size_t i = 0; i < g->n_edges; i++) {
		const struct edge_gene *x = &g->edges[i];

		if ((x->enabled || disabled_too) && in[index_of(g, x->from)])
			waits[index_of(g, x->to)]++;
	}
	for (size_t i = 0; i < g->n_nodes;) {
		if (!in[i] || done[i] || waits[i]) {
			i++;
			continue;
		}
		done[i] = 1;
		order[n++] = i;
		for (size_t k = 0; k < g->n_edges; k++) {
			const struct edge_gene *x = &g->edges[k];

			if (x->from == g->nodes[i].number &&
				(x->enabled || disabled_too))
				waits[index_of(g, x->to)]--;
		}
		i = 0;
	}
	return n;
}

int graph_acyclic(const struct genome *g)
{
	unsigned char all[GENOME_NODES_MAX];
	size_t order[GENOME_NODES_MAX];

	memset(all, 1, sizeof all);
	return sort(g, all, 1, order) == g->n_nodes;
}

size_t graph_order(const struct genome *g, unsigned char *used, size_t *order)
{
	struct walk ahead, back;
	size_t n = 0;

	start_at_kind(&ahead, g, NODE_INPUT);
	visit_kind(&ahead, g, NODE_BIAS);
	spread(&ahead, g, 0, 0);
	start_at_kind(&back, g, NODE_OUTPUT);
	spread(&back, g, 1, 0);
	for (size_t i = 0; i < g->n_nodes; i++)
		used[i] = ahead.seen[i] && back.seen[i];
	if (!g->recurrent)
		return sort(g, used, 0, order);
	for (size_t i = 0; i < g->n_nodes; i++)
		if (used[i] && g->nodes[i].kind != NODE_OUTPUT)
			order[n++] = i;
	for (size_t i = 0; i < g->n_nodes; i++)
		if (used[i] && g->nodes[i].kind == NODE_OUTPUT)
			order[n++] = i;
	return n;
}
