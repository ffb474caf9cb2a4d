/* run_score.c -- results: of members, of whole generations, of the champion. */
#include "run/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "run/run_private.h"

/* A higher rung counts first, and a finalist's training above all: what more
 * images left is less by luck. */
static int outranks(const struct run *r, const struct run_member *a,
	const struct run_member *b)
{
	if (a->tried != b->tried)
		return a->tried;
	if (a->tried)
		return a->fitness > b->fitness;
	if (a->rungs != b->rungs)
		return a->rungs > b->rungs;
	if (a->rungs > 0 && run_ranks_by_work(r))
		return run_lacks(a, a->rungs - 1) < run_lacks(b, b->rungs - 1);
	return a->fitness > b->fitness;
}

int run_better(const struct run *r, const struct run_member *a,
	const struct run_member *b)
{
	return outranks(r, a, b) || (!outranks(r, b, a) && a->id < b->id);
}

/* The better of the two, unless `m` failed; `best` may be NULL. */
static const struct run_member *better_of(const struct run *r,
	const struct run_member *best, const struct run_member *m)
{
	return !m->failure[0] && (!best || run_better(r, m, best)) ? m : best;
}

const struct run_member *run_champion(const struct run *r)
{
	const struct run_member *best = NULL;

	if (r->phase == PHASE_FINAL || r->state == RUN_FINISHED)
		return &r->finalists[r->finalist];
	for (int i = 0; i < r->n_finalists; i++)
		best = better_of(r, best, &r->finalists[i]);
	for (size_t i = 0; i < r->n_members; i++)
		if (r->members[i].scored)
			best = better_of(r, best, &r->members[i]);
	return best;
}

static size_t count_failure(const struct run *r, const char *code)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_members; i++)
		n += strcmp(r->members[i].failure, code) == 0;
	return n;
}

const char *run_common_failure(
	const struct run *r, size_t *failed, size_t *scored)
{
	const char *common = "";
	size_t most = 0;

	*failed = *scored = 0;
	for (size_t i = 0; i < r->n_members; i++) {
		const struct run_member *m = &r->members[i];
		size_t n = m->failure[0] ? count_failure(r, m->failure) : 0;

		*scored += m->scored != 0;
		*failed += m->failure[0] != 0;
		if (n > most) {
			most = n;
			common = m->failure;
		}
	}
	return common;
}

/* -- a generation -- */

static void drop_finalist(struct run *r, int i)
{
	r->n_finalists--;
	memmove(&r->finalists[i], &r->finalists[i + 1],
		(size_t)(r->n_finalists - i) * sizeof *r->finalists);
}

/* The place of the genome, or of one that is the same network, whose score the
 * member may have taken over; -1 if there is none. */
static int finalist_like(const struct run *r, const struct run_member *m)
{
	for (int i = 0; i < r->n_finalists; i++)
		if (r->finalists[i].id == m->id ||
			run_same_network(r, &r->finalists[i], m))
			return i;
	return -1;
}

/* An elite's entry is there from its first generation, or was pushed out by
 * better ones for good. */
static void consider_finalist(struct run *r, const struct run_member *m)
{
	const int kept = run_finalists_kept(r), like = finalist_like(r, m);
	int at;

	if (m->failure[0] ||
		(like >= 0 && !run_better(r, m, &r->finalists[like])))
		return;
	if (like >= 0)
		drop_finalist(r, like);
	at = r->n_finalists;
	while (at > 0 && run_better(r, m, &r->finalists[at - 1]))
		at--;
	if (at == kept)
		return;
	if (r->n_finalists < kept)
		r->n_finalists++;
	memmove(&r->finalists[at + 1], &r->finalists[at],
		(size_t)(r->n_finalists - 1 - at) * sizeof *m);
	r->finalists[at] = *m;
}

