/* experiment.c -- generations until one holds a solution. */
#include "classic/experiment.h"

#include <string.h>

#include "classic/experiment_private.h"
#include "classic/trial.h"
#include "neat/reproduce.h"

/* Two generations of 1,000 genomes at their largest are far below this. */
#define ARENA_BYTES ((size_t)2 << 30)

/* -- what is run -- */

const char *ablation_name(enum ablation a)
{
	static const char *const names[ABLATIONS] = {
		NULL, "growth", "speciation", "mating", "minimal"};

	return names[a];
}

/* Farther than any two genomes are apart. */
#define THRESHOLD_NONE 1e6

/* Without species none has a champion that lives on. */
static void ablate(struct params *p, enum ablation a)
{
	switch (a) {
	case ABLATE_GROWTH: p->add_node_rate = p->add_edge_rate = 0; break;
	case ABLATE_SPECIATION:
		p->threshold = THRESHOLD_NONE;
		p->champion_size = POPULATION_MAX;
		break;
	case ABLATE_MATING: p->mutate_only_rate = 1; break;
	default: break;
	}
}

int experiment_init(struct experiment *x, const struct task *task,
	const char *preset, enum ablation ablation, struct err *e)
{
	int rc;

	*x = (struct experiment){.task = task, .ablation = ablation};
	rc = params_preset(&x->params, preset, e);
	if (rc)
		return rc;
	if (task->adjust && strcmp(preset, "paper2002") == 0)
		task->adjust(&x->params);
	ablate(&x->params, ablation);
	return 0;
}

/* -- one generation -- */

static struct score evaluate(
	const struct task *t, struct arena *mem, const struct genome *g)
{
	struct network *n = network_new(mem, g);

	return t->evaluate(n);
}

static void note_solution(
	const struct genome *g, const struct score *s, struct outcome *out)
{
	out->solved = 1;
	out->hidden = network_hidden(g);
	out->connections = network_connections(g);
	out->starts = s->starts;
}

/* Scores every member; notes the fittest that solved the task, if one did. */
static void score_generation(const struct task *t, struct arena *mem,
	struct population *p, struct outcome *out)
{
	const struct individual *solver = NULL;
	struct score solver_score = {0};

	for (size_t i = 0; i < p->n; i++) {
		struct individual *m = &p->members[i];
		struct score s = evaluate(t, mem, m->genome);

		m->fitness = s.fitness;
		if (s.solved && (!solver || individual_fitter(m, solver))) {
			solver = m;
			solver_score = s;
		}
	}
	out->evaluations += (int64_t)p->n;
	if (solver)
		note_solution(solver->genome, &solver_score, out);
}

/* Puts the champion whose turn it is to the test. */
static void test_champion(const struct task *t, struct arena *mem,
	const struct population *p, struct trial *trial, struct outcome *out)
{
	const struct individual *m = trial_choose(trial, p);
	struct score s;

	if (!m)
		return;
	s = t->test(network_new(mem, m->genome));
	out->evaluations++;
	if (s.solved)
		note_solution(m->genome, &s, out);
}

/* -- a run -- */

static int first_generation(struct arena *mem, const struct experiment *x,
	const struct breeding *how, struct population *p, struct err *e)
{
	const struct genome **genomes = arena_array(
		mem, how->size, sizeof *genomes);
	struct innovation_counters counters;

	start_genomes(mem, x, how->seed, how->size, genomes, &counters);
	return reproduce_first(mem, how, genomes, how->size, &counters, p, e);
}

/* What a run takes memory for. */
struct workspace {
	struct arena generations[2]; /* by turns: a new one is made while the
				      * old one is still needed */
	struct trial trial;
};

static int run(struct workspace *w, const struct experiment *x,
	const struct breeding *how, int (*stop)(void *arg), void *arg,
	struct outcome *out, struct err *e)
{
	struct population p, next;
	int rc = first_generation(&w->generations[0], x, how, &p, e);

	for (int i = 0; rc == 0; i++) {
		struct arena *now = &w->generations[i % 2];
		struct arena *then = &w->generations[(i + 1) % 2];

		if (stop(arg))
			return err_set(e, ERR_CANCELLED, "interrupted");
		score_generation(x->task, now, &p, out);
		if (x->task->test)
			test_champion(x->task, now, &p, &w->trial, out);
		out->generations = i + 1;
		out->species = (int)p.n_species;
		if (out->solved || out->generations == EXPERIMENT_GENERATIONS)
			break;
		rc = reproduce_next(then, how, &p, &next, e);
		arena_release(now);
		p = next;
	}
	return rc;
}

int experiment_run(const struct experiment *x, int64_t seed,
	int (*stop)(void *arg), void *arg, struct outcome *out, struct err *e)
{
	struct breeding how = {.seed = seed,
		.size = x->task->population,
		.params = &x->params,
		.space = space_default()};
	struct outcome made = {.starts = -1};
	struct workspace w;
	int rc;

	arena_init(&w.generations[0], ARENA_BYTES);
	arena_init(&w.generations[1], ARENA_BYTES);
	trial_init(&w.trial);
	rc = run(&w, x, &how, stop, arg, &made, e);
	arena_release(&w.generations[0]);
	arena_release(&w.generations[1]);
	trial_release(&w.trial);
	if (rc == 0)
		*out = made;
	return rc;
}
