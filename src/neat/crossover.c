/* crossover.c -- the child is a copy of the fitter parent in which matching
 * genes may come from the other. */
#include "neat/crossover.h"

#include <assert.h>

#include "neat/graph.h"

static void cross_nodes(struct arena *mem, struct genome *child,
	const struct genome *b, struct rng *r)
{
	struct node_gene *own = genome_own_nodes(mem, child);
	size_t k = 0;

	for (size_t i = 0; i < child->n_nodes; i++) {
		while (k < b->n_nodes && b->nodes[k].number < own[i].number)
			k++;
		if (k == b->n_nodes || b->nodes[k].number != own[i].number)
			continue;
		assert(b->nodes[k].kind == own[i].kind);
		if (rng_chance(r, 0.5))
			own[i] = b->nodes[k];
	}
}

static void cross_hypers(struct arena *mem, struct genome *child,
	const struct genome *b, struct rng *r)
{
	struct hyper_gene *own = genome_own_hypers(mem, child);
	size_t k = 0;

	for (size_t i = 0; i < child->n_hypers; i++) {
		while (k < b->n_hypers && b->hypers[k].number < own[i].number)
			k++;
		if (k < b->n_hypers && b->hypers[k].number == own[i].number &&
			rng_chance(r, 0.5))
			own[i] = b->hypers[k];
	}
}

static double cross_weight(double a, double b, int average, struct rng *r)
{
	if (average)
		return (a + b) / 2;
	return rng_chance(r, 0.5) ? a : b;
}

static void cross_edges(struct arena *mem, struct genome *child,
	const struct genome *b, const struct params *p, struct rng *r)
{
	struct edge_gene *own = genome_own_edges(mem, child);
	int average = p->average_rate > 0 && rng_chance(r, p->average_rate);
	size_t k = 0;

	for (size_t i = 0; i < child->n_edges; i++) {
		struct edge_gene *x = &own[i];
		int disabled = !x->enabled;

		while (k < b->n_edges && b->edges[k].number < x->number)
			k++;
		if (k < b->n_edges && b->edges[k].number == x->number) {
			x->weight = cross_weight(
				x->weight, b->edges[k].weight, average, r);
			disabled |= !b->edges[k].enabled;
		}
		x->enabled = !(disabled && rng_chance(r, p->disabled_rate));
	}
}

struct genome *genome_crossover(struct arena *mem, const struct genome *a,
	const struct genome *b, const struct params *p, struct rng *r)
{
	struct genome *child = genome_copy(mem, a);

	assert(a->kind == b->kind);
	cross_nodes(mem, child, b, r);
	cross_edges(mem, child, b, p, r);
	cross_hypers(mem, child, b, r);
	if (!graph_connected(child)) {
		struct edge_gene *own = genome_own_edges(mem, child);

		for (size_t i = 0; i < child->n_edges; i++)
			own[i].enabled = a->edges[i].enabled;
	}
	return child;
}
