/* test_run_schedule.c -- whole runs under random schedules: lost, doubled, late
 * and lying messages, pauses and restarts never change what comes out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "base/doc.h"
#include "base/rng.h"
#include "model/cost.h"
#include "run/digest.h"
#include "run/run.h"

#define UUID "0f8fad5b-d9cb-469f-a165-70867728950e"
#define SCHEDULES 200      /* without rungs, ... */
#define RUNGS_SCHEDULES 60 /* ... and of each way to have them */
#define JOBS_MAX 64
#define RECORDS_MAX 256

static const struct data_shape mnist = {1, 28, 28, 10};

/* A driver with a store (records), a genome service (algorithm_truncation) and
 * evolutioners (judge), all of them in memory. */
struct sim {
	struct run run;
	struct arena mem, turn;
	struct rng chaos;
	int calm;   /* no chaos at all */
	int favour; /* added to one genome's correct answers */
	struct job_doc jobs[JOBS_MAX];
	size_t n_jobs;
	int asked;
	struct population answer; /* of the genome service, the last one */
	struct job_result heard[RECORDS_MAX];
	size_t n_heard;
	struct run_member records[RECORDS_MAX];
	size_t n_records;
	/* Scores by key, as a driver keeps them, and what they answer. */
	struct cached {
		char key[SHA256_HEX_BYTES];
		struct job_result result;
	} cache[RECORDS_MAX];
	size_t n_cached;
	struct job_result found[JOBS_MAX];
	size_t n_found;
	const struct job_result *told; /* that the step is about */
	int clones, forgets;           /* of struct start */
	int64_t mismatches;
	char digest[SHA256_HEX_BYTES];
};

/* How a simulation is started. */
struct start {
	int64_t seed;
	uint64_t schedule; /* 0: calm */
	int rungs, eta, finalists, folds;
	double budget_pflop; /* 0: none */
	const char *policy;  /* of seeds that equal networks share: half of a
			      * generation's new genomes are clones */
	int forgets;         /* no score is found again */
};

static struct run_settings settings(const struct start *o)
{
	struct run_settings s;
	json_t *body = json_pack("{s:s, s:i, s:i, s:i, s:I, s:i, s:i, s:i}",
		"algorithm", "truncation", "population", 8, "generations", 5,
		"elite", 2, "seed", (json_int_t)o->seed, "rungs", o->rungs,
		"eta", o->eta, "finalists", o->finalists);

	json_object_set_new(body, "folds", json_integer(o->folds));
	json_object_set_new(body, "seed_policy",
		json_string(o->policy ? o->policy : "genome"));

	/* Large networks, so that a few generations are enough. */
	if (o->budget_pflop > 0) {
		json_object_set_new(
			body, "budget_pflop", json_real(o->budget_pflop));
		json_object_set_new(body, "max_work", json_real(1e6));
		json_object_set_new(body, "generations", json_integer(20));
	}
	assert_int_equal(settings_read(body, &s, NULL), 0);
	json_decref(body);
	s.data = mnist;
	s.train_images = s.has_budget ? 54000 : 0;
	s.validation_images = s.has_budget ? 6000 : 0;
	assert_int_equal(run_budget_plan(&s, NULL), 0);
	strcpy(s.kernels, "avx2-2");
	sha256_of("data", 4, s.dataset_hash);
	return s;
}

static void sim_init(struct sim *s, struct start o)
{
	struct run_settings wanted = settings(&o);

	memset(s, 0, sizeof *s);
	arena_init(&s->mem, (size_t)64 << 20);
	arena_init(&s->turn, (size_t)64 << 20);
	rng_stream(&s->chaos, 42, o.schedule, 0);
	s->calm = o.schedule == 0;
	s->clones = o.policy != NULL;
	s->forgets = o.forgets;
	run_init(&s->run, UUID, &wanted);
}

static void sim_release(struct sim *s)
{
	run_release(&s->run);
	arena_release(&s->mem);
	arena_release(&s->turn);
}

/* An evolutioner: a pure function of the job; one in eight genomes fails. */
static struct job_result judge(const struct sim *s, const struct job_doc *j)
{
	struct job_result out = {.total = 1000, .images = 100, .cpu_s = 0.25};
	struct rng r;

