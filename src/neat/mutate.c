/* mutate.c -- structural mutations; attributes are the kind's own affair. */
#include "neat/mutate.h"

#include "neat/expressed.h"
#include "neat/graph.h"

/* Pairs of nodes are drawn until one may be connected, or so often in vain. */
#define CONNECT_TRIES 100

#define OLDEST_CHANCE 0.7

static int may_split(const struct genome *g, const struct edge_gene *x)
{
	return x->enabled && genome_node(g, x->from)->kind != NODE_BIAS;
}

/* Which of n edges, the oldest first, is split. */
static size_t draw_rank(
	const struct genome *g, size_t n, const struct params *p, struct rng *r)
{
	size_t rank = 0;

	if ((double)g->n_edges >= p->old_first_below)
		return rng_below(r, n);
	while (rank + 1 < n && !rng_chance(r, OLDEST_CHANCE))
		rank++;
	return rank;
}

/* The edge to split; NULL if there is none. */
static const struct edge_gene *draw_split(
	const struct genome *g, const struct params *p, struct rng *r)
{
	size_t n = 0, rank;

	for (size_t i = 0; i < g->n_edges; i++)
		n += (size_t)may_split(g, &g->edges[i]);
	if (n == 0)
		return NULL;
	rank = draw_rank(g, n, p, r);
	for (size_t i = 0;; i++)
		if (may_split(g, &g->edges[i]) && rank-- == 0)
			return &g->edges[i];
}

static void set_enabled(
	struct arena *mem, struct genome *g, size_t i, int enabled)
{
	genome_own_edges(mem, g)[i].enabled = enabled;
}

unsigned mutate_split(const struct mutator *m, struct genome *g, struct rng *r)
{
	const struct edge_gene *drawn = draw_split(g, m->params, r);
	const struct innovation *change;
	struct edge_gene old;
	struct node_gene n;

	if (!drawn || g->n_nodes == GENOME_NODES_MAX ||
		g->n_edges + 2 > GENOME_EDGES_MAX)
		return 0;
	old = *drawn;
	g->kind->draw_node(&n, g, drawn, m->params, m->space, r);
	change = innovation_split(m->book, g, old.number, n.kind);
	n.number = change->node;
	set_enabled(m->mem, g, (size_t)(drawn - g->edges), 0);
	genome_add_node(m->mem, g, &n);
	genome_add_edge(m->mem, g,
		&(struct edge_gene){.number = change->edge[0],
			.from = old.from,
			.to = n.number,
			.enabled = 1,
			.weight = g->kind->neutral_weight});
	genome_add_edge(m->mem, g,
		&(struct edge_gene){.number = change->edge[1],
			.from = n.number,
			.to = old.to,
			.enabled = 1,
			.weight = old.weight});
	return MUTATION_SPLIT;
}

/* True if an edge between the two may be added; it closes a cycle exactly if
 * `cycle` asks for one. */
static int connectable(const struct genome *g, const struct node_gene *from,
	const struct node_gene *to, int cycle)
{
	return g->kind->may_connect(from, to) &&
	       !genome_edge_between(g, from->number, to->number) &&
	       graph_reaches(g, to->number, from->number) == cycle;
}

unsigned mutate_connect(
	const struct mutator *m, struct genome *g, struct rng *r)
{
	int cycle = g->recurrent && rng_chance(r, m->params->recurrent_rate);

	if (g->n_edges == GENOME_EDGES_MAX)
		return 0;
	for (int i = 0; i < CONNECT_TRIES; i++) {
		const struct node_gene *from =
			&g->nodes[rng_below(r, g->n_nodes)];
		const struct node_gene *to =
			&g->nodes[rng_below(r, g->n_nodes)];

		if (!connectable(g, from, to, cycle))
			continue;
		genome_add_edge(m->mem, g,
			&(struct edge_gene){
				.number = innovation_connect(
					m->book, from->number, to->number),
				.from = from->number,
				.to = to->number,
				.enabled = 1,
				.weight = g->kind->draw_weight(m->params, r)});
		return MUTATION_EDGE;
	}
	return 0;
}

unsigned mutate_toggle(struct arena *mem, struct genome *g, struct rng *r)
{
	size_t i;

	if (g->n_edges == 0)
		return 0;
	i = rng_below(r, g->n_edges);
	set_enabled(mem, g, i, !g->edges[i].enabled);
	if (graph_connected(g))
		return MUTATION_TOGGLE;
	set_enabled(mem, g, i, 1);
	return 0;
}

/* -- removal -- */

static int is_hidden(const struct node_gene *n)
{
	return n->kind != NODE_INPUT && n->kind != NODE_BIAS &&
	       n->kind != NODE_OUTPUT;
}

