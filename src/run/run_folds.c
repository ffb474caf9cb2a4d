/* run_folds.c -- cross-validation: a genome is trained once for each fold, by
 * jobs of their own, and scored when the last result is in.
 *
 * Results come in any order; what is made of them is not: the mean is summed
 * from the first fold on, and of several failures that of the lowest counts. */
#include "run/run.h"

#include <string.h>

#include "run/run_private.h"

int run_has_fold(const struct run_member *m, int fold)
{
	return (m->folded >> (fold - 1) & 1) != 0;
}

static unsigned all_of(const struct run *r)
{
	return (1u << r->settings.folds) - 1;
}

int run_folds_hold(const struct run *r, const struct run_member *m)
{
	const int whole = r->settings.folds && m->folded == all_of(r);

	if (m->folded > (r->settings.folds ? all_of(r) : 0))
		return 0;
	/* An elite's are of its own generation, and not looked at again. */
	return !r->settings.folds || m->born < r->generation ||
	       whole == (m->scored != 0);
}

void run_submit_folds(struct run_turn *t, struct run_member *m)
{
	for (int fold = 1; fold <= t->run->settings.folds; fold++)
		if (!run_has_fold(m, fold))
			run_fold_job(t->run, m, fold,
				&run_emit(t, RUN_CMD_SUBMIT)->job);
}

void run_score_folds(const struct run *r, struct run_member *m)
{
	const int n = r->settings.folds;
	double sum = 0;

	if (m->folded != all_of(r))
		return;
	m->scored = 1;
	for (int i = 0; i < n && !m->failure[0]; i++) {
		memcpy(m->failure, m->folds[i].failure, sizeof m->failure);
		sum += m->folds[i].fitness;
	}
	m->fitness = m->failure[0] ? 0 : sum / n;
}

static void note(struct run_member *m, int fold, const struct job_result *j)
{
	struct run_fold *f = &m->folds[fold - 1];

	*f = (struct run_fold){.fitness = result_fitness(j)};
	if (j->failure)
		memcpy(f->failure, j->code, sizeof f->failure);
	m->folded |= 1u << (fold - 1);
}

/* The genome is one evaluation, however many trainings. */
static void count(struct run *r, const struct run_member *m)
{
	r->waiting[0]--;
	r->totals.evaluations++;
	r->totals.failures += m->failure[0] != '\0';
	if (r->settings.has_budget)
		r->totals.planned += run_cost(r, m, 0);
}

static void take(struct run_turn *t, struct run_member *m, int fold)
{
	struct run_command *c = run_emit(t, RUN_CMD_SAVE_FOLD);

	c->rung = fold;
	note(m, fold, t->ev->result);
	run_score_folds(t->run, m);
	c->member = run_as_is(t, m);
	run_count_work(&t->run->totals, t->ev->result);
	if (!m->scored) {
		run_emit(t, RUN_CMD_SAVE_RUN);
		return;
	}
	count(t->run, m);
	run_go_on(t, 0, "");
}

static int differs(const struct run_fold *f, const struct job_result *j)
{
	return f->fitness != result_fitness(j) ||
	       strcmp(f->failure, j->failure ? j->code : "") != 0;
}

void run_take_fold(struct run_turn *t, const struct job_id *id)
{
	struct run_member *m = run_member_find(t->run, id->genome);

	if (!m || m->born != id->generation || id->rung != 0 || id->fold < 1 ||
		id->fold > t->run->settings.folds ||
		m->born != t->run->generation)
		return;
	if (!run_has_fold(m, id->fold))
		take(t, m, id->fold);
	else if (differs(&m->folds[id->fold - 1], t->ev->result))
		run_emit(t, RUN_CMD_MISMATCH)->member = run_as_is(t, m);
}
