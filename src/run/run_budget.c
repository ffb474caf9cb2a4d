/* run_budget.c -- what a run may take: planned before it starts, counted from
 * shapes in operations (model/work.h), never in time, so that a run spends the
 * same on any machine.
 *
 * A part goes to the search and the pilot trainings that end it; the rest is
 * kept for the finalists and for the champion's final training, all of the same
 * work.  Generations follow each
 * other until the next one would not leave that rest whole.  What is left then
 * is shared out, so that a budget is spent to its end: a small network is
 * trained for more epochs than a large one, and none is bred that could not be
 * trained for `final_epochs`.
 *
 * What is counted is work that was planned: a genome that fails costs what it
 * would have cost, and a training that the world broke off and that is done
 * again counts once, since nobody could repeat a run in which that changed
 * something. */
#include "run/run.h"

#include <math.h>

#include "base/rng.h"
#include "model/cost.h"
#include "model/decode.h"
#include "model/job.h"
#include "model/work.h"
#include "neat/chain.h"
#include "run/run_private.h"

#define SEARCH_SHARE 0.5
#define RUNGS 2
#define FINALISTS_MAX 3
#define EPOCHS_A_FINALIST 10    /* one more for every so many epochs */
#define FINALIST_EPOCHS_MAX 100 /* of the cheapest networks */
#define FINAL_RATE 0.003        /* no limit of learning rates is lower */

/* Networks and epochs grow alike with a budget, both as its square root: a
 * finalist of e epochs may take so many operations an image, for each pixel
 * and each of the e. */
#define OPERATIONS_A_PIXEL_AND_EPOCH 9000.0
#define EPOCHS_MIN 3

/* Of the largest network that may be bred, what one of a population takes: a
 * search soon goes for large ones. */
#define USUAL_SHARE 0.7
#define POPULATION_LO 8
#define POPULATION_HI 64
#define GENERATIONS_A_GENOME 0.4 /* as many generations, at least */
#define GENERATIONS_HI 100000
#define MILLIONS_MAX 0x1p53 /* far beyond any budget */
#define LEAST_BYTES_MAX ((size_t)1 << 20)

static double images_in_all(const struct run_settings *s)
{
	return (double)(s->train_images + s->validation_images);
}

/* Final trainings of the champion's kind, in those of a finalist: it has the
 * validation images to train on, too. */
static double trainings(const struct run_settings *s, int finalists)
{
	return finalists + images_in_all(s) / (double)s->train_images;
}

/* The best one may be trained twice. */
int run_trials_planned(const struct run_settings *s)
{
	return s->finalists > 0 && s->final_augment == FINAL_AUGMENT_AUTO
		       ? s->finalists + 1
		       : s->finalists;
}

void run_budget_shares(const struct run_settings *s, struct run_shares *out)
{
	out->total = s->budget_pflop * 1e9;
	out->search = out->total * s->search_share;
	out->finalist = (out->total - out->search) /
			trainings(s, run_trials_planned(s));
	/* Validation after each epoch is of the forward pass alone. */
	out->image = out->finalist / (s->final_epochs * images_in_all(s));
}

/* -- the plan -- */

static int plan_epochs(const struct run_settings *s)
{
	const double pixels = (double)s->data.height * s->data.width;
	struct run_settings one = *s;
	struct run_shares shares;
	double epochs;

	one.final_epochs = 1;
	run_budget_shares(&one, &shares);
	epochs = sqrt(
		shares.image * 1e6 / (OPERATIONS_A_PIXEL_AND_EPOCH * pixels));
	return (int)fmin(fmax(floor(epochs), EPOCHS_MIN), FINALIST_EPOCHS_MAX);
}

static int plan_finalists(const struct run_settings *s)
{
	struct run_settings one = *s;

	one.finalists = 1;
	return 1 + (int)fmin(plan_epochs(&one) / EPOCHS_A_FINALIST,
			   FINALISTS_MAX - 1);
}

/* Trainings of one epoch breed rates at which long ones end worse
 * (docs/search.md). */
static double plan_rate_limit(const struct run_settings *s)
{
	return fmax(s->space.ranges[SPACE_LEARNING_RATE].hi / 2, FINAL_RATE);
}

/* How many generations of so many genomes the search is expected to pay for. */
static double expected_generations(
	const struct run_settings *s, int64_t genomes)
{
	const struct training *t = &s->training;
	const double limit = (double)t->train_limit;
	const double images = (double)s->train_images;
	const double once = limit > 0 && limit < images ? limit : images;
	const double trained = once * (s->folds ? s->folds : 1);
	struct run_shares shares;

	run_budget_shares(s, &shares);
	return shares.search / (shares.image * USUAL_SHARE * trained *
				       t->epochs * run_work(s, genomes));
}

