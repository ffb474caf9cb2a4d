/* genome.h -- a genome: node genes, edge genes and hyper-parameter genes, plain
 * arrays sorted by number.
 *
 * One core serves classic networks of neurons and graphs of layers.  What
 * differs between the two -- what a new node is like, how attributes mutate,
 * how far matching genes are apart -- stands in a struct genome_kind; all else
 * (innovation, alignment, crossover, distance, species, reproduction) does not
 * look inside a node.
 *
 * A genome and its arrays live in the arena that it was made in.  Arrays may be
 * shared between a genome and its copies until one of them changes, so genes
 * are changed only through genome_own_*. */
#ifndef NEAT_GENOME_H
#define NEAT_GENOME_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/rng.h"
#include "neat/gene.h"

/* A structural mutation that would pass these does nothing. */
#define GENOME_NODES_MAX 512
#define GENOME_EDGES_MAX 2048

struct genome;
struct params;
struct space;

struct genome_kind {
	const char *name; /* "neurons", "layers" */

	/* Fills in kind and attributes of a node that will split `edge` of `g`,
	 * all but the number. */
	void (*draw_node)(struct node_gene *n, const struct genome *g,
		const struct edge_gene *edge, const struct params *p,
		const struct space *s, struct rng *r);

	/* True if an edge between these two nodes makes sense at all: not into
	 * an input.  Cycles and doubles are the caller's to exclude. */
	int (*may_connect)(
		const struct node_gene *from, const struct node_gene *to);

	/* The weight of an edge that a mutation adds; and of the one into a
	 * node that splits another edge, which changes nothing: 1, or 0 where
	 * edges have no weights. */
	double (*draw_weight)(const struct params *p, struct rng *r);
	double neutral_weight;

	/* Mutates attributes: weights, neurons, layers, hyper-parameters, but
	 * never the graph.  Returns what it did: bits of enum mutation. */
	unsigned (*perturb)(struct arena *mem, struct genome *g,
		const struct params *p, const struct space *s, struct rng *r);

	/* Gives attributes that mean nothing in `g`, all of which is expressed,
	 * their lowest values.  NULL: all mean something. */
	void (*simplify)(struct arena *mem, struct genome *g);

	/* W of the compatibility distance: how far matching genes are apart,
	 * on average.  0 between a genome and itself, symmetric. */
	double (*difference)(const struct genome *a, const struct genome *b);

	/* 0, or ERR_RANGE with a sentence about an attribute of a node, or a
	 * set of hyper-parameters, that this kind of genome cannot have. */
	int (*check_node)(const struct node_gene *n, struct err *e);
	int (*check_hypers)(
		const struct hyper_gene *h, size_t n, struct err *e);
};

extern const struct genome_kind genome_neurons; /* neuron.c */
extern const struct genome_kind genome_layers;  /* layer.c */

struct genome {
	const struct genome_kind *kind;
	int recurrent; /* edges may close cycles; 0 in layer graphs */
	size_t n_nodes, n_edges, n_hypers;
	/* Each sorted by number, ascending, without doubles. */
	const struct node_gene *nodes;
	const struct edge_gene *edges;
	const struct hyper_gene *hypers;
};

/* A copy that shares the genes of `g`, so both must live in `mem` or `g`
 * longer than the copy. */
struct genome *genome_copy(struct arena *mem, const struct genome *g);

/* A copy with genes of its own. */
struct genome *genome_clone(struct arena *mem, const struct genome *g);

/* Nodes that may be written, in the genome's order: a fresh array in `mem`,
 * already put in place. */
struct node_gene *genome_own_nodes(struct arena *mem, struct genome *g);

/* Likewise its edges. */
struct edge_gene *genome_own_edges(struct arena *mem, struct genome *g);

/* Likewise its hyper-parameters. */
struct hyper_gene *genome_own_hypers(struct arena *mem, struct genome *g);

/* Puts a node at its place; its number must be new to the genome. */
void genome_add_node(
	struct arena *mem, struct genome *g, const struct node_gene *n);

/* Likewise an edge. */
void genome_add_edge(
	struct arena *mem, struct genome *g, const struct edge_gene *edge);

/* Takes the edge of that number out of the genome. */
void genome_remove_edge(struct arena *mem, struct genome *g, int64_t number);

/* Takes the node of that number out, and every edge at it. */
void genome_remove_node(struct arena *mem, struct genome *g, int64_t number);

/* The node with that number, or NULL. */
const struct node_gene *genome_node(const struct genome *g, int64_t number);

/* The edge with that number, or NULL. */
const struct edge_gene *genome_edge(const struct genome *g, int64_t number);

/* The edge between two nodes, enabled or not, or NULL. */
const struct edge_gene *genome_edge_between(
	const struct genome *g, int64_t from, int64_t to);

/* Genes in all; at equal fitness the smaller genome counts as the fitter. */
size_t genome_size(const struct genome *g);

/* True if both are of one kind and every gene is equal, bit for bit. */
int genome_equal(const struct genome *a, const struct genome *b);

/* Checks every invariant: bounds, order, ends of edges that exist, one edge a
 * pair, attributes, acyclic (disabled edges count) unless recurrent, an
 * enabled path from an input to an output.  0, or ERR_RANGE with a sentence
 * that names the gene.  For input from outside and, after every operation, for
 * tests. */
int genome_check(const struct genome *g, struct err *e);

#endif
