/* driver_save.c -- a run's writes: rows, and the events that tell of them. */
#include "service/driver/driver_save.h"

#include <string.h>

#include "base/clock.h"
#include "base/doc.h"
#include "service/driver/driver_digest.h"
#include "service/driver/genome_weights.h"
#include "service/driver/newborns.h"
#include "service/driver/score_cache.h"
#include "service/stored.h"

/* What one transaction works with. */
struct saving {
	struct driver *d;
	struct store *store;
	const struct job_result *result;
	const char *result_text;
	int64_t now_ms;
	struct arena mem;
};

static int tell(struct saving *s, const char *type, json_t *data, struct err *e)
{
	return store_event_add(s->store, s->d->uuid, type,
		stored_text(&s->mem, data), s->now_ms, NULL, e);
}

/* The row of the generation, its members and their species in one order. */
static struct store_generation new_generation(struct saving *s)
{
	const struct run *run = &s->d->run;
	json_t *ids = json_array(), *species = json_array();

	for (size_t i = 0; i < run->n_members; i++) {
		const struct run_member *m = &run->members[i];

		json_array_append_new(ids, json_integer(m->id));
		json_array_append_new(species, json_integer(m->species));
	}
	if (!settings_algorithm(&run->settings)->species) {
		json_decref(species);
		species = NULL;
	}
	return (struct store_generation){.generation = run->generation,
		.members = stored_text(&s->mem, ids),
		.species = species ? stored_text(&s->mem, species) : NULL,
		.created_ms = s->now_ms};
}

static int save_newborn(
	struct saving *s, const struct newborn *b, struct err *e)
{
	const struct run_member *m = b->member;
	int rc = store_genome_insert(s->store, s->d->uuid,
		&(struct store_genome){.id = m->id,
			.born = m->born,
			.parents = {m->parents[0], m->parents[1]},
			.species = m->first_species,
			.mutations = m->mutations,
			.genome = b->genome},
		e);

	return rc ? rc
		  : store_roster_cost(s->store, s->d->uuid, m->id,
			    b->cost.parameters, b->cost.forward_flops, e);
}

static int save_members(struct saving *s, struct err *e)
{
	struct store_generation g;
	size_t n;
	const struct newborn *list = newborns(&s->d->run, &s->mem, &n);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = save_newborn(s, &list[i], e);
	if (rc)
		return rc;
	g = new_generation(s);
	return store_generation_put(s->store, s->d->uuid, &g, e);
}

/* The species of the generation, now that its members are scored. */
static int save_species(struct saving *s, struct err *e)
{
	const struct run *run = &s->d->run;
	struct run_species c;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < run->bred.n_species; i++) {
		run_census(run, i, &c);
		rc = store_species_put(s->store, s->d->uuid,
			&(struct store_species){.generation = run->generation,
				.id = c.id,
				.born = c.born,
				.improved = c.improved,
				.size = c.size,
				.best = c.best,
				.mean = c.mean,
				.champion = c.champion},
			e);
	}
	if (rc || !settings_algorithm(&run->settings)->species)
		return rc;
	return tell(s, "species",
		json_pack("{s:I,s:I,s:f}", "generation",
			(json_int_t)run->generation, "species",
			(json_int_t)run->bred.n_species, "threshold",
			run->bred.threshold),
		e);
}

static int save_generation(struct saving *s, struct err *e)
{
	const struct run *run = &s->d->run;
	struct store_generation *g;
	size_t n;
	int rc;

	/* Keeps what SAVE_MEMBERS wrote; only the scores are new. */
	rc = store_generations(s->store, &s->mem, s->d->uuid,
		run->generation - 1, 1, &g, &n, e);
	if (rc)
		return rc;
	if (n != 1 || g->generation != run->generation) {
		g = arena_alloc(&s->mem, sizeof *g);
		*g = new_generation(s);
	}
	g->scored = 1;
	g->best = run->best;
	g->mean = run->mean;
	g->scored_ms = s->now_ms;
	rc = store_generation_put(s->store, s->d->uuid, g, e);
	if (rc == 0)
		rc = save_species(s, e);
	if (rc)
		return rc;
	return tell(s, "generation",
		json_pack("{s:I,s:f,s:f}", "generation", run->generation,
			"best", run->best, "mean", run->mean),
		e);
}

