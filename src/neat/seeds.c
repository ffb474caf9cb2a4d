/* seeds.c -- genomes that agree are a family; the first keeps its numbers, each
 * of the others has a book of new ones. */
#include "neat/seeds.h"

#include <assert.h>

#include "neat/chain.h"
#include "neat/marking.h"

#define SCRATCH_BYTES_MAX ((size_t)1 << 28)

/* Larger numbers are never kept, so that new ones always have room. */
#define KEPT_MAX (INT64_C(1) << 48)

struct families {
	struct arena *mem;
	const struct genome *chains; /* every gene that chains have */
	const struct genome *const *in;
	size_t n;
	int of[SEEDS_MAX]; /* of each genome before the one being sorted */
	int count;
	/* New numbers, by old number and family. */
	struct innovation_book nodes, edges;
};

/* -- which family -- */

static int has_large_numbers(const struct genome *g)
{
	return g->nodes[g->n_nodes - 1].number > KEPT_MAX ||
	       g->edges[g->n_edges - 1].number > KEPT_MAX;
}

/* True if genome i agrees with all of the family so far, and in the first with
 * the chains. */
static int belongs(const struct families *f, size_t i, int family)
{
	const struct genome *list[SEEDS_MAX + 2];
	struct arena scratch;
	size_t n = 0;
	int agree;

	if (family == 0 && has_large_numbers(f->in[i]))
		return 0;
	if (family == 0)
		list[n++] = f->chains;
	for (size_t k = 0; k < i; k++)
		if (f->of[k] == family)
			list[n++] = f->in[k];
	list[n++] = f->in[i];
	arena_init(&scratch, SCRATCH_BYTES_MAX);
	agree = markings_check(&scratch, list, n, NULL) == 0;
	arena_release(&scratch);
	return agree;
}

/* The first that it belongs to; else a new one. */
static void sort(struct families *f, size_t i)
{
	int family = 0;

	while (family < f->count && !belongs(f, i, family))
		family++;
	f->of[i] = family;
	if (family == f->count)
		f->count++;
}

/* -- numbers -- */

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The lowest that no chain has, nor what keeps its numbers. */
static struct innovation_counters first_free(const struct families *f)
{
	struct innovation_counters c = chain_counters;

	for (size_t i = 0; i < f->n; i++) {
		const struct genome *g = f->in[i];

		if (f->of[i] > 0)
			continue;
		c.node = larger(c.node, g->nodes[g->n_nodes - 1].number + 1);
		c.edge = larger(c.edge, g->edges[g->n_edges - 1].number + 1);
	}
	return c;
}

static int64_t node_number(
	struct families *f, const struct node_gene *n, int family)
{
	const struct node_gene *chain = genome_node(f->chains, n->number);

	if (chain && chain->kind == n->kind)
		return n->number;
	return innovation_connect(&f->nodes, n->number, family);
}

/* Of an edge whose ends are numbered anew already. */
static int64_t edge_number(
	struct families *f, const struct edge_gene *x, int family)
{
	const struct edge_gene *chain = genome_edge(f->chains, x->number);

	if (chain && chain->from == x->from && chain->to == x->to)
		return x->number;
	return innovation_connect(&f->edges, x->number, family);
}

static const struct genome *renumber(
	struct families *f, const struct genome *g, int family)
{
	struct genome *out = genome_clone(f->mem, g);

	out->n_nodes = out->n_edges = 0;
	for (size_t i = 0; i < g->n_nodes; i++) {
		struct node_gene n = g->nodes[i];

		n.number = node_number(f, &n, family);
		genome_add_node(f->mem, out, &n);
	}
	for (size_t i = 0; i < g->n_edges; i++) {
		struct edge_gene x = g->edges[i];

		x.from = node_number(f, genome_node(g, x.from), family);
		x.to = node_number(f, genome_node(g, x.to), family);
		x.number = edge_number(f, &x, family);
		genome_add_edge(f->mem, out, &x);
	}
	return out;
}

void seeds_align(struct arena *mem, const struct genome *const *in, size_t n,
	const struct genome **out, struct innovation_counters *next)
{
	struct families f = {.mem = mem,
		.chains = chain_genes(mem),
		.in = in,
		.n = n,
		.count = 1};
	struct innovation_counters free;

	assert(n <= SEEDS_MAX);
	for (size_t i = 0; i < n; i++)
		sort(&f, i);
	free = first_free(&f);
	/* Both books number with their counter of edges. */
	innovation_open(&f.nodes, mem,
		&(struct innovation_counters){.edge = free.node});
	innovation_open(&f.edges, mem, &free);
	for (size_t i = 0; i < n; i++)
		out[i] = f.of[i] == 0 ? genome_clone(mem, in[i])
				      : renumber(&f, in[i], f.of[i]);
	*next = (struct innovation_counters){
		.node = f.nodes.next.edge, .edge = f.edges.next.edge};
}
