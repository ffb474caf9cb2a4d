/* crossover.h -- two parents' genes, lined up by number, make one child.
 * Stanley & Miikkulainen 2002, section 3.2 and figure 4. */
#ifndef NEAT_CROSSOVER_H
#define NEAT_CROSSOVER_H

#include "neat/genome.h"
#include "neat/params.h"

/* Returns a child of the fitter parent `a` and the other parent `b`, which are
 * of one kind.  Matching genes come whole from either parent with equal chance
 * (with p->average_rate, drawn once a child, weights of matching edges are the
 * mean instead); disjoint and excess genes come from `a` alone, so the child's
 * graph is a's graph.  An edge that is disabled in either parent where both
 * have it, or in `a` where `a` alone does, is disabled in the child with
 * p->disabled_rate and enabled otherwise.  If that would cut the last path
 * from input to output, the child has a's enabled flags.
 * The child lives in `mem`; the parents are not changed or kept. */
struct genome *genome_crossover(struct arena *mem, const struct genome *a,
	const struct genome *b, const struct params *p, struct rng *r);

#endif