	rng_stream(&r, (uint64_t)j->seed, (uint64_t)j->training.epochs,
		(uint64_t)j->genome.graph->n_nodes);
	memcpy(out.id, j->id, sizeof out.id);
	out.correct = (int64_t)rng_below(&r, 900);
	if (!j->final && rng_chance(&r, 0.125)) {
		out.failure = FAILURE_GENOME;
		strcpy(out.code, "diverged");
	}
	if (strcmp(j->id, UUID "/0/3/0/0") == 0)
		out.correct += s->favour;
	/* Two in ten have the same loss. */
	out.has_loss = !j->final && !out.failure;
	out.loss = out.has_loss ? fmax(rng_unit(&r), 0.2) : 0;
	if (j->final)
		sha256_of(j->id, strlen(j->id), out.weights);
	return out;
}

static struct run_member *record(struct sim *s, int64_t id)
{
	for (size_t i = 0; i < s->n_records; i++)
		if (s->records[i].id == id)
			return &s->records[i];
	return NULL;
}

static void save_members(struct sim *s)
{
	for (size_t i = 0; i < s->run.n_members; i++)
		if (s->run.members[i].born == s->run.generation) {
			assert_null(record(s, s->run.members[i].id));
			assert_true(s->n_records < RECORDS_MAX);
			s->records[s->n_records] = s->run.members[i];
			s->records[s->n_records++].genome = genome_clone(
				&s->mem, s->run.members[i].genome);
		}
}

static const struct cached *cached(const struct sim *s, const char *key)
{
	for (size_t i = 0; key[0] && i < s->n_cached; i++)
		if (strcmp(s->cache[i].key, key) == 0)
			return &s->cache[i];
	return NULL;
}

static void keep_score(struct sim *s, const char *key)
{
	struct cached *c = &s->cache[s->n_cached];

	if (!key[0] || s->told->cached || s->forgets)
		return;
	assert_true(s->n_cached++ < RECORDS_MAX);
	memcpy(c->key, key, sizeof c->key);
	c->result = *s->told;
	c->result.cached = 1;
}

static void save_result(struct sim *s, const struct run_member *m, int rung)
{
	struct run_member *kept = record(s, m->id);

	assert_false(kept->scored);
	assert_int_equal(kept->rungs, run_has_rungs(&s->run) ? rung : 0);
	kept->rungs = m->rungs;
	memcpy(kept->losses, m->losses, sizeof m->losses);
	kept->scored = m->scored;
	kept->fitness = m->fitness;
	memcpy(kept->failure, m->failure, sizeof m->failure);
}

static void save_fold(struct sim *s, const struct run_member *m, int fold)
{
	struct run_member *kept = record(s, m->id);

	assert_false(kept->scored || run_has_fold(kept, fold));
	kept->folds[fold - 1] = m->folds[fold - 1];
	kept->folded |= 1u << (fold - 1);
	kept->scored = m->scored;
	kept->fitness = m->fitness;
	memcpy(kept->failure, m->failure, sizeof m->failure);
}

static void save_rung(struct sim *s, int rung)
{
	for (size_t i = 0; i < s->run.n_members; i++) {
		const struct run_member *m = &s->run.members[i];

		if (m->born == s->run.generation && m->rungs == rung + 1)
			record(s, m->id)->scored = m->scored;
	}
}

/* What was trained before is answered from the cache. */
static int find_score(struct sim *s, const struct run_command *c)
{
	const struct cached *known = cached(s, c->key);
	struct job_result *out = &s->found[s->n_found];

	if (!known)
		return 0;
	assert_true(s->n_found++ < JOBS_MAX);
	*out = known->result;
	memcpy(out->id, c->job.id, sizeof out->id);
	return 1;
}

/* The dispatcher ignores an id that it already has. */
static void submit(struct sim *s, const struct job_doc *j)
{
	for (size_t i = 0; i < s->n_jobs; i++)
		if (strcmp(s->jobs[i].id, j->id) == 0)
			return;
	assert_true(s->n_jobs < JOBS_MAX);
	s->jobs[s->n_jobs] = *j;
	s->jobs[s->n_jobs++].genome.graph = genome_clone(
		&s->mem, j->genome.graph);
}

static void ask(struct sim *s)
{
	struct generation_request q;
	struct err e = {0};

	run_next_generation(&s->run, &s->mem, &q);
	q.admits = model_admits;
	if (algorithm_next(&s->mem, &q, &s->answer, &e))
		fail_msg("%s", e.text);
	for (size_t i = 1; s->clones && i < s->answer.n; i += 2)
		if (!s->answer.members[i - 1].elite &&
			!s->answer.members[i].elite)
			s->answer.members[i].genome =
				s->answer.members[i - 1].genome;
	s->asked = 1;
}

