/* marking.c -- all genes of all genomes, sorted: those of one number are
 * neighbours. */
#include "neat/marking.h"

#include <stdlib.h>

struct mark {
	int64_t number;
	int64_t a, b; /* a node's kind; an edge's ends */
};

static int by_number(const void *x, const void *y)
{
	int64_t a = ((const struct mark *)x)->number;
	int64_t b = ((const struct mark *)y)->number;

	return (a > b) - (a < b);
}

/* 0, or ERR_RANGE with the first number that means two things. */
static int check(struct mark *marks, size_t n, const char *what, struct err *e)
{
	qsort(marks, n, sizeof *marks, by_number);
	for (size_t i = 1; i < n; i++)
		if (marks[i].number == marks[i - 1].number &&
			(marks[i].a != marks[i - 1].a ||
				marks[i].b != marks[i - 1].b))
			return err_set(e, ERR_RANGE,
				"%s %lld is not the same in every genome", what,
				(long long)marks[i].number);
	return 0;
}

int markings_check(struct arena *mem, const struct genome *const *genomes,
	size_t n, struct err *e)
{
	size_t n_nodes = 0, n_edges = 0, k = 0, m = 0;
	struct mark *nodes, *edges;
	int rc;

	for (size_t i = 0; i < n; i++) {
		n_nodes += genomes[i]->n_nodes;
		n_edges += genomes[i]->n_edges;
	}
	nodes = arena_array(mem, n_nodes + 1, sizeof *nodes);
	edges = arena_array(mem, n_edges + 1, sizeof *edges);
	for (size_t i = 0; i < n; i++) {
		const struct genome *g = genomes[i];

		for (size_t j = 0; j < g->n_nodes; j++)
			nodes[k++] = (struct mark){
				g->nodes[j].number, g->nodes[j].kind, 0};
		for (size_t j = 0; j < g->n_edges; j++)
			edges[m++] = (struct mark){g->edges[j].number,
				g->edges[j].from, g->edges[j].to};
	}
	rc = check(nodes, n_nodes, "node", e);
	return rc ? rc : check(edges, n_edges, "edge", e);
}
