/* selection.h -- before breeding: which species may breed, who in them, and how
 * many offspring each gets.  Stanley & Miikkulainen 2002, sections 3.3, 4.1. */
#ifndef NEAT_SELECTION_H
#define NEAT_SELECTION_H

#include "neat/population.h"

/* A species of the scored population. */
struct herd {
	struct species species; /* `best` and `improved` brought up to date */
	const struct individual **ranked; /* members, the fittest first */
	size_t n;
	size_t n_parents; /* the first so many breed; at least 1 */
	int breeds;       /* 0 while it rests: no offspring at all */
	size_t offspring; /* the sum over all herds is the size asked for */
};

/* Writes now->n_species herds, in the species' order, into `mem`, and brings
 * *best and *improved, the population's, up to date.
 *
 * A species that has not improved for p->stagnation generations rests, and so
 * does the worst of those older than p->worst_age; if that leaves none, the
 * best two breed.  If the population has not improved for p->population_limit
 * generations only the best two breed, and the clocks start again: the
 * population's and theirs. */
struct herd *selection_make(struct arena *mem, const struct population *now,
	const struct params *p, size_t size, double *best, int64_t *improved);

#endif