static void carry_out(struct sim *s, const struct run_command *c)
{
	switch (c->kind) {
	case RUN_CMD_SAVE_MEMBERS: save_members(s); break;
	case RUN_CMD_SAVE_RESULT:
		save_result(s, c->member, c->rung);
		keep_score(s, c->key);
		break;
	case RUN_CMD_SAVE_FOLD: save_fold(s, c->member, c->rung); break;
	case RUN_CMD_SAVE_RUNG: save_rung(s, c->rung); break;
	case RUN_CMD_SAVE_TRIAL: assert_true(c->member->tried); break;
	case RUN_CMD_ASK_GENERATION:
		assert_int_equal(c->generation, s->run.generation + 1);
		ask(s);
		break;
	case RUN_CMD_SUBMIT:
		if (!find_score(s, c))
			submit(s, &c->job);
		break;
	case RUN_CMD_HOLD_JOBS: /* the first two are running */
		s->n_jobs = s->n_jobs < 2 ? s->n_jobs : 2;
		break;
	case RUN_CMD_CANCEL_JOBS: s->n_jobs = s->n_found = 0; break;
	case RUN_CMD_MISMATCH: s->mismatches++; break;
	case RUN_CMD_SAVE_GENERATION:
	case RUN_CMD_SAVE_FINAL:
	case RUN_CMD_SAVE_RUN: break;
	}
}

static int step(struct sim *s, struct run_event ev)
{
	struct run_commands todo;
	struct err e = {0};
	int rc, acting = 0;

	arena_release(&s->turn);
	rc = run_step(&s->run, &ev, &s->turn, &todo, NULL);
	if (run_check(&s->run, &e))
		fail_msg("%s", e.text);
	for (const struct run_command *c = todo.head; c; c = c->next) {
		int act = c->kind > RUN_CMD_SAVE_RUN;

		assert_false(acting && !act); /* writes come first */
		acting = act;
		carry_out(s, c);
	}
	return rc;
}

static void answer(struct sim *s)
{
	step(s, (struct run_event){
			.kind = RUN_EV_GENERATION, .population = &s->answer});
}

static void tell(struct sim *s, const struct job_result *j)
{
	s->told = j;
	step(s, (struct run_event){.kind = RUN_EV_RESULT, .result = j});
}

/* A process dies: what it held in memory is gone, but for the store. */
static void restart(struct sim *s)
{
	json_t *doc = run_document(&s->run);
	json_t *wanted = settings_write(&s->run.settings);
	char *text = canonical_text(doc, NULL), *more;
	size_t n = s->run.n_members;
	struct run_member *members = xcalloc(n, sizeof *members);
	struct err e = {0};

	more = canonical_text(wanted, NULL);
	json_decref(doc);
	json_decref(wanted);
	for (size_t i = 0; i < n; i++) /* in another order */
		members[i] = *record(s, s->run.members[n - 1 - i].id);
	run_release(&s->run);
	doc = doc_parse(text, strlen(text), &e);
	wanted = doc_parse(more, strlen(more), &e);
	if (run_restore(&s->run, UUID, wanted, doc, members, n, &e))
		fail_msg("%s", e.text);
	json_decref(doc);
	json_decref(wanted);
	free(text);
	free(more);
	s->n_jobs = s->n_found = 0;
	s->asked = 0;
	step(s, (struct run_event){.kind = RUN_EV_CONTINUE});
}

/* Nonsense that must change nothing. */
static void lie(struct sim *s)
{
	struct job_result j = {.total = 10, .correct = 10, .images = 1};
	uint64_t kind = rng_below(&s->chaos, 4);

	strcpy(j.id, UUID "/0/5/0/0");
	if (kind == 0)
		strcpy(j.id, "1f8fad5b-d9cb-469f-a165-70867728950e/0/5/0/0");
	else if (kind == 1)
		j.total = 0;
	else if (kind == 2)
		j.failure = FAILURE_CRASH;
	else
		strcpy(j.id, UUID "/0/5/1/0");
	tell(s, &j);
}

