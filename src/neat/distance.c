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

double genome_distance(
	const struct genome *a, const struct genome *b, const struct params *p)
{
	struct alignment al = genome_align(a, b);
	double n = (double)(a->n_edges > b->n_edges ? a->n_edges : b->n_edges);

	assert(a->kind == b->kind);
	if (n < p->normalize_from)
		n = 1;
	return (p->c1 * (double)al.excess + p->c2 * (double)al.disjoint) / n +
	       p->c3 * a->kind->difference(a, b);
}