static int64_t plan_population(const struct run_settings *s)
{
	int64_t n = POPULATION_LO;

	while (n < POPULATION_HI &&
		expected_generations(s, n + 1) >=
			GENERATIONS_A_GENOME * (double)(n + 1))
		n++;
	return n;
}

/* Operations to train the smallest network on an image. */
static double least_work(const struct run_settings *s)
{
	struct network_cost cost = {.work = 0};
	struct arena mem;
	struct rng r;

	arena_init(&mem, LEAST_BYTES_MAX);
	rng_stream(&r, 0, 0, 0);
	model_cost(chain_least(&mem, 1, 0, s->batch_size, &s->space, &r),
		&s->data, &cost, NULL);
	arena_release(&mem);
	return cost.work;
}

/* The search needs a few of the smallest networks, and the finalists one. */
static int check_enough(const struct run_settings *s, struct err *e)
{
	struct run_shares shares;
	double least = least_work(s) * 1e-6;

	run_budget_shares(s, &shares);
	if (shares.image >= least)
		return 0;
	return err_at(e, ERR_RANGE, "",
		s->has_budget_s ? "budget" : "budget_pflop",
		"the budget is too small: to train the smallest network for %d "
		"epochs takes %.2g times as much; give more, or a smaller "
		"\"final_epochs\"",
		s->final_epochs, least / shares.image);
}

int run_budget_plan(struct run_settings *s, struct err *e)
{
	struct run_shares shares;

	if (!s->has_budget)
		return 0;
	if (s->open & OPEN_SEARCH_SHARE)
		s->search_share = SEARCH_SHARE;
	if (s->open & OPEN_RANK_BY)
		s->rank_by = RANK_BY_LOSS;
	if (s->open & OPEN_RUNGS)
		s->rungs = s->folds ? 1 : RUNGS;
	if (s->open & OPEN_FINALISTS)
		s->finalists = plan_finalists(s);
	if (s->open & OPEN_FINAL_EPOCHS)
		s->final_epochs = plan_epochs(s);
	if (s->open & OPEN_FINAL_RATE_LIMIT)
		s->final_rate_limit = plan_rate_limit(s);
	if (s->open & OPEN_POPULATION)
		s->population = plan_population(s);
	if (s->open & OPEN_GENERATIONS)
		s->generations = GENERATIONS_HI;
	run_budget_shares(s, &shares);
	if (s->limits.max_work == 0)
		s->limits.max_work = shares.image;
	s->open = 0;
	return check_enough(s, e);
}

/* -- what things cost -- */

/* In 10^6 operations, rounded up: whole numbers, whose sum no order changes. */
static int64_t millions(double operations)
{
	return (int64_t)fmin(ceil(operations / 1e6), MILLIONS_MAX);
}

/* An epoch of so many images, validated on so many. */
static double epoch_operations(const struct run *r, const struct genome *g,
	double images, double judged)
{
	struct model m;

	/* What cannot be built fails before it takes anything. */
	if (model_decode(g, &r->settings.data, INT64_MAX, &m, NULL))
		return 0;
	return images * work_train(&m.spec, &m.cost, m.batch) +
	       judged * work_judge(&m.spec, &m.cost);
}

/* All folds of one epoch: each image is judged once, and trained on in all
 * folds but that. */
static double folds_operations(
	const struct run *r, const struct genome *g, double limit)
{
	const struct run_settings *s = &r->settings;
	const double all = images_in_all(s), k = s->folds;
	const double each = all - all / k;

	return epoch_operations(
		r, g, k * (limit > 0 && limit < each ? limit : each), all);
}

static struct training training_at(const struct run *r, int rung)
{
	const struct run_settings *s = &r->settings;

	return job_scaled(
		&s->training, run_scale(s, rung), (size_t)s->train_images);
}

/* One training at a rung, on the training part. */
static int64_t rung_cost(
	const struct run *r, const struct run_member *m, int rung)
{
	const struct run_settings *s = &r->settings;
	const struct training t = training_at(r, rung);
	const double n = (double)s->train_images;
	const double limit = (double)t.train_limit;

	return millions(t.epochs * epoch_operations(r, m->genome,
					   limit > 0 && limit < n ? limit : n,
					   (double)s->validation_images));
}

int64_t run_cost(const struct run *r, const struct run_member *m, int rung)
{
	const struct training t = training_at(r, rung);

	if (r->settings.folds)
		return millions(t.epochs * folds_operations(r, m->genome,
						   (double)t.train_limit));
	return rung_cost(r, m, rung);
}

int64_t run_cost_pilot(const struct run *r, const struct run_member *m)
{
	return rung_cost(r, m, r->settings.rungs - 1);
}

