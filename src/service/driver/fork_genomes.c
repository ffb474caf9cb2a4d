/* fork_genomes.c -- genomes from the store, as it has them. */
#include "service/driver/fork_genomes.h"

#include <stdlib.h>
#include <string.h>

#include "model/cost.h"
#include "service/stored.h"
#include "wire/genome_json.h"
#include "wire/seeds_json.h"

#define ARENA_BYTES ((size_t)1 << 30) /* of rows */
#define GENOME_ARENA_BYTES ((size_t)1 << 24)

/* -- the run -- */

int fork_find_run(struct store *store, struct arena *mem,
	const struct fork *fork, struct store_run *out, struct err *e)
{
	char uuid[UUID_TEXT_BYTES];
	int rc;

	if (!uuid_parse(fork->run, uuid))
		return err_at(e, ERR_RANGE, "/fork", "run",
			"\"run\" must be the UUID of a run");
	rc = store_run_get(store, mem, uuid, out, e);
	if (rc == ERR_NOT_FOUND)
		return err_at(e, ERR_RANGE, "/fork", "run",
			"there is no run %s to fork", uuid);
	return rc;
}

/* -- its genomes -- */

struct member {
	int64_t id;
	int rung;
	double fitness;
	const char *genome; /* as it is stored */
};

struct source {
	struct store *store;
	struct arena *mem; /* of rows */
	struct store_run run;
	struct store_generation generation;
	struct member *members;
	size_t n;
};

/* Looks for a complete generation of that number. */
static int look(struct source *f, int64_t generation, int *found, struct err *e)
{
	struct store_generation *rows;
	size_t n;
	int rc = store_generations(
		f->store, f->mem, f->run.uuid, generation - 1, 1, &rows, &n, e);

	*found = rc == 0 && n == 1 && rows[0].generation == generation &&
		 rows[0].scored;
	if (*found)
		f->generation = rows[0];
	return rc;
}

/* The one that is asked for, or the latest: only the last can be incomplete. */
static int find_generation(
	struct source *f, const struct fork *fork, struct err *e)
{
	const int64_t last = fork->has_generation ? fork->generation
						  : f->run.generation;
	int found, rc = look(f, last, &found, e);

	if (rc == 0 && !found && !fork->has_generation)
		rc = look(f, last - 1, &found, e);
	if (rc || found)
		return rc;
	if (fork->has_generation)
		return err_at(e, ERR_RANGE, "/fork", "generation",
			"run %s has no generation %lld that is complete",
			f->run.uuid, (long long)last);
	return err_at(e, ERR_RANGE, "/fork", "run",
		"run %s has no generation that is complete yet", f->run.uuid);
}

/* The rung that a scored genome's fitness is from: 0 without rungs. */
static int scored_rung(struct source *f, int64_t id, int *rung, struct err *e)
{
	struct store_rung *rows;
	size_t n;
	int rc = store_rungs(f->store, f->mem, f->run.uuid, id, &rows, &n, e);

	*rung = 0;
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (rows[i].rung < RUNG_FINALIST)
			*rung = (int)rows[i].rung;
	return rc;
}

static int add_member(struct source *f, int64_t id, struct err *e)
{
	struct store_genome g;
	struct member *m = &f->members[f->n];
	int rc = store_genome_get(f->store, f->mem, f->run.uuid, id, &g, e);

	if (rc == ERR_NOT_FOUND)
		return err_set(e, ERR_WORLD, "run %s has lost its genome %lld",
			f->run.uuid, (long long)id);
	if (rc || !g.scored || g.failure)
		return rc;
	*m = (struct member){
		.id = id, .fitness = g.fitness, .genome = g.genome};
	rc = scored_rung(f, id, &m->rung, e);
	f->n += rc == 0;
	return rc;
}

static int compare(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->rung != y->rung)
		return x->rung > y->rung ? -1 : 1;
	if (x->fitness != y->fitness)
		return x->fitness > y->fitness ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* Those that did not fail, the best first. */
