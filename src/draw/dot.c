/* dot.c -- a statement a gene; Graphviz finds the places. */
#include "draw/dot.h"

#include "draw/label.h"
#include "neat/graph.h"

static const char head[] =
	"digraph genome {\n"
	"\tnode [shape=box, style=\"rounded,filled\", fillcolor=\"#eeeeff\", "
	"fontname=\"sans-serif\", fontsize=11];\n"
	"\tedge [color=\"#444455\", arrowsize=0.6];\n";

static const char *color_of(enum node_kind kind)
{
	switch (kind) {
	case NODE_CONV: return "#dff0e0";
	case NODE_DENSE: return "#fdeccd";
	case NODE_NEURON: return "#ffffff";
	default: return "#eeeeff";
	}
}

static int write_node(struct buf *out, const struct node_gene *n,
	const struct label *label, int used, struct err *e)
{
	int rc = buf_printf(out, e, "\tn%lld [label=\"", (long long)n->number);

	for (int i = 0; rc == 0 && i < label->n; i++)
		rc = buf_printf(
			out, e, "%s%s", i ? "\\n" : "", label->lines[i]);
	return rc ? rc
		  : buf_printf(out, e, "\", fillcolor=\"%s\"%s];\n",
			    color_of(n->kind),
			    used ? "" : ", color=gray, fontcolor=gray");
}

/* Pale, unless a signal takes this way. */
static int is_pale(const struct genome *g, const struct edge_gene *x,
	const unsigned char *used)
{
	return !x->enabled || !used[genome_node(g, x->from) - g->nodes] ||
	       !used[genome_node(g, x->to) - g->nodes];
}

static int write_edge(struct buf *out, const struct edge_gene *x, int neurons,
	int pale, struct err *e)
{
	int rc = buf_printf(out, e, "\tn%lld -> n%lld [%s%s",
		(long long)x->from, (long long)x->to,
		x->enabled ? "style=solid" : "style=dashed",
		pale ? ", color=gray" : "");

	if (rc == 0 && neurons)
		rc = buf_printf(out, e, ", tooltip=\"weight %.4g\"", x->weight);
	return rc ? rc : buf_puts(out, "];\n", e);
}

int dot_write(const struct genome *g, const struct data_shape *data,
	struct buf *out, struct err *e)
{
	unsigned char used[GENOME_NODES_MAX];
	size_t order[GENOME_NODES_MAX];
	struct label label;
	int rc = buf_puts(out, head, e);

	graph_order(g, used, order);
	for (size_t i = 0; rc == 0 && i < g->n_nodes; i++) {
		label_of(g, i, used, data, &label);
		rc = write_node(out, &g->nodes[i], &label, used[i], e);
	}
	for (size_t i = 0; rc == 0 && i < g->n_edges; i++)
		rc = write_edge(out, &g->edges[i], g->kind == &genome_neurons,
			is_pale(g, &g->edges[i], used), e);
	return rc ? rc : buf_puts(out, "}\n", e);
}