static void finish_job(struct sim *s)
{
	size_t i = s->calm ? 0 : rng_below(&s->chaos, s->n_jobs);
	struct job_result j = judge(s, &s->jobs[i]);

	memmove(&s->jobs[i], &s->jobs[i + 1],
		(s->n_jobs - i - 1) * sizeof *s->jobs);
	s->n_jobs--;
	if (s->n_heard < RECORDS_MAX)
		s->heard[s->n_heard++] = j;
	tell(s, &j);
}

static void hand_in_found(struct sim *s)
{
	const struct job_result j = s->found[--s->n_found];

	tell(s, &j);
}

static void make_progress(struct sim *s)
{
	if (s->asked) {
		s->asked = 0;
		answer(s);
	} else if (s->n_found > 0 &&
		   (s->n_jobs == 0 || rng_chance(&s->chaos, 0.5))) {
		hand_in_found(s);
	} else if (s->n_jobs > 0) {
		finish_job(s);
	} else {
		assert_int_equal(s->run.state, RUN_PAUSED);
		assert_int_equal(
			step(s, (struct run_event){.kind = RUN_EV_RESUME}), 0);
	}
}

static void make_trouble(struct sim *s)
{
	int paused = s->run.state == RUN_PAUSED;

	switch (rng_below(&s->chaos, 5)) {
	case 0: restart(s); break;
	case 1: /* doubled or late */
		if (s->n_heard)
			tell(s, &s->heard[rng_below(&s->chaos, s->n_heard)]);
		break;
	case 2:
		if (s->answer.n)
			answer(s);
		break;
	case 3: lie(s); break;
	case 4:
		assert_int_equal(
			step(s,
				(struct run_event){
					.kind = paused ? RUN_EV_RESUME
						       : RUN_EV_PAUSE}),
			0);
		break;
	}
}

