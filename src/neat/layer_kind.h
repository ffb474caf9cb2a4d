/* layer_kind.h -- what the kinds of layer are, and what each has besides its
 * place in a graph.
 *
 * A new kind is a row here and a struct in gene.h; model/build.c says which
 * nodes of a network it becomes.  Everything else -- checks, mutation,
 * distance, JSON, drawings -- follows from the row. */
#ifndef NEAT_LAYER_KIND_H
#define NEAT_LAYER_KIND_H

#include "neat/attribute.h"

struct layer_kind {
	const char *name; /* in JSON */
	const struct attribute *attributes;
	size_t n_attributes; /* at most ATTRIBUTES_MAX */
	int needs_map;       /* it cannot come after one that ... */
	int gives_vector;

	/* Fills in the attributes, but for the merge, of a layer that a
	 * mutation adds; NULL for the ends of a genome. */
	void (*draw)(struct node_gene *n, const struct space *s, struct rng *r);
};

#define ATTRIBUTES_MAX 8

/* The row of a kind; NULL for one that layer genomes do not have. */
const struct layer_kind *layer_kind(enum node_kind kind);

/* The attributes of a layer of that kind: none of an input, the merge of an
 * output.  Returns the first of *n. */
const struct attribute *attributes_of(enum node_kind kind, size_t *n);

/* The hyper-parameters, HYPERS of them, by enum hyper. */
const struct attribute *attributes_of_hypers(void);

/* The name of any kind of node, classic ones included: "input", "conv", ... */
const char *node_kind_name(enum node_kind kind);

#endif
