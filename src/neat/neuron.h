/* neuron.h -- classic genomes: a network of neurons with weighted edges.
 * Stanley & Miikkulainen 2002, section 3.1. */
#ifndef NEAT_NEURON_H
#define NEAT_NEURON_H

#include "neat/innovation.h"
#include "neat/params.h"

/* The minimal network: every input connected to every output, no hidden
 * neurons, weights drawn as p->weight_power says.  Inputs are nodes 0..inputs-1
 * and outputs follow; edges are numbered from 0, so that all genomes of a run
 * match in every gene.  A bias, as the paper has it, is an input that the task
 * holds at 1.  `*next` receives the counters that follow. */
struct genome *neuron_minimal(struct arena *mem, int inputs, int outputs,
	int recurrent, const struct params *p, struct rng *r,
	struct innovation_counters *next);

#endif