static int by_age(const void *a, const void *b)
{
	const struct run_member *x = a, *y = b;

	if (x->born != y->born)
		return x->born < y->born ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static void sim_run(struct sim *s)
{
	struct digest *d = digest_new(&s->run.settings);

	step(s, (struct run_event){.kind = RUN_EV_CONTINUE});
	while (s->run.state == RUN_RUNNING || s->run.state == RUN_PAUSED)
		if (!s->calm && rng_chance(&s->chaos, 0.3))
			make_trouble(s);
		else
			make_progress(s);
	qsort(s->records, s->n_records, sizeof *s->records, by_age);
	for (size_t i = 0; i < s->n_records; i++)
		digest_member(d, &s->run, &s->records[i]);
	digest_end(d, &s->run, s->digest);
}

/* Whatever the schedule, all comes out as on a calm day. */
static void assert_same_end(struct start o, uint64_t schedules)
{
	static struct sim calm, wild;

	sim_init(&calm, o);
	sim_run(&calm);
	if (calm.run.state != RUN_FINISHED)
		fail_msg("%s", calm.run.error);
	assert_true(calm.run.totals.failures > 0 || o.budget_pflop > 0);
	assert_string_equal(calm.run.stop_reason,
		o.budget_pflop > 0 ? "budget" : "generations");
	if (o.rungs == 1 && o.budget_pflop == 0)
		assert_int_equal(calm.run.totals.evaluations, 8 + 4 * 6);
	for (o.schedule = 1; o.schedule <= schedules; o.schedule++) {
		sim_init(&wild, o);
		sim_run(&wild);
		if (strcmp(wild.digest, calm.digest) != 0)
			fail_msg("schedule %d ends otherwise", (int)o.schedule);
		assert_string_equal(wild.run.stop_reason, calm.run.stop_reason);
		assert_memory_equal(&wild.run.totals, &calm.run.totals,
			sizeof calm.run.totals);
		assert_int_equal(wild.mismatches, 0);
		sim_release(&wild);
	}
	sim_release(&calm);
}

static void every_schedule_ends_with_the_same_digest(void **state)
{
	(void)state;
	assert_same_end(
		(struct start){.seed = 7, .rungs = 1, .eta = 3}, SCHEDULES);
}

static void so_does_every_schedule_with_folds(void **state)
{
	(void)state;
	assert_same_end(
		(struct start){.seed = 7, .rungs = 1, .eta = 3, .folds = 3},
		SCHEDULES / 4);
	assert_same_end((struct start){.seed = 8,
				.rungs = 1,
				.eta = 3,
				.folds = 2,
				.finalists = 2,
				.budget_pflop = 0.04},
		SCHEDULES / 8);
}

static void so_does_every_schedule_with_rungs(void **state)
{
	(void)state;
	assert_same_end((struct start){.seed = 7, .rungs = 3, .eta = 3},
		RUNGS_SCHEDULES);
	assert_same_end((struct start){.seed = 8, .rungs = 4, .eta = 2},
		RUNGS_SCHEDULES);
	assert_same_end((struct start){.seed = 9, .rungs = 2, .eta = 10},
		RUNGS_SCHEDULES);
}

static void so_does_every_schedule_with_finalists(void **state)
{
	(void)state;
	assert_same_end(
		(struct start){.seed = 9, .rungs = 1, .eta = 3, .finalists = 3},
		RUNGS_SCHEDULES);
	assert_same_end(
		(struct start){.seed = 8, .rungs = 2, .eta = 3, .finalists = 5},
		RUNGS_SCHEDULES);
}

static void so_does_every_schedule_of_a_budget(void **state)
{
	(void)state;
	assert_same_end((struct start){.seed = 7,
				.rungs = 1,
				.eta = 3,
				.finalists = 2,
				.budget_pflop = 0.04},
		RUNGS_SCHEDULES);
	assert_same_end(
		(struct start){
			.seed = 8, .rungs = 2, .eta = 2, .budget_pflop = 0.04},
		RUNGS_SCHEDULES);
}

/* Whatever is bred and fails, to within an epoch of each long training. */
/* Twice the same work, of which half may be found again: whether it is changes
 * nothing but what it took. */
static void assert_found_or_not(struct start o)
{
	static struct sim finds, forgets;

	sim_init(&finds, o);
	sim_run(&finds);
	o.forgets = 1;
	sim_init(&forgets, o);
	sim_run(&forgets);
	assert_string_equal(finds.digest, forgets.digest);
	assert_true(finds.run.totals.cached > 0);
	assert_int_equal(forgets.run.totals.cached, 0);
	assert_int_equal(
		finds.run.totals.evaluations, forgets.run.totals.evaluations);
	assert_int_equal(finds.run.totals.planned, forgets.run.totals.planned);
	assert_true(finds.run.totals.images < forgets.run.totals.images);
	sim_release(&finds);
	sim_release(&forgets);
}

static void so_does_every_schedule_of_networks_that_share(void **state)
{
	static const struct start ways[] = {
		{.seed = 7, .rungs = 1, .eta = 3, .policy = "network"},
		{.seed = 8,
			.rungs = 3,
			.eta = 2,
			.policy = "network",
			.finalists = 3},
		{.seed = 8,
			.rungs = 2,
			.eta = 3,
			.policy = "rung",
			.finalists = 3},
		{.seed = 9,
			.rungs = 2,
			.eta = 2,
			.policy = "rung",
			.budget_pflop = 0.04},
	};

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		assert_same_end(ways[i], RUNGS_SCHEDULES);
		assert_found_or_not(ways[i]);
	}
}

static void a_budget_is_spent_and_not_exceeded(void **state)
{
	static struct sim s;

	(void)state;
	for (int64_t seed = 0; seed < 20; seed++) {
		sim_init(&s, (struct start){.seed = seed,
				     .rungs = 1,
				     .eta = 3,
				     .finalists = 2,
				     .budget_pflop = 0.2});
		s.calm = 1;
		sim_run(&s);
		assert_true(run_budget_left(&s.run) > -0.02 * 0.2e9);
		sim_release(&s);
	}
}

static void one_more_right_answer_changes_the_digest(void **state)
{
	static struct sim a, b;

	(void)state;
	sim_init(&a, (struct start){.seed = 7, .rungs = 1, .eta = 3});
	sim_run(&a);
	sim_init(&b, (struct start){.seed = 7, .rungs = 1, .eta = 3});
	b.favour = 1;
	sim_run(&b);
	assert_false(record(&a, 3)->failure[0]);
	assert_string_not_equal(a.digest, b.digest);
	sim_release(&a);
	sim_release(&b);
}

static void another_seed_changes_the_digest(void **state)
{
	static struct sim a, b;

	(void)state;
	sim_init(&a, (struct start){.seed = 7, .rungs = 1, .eta = 3});
	sim_run(&a);
	sim_init(&b, (struct start){.seed = 8, .rungs = 1, .eta = 3});
	sim_run(&b);
	assert_string_not_equal(a.digest, b.digest);
	sim_release(&a);
	sim_release(&b);
}

