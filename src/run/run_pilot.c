/* run_pilot.c -- whether a mirror image means the same, as of a shirt, or not,
 * as of a letter: what finalists see rests on it (run_final.c).
 *
 * Before the finalists the best genome is trained twice more as the last rung
 * of the search trains, from scratch and from one seed: on the images as they
 * are, and mirrored, too, judged by both.  So short a training loses a little
 * by images that differ more, and much where a mirror image is of another
 * class, so the two are told apart at a tenth of what it takes to see what
 * mirroring is worth to a finalist (docs/search.md).  Where they are not, or
 * the network has hardly begun to learn, the best is trained twice as a
 * finalist. */
#include "run/run.h"

#include "model/job.h"
#include "run/run_private.h"

/* Times the loss without them: what mirror images cost at most where they mean
 * the same, and at least where they do not. */
#define SAME_LOSS 1.1
#define OTHER_LOSS 1.25

/* Half of the loss of a network that knows nothing, for each bit of a class. */
#define LEARNED_LOSS 0.35

int run_pilots(const struct run *r)
{
	return r->piloting || run_pilots_done(r) > 0 ? 2 : 0;
}

int run_pilots_done(const struct run *r)
{
	return (r->pilot_losses[0] >= 0) + (r->pilot_losses[1] >= 0);
}

/* Pilots that a finalist of so many epochs will have. */
static int planned(const struct run *r, int epochs)
{
	const struct run_settings *s = &r->settings;

	return s->finalists > 0 && s->final_augment == FINAL_AUGMENT_PILOT &&
			       run_may_mirror(r, epochs)
		       ? 2
		       : 0;
}

int64_t run_pilots_left(const struct run *r)
{
	const struct run_settings *s = &r->settings;
	const int open = r->piloting ? 2 - run_pilots_done(r) : 0;

	return run_scale(s, s->rungs - 1) *
	       (r->phase < PHASE_FINALISTS ? planned(r, s->final_epochs)
					   : open);
}

int64_t run_pilots_cost(const struct run *r)
{
	if (r->n_finalists == 0)
		return 0;
	return planned(r, r->settings.final_epochs) *
	       run_cost_pilot(r, &r->finalists[0]);
}

void run_act_pilots(struct run_turn *t)
{
	const struct run *r = t->run;

	for (int i = 0; i < 2; i++)
		if (r->pilot_losses[i] < 0)
			run_pilot_job(r, &r->finalists[0], i,
				&run_emit(t, RUN_CMD_SUBMIT)->job);
}

/* A network that cannot be trained so is worse than any. */
static double loss_of(const struct job_result *j)
{
	return j->failure ? JOB_LOSS_MAX : j->loss;
}

static int has_learned(const struct run *r)
{
	const int64_t classes = r->settings.data.classes;
	int bits = 1;

	while (classes >> (bits + 1) > 0)
		bits++;
	return r->pilot_losses[0] < LEARNED_LOSS * bits;
}

/* The best twice takes the place of the last of several finalists. */
static void try_both(struct run *r)
{
	run_double_best(r);
	if (r->trials > 2)
		r->trials--;
}

/* Both are in: on to the finalists. */
static void decide(struct run *r)
{
	const double plain = r->pilot_losses[0], both = r->pilot_losses[1];

	r->piloting = 0;
	r->searched = r->totals.planned;
	if (has_learned(r) && both <= SAME_LOSS * plain)
		for (int i = 0; i < r->trials; i++)
			r->finalists[i].mirrored = 1;
	else if (!has_learned(r) || both < OTHER_LOSS * plain)
		try_both(r);
}

static void save(struct run_turn *t, const struct job_id *id)
{
	struct run_member m = t->run->finalists[0];
	struct run_command *c = run_emit(t, RUN_CMD_SAVE_TRIAL);

	run_note_trial(&m, t->ev->result);
	c->member = run_as_is(t, &m);
	c->rung = id->rung;
	run_emit(t, RUN_CMD_SAVE_RUN);
}

void run_take_pilot(struct run_turn *t, const struct job_id *id)
{
	const struct job_result *j = t->ev->result;
	struct run *r = t->run;
	const struct run_member *m = &r->finalists[0];
	double *loss = &r->pilot_losses[id->rung == RUNG_PILOT_MIRRORED];

	if (r->phase != PHASE_FINALISTS || run_pilots(r) == 0 ||
		m->id != id->genome || m->born != id->generation ||
		id->rung > RUNG_PILOT_MIRRORED)
		return;
	if (*loss >= 0) {
		if (*loss != loss_of(j))
			run_emit(t, RUN_CMD_MISMATCH)->member = run_as_is(t, m);
		return;
	}
	*loss = loss_of(j);
	r->totals.planned += run_cost_pilot(r, m);
	run_count_work(&r->totals, j);
	if (run_pilots_done(r) == 2)
		decide(r);
	save(t, id);
	if (!r->piloting)
		run_act(t);
}