/* Whose weights the training started from. */
static json_t *inherited_from(const struct run_member *m, int rung)
{
	json_t *ids = json_array();

	if (rung > 0 && rung < RUNG_FINALIST)
		json_array_append_new(ids, json_integer(m->id));
	for (int i = 0; i < 2 && rung == 0; i++)
		if (m->legacy[i][0] &&
			(i == 0 || m->parents[0] != m->parents[1]))
			json_array_append_new(ids, json_integer(m->parents[i]));
	return ids;
}

static int tell_result(
	struct saving *s, const struct run_member *m, int rung, struct err *e)
{
	const struct job_result *r = s->result;
	json_t *data = json_pack("{s:I,s:I,s:i,s:f,s:o,s:s?,s:I,s:f}", "genome",
		m->id, "born", m->born, "rung", rung, "fitness", m->fitness,
		"loss", r->has_loss ? json_real(r->loss) : json_null(),
		"failure", m->failure[0] ? m->failure : NULL, "images",
		r->images, "cpu_s", r->cpu_s);

	if (s->d->run.settings.inherit)
		json_object_set_new(
			data, "inherited_from", inherited_from(m, rung));
	if (r->cached)
		json_object_set_new(
			data, "cached_from", json_integer(r->cached_from));
	return tell(s, "evaluation", data, e);
}

/* The result's text is in the genome's row, or in that of the rung. */
static int save_result(
	struct saving *s, const struct run_command *c, struct err *e)
{
	const struct run_member *m = c->member;
	const int rung = c->rung, in_rung = m->rungs > rung;
	int changed = 1, rc = 0;

	if (in_rung)
		rc = store_rung_insert(s->store, s->d->uuid,
			&(struct store_rung){.genome = m->id,
				.rung = rung,
				.fitness = m->fitness,
				.loss = m->losses[rung],
				.result = s->result_text},
			e);
	if (rc == 0 && m->scored)
		rc = store_genome_score(s->store, s->d->uuid, m->id, m->fitness,
			m->failure[0] ? m->failure : NULL,
			in_rung ? NULL : s->result_text, &changed, e);
	if (rc == 0 && changed)
		rc = store_roster_train(
			s->store, s->d->uuid, m->id, rung, s->result->cpu_s, e);
	if (rc == 0 && c->key[0] && !s->result->cached)
		rc = score_cache_put(s->d, c->key, m->id, rung, e);
	return rc || !changed ? rc : tell_result(s, m, rung, e);
}

/* The result's text is in the fold's row. */
static int save_fold(
	struct saving *s, const struct run_command *c, struct err *e)
{
	const struct run_member *m = c->member;
	const struct run_fold *f = &m->folds[c->rung - 1];
	int changed, rc;

	rc = store_rung_insert(s->store, s->d->uuid,
		&(struct store_rung){.genome = m->id,
			.rung = RUNG_FOLD + c->rung - 1,
			.fitness = f->fitness,
			.loss = s->result->has_loss ? s->result->loss : 0,
			.result = s->result_text},
		e);
	if (rc == 0)
		rc = store_roster_train(
			s->store, s->d->uuid, m->id, 0, s->result->cpu_s, e);
	if (rc || !m->scored)
		return rc;
	rc = store_genome_score(s->store, s->d->uuid, m->id, m->fitness,
		m->failure[0] ? m->failure : NULL, NULL, &changed, e);
	return rc ? rc : tell_result(s, m, 0, e);
}

/* A finalist's training is a rung above those of the search. */
static int save_trial(
	struct saving *s, const struct run_command *c, struct err *e)
{
	const struct run_member *m = c->member;
	int rc = store_rung_insert(s->store, s->d->uuid,
		&(struct store_rung){.genome = m->id,
			.rung = c->rung,
			.fitness = m->fitness,
			.loss = m->trial_loss,
			.result = s->result_text},
		e);

	return rc ? rc : tell_result(s, m, c->rung, e);
}

/* The champion's is above all; what it tells comes with the run's end. */
static int save_final(struct saving *s, struct err *e)
{
	return store_rung_insert(s->store, s->d->uuid,
		&(struct store_rung){.genome = run_champion(&s->d->run)->id,
			.rung = RUNG_FINAL,
			.fitness = result_fitness(s->result),
			.result = s->result_text},
		e);
}

