/* drawn.c -- grown by mutation, or filled up by hand. */
#include "drawn.h"

#include "neat/chain.h"
#include "neat/mutate.h"
#include "neat/neuron.h"

static struct genome *grow(struct arena *mem, struct genome *g,
	const struct innovation_counters *next, const struct params *p,
	int mutations, struct rng *r)
{
	struct innovation_book b;

	innovation_open(&b, mem, next);
	for (int i = 0; i < mutations; i++)
		mutate(&(struct mutator){mem, &b, p, space_default()}, g, r);
	return g;
}

struct genome *drawn_layers(struct arena *mem, int mutations, struct rng *r)
{
	struct params p;

	params_preset(&p, "cnn", NULL);
	return grow(mem, chain_minimal(mem, 64, space_default(), r),
		&chain_counters, &p, mutations, r);
}

struct genome *drawn_neurons(
	struct arena *mem, int mutations, int recurrent, struct rng *r)
{
	struct innovation_counters next;
	struct genome *g;
	struct params p;

	params_preset(&p, "paper2002", NULL);
	p.add_node_rate = p.add_edge_rate = 0.3;
	p.toggle_rate = 0.1;
	g = neuron_minimal(mem, 2 + (int)rng_below(r, 5),
		1 + (int)rng_below(r, 3), recurrent, &p, r, &next);
	return grow(mem, g, &next, &p, mutations, r);
}

/* All nodes in a row, each feeding the next, then ever longer skips; every
 * third edge disabled. */
struct genome *drawn_largest(struct arena *mem, int layers)
{
	struct genome *g = arena_alloc(mem, sizeof *g);
	struct node_gene *nodes = arena_array(
		mem, GENOME_NODES_MAX, sizeof *nodes);
	struct edge_gene *edges = arena_array(
		mem, GENOME_EDGES_MAX, sizeof *edges);
	struct hyper_gene *hypers = arena_array(mem, HYPERS, sizeof *hypers);
	size_t n = 0;

	for (int i = 0; i < GENOME_NODES_MAX; i++) {
		nodes[i].number = i;
		nodes[i].kind = layers ? NODE_DENSE : NODE_NEURON;
		nodes[i].dense.units = layers ? DENSE_UNITS_MAX : 0;
	}
	nodes[0].kind = NODE_INPUT;
	nodes[1].kind = NODE_OUTPUT;
	/* Node 1 is the last of the row: 0, 2, 3, ..., 511, 1. */
	for (int skip = 1; n < GENOME_EDGES_MAX; skip++)
		for (int i = 0;
			i + skip < GENOME_NODES_MAX && n < GENOME_EDGES_MAX;
			i++) {
			int to = i + skip + 1;

			edges[n] = (struct edge_gene){.number = (int64_t)n,
				.from = i ? i + 1 : 0,
				.to = to < GENOME_NODES_MAX ? to : 1,
				.enabled = skip == 1 || n % 3 != 0,
				.weight = layers ? 0 : -0.123456789};
			n++;
		}
	for (int i = 0; i < HYPERS; i++)
		hypers[i].number = (enum hyper)i;
	hypers[HYPER_BATCH_SIZE].value = 1;
	*g = (struct genome){.kind = layers ? &genome_layers : &genome_neurons,
		.n_nodes = GENOME_NODES_MAX,
		.n_edges = n,
		.n_hypers = layers ? HYPERS : 0,
		.nodes = nodes,
		.edges = edges,
		.hypers = hypers};
	return g;
}
