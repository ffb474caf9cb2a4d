/* species.c -- who belongs together, and who gets how many offspring. */
#include "neat/species.h"

#include <assert.h>
#include <math.h>

#include "neat/distance.h"

int individual_fitter(const struct individual *a, const struct individual *b)
{
	size_t sa, sb;

	if (a->fitness != b->fitness)
		return a->fitness > b->fitness;
	sa = genome_size(a->genome);
	sb = genome_size(b->genome);
	return sa != sb ? sa < sb : a->id < b->id;
}

/* The index of the first species near enough, or n_species. */
static size_t nearest(const struct genome *g, const struct params *p,
	double threshold, const struct genome *const *representatives,
	size_t n_species)
{
	size_t i = 0;

	while (i < n_species &&
		!genome_near(g, representatives[i], p, threshold))
		i++;
	return i;
}

void species_assign(struct individual *members, size_t n,
	const struct params *p, double threshold, int64_t generation,
	struct species *species, const struct genome **representatives,
	size_t *n_species, int64_t *next_id)
{
	for (size_t i = 0; i < n; i++) {
		size_t s = nearest(members[i].genome, p, threshold,
			representatives, *n_species);

		if (s == *n_species) {
			species[s] = (struct species){.id = (*next_id)++,
				.born = generation,
				.best = -1,
				.improved = generation};
			representatives[s] = members[i].genome;
			++*n_species;
		}
		members[i].species = species[s].id;
	}
}

/* Equal shares for all that breed. */
static void share_equally(double *shares, const int *breeds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		shares[i] = breeds[i] ? 1 : 0;
}

/* Largest remainder: whole parts first, then one more to each of the largest
 * fractions. */
static void apportion(double *quota, size_t n, size_t total, size_t *offspring)
{
	size_t given = 0;

	for (size_t i = 0; i < n; i++) {
		double whole = floor(quota[i]);

		offspring[i] = (size_t)whole;
		given += offspring[i];
		quota[i] -= whole;
	}
	while (given < total) {
		size_t most = 0;

		for (size_t i = 1; i < n; i++)
			if (quota[i] > quota[most])
				most = i;
		offspring[most]++;
		quota[most] -= 1;
		given++;
	}
}

void species_apportion(const double *shares, const int *breeds,
	size_t n_species, size_t total, struct arena *mem, size_t *offspring)
{
	double *quota = arena_array(mem, n_species, sizeof *quota);
	double sum = 0, largest = 0;

	for (size_t i = 0; i < n_species; i++)
		if (breeds[i] && shares[i] > largest)
			largest = shares[i];
	for (size_t i = 0; i < n_species; i++)
		quota[i] = breeds[i] && largest > 0 ? shares[i] / largest : 0;
	if (largest == 0)
		share_equally(quota, breeds, n_species);
	for (size_t i = 0; i < n_species; i++)
		sum += quota[i];
	assert(sum > 0);
	for (size_t i = 0; i < n_species; i++)
		quota[i] = quota[i] / sum * (double)total;
	apportion(quota, n_species, total, offspring);
}
