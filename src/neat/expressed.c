/* expressed.c -- leaves out what no path goes through. */
#include "neat/expressed.h"

#include "neat/graph.h"

static int has_node(const struct genome *g, int64_t number)
{
	return genome_node(g, number) != NULL;
}

struct genome *genome_expressed(struct arena *mem, const struct genome *g)
{
	unsigned char used[GENOME_NODES_MAX];
	size_t order[GENOME_NODES_MAX];
	struct genome *out = genome_copy(mem, g);
	struct node_gene *nodes = genome_own_nodes(mem, out);
	struct edge_gene *edges = genome_own_edges(mem, out);

	graph_order(g, used, order);
	out->n_nodes = out->n_edges = 0;
	for (size_t i = 0; i < g->n_nodes; i++)
		if (used[i])
			nodes[out->n_nodes++] = g->nodes[i];
	for (size_t i = 0; i < g->n_edges; i++)
		if (g->edges[i].enabled && has_node(out, g->edges[i].from) &&
			has_node(out, g->edges[i].to))
			edges[out->n_edges++] = g->edges[i];
	if (g->kind->simplify)
		g->kind->simplify(mem, out);
	return out;
}
