/* generation_json.c -- what /v1/next_generation is asked and answers.  Members
 * are written in a fixed order, so the same answer has the same bytes. */
#include "wire/generation_json.h"

#include <stdio.h>
#include <string.h>

#include "base/doc.h"
#include "base/rng.h"
#include "wire/genome_json.h"

static int check_algorithm(const json_t *v, struct err *e)
{
	const char *algorithm;
	int rc = doc_str(v, "", "algorithm", 1, 32, &algorithm, e);

	if (rc == 0 && strcmp(algorithm, "truncation") != 0)
		return err_at(e, ERR_RANGE, "", "algorithm",
			"\"algorithm\" must be \"truncation\"");
	return rc;
}

/* The members of `v` that are plain numbers. */
static int read_numbers(const json_t *v, struct truncation *t, struct err *e)
{
	int64_t size = 0, elite = 0, batch = 0;
	int rc = doc_int(v, "", "seed", 0, RNG_SEED_MAX, &t->seed, e);

	if (rc == 0)
		rc = doc_int(v, "", "generation", 0, RNG_SEED_MAX,
			&t->generation, e);
	if (rc == 0)
		rc = doc_int(v, "", "size", 1, GENERATION_SIZE_MAX, &size, e);
	if (rc == 0)
		rc = doc_int(v, "", "next_id", 0,
			RNG_SEED_MAX - GENERATION_SIZE_MAX, &t->next_id, e);
	if (rc == 0)
		rc = doc_int(v, "", "elite", 0, size - 1, &elite, e);
	if (rc == 0)
		rc = doc_real(
			v, "", "mutation_rate", 0, 1, &t->mutation_rate, e);
	if (rc == 0)
		rc = doc_int(v, "", "batch_size", 1, FLAT_BATCH_MAX, &batch, e);
	t->size = (int)size;
	t->elite = (int)elite;
	t->batch_size = (int)batch;
	return rc;
}

static int read_member(
	const json_t *v, const char *at, struct member *m, struct err *e)
{
	static const char *const keys[] = {"id", "fitness", "genome", NULL};
	char place[sizeof e->where];
	int rc;

	if (!json_is_object(v))
		return err_at(e, ERR_INVALID, at, NULL,
			"a member must be an object, not %s", doc_type_name(v));
	snprintf(place, sizeof place, "%s/genome", at);
	rc = doc_only(v, at, keys, e);
	if (rc == 0)
		rc = doc_int(v, at, "id", 0, RNG_SEED_MAX, &m->id, e);
	if (rc == 0)
		rc = doc_real(v, at, "fitness", 0, 1, &m->fitness, e);
	if (rc == 0)
		rc = genome_read(
			json_object_get(v, "genome"), place, &m->genome, e);
	return rc;
}

/* Absent means empty, as generation 0 has it. */
static int read_population(
	struct arena *mem, const json_t *v, struct truncation *t, struct err *e)
{
	struct member *population;
	const json_t *list;
	int rc;

	if (!json_object_get(v, "population"))
		return 0;
	rc = doc_list(v, "", "population", 0, GENERATION_SIZE_MAX, &list, e);
	if (rc || json_array_size(list) == 0)
		return rc;
	t->n = json_array_size(list);
	population = arena_array(mem, t->n, sizeof *population);
	t->population = population;
	for (size_t i = 0; rc == 0 && i < t->n; i++) {
		char place[48];

		snprintf(place, sizeof place, "/population/%zu", i);
		rc = read_member(
			json_array_get(list, i), place, &population[i], e);
	}
	return rc;
}

int generation_request_read(struct arena *mem, const json_t *v,
	struct truncation *out, struct err *e)
{
	static const char *const keys[] = {"algorithm", "seed", "generation",
		"size", "next_id", "elite", "mutation_rate", "batch_size",
		"num_channels", "px_h", "px_w", "num_classes", "population",
		NULL};
	struct truncation t = {0};
	int rc = doc_only(v, "", keys, e);

	if (rc == 0)
		rc = check_algorithm(v, e);
	if (rc == 0)
		rc = read_numbers(v, &t, e);
	if (rc == 0)
		rc = genome_data_read(v, "", &t.data, e);
	if (rc == 0)
		rc = read_population(mem, v, &t, e);
	if (rc == 0)
		*out = t;
	return rc;
}

static json_t *write_member(const struct member *m)
{
	json_t *v = json_object();

	json_object_set_new(v, "id", json_integer(m->id));
	json_object_set_new(v, "fitness", json_real(m->fitness));
	json_object_set_new(v, "genome", genome_write(&m->genome));
	return v;
}

