/* eta.c -- what is left of a run, counted in images: a training at a rung takes
 * as many times those of the lowest as it should, and these as many as before.
 * Where there is a budget, what is left of that. */
#include "service/broker/eta.h"

/* Genomes that live on in each generation, as far as anybody knows. */
static int64_t elites(const struct run_settings *s)
{
	const struct algorithm *a = settings_algorithm(s);

	return a->elites ? a->elites(s->own) : 0;
}

/* In trainings at the lowest rung. */
static double work_left(const struct run *run, const struct driver_view *view)
{
	const struct run_settings *s = &run->settings;
	int64_t generations = s->generations - 1 - run->generation;

	return view->work_left +
	       (double)generations * run_work(s, s->population - elites(s));
}

/* Of a budget, which counts all there is to do. */
static double budget_seconds(const struct run *run, double wall_s)
{
	double left = run_budget_left(run);

	if (run->state != RUN_RUNNING || run->totals.planned == 0)
		return -1;
	return left > 0 ? left * wall_s / (double)run->totals.planned : 0;
}

double eta_seconds(const struct run *run, double wall_s,
	const struct driver_view *view, const struct dispatch_load *load)
{
	double work = (double)run->totals.evaluations + run->totals.raised;
	double done = (double)run->totals.images, left;

	if (run->settings.has_budget)
		return budget_seconds(run, wall_s);
	if (run->state != RUN_RUNNING || run->phase == PHASE_FINALISTS ||
		run->phase == PHASE_FINAL || run->totals.evaluations == 0 ||
		done <= 0)
		return -1;
	left = work_left(run, view) * done / work - (double)load->images;
	return left > 0 ? left * wall_s / done : 0;
}
