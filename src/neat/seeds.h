/* seeds.h -- known genomes among those of a first generation: what their genes'
 * numbers become. */
#ifndef NEAT_SEEDS_H
#define NEAT_SEEDS_H

#include "neat/innovation.h"

#define SEEDS_MAX 100

/* Writes n copies in `mem` to `out`, in which equal numbers are the same gene
 * in all of them and in the chains that a first generation has beside them.
 *
 * A genome keeps its numbers where they agree with those of chains and of the
 * genomes before it that kept theirs (markings_check).  Of the others, a gene
 * that chains have at its place has their number, and all else a new one: the
 * same in genomes that agree with each other, which may be of one run.
 * *next receives the lowest numbers that neither they nor chains have. */
void seeds_align(struct arena *mem, const struct genome *const *in, size_t n,
	const struct genome **out, struct innovation_counters *next);

#endif
