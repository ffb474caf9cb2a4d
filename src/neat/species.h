/* species.h -- genomes that are alike share a species, and their fitness.
 * Stanley & Miikkulainen 2002, section 3.3. */
#ifndef NEAT_SPECIES_H
#define NEAT_SPECIES_H

#include "base/arena.h"
#include "neat/params.h"
#include "neat/genome.h"

/* A genome in a population, and where it came from. */
struct individual {
	int64_t id;         /* unique in the run, from 0 */
	int64_t species;    /* a species' id */
	int64_t parents[2]; /* the fitter first; -1 where there is none */
	unsigned mutations; /* bits of enum mutation */
	int elite;          /* lives on with its id and its fitness */
	double fitness;     /* at least 0; only known once it was scored */
	const struct genome *genome;
};

/* All of a species that outlives a generation. */
struct species {
	int64_t id;       /* unique in the run, from 0 */
	int64_t born;     /* the generation of its first member */
	double best;      /* highest fitness that a member had; -1: no score */
	int64_t improved; /* the generation that `best` is from */
};

/* True if `a` is the fitter of two scored individuals: by fitness, then by
 * smaller genome, then by lower id. */
int individual_fitter(const struct individual *a, const struct individual *b);

/* Puts each individual into the first species whose representative is nearer
 * than the threshold, or a new one born in `generation`, which it represents.
 * species[i] is represented by representative[i]; both have room for n more,
 * and *n_species counts on.  New ids come from *next_id. */
void species_assign(struct individual *members, size_t n,
	const struct params *p, double threshold, int64_t generation,
	struct species *species, const struct genome **representatives,
	size_t *n_species, int64_t *next_id);

/* How many offspring each species gets of `total`: in proportion to its sum of
 * shared fitness, `shares` (at least 0), the remainder to the largest
 * fractions, the earlier species where they are equal.  If every share is 0,
 * equally among those whose `breeds` is true; the others get none.  At least
 * one must breed. */
void species_apportion(const double *shares, const int *breeds,
	size_t n_species, size_t total, struct arena *mem, size_t *offspring);

#endif
