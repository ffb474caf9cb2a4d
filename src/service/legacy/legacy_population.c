/* legacy_population.c -- POST /create_initial_poblation and /create_child: the
 * populations of existing clients.
 *
 * The store is the truth; models/<uuid>.json is written from it after every
 * change, for clients that read the file. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "base/clock.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/rng.h"
#include "wire/flat_json.h"
#include "wire/settings.h"
#include "service/broker/patience.h"
#include "service/legacy/broker_legacy.h"
#include "service/stored.h"

#define GENOME_CALL_MS 60000

static int genome_away(int rc, struct err *e)
{
	if (rc != ERR_WORLD)
		return rc;
	return err_set(
		e, ERR_BUSY, "the genome service does not answer; try again");
}

static json_t *genomes_by_id(const struct store_model *m, size_t n)
{
	json_t *doc = json_object();
	char id[LEGACY_DIGITS_MAX + 2];

	for (size_t i = 0; i < n; i++) {
		snprintf(id, sizeof id, "%lld", (long long)m[i].id);
		json_object_set_new(doc, id, stored_json(m[i].genome));
	}
	return doc;
}

/* The path of models/<uuid>.json, absolute as the data folder's is. */
static int file_path(const struct broker *b, const char *uuid,
	char out[PATH_MAX], struct err *e)
{
	if (snprintf(out, PATH_MAX, "%s/models/%s.json", b->data_dir, uuid) >=
		PATH_MAX)
		return err_set(e, ERR_WORLD, "the data folder's path is long");
	return 0;
}

/* Writes the file from the store.  files_lock is held meanwhile, so that of two
 * changes the later one's file stays. */
static int write_file(struct broker *b, const char *uuid, struct err *e)
{
	char path[PATH_MAX], *text = NULL;
	struct store_model *models;
	struct arena mem;
	json_t *doc;
	size_t n;
	int rc = file_path(b, uuid, path, e);

	if (rc)
		return rc;
	arena_init(&mem, BROKER_ARENA_MAX);
	pthread_mutex_lock(&b->files_lock);
	rc = store_models(b->store, &mem, uuid, &models, &n, NULL, e);
	if (rc == 0) {
		doc = genomes_by_id(models, n);
		text = json_dumps(doc, JSON_COMPACT | JSON_REAL_PRECISION(17));
		json_decref(doc);
		rc = file_replace(path, text, strlen(text), e);
	}
	pthread_mutex_unlock(&b->files_lock);
	free(text);
	arena_release(&mem);
	return rc;
}

/* -- POST /create_initial_poblation -- */

/* What takes longer than a moment is gone on with when a model is trained. */
static int check_dataset(struct broker *b, const struct http_request *q,
	const char *name, struct err *e)
{
	struct patience p = patience_for(q);
	const struct data_watch watch = patience_watch(&p);
	struct err why = {0};
	struct dataset *d = data_ready(&b->place, &watch, name, NULL, &why);

	dataset_close(d);
	if (d || why.code == ERR_CANCELLED)
		return 0;
	if (why.code == ERR_NOT_FOUND || why.code == ERR_INVALID)
		strcpy(why.where, "/dataset");
	*e = why;
	return why.code;
}

static int insert_models(
	struct broker *b, const char *uuid, const json_t *models, struct err *e)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)models, key, v) {
		struct store_model m = {.id = strtoll(key, NULL, 10)};
		struct flat genome;
		char *text;
		int rc = flat_read(v, "", &genome, e);

		if (rc)
			return rc;
		text = canonical_text(v, e);
		m.genome = text;
		rc = store_model_insert(b->store, uuid, &m, e);
		free(text);
		if (rc)
			return rc;
	}
	return 0;
}

static int insert_population(struct broker *b, const struct store_population *p,
	const json_t *models, struct err *e)
{
	int rc = store_begin(b->store, e);

	if (rc)
		return rc;
	rc = store_population_insert(b->store, p, e);
	if (rc == 0)
		rc = insert_models(b, p->uuid, models, e);
	if (rc == 0)
		return store_commit(b->store, e);
	store_rollback(b->store);
	return rc;
}

static int post_to_genome(struct broker *b, const struct http_request *q,
	const char *path, json_t *ask, json_t **answer, struct err *e)
{
	const char *url = genome_places_pick(&b->genomes);
	int rc = legacy_post(b, q, url, path, ask, GENOME_CALL_MS, answer, e);

	if (rc == ERR_WORLD)
		genome_places_failed(&b->genomes, url);
	return rc;
}

