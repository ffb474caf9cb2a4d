/* settings.c -- the settings of a run: asked for, kept, and in its digest. */
#include "wire/settings.h"

#include <string.h>

#include "model/cost.h"
#include "neat/chain.h"
#include "wire/seeds_json.h"

/* A setting of another algorithm, which would do nothing, is told as such. */
static int refuse_foreign(
	const json_t *v, const struct run_settings *s, struct err *e)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)v, key, value)
		if (fields_find(&settings_fields, NULL, key) &&
			!fields_find(&settings_fields, s, key))
			return err_at(e, ERR_RANGE, "", key,
				"\"%s\" is not a setting of the algorithm "
				"\"%s\"",
				key, settings_algorithm(s)->name);
	return 0;
}

/* The algorithm that the document names, so far as it can be read. */
static struct run_settings algorithm_only(const json_t *v)
{
	const json_t *name = json_object_get(v, "algorithm");
	struct run_settings s;
	int named;

	fields_default(&settings_fields, FIELD_REQUEST, &s);
	named = json_is_string(name) ? field_named(fields_find(&settings_fields,
							   NULL, "algorithm"),
					       json_string_value(name))
				     : -1;
	if (named >= 0)
		s.algorithm = named;
	return s;
}

/* A run of which nobody says how long it may take has the usual budget. */
static int settle_budget(struct run_settings *s, struct err *e)
{
	const unsigned size = OPEN_POPULATION | OPEN_GENERATIONS;

	if (s->has_budget_s && s->has_budget)
		return err_at(e, ERR_INVALID, "", "budget_pflop",
			"\"budget\" and \"budget_pflop\" say the same in two "
			"units: give one of them");
	if (!s->has_budget && !s->has_budget_s && (s->open & size) == size) {
		s->has_budget_s = 1;
		s->budget_s = SETTINGS_BUDGET_S;
	}
	if (!s->has_budget && !s->has_budget_s)
		s->open = 0; /* nothing will be planned */
	return 0;
}

/* A fork brings its own. */
static int refuse_two_origins(const struct run_settings *s, struct err *e)
{
	if (!s->has_fork || !s->seeds)
		return 0;
	return err_at(e, ERR_INVALID, "", "seed_genomes",
		"a fork begins with the genomes of the run that it forks: give "
		"\"fork\" or \"seed_genomes\", not both");
}

int settings_read(const json_t *v, struct run_settings *out, struct err *e)
{
	const struct field_reader r = {.origin = FIELD_REQUEST};
	struct run_settings s = algorithm_only(v);
	int rc = refuse_foreign(v, &s, e);

	memset(&s, 0, sizeof s);
	if (rc == 0)
		rc = fields_read(&settings_fields, v, "", &r, &s, e);
	s.open = settings_open_in(v);
	if (rc == 0)
		rc = refuse_two_origins(&s, e);
	if (rc == 0)
		rc = settle_budget(&s, e);
	if (rc)
		return rc;
	/* Out of the document: the list is a person's, in any spelling. */
	if (s.seeds)
		s.seeds = seeds_write_again(s.seeds);
	*out = s;
	return 0;
}

void settings_release(struct run_settings *s)
{
	json_decref(s->seeds);
	json_decref(s->class_names);
	s->seeds = s->class_names = NULL;
}

void settings_share(struct run_settings *s)
{
	json_incref(s->seeds);
	json_incref(s->class_names);
}

/* -- known genomes -- */

static int check_seed(const struct run_settings *s, const struct genome *g,
	const char *at, struct err *e)
{
	struct flat flat;
	struct err why = {0};

	if (settings_algorithm(s)->form == GENOME_FLAT &&
		chain_to_flat(g, &s->data, &flat, &why))
		return err_at(e, ERR_RANGE, at, NULL, "%s", why.text);
	if (limits_any(&s->limits) &&
		!model_admits(g, &s->data, &s->limits, &why))
		return err_at(e, ERR_RANGE, at, NULL,
			"a known genome has %.300s", why.text);
	return 0;
}

static int check_seeds(
	const struct run_settings *s, struct arena *mem, struct err *e)
{
	const struct genome *const *seeds;
	size_t n;
	int rc = seeds_read(
		mem, s->seeds, "/seed_genomes", &s->data, &seeds, &n, e);

	if (rc == 0 && !(s->open & OPEN_POPULATION) &&
		n > (uint64_t)s->population)
		return err_at(e, ERR_RANGE, "", "seed_genomes",
			"%zu known genomes are more than the population of "
			"%lld",
			n, (long long)s->population);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		char at[sizeof e->where];

		snprintf(at, sizeof at, "/seed_genomes/%zu", i);
		rc = check_seed(s, seeds[i], at, e);
	}
	return rc;
}

int settings_check_seeds(const struct run_settings *s, struct err *e)
{
	struct arena mem;
	int rc;

	if (!s->seeds)
		return 0;
	arena_init(&mem, SEEDS_ARENA_BYTES);
	rc = check_seeds(s, &mem, e);
	arena_release(&mem);
	return rc;
}

/* -- documents -- */

int settings_data_open(const struct run_settings *s)
{
	return !s->dataset_hash[0];
}

/* What only the data set says. */
static const char *const of_data[] = {
	"dataset_hash", "num_channels", "px_h", "px_w", "num_classes"};

json_t *settings_write(const struct run_settings *s)
{
	json_t *v = fields_write(&settings_fields, FIELD_SHOW, s);

	if (!s->kernels[0])
		json_object_del(v, "kernels");
	for (size_t i = 0; i < sizeof of_data / sizeof *of_data; i++)
		if (settings_data_open(s))
			json_object_del(v, of_data[i]);
	return v;
}

/* All of what the data set says, or nothing. */
static int is_of_a_created_run(const struct run_settings *s)
{
	static const struct data_shape none;

	if (!s->has_seed)
		return 0;
	if (settings_data_open(s))
		return data_shape_equal(&s->data, &none) && !s->class_names;
	return data_shape_valid(&s->data) &&
	       (!s->has_budget || s->train_images > 0);
}

int settings_restore(const json_t *v, struct run_settings *out, struct err *e)
{
	const struct field_reader r = {.origin = FIELD_STORED};
	struct run_settings s = {0};
	struct err why = {0};

	if (fields_read(&settings_fields, v, "", &r, &s, &why))
		return err_at(e, ERR_INVALID, why.where, NULL,
			"the stored settings are damaged: %.300s", why.text);
	if (!is_of_a_created_run(&s))
		return err_set(e, ERR_INVALID,
			"the stored settings are damaged: they are not what "
			"a created run has");
	settings_share(&s);
	*out = s;
	return 0;
}

json_t *settings_digested(const struct run_settings *s)
{
	json_t *v = fields_write(&settings_fields, FIELD_DIGEST, s);

	json_object_set_new(v, "dataset", json_string(s->dataset_hash));
	return v;
}
