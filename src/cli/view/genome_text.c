/* genome_text.c -- a genome, a layer a line. */
#include "cli/view/genome_text.h"

#include "draw/label.h"
#include "neat/graph.h"
#include "neat/layer.h"
#include "neat/layer_kind.h"

/* " <- 2, 5": the layers that feed this one, but for a lone input. */
static void print_inputs(const struct genome *g, const struct node_gene *n,
	const unsigned char *used, FILE *out)
{
	const char *gap = "  <- ";

	for (size_t i = 0; i < g->n_edges; i++) {
		const struct edge_gene *x = &g->edges[i];

		if (x->to != n->number || !x->enabled ||
			!used[genome_node(g, x->from) - g->nodes])
			continue;
		fprintf(out, "%s%lld", gap, (long long)x->from);
		gap = ", ";
	}
}

void genome_text(
	const struct genome *g, const struct data_shape *data, FILE *out)
{
	const struct attribute *optimizer =
		&attributes_of_hypers()[HYPER_OPTIMIZER];
	unsigned char used[GENOME_NODES_MAX];
	size_t order[GENOME_NODES_MAX], n = graph_order(g, used, order);

	for (size_t i = 0; i < n; i++) {
		const struct node_gene *node = &g->nodes[order[i]];
		struct label label;

		label_of(g, order[i], used, data, &label);
		fprintf(out, "    %-4lld %s", (long long)node->number,
			label.lines[0]);
		for (int k = 1; k < label.n; k++)
			fprintf(out, ", %s", label.lines[k]);
		print_inputs(g, node, used, out);
		fputc('\n', out);
	}
	fprintf(out, "    training   %s, learning rate %g, batches of %.0f\n",
		optimizer->name((int)layer_hyper(g, HYPER_OPTIMIZER)),
		layer_hyper(g, HYPER_LEARNING_RATE),
		layer_hyper(g, HYPER_BATCH_SIZE));
}
