/* distance.h -- how far apart two genomes are.
 * Stanley & Miikkulainen 2002, section 3.3, equation 1. */
#ifndef NEAT_DISTANCE_H
#define NEAT_DISTANCE_H

#include "neat/genome.h"
#include "neat/params.h"

/* How the edges of two genomes line up. */
struct alignment {
	size_t matching; /* numbers that both have */
	size_t disjoint; /* of one alone, within the range of the other */
	size_t excess;   /* of one alone, beyond the other's last */
};

/* Counts the edges of both by their numbers. */
struct alignment genome_align(const struct genome *a, const struct genome *b);

/* c1 E/N + c2 D/N + c3 W: N the edges of the larger genome, or 1 below
 * p->normalize_from; W as the kind of genome says.  Symmetric; 0 between a
 * genome and itself.  Both are of one kind. */
double genome_distance(
	const struct genome *a, const struct genome *b, const struct params *p);

/* True if that distance is below `threshold`, without looking at attributes
 * where the edges alone say no. */
int genome_near(const struct genome *a, const struct genome *b,
	const struct params *p, double threshold);

#endif
