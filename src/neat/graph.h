/* graph.h -- questions about a genome's graph: order, cycles, paths. */
#ifndef NEAT_GRAPH_H
#define NEAT_GRAPH_H

#include "neat/genome.h"

/* True if `to` can be reached from `from` (a node reaches itself) over edges,
 * disabled ones included: an edge `to` -> `from` would close a cycle. */
int graph_reaches(const struct genome *g, int64_t from, int64_t to);

/* True if no edges, disabled ones included, form a cycle. */
int graph_acyclic(const struct genome *g);

/* True if enabled edges lead from an input, not a bias, to an output. */
int graph_connected(const struct genome *g);

/* Writes to order[0..n-1] the indices of the nodes that lie on an enabled path
 * from an input or a bias to an output, and marks them in `used`; returns n.
 * Every node comes after those that feed it, the lower number first where that
 * leaves a choice; in a recurrent genome by number alone, outputs last.  Both
 * arrays have room for n_nodes. */
size_t graph_order(const struct genome *g, unsigned char *used, size_t *order);

#endif
