/* genome_check.c -- every invariant of a genome, in the order in which one
 * relies on another. */
#include <math.h>

#include "neat/genome.h"
#include "neat/graph.h"

static int check_number(const char *what, int64_t number, struct err *e)
{
	if (number < 0 || number > GENE_NUMBER_MAX)
		return err_set(e, ERR_RANGE,
			"the number of %s is %lld but must be from 0 to 2^53-1",
			what, (long long)number);
	return 0;
}

static int check_sizes(const struct genome *g, struct err *e)
{
	if (g->n_nodes > GENOME_NODES_MAX)
		return err_set(e, ERR_RANGE,
			"the genome has %zu nodes, more than %d", g->n_nodes,
			GENOME_NODES_MAX);
	if (g->n_edges > GENOME_EDGES_MAX)
		return err_set(e, ERR_RANGE,
			"the genome has %zu edges, more than %d", g->n_edges,
			GENOME_EDGES_MAX);
	return 0;
}

static int check_nodes(const struct genome *g, struct err *e)
{
	for (size_t i = 0; i < g->n_nodes; i++) {
		const struct node_gene *n = &g->nodes[i];
		int rc = check_number("a node", n->number, e);

		if (rc == 0 && i > 0 && n[-1].number >= n->number)
			rc = err_set(e, ERR_RANGE,
				"node %lld comes after node %lld; nodes must "
				"be sorted by number, each once",
				(long long)n->number, (long long)n[-1].number);
		if (rc)
			return rc;
		rc = g->kind->check_node(n, e);
		if (rc)
			return err_prefix(e, "node %lld", (long long)n->number);
	}
	return 0;
}

static int check_edge(
	const struct genome *g, const struct edge_gene *x, struct err *e)
{
	const struct node_gene *from = genome_node(g, x->from);
	const struct node_gene *to = genome_node(g, x->to);

	if (!from || !to)
		return err_set(e, ERR_RANGE,
			"edge %lld leads from node %lld to node %lld, and one "
			"of them is missing",
			(long long)x->number, (long long)x->from,
			(long long)x->to);
	if (!g->kind->may_connect(from, to))
		return err_set(e, ERR_RANGE,
			"edge %lld must not lead from node %lld to node %lld",
			(long long)x->number, (long long)x->from,
			(long long)x->to);
	if (genome_edge_between(g, x->from, x->to) != x)
		return err_set(e, ERR_RANGE,
			"edge %lld is a second one from node %lld to node %lld",
			(long long)x->number, (long long)x->from,
			(long long)x->to);
	if (!isfinite(x->weight) || (x->enabled != 0 && x->enabled != 1))
		return err_set(e, ERR_RANGE,
			"edge %lld must have a finite weight and be enabled or "
			"not",
			(long long)x->number);
	return 0;
}

static int check_edges(const struct genome *g, struct err *e)
{
	for (size_t i = 0; i < g->n_edges; i++) {
		const struct edge_gene *x = &g->edges[i];
		int rc = check_number("an edge", x->number, e);

		if (rc == 0 && i > 0 && x[-1].number >= x->number)
			rc = err_set(e, ERR_RANGE,
				"edge %lld comes after edge %lld; edges must "
				"be sorted by number, each once",
				(long long)x->number, (long long)x[-1].number);
		if (rc == 0)
			rc = check_edge(g, x, e);
		if (rc)
			return rc;
	}
	return 0;
}

static int check_graph(const struct genome *g, struct err *e)
{
	if (!g->recurrent && !graph_acyclic(g))
		return err_set(e, ERR_RANGE,
			"the edges form a cycle (disabled ones count)");
	if (!graph_connected(g))
		return err_set(e, ERR_RANGE,
			"no enabled edges lead from an input to an output");
	return 0;
}

int genome_check(const struct genome *g, struct err *e)
{
	int rc = check_sizes(g, e);

	if (rc == 0)
		rc = check_nodes(g, e);
	if (rc == 0)
		rc = check_edges(g, e);
	if (rc == 0)
		rc = g->kind->check_hypers(g->hypers, g->n_hypers, e);
	if (rc == 0)
		rc = check_graph(g, e);
	return rc;
}
