/* selection.c -- ranks the members of each species and shares the offspring. */
#include "neat/selection.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* -- grouping and ranking -- */

static struct herd *herd_of(struct herd *herds, size_t n, int64_t species)
{
	size_t lo = 0, hi = n;

	while (lo + 1 < hi) {
		size_t mid = (lo + hi) / 2;

		if (herds[mid].species.id <= species)
			lo = mid;
		else
			hi = mid;
	}
	assert(herds[lo].species.id == species);
	return &herds[lo];
}

static int by_rank(const void *a, const void *b)
{
	const struct individual *x = *(const struct individual *const *)a;
	const struct individual *y = *(const struct individual *const *)b;

	return individual_fitter(x, y) ? -1 : individual_fitter(y, x);
}

static struct herd *group(struct arena *mem, const struct population *now)
{
	struct herd *herds = arena_array(mem, now->n_species, sizeof *herds);
	const struct individual **all = arena_array(mem, now->n, sizeof *all);

	for (size_t i = 0; i < now->n_species; i++)
		herds[i].species = now->species[i];
	for (size_t i = 0; i < now->n; i++)
		herd_of(herds, now->n_species, now->members[i].species)->n++;
	for (size_t i = 0; i < now->n_species; i++) {
		herds[i].ranked = all;
		all += herds[i].n;
		herds[i].n = 0;
	}
	for (size_t i = 0; i < now->n; i++) {
		struct herd *h = herd_of(
			herds, now->n_species, now->members[i].species);

		h->ranked[h->n++] = &now->members[i];
	}
	for (size_t i = 0; i < now->n_species; i++)
		qsort(herds[i].ranked, herds[i].n, sizeof *all, by_rank);
	return herds;
}

/* -- who breeds -- */

static void note_progress(struct herd *herds, const struct population *now,
	double *best, int64_t *improved)
{
	for (size_t i = 0; i < now->n_species; i++) {
		double top = herds[i].ranked[0]->fitness;

		if (top > herds[i].species.best) {
			herds[i].species.best = top;
			herds[i].species.improved = now->generation;
		}
		if (top > *best) {
			*best = top;
			*improved = now->generation;
		}
	}
}

/* The herd with the fittest champion other than `but`; NULL if there is none.
 */
static struct herd *best_herd(
	struct herd *herds, size_t n, const struct herd *but)
{
	struct herd *top = NULL;

	for (size_t i = 0; i < n; i++)
		if (&herds[i] != but &&
			(!top || individual_fitter(
					 herds[i].ranked[0], top->ranked[0])))
			top = &herds[i];
	return top;
}

static void only_best_two(struct herd *herds, size_t n)
{
	struct herd *first = best_herd(herds, n, NULL);
	struct herd *second = best_herd(herds, n, first);

	for (size_t i = 0; i < n; i++)
		herds[i].breeds = &herds[i] == first || &herds[i] == second;
}

static void rest_stagnant(struct herd *herds, const struct population *now,
	const struct params *p)
{
	for (size_t i = 0; i < now->n_species; i++)
		herds[i].breeds = (double)(now->generation -
					   herds[i].species.improved) <
				  p->stagnation;
}

/* Of the species older than p->worst_age, the one whose champion is least fit;
 * never the only one that breeds. */
static void rest_worst(struct herd *herds, const struct population *now,
	const struct params *p)
{
	struct herd *worst = NULL;
	size_t n = 0;

	for (size_t i = 0; i < now->n_species; i++) {
		int64_t age = now->generation - herds[i].species.born;

		n += (size_t)herds[i].breeds;
		if (herds[i].breeds && (double)age > p->worst_age &&
			(!worst || individual_fitter(worst->ranked[0],
					   herds[i].ranked[0])))
			worst = &herds[i];
	}
	if (worst && n > 1)
		worst->breeds = 0;
}

static int any_breeds(const struct herd *herds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (herds[i].breeds)
			return 1;
	return 0;
}

static void choose_breeders(struct herd *herds, const struct population *now,
	const struct params *p, int64_t *improved)
{
	size_t n = now->n_species;

	if ((double)(now->generation - *improved) > p->population_limit) {
		only_best_two(herds, n);
		for (size_t i = 0; i < n; i++)
			if (herds[i].breeds)
				herds[i].species.improved = now->generation;
		*improved = now->generation;
		return;
	}
	rest_stagnant(herds, now, p);
	if (!any_breeds(herds, n))
		only_best_two(herds, n);
	if (p->worst_age > 0)
		rest_worst(herds, now, p);
}

/* -- how many offspring -- */

/* A member's shared fitness is its fitness over the size of its species, so a
 * species' share is the mean of its members' (equation 2). */
static double mean_fitness(const struct herd *h)
{
	double sum = 0;

	for (size_t i = 0; i < h->n; i++)
		sum += h->ranked[i]->fitness / (double)h->n;
	return sum;
}

static void share(struct arena *mem, struct herd *herds, size_t n,
	const struct params *p, size_t size)
{
	double *shares = arena_array(mem, n, sizeof *shares);
	int *breeds = arena_array(mem, n, sizeof *breeds);
	size_t *offspring = arena_array(mem, n, sizeof *offspring);

	for (size_t i = 0; i < n; i++) {
		struct herd *h = &herds[i];

		h->n_parents = 1 + (size_t)floor(p->survival * (double)h->n);
		if (h->n_parents > h->n)
			h->n_parents = h->n;
		shares[i] = mean_fitness(h);
		breeds[i] = h->breeds;
	}
	species_apportion(shares, breeds, n, size, mem, offspring);
	for (size_t i = 0; i < n; i++)
		herds[i].offspring = offspring[i];
}

struct herd *selection_make(struct arena *mem, const struct population *now,
	const struct params *p, size_t size, double *best, int64_t *improved)
{
	struct herd *herds = group(mem, now);

	note_progress(herds, now, best, improved);
	choose_breeders(herds, now, p, improved);
	share(mem, herds, now->n_species, p, size);
	return herds;
}
