/* fork_source.c -- settings by their keys, as a person would have given them
 * once more. */
#include "service/broker/fork_source.h"

#include <string.h>

#include "service/driver/fork_genomes.h"
#include "service/stored.h"

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

	/* One that never began has no plan. */
	if (s->has_budget && s->train_images > 0 &&
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
	if (fork_find_run(b->store, &mem, &fork, &row, e) == 0 &&
		settings_of(&row, &s, e) == 0) {
		merged = merge(&s, body, e);
		settings_release(&s);
	}
	arena_release(&mem);
	return merged;
}