int64_t run_cost_long(
	const struct run *r, const struct run_member *m, int final)
{
	const struct run_settings *s = &r->settings;
	const double images = final ? images_in_all(s)
				    : (double)s->train_images;

	return millions(run_epochs_long(r, m) *
			epoch_operations(r, m->genome, images,
				final ? 0 : (double)s->validation_images));
}

/* Shared out among those that there are, and known once the search is over. */
int run_epochs_long(const struct run *r, const struct run_member *m)
{
	const struct run_settings *s = &r->settings;
	struct run_shares shares;
	double each, epoch;

	if (!s->has_budget)
		return s->final_epochs;
	run_budget_shares(s, &shares);
	each = (shares.total - (double)r->searched) / trainings(s, r->trials);
	epoch = epoch_operations(r, m->genome, (double)s->train_images,
		(double)s->validation_images);
	if (epoch <= 0)
		return s->final_epochs;
	return (int)fmin(
		fmax(floor(each * 1e6 / epoch), 1), FINALIST_EPOCHS_MAX);
}

/* -- what a loss at a rung promises -- */

int run_ranks_by_work(const struct run *r)
{
	return r->settings.rank_by == RANK_BY_WORK && r->settings.has_budget &&
	       run_has_rungs(r);
}

/* A finalist sees the more images the less work one takes, and a loss falls
 * with the images as a power of them, whose exponent is about 1/16 (make
 * bench-fidelity; docs/search.md).  Square roots have the same bits everywhere,
 * which a library's power has not. */
double run_handicap(const struct run *r, const struct genome *g)
{
	struct run_shares shares;
	double x;

	if (!run_ranks_by_work(r))
		return 1;
	run_budget_shares(&r->settings, &shares);
	x = epoch_operations(r, g, 1, 0) / shares.image / 1e6;
	return sqrt(sqrt(sqrt(sqrt(x))));
}

/* -- spending -- */

/* What this generation's new members took. */
static int64_t generation_cost(const struct run *r)
{
	int64_t sum = 0;

	for (size_t i = 0; i < r->n_members; i++) {
		const struct run_member *m = &r->members[i];
		const int trainings = run_trainings(r, m);

		for (int k = 0; m->born == r->generation && k < trainings; k++)
			sum += run_cost(r, m, k);
	}
	return sum;
}

int run_budget_spent(const struct run *r)
{
	struct run_shares shares;

	if (!r->settings.has_budget)
		return 0;
	run_budget_shares(&r->settings, &shares);
	return (double)(r->totals.planned + generation_cost(r) +
			run_pilots_cost(r)) > shares.search;
}

int64_t run_budget_generations(const struct run *r)
{
	const struct run_settings *s = &r->settings;
	const int over = r->phase > PHASE_SCORING;
	double expected = expected_generations(s, s->population);
	struct run_shares shares;

	run_budget_shares(s, &shares);
	if (over || run_state_over(r->state))
		return r->generation + 1;
	/* What those before took says more. */
	if (r->phase == PHASE_BREEDING && r->generation >= 0)
		expected = (double)(r->generation + 1) * shares.search /
			   (double)(r->totals.planned + 1);
	else if (r->generation >= 2)
		expected = (double)r->generation * shares.search /
			   (double)(r->totals.planned + 1);
	return (int64_t)fmin(fmax(floor(expected), (double)r->generation + 1),
		(double)s->generations);
}

double run_budget_left(const struct run *r)
{
	struct run_shares shares;

	run_budget_shares(&r->settings, &shares);
	return shares.total - (double)r->totals.planned;
}

double run_budget_alone(const struct run *r)
{
	const struct run_settings *s = &r->settings;
	const double left = run_budget_left(r);
	struct run_shares shares;
	double alone;

	if (r->phase == PHASE_FINAL)
		return left;
	run_budget_shares(s, &shares);
	alone = shares.finalist * images_in_all(s) / (double)s->train_images;
	if (run_trials_left(r) == 1)
		alone += shares.finalist;
	return fmin(alone, left);
}

double run_budget_under_way(const struct run *r, int64_t images)
{
	const struct run_settings *s = &r->settings;
	const int final = r->phase == PHASE_FINAL;
	const double all = final ? images_in_all(s) : (double)s->train_images;
	const struct run_member *m = &r->finalists[final ? r->finalist : 0];
	const struct run_totals *t = &r->totals;

	if (final || (r->phase == PHASE_FINALISTS && !r->piloting))
		return (double)images * (double)run_cost_long(r, m, final) /
		       (run_epochs_long(r, m) * all);
	return t->images > 0
		       ? (double)images * (double)t->planned / (double)t->images
		       : 0;
}
