/* fork_source.c -- settings by their keys, as a person would have given them
 * once more; genomes from the store, as it has them. */
#include "service/broker/fork_source.h"

#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "model/cost.h"
#include "service/stored.h"
#include "wire/genome_json.h"
#include "wire/seeds_json.h"

#define GENOME_ARENA_BYTES ((size_t)1 << 24)

/* -- the run -- */

static int find(struct broker *b, struct arena *mem, const struct fork *fork,
	struct store_run *out, struct err *e)
{
	char uuid[UUID_TEXT_BYTES];
	int rc;

	if (!uuid_parse(fork->run, uuid))
		return err_at(e, ERR_RANGE, "/fork", "run",
			"\"run\" must be the UUID of a run");
	rc = store_run_get(b->store, mem, uuid, out, e);
	if (rc == ERR_NOT_FOUND)
		return err_at(e, ERR_RANGE, "/fork", "run",
			"there is no run %s to fork", uuid);
	return rc;
}

/* -- its settings -- */

/* What the run's settings are with the algorithm that the body names. */
static struct run_settings chosen(
	const struct run_settings *s, const json_t *body)
{
	const struct field *row = fields_find(
		&settings_fields, NULL, "algorithm");
	const char *name = json_string_value(json_object_get(body, row->key));
	const int algorithm = name ? field_named(row, name) : -1;
	struct run_settings out = *s;

	if (algorithm >= 0)
		out.algorithm = algorithm;
	return out;
}

/* True if a fork has that setting from the run. */
static int is_passed_on(const struct run_settings *s, const char *key)
{
	static const char *const own[] = {
		"name", "seed", "seed_genomes", "fork"};
	const struct field *f = fields_find(&settings_fields, s, key);

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (strcmp(key, own[i]) == 0)
			return 0;
	return f && !(f->flags & FIELD_FILLED);
}

/* The run's settings as a person would give them; a new reference. */
static json_t *asked(const struct run_settings *s, const json_t *body)
{
	const struct run_settings fork = chosen(s, body);
	json_t *v = settings_write(s), *x;
	const char *key;
	void *next;

	json_object_foreach_safe(v, next, key, x)
		if (!is_passed_on(&fork, key))
			json_object_del(v, key);
	/* The time became these operations. */
	if (s->has_budget_s)
		json_object_del(v, "budget_pflop");
	return v;
}

/* True if the plan of the run's budget gives the setting that value. */
static int is_planned(
	const json_t *asked, const struct run_settings *s, const char *key)
{
	json_t *without = json_copy((json_t *)asked), *shown;
	struct run_settings p;
	int same = 0;

	json_object_del(without, key);
	if (settings_read(without, &p, NULL) == 0) {
		p.has_budget = 1;
		p.budget_pflop = s->budget_pflop;
		p.data = s->data;
		p.train_images = s->train_images;
		p.validation_images = s->validation_images;
		if (run_budget_plan(&p, NULL) == 0) {
			shown = settings_write(&p);
			same = json_equal(json_object_get(shown, key),
				json_object_get(asked, key));
			json_decref(shown);
		}
		settings_release(&p);
	}
	json_decref(without);
	return same;
}

/* Leaves out what is to be planned anew. */
static void drop_planned(json_t *asked, const struct run_settings *s)
{
	static const char max_work[] = "max_work";
	json_t *whole = json_copy(asked);

	for (size_t i = 0; settings_planned(i); i++)
		if (is_planned(whole, s, settings_planned(i)))
			json_object_del(asked, settings_planned(i));
	if (is_planned(whole, s, max_work))
		json_object_del(asked, max_work);
	json_decref(whole);
}

static void drop_budget(json_t *asked)
{
	json_object_del(asked, "budget");
	json_object_del(asked, "budget_pflop");
}

static int has(const json_t *body, const char *key)
{
	const json_t *v = json_object_get(body, key);

	return v && !json_is_null(v);
}

/* How long the fork takes: as the body says, or as the run does.  A budget of
 * null is none. */
static void settle_length(
	json_t *asked, const struct run_settings *s, const json_t *body)
{
	const int budget = json_object_get(body, "budget") ||
			   json_object_get(body, "budget_pflop");
	const int length = budget || has(body, "generations");

	if (s->has_budget &&
		(!length || has(body, "budget") || has(body, "budget_pflop")))
		drop_planned(asked, s);
	if (budget)
		json_object_del(asked, "generations");
	if (length)
		drop_budget(asked);
}

/* Constants stand in place of a preset's, so they go where one is named. */
static void settle_preset(json_t *asked, const json_t *body)
{
	if (json_object_get(json_object_get(body, "neat"), "preset"))
		json_object_del(asked, "neat");
}

static json_t *merge(
	const struct run_settings *s, const json_t *body, struct err *e)
{
	json_t *v = asked(s, body);

	settle_length(v, s, body);
	settle_preset(v, body);
	if (json_object_update_recursive(v, (json_t *)body) == 0)
		return v;
	json_decref(v);
	err_set(e, ERR_WORLD, "the settings could not be joined");
	return NULL;
}