/* Those who stay behind keep what they have; the others are told of. */
static int save_rung(struct saving *s, int rung, struct err *e)
{
	const struct run *run = &s->d->run;
	json_t *promoted = json_array();
	int changed, rc = 0;

	for (size_t i = 0; rc == 0 && i < run->n_members; i++) {
		const struct run_member *m = &run->members[i];

		if (m->born != run->generation || m->rungs != rung + 1)
			continue;
		if (!m->scored)
			json_array_append_new(promoted, json_integer(m->id));
		else if (!m->failure[0])
			rc = store_genome_score(s->store, s->d->uuid, m->id,
				m->fitness, NULL, NULL, &changed, e);
	}
	if (rc) {
		json_decref(promoted);
		return rc;
	}
	return tell(s, "rung",
		json_pack("{s:I,s:i,s:o}", "generation", run->generation,
			"rung", rung, "promoted", promoted),
		e);
}

/* Time passes for a run only while it runs under a driver. */
static void count_time(struct driver *d)
{
	int64_t now = clock_mono_ms();

	if (d->counted == RUN_RUNNING)
		d->row.running_ms += now - d->clock_ms;
	d->clock_ms = now;
	d->counted = d->run.state;
}

static int save_run(struct saving *s, struct err *e)
{
	struct driver *d = s->d;
	const char *state = run_state_name(d->run.state);
	int changed = strcmp(d->row.state, state) != 0, rc;
	struct store_run row;

	count_time(d);
	row = d->row;
	row.state = state;
	row.generation = d->run.generation;
	row.updated_ms = s->now_ms;
	row.document = stored_text(&s->mem, run_document(&d->run));
	if (run_state_over(d->run.state)) {
		rc = driver_digest(s->d, row.digest, e);
		if (rc)
			return rc;
	}
	rc = store_run_update(s->store, &row, e);
	if (rc == 0 && changed)
		rc = tell(s, "run",
			json_pack("{s:s,s:s?}", "state", state, "stop_reason",
				d->run.stop_reason[0] ? d->run.stop_reason
						      : NULL),
			e);
	if (rc == 0)
		d->row.state = state; /* a static name */
	return rc;
}

static int write_one(
	struct saving *s, const struct run_command *c, struct err *e)
{
	switch (c->kind) {
	case RUN_CMD_SAVE_MEMBERS: return save_members(s, e);
	case RUN_CMD_SAVE_RESULT: return save_result(s, c, e);
	case RUN_CMD_SAVE_FOLD: return save_fold(s, c, e);
	case RUN_CMD_SAVE_RUNG: return save_rung(s, c->rung, e);
	case RUN_CMD_SAVE_GENERATION: return save_generation(s, e);
	case RUN_CMD_SAVE_TRIAL: return save_trial(s, c, e);
	case RUN_CMD_SAVE_FINAL: return save_final(s, e);
	default: return 0; /* the run's row comes last; the acts */
	}
}

static int has_kind(const struct run_commands *cmds, enum run_command_kind kind)
{
	const struct run_command *c = cmds->head;

	while (c && c->kind != kind)
		c = c->next;
	return c != NULL;
}

/* The run is as it is after the last event, so its row is written once. */
static int write_all(struct saving *s, const struct driver_event *events,
	size_t n, struct err *e)
{
	int of_run = 0, rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		const struct run_command *c = events[i].cmds.head;

		s->result = events[i].ev.result;
		s->result_text = events[i].text;
		of_run |= has_kind(&events[i].cmds, RUN_CMD_SAVE_RUN);
		for (; c && rc == 0; c = c->next)
			rc = write_one(s, c, e);
	}
	return rc || !of_run ? rc : save_run(s, e);
}

int driver_saves(const struct driver_event *events, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (const struct run_command *c = events[i].cmds.head; c;
			c = c->next)
			if (c->kind <= RUN_CMD_SAVE_RUN)
				return 1;
	return 0;
}

int driver_save(struct driver *d, const struct driver_event *events, size_t n,
	struct err *e)
{
	struct saving s = {
		.d = d, .store = d->world->store, .now_ms = clock_wall_ms()};
	const char *state_before = d->row.state;
	int rc;

	if (!driver_saves(events, n))
		return 0;
	arena_init(&s.mem, DRIVER_ARENA_MAX);
	rc = store_begin(s.store, e);
	if (rc)
		goto release;
	rc = write_all(&s, events, n, e);
	if (rc == 0)
		rc = store_commit(s.store, e);
	else
		store_rollback(s.store);
	if (rc)
		d->row.state = state_before; /* the next try tells it again */

release:
	arena_release(&s.mem);
	return rc;
}
