/* run_score.c -- results: of members, of whole generations, of the champion. */
#include "run/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "run/run_private.h"

/* A higher rung counts first: what more images left is less by luck. */
static int outranks(const struct run_member *a, const struct run_member *b)
{
	if (a->rungs != b->rungs)
		return a->rungs > b->rungs;
	return a->fitness > b->fitness;
}

/* Of two equals the lower id is the better. */
static int better(const struct run_member *a, const struct run_member *b)
{
	return outranks(a, b) || (!outranks(b, a) && a->id < b->id);
}

const struct run_member *run_champion(const struct run *r)
{
	const struct run_member *best = r->n_finalists ? r->finalists : NULL;

	if (r->phase == PHASE_FINAL || r->state == RUN_FINISHED)
		return &r->finalists[r->finalist];
	for (size_t i = 0; i < r->n_members; i++) {
		const struct run_member *m = &r->members[i];

		if (m->scored && !m->failure[0] && (!best || better(m, best)))
			best = m;
	}
	return best;
}

/* -- a generation -- */

/* An elite's entry is there from its first generation, or was pushed out by
 * better ones for good. */
static void consider_finalist(struct run *r, const struct run_member *m)
{
	int at = r->n_finalists;

	if (m->failure[0])
		return;
	for (int i = 0; i < r->n_finalists; i++)
		if (r->finalists[i].id == m->id)
			return;
	while (at > 0 && better(m, &r->finalists[at - 1]))
		at--;
	if (at == RUN_FINALISTS)
		return;
	if (r->n_finalists < RUN_FINALISTS)
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
		if (!m->failure[0] && (!best || better(m, best)))
			best = m;
		consider_finalist(r, m);
	}
	run_keep_finalists(r);
	r->best = best ? best->fitness : 0;
	r->mean = sum / (double)r->n_members;
	if (r->n_finalists && outranks(&r->finalists[0], &before))
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
	return NULL;
}

int run_generation_scored(const struct run *r)
{
	for (size_t i = 0; i < r->n_members; i++)
		if (!r->members[i].scored)
			return 0;
	return 1;
}

void run_complete_generation(struct run_turn *t)
{
	struct run *r = t->run;
	const char *rule;

	sum_up(r);
	run_emit(t, RUN_CMD_SAVE_GENERATION);
	rule = stop_rule(r);
	if (rule)
		snprintf(r->stop_reason, sizeof r->stop_reason, "%s", rule);
	if (rule && r->n_finalists == 0) {
		run_fail(t, "every genome of every generation failed");
		return;
	}
	r->phase = rule ? PHASE_FINAL : PHASE_BREEDING;
	run_emit(t, RUN_CMD_SAVE_RUN);
	run_act(t);
}

/* -- a result -- */

/* What no honest evolutioner says is as good as not said. */
static int plausible(const struct run *r, const struct job_result *j, int final)
{
	if (j->images < 0 || j->parameters < 0 || j->flops < 0 ||
		!isfinite(j->cpu_s) || j->cpu_s < 0)
		return 0;
	if (j->failure == FAILURE_GENOME)
		return j->code[0] != '\0';
	if (!final && run_has_rungs(r) &&
		!(j->has_loss && isfinite(j->loss) && j->loss >= 0))
		return 0;
	return j->failure == FAILURE_NONE && j->total > 0 && j->correct >= 0 &&
	       j->correct <= j->total && (!final || sha256_is_hex(j->weights));
}

static double fitness_of(const struct job_result *j)
{
	return j->failure ? 0 : (double)j->correct / (double)j->total;
}

/* Images stay within what JSON carries exactly. */
static void count_work(struct run_totals *t, const struct job_result *j)
{
	t->images = j->images > RNG_SEED_MAX - t->images
			    ? RNG_SEED_MAX
			    : t->images + j->images;
	t->flops += (double)j->flops;
	t->cpu_s += j->cpu_s;
}

static void note(
	const struct run *r, struct run_member *m, const struct job_result *j)
{
	m->fitness = fitness_of(j);
	m->scored = j->failure || m->rungs + 1 >= r->settings.rungs;
	if (j->failure)
		memcpy(m->failure, j->code, sizeof m->failure);
	else if (run_has_rungs(r))
		m->losses[m->rungs++] = j->loss;
}

/* After a result of that rung: what it was the last of. */
static void go_on(struct run_turn *t, int rung)
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
}

static void score(
	struct run_turn *t, struct run_member *m, const struct job_result *j)
{
	struct run_command *c = run_emit(t, RUN_CMD_SAVE_RESULT);
	struct run *r = t->run;
	int rung = m->rungs;

	c->member = m;
	c->rung = rung;
	note(r, m, j);
	r->totals.evaluations++;
	r->totals.failures += j->failure != FAILURE_NONE;
	r->totals.raised += (double)(run_scale(&r->settings, rung) - 1);
	count_work(&r->totals, j);
	go_on(t, rung);
}

/* True if an earlier result of the same job said something else. */
static int differs(const struct run_member *m, const struct job_id *id,
	const struct job_result *j)
{
	int last = id->rung + 1 >= m->rungs;

	if (id->rung < m->rungs && !j->failure)
		return j->loss != m->losses[id->rung] ||
		       (last && !m->failure[0] && m->fitness != fitness_of(j));
	if (id->rung < m->rungs)
		return 1;
	return m->fitness != fitness_of(j) ||
	       strcmp(m->failure, j->failure ? j->code : "") != 0;
}

static void take_score(struct run_turn *t, const struct job_id *id)
{
	const struct job_result *j = t->ev->result;
	struct run_member *m = run_member_find(t->run, id->genome);

	if (!m || m->born != id->generation || id->fold)
		return;
	if (!m->scored && id->rung == m->rungs &&
		id->rung == run_open_rung(t->run))
		score(t, m, j);
	else if (run_has_result(t->run, m, id->rung) && differs(m, id, j))
		run_emit(t, RUN_CMD_MISMATCH)->member = m;
}

static void finish(struct run *r, const struct job_result *j)
{
	run_move(r, RUN_FINISHED);
	r->test_correct = j->correct;
	r->test_total = j->total;
	r->parameters = j->parameters;
	memcpy(r->weights, j->weights, sizeof r->weights);
}

static void take_final(struct run_turn *t, const struct job_id *id)
{
	const struct job_result *j = t->ev->result;
	struct run *r = t->run;

	if (r->phase != PHASE_FINAL ||
		id->genome != r->finalists[r->finalist].id)
		return;
	count_work(&r->totals, j);
	if (j->failure && r->finalist + 1 == r->n_finalists) {
		run_fail(t,
			"the final training of every finalist failed, the "
			"last time: %.300s",
			j->reason[0] ? j->reason : j->code);
		return;
	}
	if (j->failure)
		r->finalist++;
	else
		finish(r, j);
	run_emit(t, RUN_CMD_SAVE_RUN);
	run_act(t);
}

void run_take_result(struct run_turn *t)
{
	struct job_id id;

	if (job_id_read(t->ev->result->id, &id, NULL) ||
		strcmp(id.run, t->run->uuid) != 0 ||
		!plausible(t->run, t->ev->result, id.final))
		return;
	if (id.final)
		take_final(t, &id);
	else
		take_score(t, &id);
}