/* A hidden node without an edge into it, or without one out of it; -1. */
static int64_t loose_end(const struct genome *g)
{
	for (size_t i = 0; i < g->n_nodes; i++) {
		int64_t number = g->nodes[i].number;
		int in = 0, out = 0;

		for (size_t k = 0; k < g->n_edges; k++) {
			in |= g->edges[k].to == number;
			out |= g->edges[k].from == number;
		}
		if (is_hidden(&g->nodes[i]) && !(in && out))
			return number;
	}
	return -1;
}

/* True if enabled edges of `g` lead from one node to the other by way of the
 * third. */
static int leads_through(
	const struct genome *g, int64_t from, int64_t by, int64_t to)
{
	const struct edge_gene *in = genome_edge_between(g, from, by);
	const struct edge_gene *out = genome_edge_between(g, by, to);

	return in && in->enabled && out && out->enabled;
}

/* Enables the edges that there are around a node which is about to go. */
static void mend(struct arena *mem, struct genome *g, int64_t node)
{
	struct edge_gene *own = genome_own_edges(mem, g);

	for (size_t i = 0; i < g->n_edges; i++)
		if (leads_through(g, own[i].from, node, own[i].to))
			own[i].enabled = 1;
}

static void remove_drawn(
	const struct mutator *m, struct genome *g, struct rng *r)
{
	struct arena *mem = m->mem;
	size_t n_hidden = 0, pick;
	int64_t loose;

	for (size_t i = 0; i < g->n_nodes; i++)
		n_hidden += (size_t)is_hidden(&g->nodes[i]);
	pick = rng_below(r, n_hidden + g->n_edges);
	if (pick < g->n_edges) {
		genome_remove_edge(mem, g, g->edges[pick].number);
	} else {
		size_t i = 0;

		for (pick -= g->n_edges; !is_hidden(&g->nodes[i]) || pick--;)
			i++;
		if (m->params->mend_rate > 0 &&
			rng_chance(r, m->params->mend_rate))
			mend(mem, g, g->nodes[i].number);
		genome_remove_node(mem, g, g->nodes[i].number);
	}
	while ((loose = loose_end(g)) >= 0)
		genome_remove_node(mem, g, loose);
}

unsigned mutate_remove(const struct mutator *m, struct genome *g, struct rng *r)
{
	struct genome less = *g;

	if (g->n_edges == 0)
		return 0;
	remove_drawn(m, &less, r);
	if (!graph_connected(&less))
		return 0;
	*g = less;
	return MUTATION_REMOVE;
}

static unsigned attributes_once(
	const struct mutator *m, struct genome *g, struct rng *r)
{
	return g->kind->perturb(m->mem, g, m->params, m->space, r);
}

/* One draw decides, so the rates are exactly the shares of children. */
static unsigned mutate_once(
	const struct mutator *m, struct genome *g, struct rng *r)
{
	const struct params *p = m->params;
	double u = rng_unit(r);
	unsigned done = 0;

	if (u < p->add_node_rate)
		done = mutate_split(m, g, r);
	else if ((u -= p->add_node_rate) < p->add_edge_rate)
		done = mutate_connect(m, g, r);
	else if ((u -= p->add_edge_rate) < p->toggle_rate)
		done = mutate_toggle(m->mem, g, r);
	else if ((u -= p->toggle_rate) < p->remove_rate)
		done = mutate_remove(m, g, r);
	if (done &&
		!(p->attribute_rate > 0 && rng_chance(r, p->attribute_rate)))
		return done;
	return done | attributes_once(m, g, r);
}

/* True if the two are different networks, or trained otherwise. */
static int differs(
	struct arena *mem, const struct genome *a, const struct genome *b)
{
	return !genome_equal(
		genome_expressed(mem, a), genome_expressed(mem, b));
}

/* Does it again where it has no effect. */
static unsigned with_effect(const struct mutator *m, struct genome *g,
	struct rng *r,
	unsigned (*once)(
		const struct mutator *m, struct genome *g, struct rng *r))
{
	const struct genome was = *g;
	int tries = (int)m->params->mutation_tries;
	unsigned done = once(m, g, r);

	while (--tries > 0 && !differs(m->mem, &was, g)) {
		*g = was;
		done = once(m, g, r);
	}
	return done;
}

unsigned mutate(const struct mutator *m, struct genome *g, struct rng *r)
{
	return with_effect(m, g, r, mutate_once);
}

unsigned mutate_attributes(
	const struct mutator *m, struct genome *g, struct rng *r)
{
	return with_effect(m, g, r, attributes_once);
}
