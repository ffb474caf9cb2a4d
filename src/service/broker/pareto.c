/* pareto.c -- a front that grows point by point. */
#include "service/broker/pareto.h"

#include <stdlib.h>
#include <string.h>

static int at_least_as_accurate(
	const struct pareto_point *a, const struct pareto_point *b)
{
	return a->rung != b->rung ? a->rung > b->rung
				  : a->fitness >= b->fitness;
}

static int covers(const struct pareto_point *a, const struct pareto_point *b)
{
	return at_least_as_accurate(a, b) && a->parameters <= b->parameters &&
	       a->flops <= b->flops;
}

static void append(
	struct pareto *p, struct arena *mem, const struct pareto_point *point)
{
	struct pareto_point *more;

	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 16;
		more = arena_array(mem, p->room, sizeof *more);
		if (p->n > 0)
			memcpy(more, p->points, p->n * sizeof *more);
		p->points = more;
	}
	p->points[p->n++] = *point;
}

void pareto_add(
	struct pareto *p, struct arena *mem, const struct pareto_point *point)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->n; i++)
		if (covers(&p->points[i], point))
			return;
	for (size_t i = 0; i < p->n; i++)
		if (!covers(point, &p->points[i]))
			p->points[kept++] = p->points[i];
	p->n = kept;
	append(p, mem, point);
}

static int compare(const void *a, const void *b)
{
	const struct pareto_point *x = a, *y = b;

	if (x->parameters != y->parameters)
		return x->parameters < y->parameters ? -1 : 1;
	if (x->flops != y->flops)
		return x->flops < y->flops ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

void pareto_sort(struct pareto *p)
{
	if (p->n > 0)
		qsort(p->points, p->n, sizeof *p->points, compare);
}
