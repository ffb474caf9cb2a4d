/* run_species.c -- a generation's species in numbers, for people. */
#include "run/run_private.h"

#include <math.h>

/* At equal fitness the smaller genome counts as the fitter, as in breeding. */
static int fitter(const struct run *r, const struct run_member *a,
	const struct run_member *b)
{
	const struct individual x = run_individual(r, a);
	const struct individual y = run_individual(r, b);

	return individual_fitter(&x, &y);
}

/* What the member counts for in breeding, as the best of its species does:
 * with size pressure that is not its fitness. */
static double merit(const struct run *r, const struct run_member *m)
{
	const struct individual x = run_individual(r, m);

	return settings_algorithm(&r->settings)->merit(r->settings.own, &x);
}

void run_census(const struct run *r, size_t i, struct run_species *out)
{
	const struct species *s = &r->bred.species[i];
	const struct run_member *champion = NULL;
	double sum = 0, top = 0;

	*out = (struct run_species){
		.id = s->id, .born = s->born, .improved = s->improved};
	for (size_t k = 0; k < r->n_members; k++) {
		const struct run_member *m = &r->members[k];

		if (m->species != s->id)
			continue;
		out->size++;
		sum += m->fitness;
		top = fmax(top, merit(r, m));
		if (!champion || fitter(r, m, champion))
			champion = m;
	}
	if (!champion)
		return;
	out->mean = sum / (double)out->size;
	out->best = champion->fitness;
	out->champion = champion->id;
	if (top > s->best)
		out->improved = r->generation;
}