/* Asks for the genomes; the genome service checks all but the data set. */
static int ask_population(struct broker *b, const struct http_request *q,
	const char **dataset, json_t **answer, struct err *e)
{
	json_t *ask;
	int rc;

	*dataset = DATASET_DEFAULT;
	rc = doc_str_opt(http_body(q), "", "dataset", 1,
		SETTINGS_DATASET_MAX - 1, dataset, e);
	if (rc == 0 && json_object_get(http_body(q), "dataset"))
		rc = check_dataset(b, q, *dataset, e);
	if (rc)
		return rc;
	ask = json_copy((json_t *)http_body(q));
	json_object_del(ask, "dataset");
	rc = post_to_genome(b, q, "/create_initial_poblation", ask, answer, e);
	if (rc == 0 && !json_is_object(legacy_in_message(*answer, "models")))
		rc = err_set(e, ERR_WORLD, "the answer has no models");
	return genome_away(rc, e);
}

void broker_legacy_population(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct store_population p = {.created_ms = clock_wall_ms(), .seed = -1};
	struct broker *b = ctx;
	json_t *answer = NULL;
	struct err e = {0};
	char path[PATH_MAX];
	int rc = ask_population(b, q, &p.dataset, &answer, &e);

	uuid_make(p.uuid);
	if (rc == 0)
		rc = doc_int_opt(
			http_body(q), "", "seed", 0, RNG_SEED_MAX, &p.seed, &e);
	if (rc == 0)
		rc = insert_population(
			b, &p, legacy_in_message(answer, "models"), &e);
	if (rc == 0)
		rc = write_file(b, p.uuid, &e);
	if (rc == 0)
		rc = file_path(b, p.uuid, path, &e);
	if (rc)
		broker_reply_failure(b, r, &e);
	else
		http_reply_json(r, 200,
			json_pack("{s:{s:s,s:s}}", "message", "uuid", p.uuid,
				"path", path));
	json_decref(answer);
}

/* -- POST /create_child -- */

/* A child of a seeded population draws from the population's seed and the id
 * that is free when it is asked for. */
static json_t *child_request(const struct store_population *p,
	const struct store_model *a, const struct store_model *other,
	int64_t next_id)
{
	json_t *ask = json_object();

	json_object_set_new(ask, "1", stored_json(a->genome));
	json_object_set_new(ask, "2", stored_json(other->genome));
	if (p->seed >= 0)
		json_object_set_new(ask, "seed",
			json_integer(rng_derive(
				(uint64_t)p->seed, 1, (uint64_t)next_id)));
	return ask;
}

/* Adds the child under the next free id, which the transaction makes its own.
 */
static int insert_child(struct broker *b, const char *uuid,
	const json_t *genome, int64_t *id, struct err *e)
{
	struct store_model m = {0}, *all;
	char *text = canonical_text(genome, e);
	struct flat checked;
	struct arena mem;
	size_t n;
	int rc;

	if (!text)
		return e->code;
	arena_init(&mem, BROKER_ARENA_MAX);
	rc = flat_read(genome, "", &checked, e);
	if (rc == 0)
		rc = store_begin(b->store, e);
	if (rc)
		goto release;
	m.genome = text;
	rc = store_models(b->store, &mem, uuid, &all, &n, &m.id, e);
	if (rc == 0)
		rc = store_model_insert(b->store, uuid, &m, e);
	if (rc == 0)
		rc = store_commit(b->store, e);
	else
		store_rollback(b->store);
	*id = m.id;

release:
	arena_release(&mem);
	free(text);
	return rc;
}

static void reply_child(struct http_reply *r, const json_t *answer, int64_t id)
{
	char text[LEGACY_DIGITS_MAX + 2];

	snprintf(text, sizeof text, "%lld", (long long)id);
	http_reply_json(r, 200,
		json_pack("{s:{s:O,s:s}}", "message", "message",
			json_object_get(answer, "message"), "model_id", text));
}

void broker_legacy_child(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	static const char *const known[] = {
		"uuid", "model_id", "second_model_id", NULL};
	struct store_model first, second, *all;
	const json_t *body = http_body(q);
	struct broker *b = ctx;
	struct store_population p;
	json_t *answer = NULL;
	struct err e = {0};
	struct arena mem;
	int64_t id = 0;
	size_t n;
	int rc;

	arena_init(&mem, BROKER_ARENA_MAX);
	rc = doc_only(body, "", known, &e);
	if (rc == 0)
		rc = legacy_read_population(b, body, &mem, &p, &e);
	if (rc == 0)
		rc = legacy_read_model(
			b, body, "model_id", &mem, p.uuid, &first, &e);
	if (rc == 0)
		rc = legacy_read_model(
			b, body, "second_model_id", &mem, p.uuid, &second, &e);
	if (rc == 0)
		rc = store_models(b->store, &mem, p.uuid, &all, &n, &id, &e);
	if (rc == 0)
		rc = genome_away(post_to_genome(b, q, "/create_child",
					 child_request(&p, &first, &second, id),
					 &answer, &e),
			&e);
	if (rc == 0)
		rc = insert_child(
			b, p.uuid, legacy_in_message(answer, "model"), &id, &e);
	if (rc == 0)
		rc = write_file(b, p.uuid, &e);
	if (rc)
		broker_reply_failure(b, r, &e);
	else
		reply_child(r, answer, id);
	json_decref(answer);
	arena_release(&mem);
}
