/* network.h -- a genome of neurons made runnable: compiled once to flat arrays,
 * then activated as often as the task asks.
 *
 * Only what lies on an enabled path from an input to an output is compiled; a
 * neuron that no input reaches stays silent.  Neurons are computed one after
 * the other, each from the newest values of its sources: in a feed-forward
 * network in order, so that one activation carries inputs to outputs; in a
 * recurrent one hidden neurons by number, then outputs, and an edge against
 * that order carries what its source held after the activation before. */
#ifndef CLASSIC_NETWORK_H
#define CLASSIC_NETWORK_H

#include "neat/genome.h"

struct network;

/* Compiles a valid genome of neurons into `mem`, where the network lives.  The
 * genome is not kept. */
struct network *network_new(struct arena *mem, const struct genome *g);

/* Forgets all earlier activations: every neuron holds 0. */
void network_reset(struct network *n);

/* One activation.  `inputs` and `outputs` are in the order of their nodes'
 * numbers; an output that no input reaches is 0. */
void network_activate(struct network *n, const double *inputs, double *outputs);

/* Hidden nodes of a genome, for the record. */
int network_hidden(const struct genome *g);

/* Enabled edges of a genome, for the record. */
int network_connections(const struct genome *g);

#endif