/* The settings of a row; ERR_WORLD, for they are no fault of who asks. */
static int settings_of(
	const struct store_run *row, struct run_settings *out, struct err *e)
{
	json_t *doc = stored_json(row->settings);
	int rc = settings_restore(doc, out, e);

	json_decref(doc);
	if (rc && e)
		e->code = ERR_WORLD;
	return rc ? ERR_WORLD : 0;
}

json_t *fork_source_merge(struct broker *b, const json_t *body, struct err *e)
{
	const struct field_reader r = {.origin = FIELD_REQUEST};
	const json_t *v = json_object_get(body, "fork");
	struct fork fork = {.run = ""};
	struct run_settings s;
	struct store_run row;
	struct arena mem;
	json_t *merged = NULL;

	if (!v || json_is_null(v))
		return json_incref((json_t *)body);
	if (fields_read(&fork_fields, v, "/fork", &r, &fork, e))
		return NULL;
	arena_init(&mem, BROKER_ARENA_MAX);
	if (find(b, &mem, &fork, &row, e) == 0 &&
		settings_of(&row, &s, e) == 0) {
		merged = merge(&s, body, e);
		settings_release(&s);
	}
	arena_release(&mem);
	return merged;
}

/* -- its genomes -- */

struct member {
	int64_t id;
	int rung;
	double fitness;
	const char *genome; /* as it is stored */
};

struct source {
	struct broker *broker;
	struct arena *mem; /* of rows */
	struct store_run run;
	int64_t generation;
	struct member *members;
	size_t n;
};

/* Looks for a complete generation of that number. */
static int look(struct source *f, int64_t generation,
	struct store_generation *out, int *found, struct err *e)
{
	struct store_generation *rows;
	size_t n;
	int rc = store_generations(f->broker->store, f->mem, f->run.uuid,
		generation - 1, 1, &rows, &n, e);

	*found = rc == 0 && n == 1 && rows[0].generation == generation &&
		 rows[0].scored;
	if (*found)
		*out = rows[0];
	return rc;
}

/* The one that is asked for, or the latest: only the last can be incomplete. */
static int find_generation(struct source *f, const struct fork *fork,
	struct store_generation *out, struct err *e)
{
	const int64_t last = fork->has_generation ? fork->generation
						  : f->run.generation;
	int found, rc = look(f, last, out, &found, e);

	if (rc == 0 && !found && !fork->has_generation)
		rc = look(f, last - 1, out, &found, e);
	if (rc || found)
		return rc;
	if (fork->has_generation)
		return err_at(e, ERR_RANGE, "/fork", "generation",
			"run %s has no generation %lld that is complete",
			f->run.uuid, (long long)last);
	return err_at(e, ERR_RANGE, "/fork", "run",
		"run %s has no generation that is complete yet", f->run.uuid);
}

static int add_member(struct source *f, int64_t id, struct err *e)
{
	struct store_genome g;
	struct member *m = &f->members[f->n];
	int rc = store_genome_get(
		f->broker->store, f->mem, f->run.uuid, id, &g, e);

	if (rc == ERR_NOT_FOUND)
		return err_set(e, ERR_WORLD, "run %s has lost its genome %lld",
			f->run.uuid, (long long)id);
	if (rc || !g.scored || g.failure)
		return rc;
	*m = (struct member){
		.id = id, .fitness = g.fitness, .genome = g.genome};
	rc = broker_scored_rung(
		f->broker, f->mem, f->run.uuid, id, &m->rung, e);
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
static int read_members(
	struct source *f, const struct store_generation *g, struct err *e)
{
	json_t *ids = stored_json(g->members);
	const size_t n = json_array_size(ids);
	int rc = 0;

	f->generation = g->generation;
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
			(long long)f->generation, f->run.uuid,
			f->n > 0 ? "keeps to the limits" : "could be trained");
	}
	s->seeds = list;
	s->fork.has_generation = 1;
	s->fork.generation = f->generation;
	memcpy(s->fork.run, f->run.uuid, sizeof s->fork.run);
	return 0;
}

int fork_source_enter(struct broker *b, struct run_settings *s, struct err *e)
{
	struct store_generation generation;
	struct source f = {.broker = b};
	struct arena mem;
	int rc;

	if (!s->has_fork)
		return 0;
	arena_init(&mem, BROKER_ARENA_MAX);
	f.mem = &mem;
	rc = find(b, &mem, &s->fork, &f.run, e);
	if (rc == 0)
		rc = find_generation(&f, &s->fork, &generation, e);
	if (rc == 0)
		rc = read_members(&f, &generation, e);
	if (rc == 0)
		rc = take(&f, s, e);
	arena_release(&mem);
	/* What is wrong with a genome is the fork's affair. */
	if (rc == 0 && settings_check_seeds(s, e)) {
		if (e)
			strcpy(e->where, "/fork");
		rc = ERR_RANGE;
	}
	return rc;
}
