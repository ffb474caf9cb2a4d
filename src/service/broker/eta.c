/* eta.c -- what is left of a run, counted in images: a genome that is not
 * scored takes as many as those before it did. */
#include "service/broker/eta.h"

/* Genomes that live on in each generation, as far as anybody knows. */
static int64_t elites(const struct run_settings *s)
{
	const struct algorithm *a = settings_algorithm(s);

	return a->elites ? a->elites(s->own) : 0;
}

static int64_t genomes_left(
	const struct run *run, const struct driver_view *view)
{
	const struct run_settings *s = &run->settings;
	int64_t generations = s->generations - 1 - run->generation;

	return view->members - view->scored +
	       generations * (s->population - elites(s));
}

double eta_seconds(const struct run *run, double wall_s,
	const struct driver_view *view, const struct dispatch_load *load)
{
	double done = (double)run->totals.images, left;

	if (run->state != RUN_RUNNING || run->phase == PHASE_FINAL ||
		run->totals.evaluations == 0 || done <= 0)
		return -1;
	left = (double)genomes_left(run, view) * done /
		       (double)run->totals.evaluations -
	       (double)load->images;
	return left > 0 ? left * wall_s / done : 0;
}
