/* marking.h -- historical markings mean the same in every genome of a
 * population, or nothing lines up. */
#ifndef NEAT_MARKING_H
#define NEAT_MARKING_H

#include "neat/genome.h"

/* 0 if a number that several of the genomes have is a node of the same kind,
 * or an edge between the same two nodes, in all of them: what crossover and
 * distance lean on.  ERR_RANGE names the gene that is not.  Works in `mem`. */
int markings_check(struct arena *mem, const struct genome *const *genomes,
	size_t n, struct err *e);

#endif
