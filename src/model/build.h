/* build.h -- a layer genome as the nodes of a network. */
#ifndef MODEL_BUILD_H
#define MODEL_BUILD_H

#include "base/err.h"
#include "neat/flat.h"
#include "neat/genome.h"
#include "nn/spec.h"

/* Fills in the spec of a genome that passed genome_check, for such data:
 *   a convolution  conv, normalization, activation, pool, dropout: of these
 *                  what it has, and a pool, 2x2, only where the map is at
 *                  least 4 pixels high and wide; a max pool before a monotonic
 *                  activation, which is the same
 *   a dense layer  dense, activation, dropout
 *   the output     dense to the classes
 * Several inputs are brought to one size and joined first (spec_merge), in the
 * order of the edges' numbers.  What no enabled path from input to output
 * passes is left out.
 * `nodes`, unless NULL, has room for g->n_nodes and receives the number of the
 * spec's node that gives the output of each of the genome's, or -1.
 * ERR_GENOME when a network cannot hold it; the sentence names the node. */
int build_spec(const struct genome *g, const struct data_shape *data,
	struct spec *out, int *nodes, struct err *e);

#endif
