/* run_final.c -- after the search: the finalists, and the champion's final
 * training.
 *
 * A finalist is one of the best genomes of all generations, trained from
 * scratch as the champion will be, but on the training part alone, and judged
 * on validation: a rung above all others, outside breeding.  Where trainings
 * are long they see their images changed, and mirrored if that means the same
 * (run_pilot.c).  Where that is not known the best genome is trained twice, on
 * mirror images, too, and without, and the others so as was better.  The best
 * of them all is the champion, which is then trained on training and validation
 * images and judged once on the test set.  Without finalists that is the best
 * of the search. */
#include "run/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "run/run_private.h"

/* Shorter trainings lose by seeing their images changed so (docs/search.md). */
#define MIRROR_EPOCHS 6
#define CROP_EPOCHS 15
#define ERASE_EPOCHS 25
#define CROP_SIDE 28 /* a pixel for every so many of the side */
#define ERASE 0.25

int run_finalists_kept(const struct run *r)
{
	const int n = r->settings.finalists;

	return n > RUN_FINALISTS_TRIED ? n : RUN_FINALISTS_TRIED;
}

int run_trials_done(const struct run *r)
{
	int done = 0;

	for (int i = 0; i < r->n_finalists; i++)
		done += r->finalists[i].tried;
	return done;
}

int run_trials_left(const struct run *r)
{
	switch (r->phase) {
	case PHASE_FINAL: return 0;
	case PHASE_FINALISTS: return r->trials - run_trials_done(r);
	default: return run_trials_planned(&r->settings);
	}
}

/* -- how they are trained -- */

/* What a person says of augmentation holds for all trainings. */
static int augments(const struct run *r)
{
	const struct run_settings *s = &r->settings;

	return s->final_augment != FINAL_AUGMENT_SAME &&
	       !augment_is_on(&s->training.augment);
}

int run_may_mirror(const struct run *r, int epochs)
{
	return augments(r) && epochs >= MIRROR_EPOCHS;
}

static struct augment augment_of(
	const struct run *r, const struct run_member *m, int epochs)
{
	const struct data_shape *d = &r->settings.data;
	const int side = d->height < d->width ? d->height : d->width;
	const int crop = side > CROP_SIDE ? side / CROP_SIDE : 1;

	if (!augments(r))
		return r->settings.training.augment;
	return (struct augment){.flip = m->mirrored,
		.crop = epochs >= CROP_EPOCHS && crop < side ? crop : 0,
		.erase = epochs >= ERASE_EPOCHS ? ERASE : 0};
}

/* Of two limits, of which 0 is none. */
static double lower_limit(double a, double b)
{
	return a == 0 || (b > 0 && b < a) ? b : a;
}

struct training run_training_long(
	const struct run *r, const struct run_member *m)
{
	struct training t = r->settings.training;

	t.epochs = run_epochs_long(r, m);
	t.train_limit = 0;
	t.augment = augment_of(r, m, t.epochs);
	t.recipe.rate_limit = lower_limit(
		t.recipe.rate_limit, r->settings.final_rate_limit);
	/* Who has seen both sides is judged by both. */
	if (augments(r))
		t.recipe.flip_test = m->mirrored;
	return t;
}

/* -- finalists -- */

/* The best genome comes twice, first as it is. */
void run_double_best(struct run *r)
{
	memmove(&r->finalists[1], &r->finalists[0],
		(size_t)r->n_finalists * sizeof *r->finalists);
	r->n_finalists++;
	r->trials++;
	r->finalists[1].mirrored = 1;
}

/* How it is found out whether to mirror, if trainings are long enough for it.
 */
static void begin_trials(struct run *r)
{
	if (r->trials == 0 ||
		!run_may_mirror(r, run_epochs_long(r, &r->finalists[0])))
		return;
	if (r->settings.final_augment == FINAL_AUGMENT_PILOT)
		r->piloting = 1;
	else
		run_double_best(r);
}

void run_end_search(struct run_turn *t)
{
	struct run *r = t->run;
	const int n = r->settings.finalists;
	size_t failed, scored;

	r->searched = r->totals.planned;
	if (r->n_finalists == 0) {
		run_fail(t,
			"every genome of every generation failed, most of the "
			"last one by \"%s\"",
			run_common_failure(r, &failed, &scored));
		return;
	}
	r->trials = n < r->n_finalists ? n : r->n_finalists;
	begin_trials(r);
	r->phase = r->trials > 0 ? PHASE_FINALISTS : PHASE_FINAL;
	run_emit(t, RUN_CMD_SAVE_RUN);
	run_act(t);
}

/* True if the best genome is there twice. */
static int is_doubled(const struct run *r)
{
	return r->trials > 1 && r->finalists[0].id == r->finalists[1].id;
}

/* The first so many of the trials may be trained now. */
static int trials_open(const struct run *r)
{
	const int both = r->finalists[0].tried && r->finalists[1].tried;

	return is_doubled(r) && !both ? 2 : r->trials;
}

void run_act_trials(struct run_turn *t)
{
	const struct run *r = t->run;

	for (int i = 0; i < trials_open(r); i++)
		if (!r->finalists[i].tried)
			run_trial_job(r, &r->finalists[i],
				&run_emit(t, RUN_CMD_SUBMIT)->job);
}

/* The best first: those that were tried, then those that were not, as the
 * search had them, then what failed. */