json_t *generation_request_write(const struct truncation *t)
{
	json_t *v = json_object(), *list = json_array();

	json_object_set_new(v, "algorithm", json_string("truncation"));
	json_object_set_new(v, "seed", json_integer(t->seed));
	json_object_set_new(v, "generation", json_integer(t->generation));
	json_object_set_new(v, "size", json_integer(t->size));
	json_object_set_new(v, "next_id", json_integer(t->next_id));
	json_object_set_new(v, "elite", json_integer(t->elite));
	json_object_set_new(v, "mutation_rate", json_real(t->mutation_rate));
	json_object_set_new(v, "batch_size", json_integer(t->batch_size));
	json_object_set_new(v, "num_channels", json_integer(t->data.channels));
	json_object_set_new(v, "px_h", json_integer(t->data.height));
	json_object_set_new(v, "px_w", json_integer(t->data.width));
	json_object_set_new(v, "num_classes", json_integer(t->data.classes));
	for (size_t i = 0; i < t->n; i++)
		json_array_append_new(list, write_member(&t->population[i]));
	json_object_set_new(v, "population", list);
	return v;
}

/* -- the answer -- */

static json_t *write_offspring(const struct offspring *o)
{
	json_t *v = json_object(), *parents = json_array();

	for (int i = 0; i < 2; i++)
		if (o->parents[i] >= 0)
			json_array_append_new(
				parents, json_integer(o->parents[i]));
	json_object_set_new(v, "id", json_integer(o->id));
	json_object_set_new(v, "parents", parents);
	json_object_set_new(v, "elite", json_boolean(o->elite));
	json_object_set_new(v, "genome", genome_write(&o->genome));
	return v;
}

json_t *generation_answer_write(
	const struct truncation *t, const struct offspring *o, size_t n)
{
	json_t *v = json_object(), *list = json_array();
	int64_t next_id = t->next_id;

	for (size_t i = 0; i < n; i++) {
		json_array_append_new(list, write_offspring(&o[i]));
		next_id += !o[i].elite;
	}
	json_object_set_new(v, "algorithm", json_string("truncation"));
	json_object_set_new(v, "generation", json_integer(t->generation));
	json_object_set_new(v, "next_id", json_integer(next_id));
	json_object_set_new(v, "population", list);
	return v;
}

static int read_parents(
	const json_t *v, const char *at, struct offspring *o, struct err *e)
{
	const json_t *list;
	int rc = doc_list(v, at, "parents", 0, 2, &list, e);

	o->parents[0] = o->parents[1] = -1;
	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
		const json_t *id = json_array_get(list, i);

		if (!json_is_integer(id) || json_integer_value(id) < 0 ||
			json_integer_value(id) > RNG_SEED_MAX)
			return err_at(e, ERR_INVALID, at, "parents",
				"a parent must be a genome's id");
		o->parents[i] = json_integer_value(id);
	}
	return rc;
}

static int read_offspring(
	const json_t *v, const char *at, struct offspring *o, struct err *e)
{
	static const char *const keys[] = {
		"id", "parents", "elite", "genome", NULL};
	char place[sizeof e->where];
	int rc;

	if (!json_is_object(v))
		return err_at(e, ERR_INVALID, at, NULL,
			"a member must be an object, not %s", doc_type_name(v));
	snprintf(place, sizeof place, "%s/genome", at);
	rc = doc_only(v, at, keys, e);
	if (rc == 0)
		rc = doc_int(v, at, "id", 0, RNG_SEED_MAX, &o->id, e);
	if (rc == 0)
		rc = read_parents(v, at, o, e);
	if (rc == 0)
		rc = doc_bool_opt(v, at, "elite", &o->elite, e);
	if (rc == 0)
		rc = genome_read(
			json_object_get(v, "genome"), place, &o->genome, e);
	return rc;
}

int generation_answer_read(struct arena *mem, const json_t *v,
	struct offspring **out, size_t *n, int64_t *next_id, struct err *e)
{
	static const char *const keys[] = {
		"algorithm", "generation", "next_id", "population", NULL};
	const json_t *list;
	struct offspring *o;
	int64_t next = 0;
	int rc = doc_only(v, "", keys, e);

	if (rc == 0)
		rc = check_algorithm(v, e);
	if (rc == 0)
		rc = doc_int(v, "", "next_id", 0, RNG_SEED_MAX, &next, e);
	if (rc == 0)
		rc = doc_list(
			v, "", "population", 1, GENERATION_SIZE_MAX, &list, e);
	if (rc)
		return rc;
	o = arena_array(mem, json_array_size(list), sizeof *o);
	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
		char place[48];

		snprintf(place, sizeof place, "/population/%zu", i);
		rc = read_offspring(json_array_get(list, i), place, &o[i], e);
	}
	if (rc)
		return rc;
	*out = o;
	*n = json_array_size(list);
	*next_id = next;
	return 0;
}