static int read_members(struct source *f, struct err *e)
{
	json_t *ids = stored_json(f->generation.members);
	const size_t n = json_array_size(ids);
	int rc = 0;

	f->members = arena_array(f->mem, n + 1, sizeof *f->members);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = add_member(
			f, json_integer_value(json_array_get(ids, i)), e);
	json_decref(ids);
	if (f->n > 0)
		qsort(f->members, f->n, sizeof *f->members, compare);
	return rc;
}

/* A new reference, or NULL for a genome that exceeds the limits.  One for other
 * data is for settings_check_seeds to tell of. */
static json_t *genome_within(
	const struct member *m, const struct run_settings *s, size_t *bytes)
{
	json_t *stored = stored_json(m->genome), *out = NULL;
	struct genome_doc genome;
	struct arena mem;
	char *text;

	arena_init(&mem, GENOME_ARENA_BYTES);
	if (genome_doc_read(stored, "", &mem, &genome, NULL) == 0 &&
		(!limits_any(&s->limits) ||
			!data_shape_equal(&genome.data, &s->data) ||
			model_admits(
				genome.graph, &s->data, &s->limits, NULL))) {
		out = genome_doc_write(&genome);
		text = genome_doc_text(&genome);
		*bytes = strlen(text);
		free(text);
	}
	arena_release(&mem);
	json_decref(stored);
	return out;
}

/* As many as there is room for; a new reference. */
static json_t *best_of(const struct source *f, const struct run_settings *s)
{
	json_t *list = json_array();
	size_t sum = 1; /* of brackets and commas, too */

	for (size_t i = 0; i < f->n; i++) {
		size_t bytes, n = json_array_size(list);
		json_t *genome;

		if (n == SEEDS_MAX || n == (size_t)s->population)
			break;
		genome = genome_within(&f->members[i], s, &bytes);
		if (!genome)
			continue;
		sum += bytes + 1;
		if (sum > SEEDS_BYTES_MAX) {
			json_decref(genome);
			break;
		}
		json_array_append_new(list, genome);
	}
	return list;
}

static int take(struct source *f, struct run_settings *s, struct err *e)
{
	json_t *list = best_of(f, s);

	if (json_array_size(list) == 0) {
		json_decref(list);
		return err_at(e, ERR_RANGE, "", "fork",
			"no genome of generation %lld of run %s %s",
			(long long)f->generation.generation, f->run.uuid,
			f->n > 0 ? "keeps to the limits" : "could be trained");
	}
	s->seeds = list;
	return 0;
}

/* Finds the run and its generation, and notes which these are. */
static int settle(struct source *f, struct run_settings *s, struct err *e)
{
	int rc = fork_find_run(f->store, f->mem, &s->fork, &f->run, e);

	if (rc == 0)
		rc = find_generation(f, &s->fork, e);
	if (rc)
		return rc;
	s->fork.has_generation = 1;
	s->fork.generation = f->generation.generation;
	memcpy(s->fork.run, f->run.uuid, sizeof s->fork.run);
	return 0;
}

static int enter(struct source *f, struct run_settings *s, struct err *e)
{
	int rc = settle(f, s, e);

	if (rc == 0)
		rc = read_members(f, e);
	return rc ? rc : take(f, s, e);
}

typedef int work_on(struct source *f, struct run_settings *s, struct err *e);

static int with_rows(work_on *work, struct store *store, struct run_settings *s,
	struct err *e)
{
	struct source f = {.store = store};
	struct arena mem;
	int rc;

	arena_init(&mem, ARENA_BYTES);
	f.mem = &mem;
	rc = work(&f, s, e);
	arena_release(&mem);
	return rc;
}

int fork_settle(struct store *store, struct run_settings *s, struct err *e)
{
	return with_rows(settle, store, s, e);
}

/* What is wrong with a genome is the fork's affair. */
int fork_enter(struct store *store, struct run_settings *s, struct err *e)
{
	int rc = with_rows(enter, store, s, e);

	if (rc == 0 && settings_check_seeds(s, e)) {
		if (e)
			strcpy(e->where, "/fork");
		rc = ERR_RANGE;
	}
	return rc;
}
