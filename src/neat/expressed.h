/* expressed.h -- a genome without what has no effect. */
#ifndef NEAT_EXPRESSED_H
#define NEAT_EXPRESSED_H

#include "neat/genome.h"

/* A copy in `mem` with only the nodes on an enabled path from an input or a
 * bias to an output and the enabled edges between them; attributes that mean
 * nothing have their lowest value (genome_kind.simplify).  Two genomes of the
 * same markings whose copies are equal are the same network and are trained
 * alike.  A genome without such a path has no nodes left. */
struct genome *genome_expressed(struct arena *mem, const struct genome *g);

#endif
