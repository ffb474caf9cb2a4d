/* distance.c -- one walk along both genomes' edges. */
#include "neat/distance.h"

#include <assert.h>

struct alignment genome_align(const struct genome *a, const struct genome *b)
{
	struct alignment al = {0};
	size_t i = 0, k = 0;

	while (i < a->n_edges && k < b->n_edges) {
		int64_t x = a->edges[i].number, y = b->edges[k].number;

		if (x == y)
			al.matching++;
		else
			al.disjoint++;
		i += x <= y;
		k += y <= x;
	}
	al.excess = a->n_edges - i + b->n_edges - k;
	return al;
}

/* The part of the distance that the graphs alone make. */
static double structural_distance(
	const struct genome *a, const struct genome *b, const struct params *p)
{
	struct alignment al = genome_align(a, b);
	double n = (double)(a->n_edges > b->n_edges ? a->n_edges : b->n_edges);

	assert(a->kind == b->kind);
	if (n < p->normalize_from)
		n = 1;
	return (p->c1 * (double)al.excess + p->c2 * (double)al.disjoint) / n;
}

double genome_distance(
	const struct genome *a, const struct genome *b, const struct params *p)
{
	return structural_distance(a, b, p) + p->c3 * a->kind->difference(a, b);
}

int genome_near(const struct genome *a, const struct genome *b,
	const struct params *p, double threshold)
{
	double structural = structural_distance(a, b, p);

	return structural < threshold &&
	       structural + p->c3 * a->kind->difference(a, b) < threshold;
}