void run_keep_finalists(struct run *r)
{
	struct arena kept;

	arena_init(&kept, r->finalists_genomes.max_bytes);
	for (int i = 0; i < r->n_finalists; i++)
		r->finalists[i].genome = genome_clone(
			&kept, r->finalists[i].genome);
	arena_release(&r->finalists_genomes);
	r->finalists_genomes = kept;
}

static void sum_up(struct run *r)
{
	const struct run_member none = {.fitness = -1}, *best = NULL;
	const struct run_member before = r->n_finalists ? r->finalists[0]
							: none;
	double sum = 0;

	for (size_t i = 0; i < r->n_members; i++) {
		const struct run_member *m = &r->members[i];

		sum += m->fitness;
		if (!m->failure[0] && (!best || run_better(r, m, best)))
			best = m;
		consider_finalist(r, m);
	}
	run_keep_finalists(r);
	r->best = best ? best->fitness : 0;
	r->mean = sum / (double)r->n_members;
	if (r->n_finalists && outranks(r, &r->finalists[0], &before))
		r->best_since = r->generation;
}

/* The first rule that asks for the end, or NULL. */
static const char *stop_rule(const struct run *r)
{
	const struct run_settings *s = &r->settings;

	if (s->has_threshold && r->n_finalists &&
		r->finalists[0].fitness >= s->fitness_threshold)
		return "threshold";
	if (r->generation + 1 >= s->generations)
		return "generations";
	if (s->stagnation > 0 && r->generation - r->best_since >= s->stagnation)
		return "stagnation";
	if (run_budget_spent(r))
		return "budget";
	return NULL;
}

int run_generation_scored(const struct run *r)
{
	return run_open_rung(r) == r->settings.rungs;
}

void run_complete_generation(struct run_turn *t)
{
	struct run *r = t->run;
	const char *rule;

	sum_up(r);
	run_emit(t, RUN_CMD_SAVE_GENERATION);
	rule = stop_rule(r);
	if (rule) {
		snprintf(r->stop_reason, sizeof r->stop_reason, "%s", rule);
		run_end_search(t);
		return;
	}
	r->phase = PHASE_BREEDING;
	run_emit(t, RUN_CMD_SAVE_RUN);
	run_act(t);
}

/* -- a result -- */

static int is_judged_by(const struct run *r, const struct job_result *j)
{
	const enum metric m = r->settings.training.metric;

	return j->metric == m &&
	       (m == METRIC_ACCURACY || !metric_counts(m) || j->confusion);
}

/* What no honest evolutioner says is as good as not said. */
static int plausible(const struct run *r, const struct job_result *j,
	const struct job_id *id)
{
	const int fitness = !id->final && id->rung < RUNG_FINALIST;
	const int ranked = !id->final && (run_has_rungs(r) || !fitness);

	if (j->images < 0 || j->parameters < 0 || j->flops < 0 ||
		!isfinite(j->cpu_s) || j->cpu_s < 0)
		return 0;
	if (j->failure == FAILURE_GENOME)
		return j->code[0] != '\0';
	if (ranked && !(j->has_loss && isfinite(j->loss) && j->loss >= 0))
		return 0;
	if (fitness && !run_has_weights(r, j))
		return 0;
	if (!j->failure && !is_judged_by(r, j))
		return 0;
	return j->failure == FAILURE_NONE && j->total > 0 && j->correct >= 0 &&
	       j->correct <= j->total && result_fitness(j) >= 0 &&
	       result_fitness(j) <= 1 &&
	       (!id->final || sha256_is_hex(j->weights));
}

double run_shortfall(const struct run *r, const struct job_result *j)
{
	const enum metric m = r->settings.training.metric;

	return m == METRIC_ACCURACY || m == METRIC_LOG_LOSS
		       ? j->loss
		       : 1 - result_fitness(j);
}

/* Images stay within what JSON carries exactly. */
void run_count_work(struct run_totals *t, const struct job_result *j)
{
	if (j->cached)
		return;
	t->images = j->images > RNG_SEED_MAX - t->images
			    ? RNG_SEED_MAX
			    : t->images + j->images;
	t->flops += (double)j->flops;
	t->cpu_s += j->cpu_s;
}

