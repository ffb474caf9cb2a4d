/* trial.c -- a table of the species that have had their turn. */
#include "classic/trial.h"

/* Some 20 MB: a new species for every child of 1,000 generations of 1,000. */
#define TABLE_BYTES_MAX ((size_t)1 << 26)

void trial_init(struct trial *t)
{
	*t = (struct trial){0};
	arena_init(&t->mem, TABLE_BYTES_MAX);
}

void trial_release(struct trial *t)
{
	arena_release(&t->mem);
}

/* Makes room for species below `n`. */
static void grow(struct trial *t, size_t n)
{
	double *tested;

	if (n <= t->n)
		return;
	tested = arena_array(&t->mem, 2 * n, sizeof *tested);
	for (size_t i = 0; i < 2 * n; i++)
		tested[i] = i < t->n ? t->tested[i] : -1;
	t->tested = tested;
	t->n = 2 * n;
}

const struct individual *trial_choose(
	struct trial *t, const struct population *p)
{
	const struct individual *chosen = NULL;

	grow(t, (size_t)p->next_species);
	for (size_t i = 0; i < p->n; i++) {
		const struct individual *m = &p->members[i];

		if (m->fitness > t->tested[m->species] &&
			(!chosen || individual_fitter(m, chosen)))
			chosen = m;
	}
	if (chosen)
		t->tested[chosen->species] = chosen->fitness;
	return chosen;
}
