/* neuron.h -- classic genomes: a network of neurons with weighted edges.
 * Stanley & Miikkulainen 2002, section 3.1. */
#ifndef NEAT_NEURON_H
#define NEAT_NEURON_H

#include "neat/innovation.h"
#include "neat/params.h"

/* The kind of node i of a first genome: inputs come first, the last of them the
 * bias, which the task holds at a constant; then outputs, then neurons. */
enum node_kind neuron_kind(int i, int inputs, int outputs);

/* The minimal network: every input, at least two with the bias, connected to
 * every output, no hidden neurons, weights drawn as p->weight_power says.
 * Nodes and edges are numbered from 0, so that all genomes of a run match in
 * every gene.  `*next` receives the counters that follow. */
struct genome *neuron_minimal(struct arena *mem, int inputs, int outputs,
	int recurrent, const struct params *p, struct rng *r,
	struct innovation_counters *next);

#endif
