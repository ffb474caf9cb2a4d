/* eta.c -- what is left of a run, counted in images: a training at a rung takes
 * as many times those of the lowest as it should, and these as many as before;
 * finalists and the champion take all images as often as their epochs say.
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

/* What is trained by as many at once as there is room for, in images. */
static double images_left(const struct run *run, const struct driver_view *view)
{
	const struct run_settings *s = &run->settings;
	const double trainings = (double)run->totals.evaluations +
				 run->totals.raised;
	const int over = run->phase == PHASE_FINALISTS ||
			 run->phase == PHASE_FINAL;

	return ((over ? 0 : work_left(run, view)) +
		       (double)run_pilots_left(run)) *
		       (double)run->totals.images / trainings +
	       run_trials_left(run) * (double)s->train_images * s->final_epochs;
}

/* The champion's final training, which nobody can share. */
static double final_images(const struct run *run)
{
	const struct run_settings *s = &run->settings;

	return (double)(s->train_images + s->validation_images) *
	       s->final_epochs;
}

static double positive(double x)
{
	return x > 0 ? x : 0;
}

/* Of a budget, which counts all there is to do. */
static double budget_seconds(
	const struct run *run, double wall_s, const struct dispatch_load *load)
{
	const double done = (double)run->totals.planned;
	const double by_one = run_budget_alone(run);
	const double by_all = run_budget_left(run) - by_one;
	double under_way, ahead;

	if (run->state != RUN_RUNNING || done == 0)
		return -1;
	under_way = run_budget_under_way(run, load->images);
	ahead = positive(under_way - positive(by_all)); /* of what is shared */
	return positive(by_all - under_way) * wall_s / done +
	       positive(by_one - ahead) * run->totals.cpu_s / done;
}

double eta_seconds(const struct run *run, double wall_s,
	const struct driver_view *view, const struct dispatch_load *load)
{
	const double done = (double)run->totals.images;
	const int alone = run->phase == PHASE_FINAL;
	double by_all, by_one;

	if (run->settings.has_budget)
		return budget_seconds(run, wall_s, load);
	if (run->state != RUN_RUNNING || run->totals.evaluations == 0 ||
		done <= 0)
		return -1;
	by_all = images_left(run, view);
	by_one = final_images(run);
	*(alone ? &by_one : &by_all) -= (double)load->images;
	return positive(by_all) * wall_s / done +
	       positive(by_one) * run->totals.cpu_s / done;
}