static void note(
	struct run *r, struct run_member *m, const struct job_result *j)
{
	r->waiting[m->rungs]--;
	m->fitness = result_fitness(j);
	m->scored = j->failure || m->rungs + 1 >= r->settings.rungs;
	if (!j->failure)
		run_note_weights(r, m, j);
	if (j->failure)
		memcpy(m->failure, j->code, sizeof m->failure);
	else if (run_has_rungs(r))
		m->losses[m->rungs++] = run_shortfall(r, j);
	if (!m->scored)
		r->waiting[m->rungs]++;
}

/* By a result of that rung, of a job of that key. */
void run_go_on(struct run_turn *t, int rung, const char *key)
{
	struct run *r = t->run;
	int over = run_open_rung(r) > rung;

	if (run_generation_scored(r)) {
		run_complete_generation(t);
		return;
	}
	if (over)
		run_close_rung(t, rung);
	run_emit(t, RUN_CMD_SAVE_RUN);
	if (over)
		run_act(t);
	else
		run_act_next(t, key);
}

static void score(
	struct run_turn *t, struct run_member *m, const struct job_result *j)
{
	struct run_command *c = run_emit(t, RUN_CMD_SAVE_RESULT);
	struct run *r = t->run;
	int rung = m->rungs;

	c->rung = rung;
	memcpy(c->key, m->key, sizeof c->key);
	m->key[0] = '\0';
	note(r, m, j);
	c->member = run_as_is(t, m);
	r->totals.evaluations++;
	r->totals.cached += j->cached;
	r->totals.failures += j->failure != FAILURE_NONE;
	r->totals.raised += (double)(run_scale(&r->settings, rung) - 1);
	run_count_work(&r->totals, j);
	if (r->settings.has_budget)
		r->totals.planned += run_cost(r, m, rung);
	run_go_on(t, rung, c->key);
}

/* True if an earlier result of the same job said something else. */
static int differs(const struct run *r, const struct run_member *m,
	const struct job_id *id, const struct job_result *j)
{
	int last = id->rung + 1 >= m->rungs;

	if (id->rung < m->rungs && !j->failure)
		return run_shortfall(r, j) != m->losses[id->rung] ||
		       (last && !m->failure[0] &&
			       m->fitness != result_fitness(j));
	if (id->rung < m->rungs)
		return 1;
	return m->fitness != result_fitness(j) ||
	       strcmp(m->failure, j->failure ? j->code : "") != 0 ||
	       (m->weights[0] && strcmp(m->weights, j->weights) != 0);
}

static void take_score(struct run_turn *t, const struct job_id *id)
{
	const struct job_result *j = t->ev->result;
	struct run_member *m = run_member_find(t->run, id->genome);

	if (!m || m->born != id->generation)
		return;
	if (!m->scored && id->rung == m->rungs &&
		id->rung == run_open_rung(t->run))
		score(t, m, j);
	else if (run_has_result(t->run, m, id->rung) &&
		 differs(t->run, m, id, j))
		run_emit(t, RUN_CMD_MISMATCH)->member = run_as_is(t, m);
}

void run_take_result(struct run_turn *t)
{
	struct job_id id;

	if (job_id_read(t->ev->result->id, &id, NULL) ||
		strcmp(id.run, t->run->uuid) != 0 ||
		!plausible(t->run, t->ev->result, &id))
		return;
	if (id.final)
		run_take_final(t, &id);
	else if (id.rung >= RUNG_PILOT)
		run_take_pilot(t, &id);
	else if (id.rung >= RUNG_FINALIST)
		run_take_trial(t, &id);
	else if (t->run->settings.folds)
		run_take_fold(t, &id);
	else if (id.fold)
		return;
	else
		take_score(t, &id);
}
