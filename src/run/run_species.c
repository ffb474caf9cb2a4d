/* run_species.c -- a generation's species in numbers, for people. */
#include "run/run.h"

#include <math.h>

/* At equal fitness the smaller genome counts as the fitter, as in breeding. */
static int fitter(const struct run *r, const struct run_member *a,
	const struct run_member *b)
{
	const struct individual x = {.id = a->id,
		.fitness = run_standing(r, a),
		.genome = a->genome};
	const struct individual y = {.id = b->id,
		.fitness = run_standing(r, b),
		.genome = b->genome};

	return individual_fitter(&x, &y);
}

void run_census(const struct run *r, size_t i, struct run_species *out)
{
	const struct species *s = &r->bred.species[i];
	const struct run_member *champion = NULL;
	double sum = 0;

	*out = (struct run_species){
		.id = s->id, .born = s->born, .improved = s->improved};
	for (size_t k = 0; k < r->n_members; k++) {
		const struct run_member *m = &r->members[k];

		if (m->species != s->id)
			continue;
		out->size++;
		sum += m->fitness;
		if (!champion || fitter(r, m, champion))
			champion = m;
	}
	if (!champion)
		return;
	out->mean = sum / (double)out->size;
	out->best = champion->fitness;
	out->champion = champion->id;
	if (run_standing(r, champion) > s->best)
		out->improved = r->generation;
}