/* By rung, then by accuracy, then by age. */
static void champion_is_the_best_record_of_all_generations(void **state)
{
	static struct sim s;
	const struct run_member *best, *m;

	(void)state;
	for (int64_t seed = 0; seed < 40; seed++) {
		sim_init(&s, (struct start){.seed = seed,
				     .schedule = (uint64_t)seed + 1000,
				     .rungs = 1 + (int)(seed % 4),
				     .eta = 3});
		sim_run(&s);
		best = NULL;
		for (size_t i = 0; i < s.n_records; i++) { /* oldest first */
			m = &s.records[i];
			if (!m->failure[0] &&
				(!best || m->rungs > best->rungs ||
					(m->rungs == best->rungs &&
						m->fitness > best->fitness)))
				best = m;
		}
		assert_int_equal(s.run.state, RUN_FINISHED);
		assert_int_equal(run_champion(&s.run)->id, best->id);
		sim_release(&s);
	}
}

static int is_better_at(
	const struct run_member *a, const struct run_member *b, int rung)
{
	if (a->losses[rung] != b->losses[rung])
		return a->losses[rung] < b->losses[rung];
	return a->id < b->id;
}

static int reached(const struct run_member *m, int rung)
{
	return m->rungs > rung || (m->rungs == rung && m->failure[0]);
}

/* A record went on from a rung exactly if fewer than 1/eta of its generation's,
 * rounded up, were better there. */
static void assert_went_on_rightly(
	const struct sim *s, const struct run_member *m, int rung)
{
	int eta = s->run.settings.eta, all = 0, before = 0;

	for (size_t i = 0; i < s->n_records; i++) {
		const struct run_member *o = &s->records[i];

		if (o->born != m->born || !reached(o, rung))
			continue;
		all++;
		before += o->rungs > rung && is_better_at(o, m, rung);
	}
	assert_int_equal(reached(m, rung + 1), before < (all + eta - 1) / eta);
}

static void the_best_of_every_rung_go_on(void **state)
{
	static struct sim s;

	(void)state;
	for (int64_t seed = 0; seed < 40; seed++) {
		sim_init(&s, (struct start){.seed = seed,
				     .schedule = (uint64_t)seed + 1,
				     .rungs = 2 + (int)(seed % 3),
				     .eta = 2 + (int)(seed % 2)});
		sim_run(&s);
		for (size_t i = 0; i < s.n_records; i++)
			for (int k = 0; k + 1 < s.run.settings.rungs; k++)
				if (s.records[i].rungs > k)
					assert_went_on_rightly(
						&s, &s.records[i], k);
		sim_release(&s);
	}
}

static void a_higher_rung_never_counts_below_a_lower(void **state)
{
	static struct sim s;

	(void)state;
	sim_init(&s, (struct start){.seed = 7, .rungs = 3, .eta = 2});
	sim_run(&s);
	for (size_t i = 0; i < s.n_records; i++)
		for (size_t k = 0; k < s.n_records; k++) {
			const struct run_member *a = &s.records[i];
			const struct run_member *b = &s.records[k];
			double x = run_standing(&s.run, a);
			double y = run_standing(&s.run, b);

			assert_true(x >= 0 && x <= 1);
			assert_true(!a->failure[0] || x == 0);
			if (a->failure[0] || b->failure[0])
				continue;
			assert_true(a->rungs <= b->rungs || x > y);
			if (a->rungs == b->rungs)
				assert_true((x > y) ==
					    (a->losses[a->rungs - 1] <
						    b->losses[a->rungs - 1]));
		}
	sim_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_schedule_ends_with_the_same_digest),
		cmocka_unit_test(so_does_every_schedule_with_folds),
		cmocka_unit_test(so_does_every_schedule_with_rungs),
		cmocka_unit_test(so_does_every_schedule_with_finalists),
		cmocka_unit_test(so_does_every_schedule_of_a_budget),
		cmocka_unit_test(so_does_every_schedule_of_networks_that_share),
		cmocka_unit_test(a_budget_is_spent_and_not_exceeded),
		cmocka_unit_test(one_more_right_answer_changes_the_digest),
		cmocka_unit_test(another_seed_changes_the_digest),
		cmocka_unit_test(
			champion_is_the_best_record_of_all_generations),
		cmocka_unit_test(the_best_of_every_rung_go_on),
		cmocka_unit_test(a_higher_rung_never_counts_below_a_lower),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
