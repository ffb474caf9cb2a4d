/* pareto.h -- the genomes that no other beats: none is at least as accurate,
 * as small and as cheap, and better in one of the three. */
#ifndef SERVICE_BROKER_PARETO_H
#define SERVICE_BROKER_PARETO_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct pareto_point {
	int64_t id, born;
	int rung;       /* that the fitness is from: a higher one is better */
	double fitness; /* accuracy on validation */
	int64_t parameters, flops; /* flops: of one image, forward */
};

/* A struct of zeros is empty; its points live in the arena given. */
struct pareto {
	struct pareto_point *points; /* in no order */
	size_t n, room;
};

/* Takes the point, unless one that is there beats it or is its equal; drops
 * those that it beats. */
void pareto_add(
	struct pareto *p, struct arena *mem, const struct pareto_point *point);

/* Puts the smallest first: of the fewest parameters, then of the fewest flops.
 */
void pareto_sort(struct pareto *p);

#endif