static int precedes(const struct run *r, const struct run_member *x,
	const struct run_member *y)
{
	const int failed = (x->failure[0] != 0) - (y->failure[0] != 0);

	if (failed)
		return failed < 0;
	if (x->id == y->id && x->tried == y->tried && x->fitness == y->fitness)
		return x->mirrored < y->mirrored;
	return run_better(r, x, y);
}

int run_finalists_ranked(const struct run *r)
{
	for (int i = 1; i < r->n_finalists; i++)
		if (precedes(r, &r->finalists[i], &r->finalists[i - 1]))
			return 0;
	return 1;
}

static void swap(struct run_member *a, struct run_member *b)
{
	const struct run_member c = *a;

	*a = *b;
	*b = c;
}

/* All are in: who failed is no finalist any more. */
static void rank(struct run *r)
{
	for (int i = 1; i < r->n_finalists; i++)
		for (int k = i; k > 0 && precedes(r, &r->finalists[k],
						 &r->finalists[k - 1]);
			k--)
			swap(&r->finalists[k], &r->finalists[k - 1]);
	while (r->n_finalists > 0 &&
		r->finalists[r->n_finalists - 1].failure[0])
		r->n_finalists--;
}

static struct run_member *find(struct run *r, const struct job_id *id)
{
	for (int i = 0; i < r->n_finalists; i++) {
		struct run_member *m = &r->finalists[i];

		if (m->id == id->genome &&
			id->rung ==
				(m->mirrored ? RUNG_MIRRORED : RUNG_FINALIST))
			return m;
	}
	return NULL;
}

/* Both trainings of the best genome are in: the others follow the better. */
static void choose_mirror(struct run *r)
{
	const int mirrored = precedes(r, &r->finalists[1], &r->finalists[0]);

	for (int i = 2; i < r->n_finalists; i++)
		r->finalists[i].mirrored = mirrored;
}

void run_note_trial(struct run_member *m, const struct job_result *j)
{
	m->tried = 1;
	m->fitness = result_fitness(j);
	m->trial_loss = j->failure ? 0 : j->loss;
	if (j->failure)
		memcpy(m->failure, j->code, sizeof m->failure);
}

static int differs(const struct run_member *m, const struct job_result *j)
{
	struct run_member again = *m;

	run_note_trial(&again, j);
	return again.fitness != m->fitness ||
	       again.trial_loss != m->trial_loss ||
	       strcmp(again.failure, m->failure) != 0;
}

static void end_trials(struct run_turn *t)
{
	struct run *r = t->run;
	const struct job_result *j = t->ev->result;

	rank(r);
	if (r->n_finalists == 0) {
		run_fail(t, "every finalist failed, the last one so: %.300s",
			j->reason[0] ? j->reason : j->code);
		return;
	}
	r->phase = PHASE_FINAL;
	run_emit(t, RUN_CMD_SAVE_RUN);
	run_act(t);
}

static void go_on(struct run_turn *t)
{
	struct run *r = t->run;
	const int done = run_trials_done(r), opens = is_doubled(r) && done == 2;

	if (opens)
		choose_mirror(r);
	if (done == r->trials) {
		end_trials(t);
		return;
	}
	run_emit(t, RUN_CMD_SAVE_RUN);
	if (opens)
		run_act(t);
}

void run_take_trial(struct run_turn *t, const struct job_id *id)
{
	const struct job_result *j = t->ev->result;
	struct run *r = t->run;
	struct run_member *m = find(r, id);
	struct run_command *c;

	if (!m || m->born != id->generation)
		return;
	if (m->tried && differs(m, j))
		run_emit(t, RUN_CMD_MISMATCH)->member = run_as_is(t, m);
	if (m->tried || r->phase != PHASE_FINALISTS || r->piloting ||
		m - r->finalists >= trials_open(r))
		return;
	run_note_trial(m, j);
	r->totals.planned += run_cost_long(r, m, 0);
	run_count_work(&r->totals, j);
	c = run_emit(t, RUN_CMD_SAVE_TRIAL);
	c->member = run_as_is(t, m);
	c->rung = id->rung;
	go_on(t);
}

/* -- the champion -- */

static void finish(struct run *r, const struct job_result *j)
{
	run_move(r, RUN_FINISHED);
	r->test_correct = j->correct;
	r->test_total = j->total;
	r->parameters = j->parameters;
	memcpy(r->weights, j->weights, sizeof r->weights);
}

void run_take_final(struct run_turn *t, const struct job_id *id)
{
	const struct job_result *j = t->ev->result;
	struct run *r = t->run;

	if (r->phase != PHASE_FINAL ||
		id->genome != r->finalists[r->finalist].id)
		return;
	run_count_work(&r->totals, j);
	if (r->settings.has_budget)
		r->totals.planned += run_cost_long(
			r, &r->finalists[r->finalist], 1);
	if (j->failure && r->finalist + 1 == r->n_finalists) {
		run_fail(t,
			"the final training of every finalist failed, the "
			"last time: %.300s",
			j->reason[0] ? j->reason : j->code);
		return;
	}
	if (j->failure) {
		r->finalist++;
	} else {
		run_emit(t, RUN_CMD_SAVE_FINAL);
		finish(r, j);
	}
	run_emit(t, RUN_CMD_SAVE_RUN);
	run_act(t);
}
