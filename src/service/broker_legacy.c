/* broker_legacy.c -- the endpoints of existing clients: populations, a model's
 * training, a child.  Spelling and shapes are theirs.
 *
 * The store is the truth; models/<uuid>.json is written from it after every
 * change, for clients that read the file. */
#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/canonical.h"
#include "base/clock.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/rng.h"
#include "base/uuid.h"
#include "data/dataset.h"
#include "http/client.h"
#include "run/genome_json.h"
#include "run/generation_json.h"
#include "run/settings.h"
#include "service/broker.h"

#define GENOME_CALL_MS 60000
#define TRAIN_CALL_MS ((int64_t)7 * 24 * 3600 * 1000)
#define TRAIN_TRIES 5
#define DIGITS_MAX 18

/* -- calls to the other services -- */

static int asker_gone(void *ctx)
{
	return http_draining(ctx);
}

/* POSTs `body` (its reference is taken over) and gives the answer. */
static int post(struct broker *b, const struct http_request *q,
	const char *base, const char *path, json_t *body, int64_t timeout_ms,
	json_t **answer, struct err *e)
{
	char url[512];
	int rc;

	snprintf(url, sizeof url, "%s%s", base, path);
	rc = http_call_json(&(struct http_call){.method = "POST",
				    .url = url,
				    .json = body,
				    .token = b->token,
				    .timeout_ms = timeout_ms,
				    .cancelled = asker_gone,
				    .cancelled_ctx = (void *)q},
		answer, NULL, e);
	json_decref(body);
	return rc;
}

static int genome_away(int rc, struct err *e)
{
	if (rc != ERR_WORLD)
		return rc;
	return err_set(
		e, ERR_BUSY, "the genome service does not answer; try again");
}

/* The member of the answer's "message", or NULL. */
static const json_t *in_message(const json_t *answer, const char *name)
{
	return json_object_get(json_object_get(answer, "message"), name);
}

/* -- the population's file -- */

static json_t *genomes_by_id(const struct store_model *m, size_t n)
{
	json_t *doc = json_object();
	char id[DIGITS_MAX + 2];

	for (size_t i = 0; i < n; i++) {
		snprintf(id, sizeof id, "%lld", (long long)m[i].id);
		json_object_set_new(doc, id, broker_stored_json(m[i].genome));
	}
	return doc;
}

static void file_name(const char *uuid, char out[64])
{
	snprintf(out, 64, "models/%s.json", uuid);
}

/* Writes models/<uuid>.json from the store.  files_lock is held meanwhile, so
 * that of two changes the later one's file stays. */
static int write_file(struct broker *b, const char *uuid, struct err *e)
{
	char path[PATH_MAX], name[64], *text = NULL;
	struct store_model *models;
	struct arena mem;
	json_t *doc;
	size_t n;
	int rc;

	file_name(uuid, name);
	if (snprintf(path, sizeof path, "%s/%s", b->data_dir, name) >=
		(int)sizeof path)
		return err_set(e, ERR_WORLD, "the data folder's path is long");
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

/* The client must not see paths of this machine. */
static void reply_failure(
	struct broker *b, struct http_reply *r, const struct err *e)
{
	struct err shown = *e;

	if (e->code == ERR_WORLD) {
		log_error(b->log, "request_failed", "reason=\"%s\"", e->text);
		err_set(&shown, ERR_WORLD,
			"the broker could not save or reach something it "
			"needs; its log says what");
	}
	http_reply_error(r, &shown);
}

/* -- POST /create_initial_poblation -- */

static int dataset_exists(struct broker *b, const char *name, struct err *e)
{
	char path[DATASET_PATH_MAX];
	int rc = dataset_prepare(name, b->datasets_dir, path, e);

	if (rc == ERR_NOT_FOUND || rc == ERR_INVALID)
		strcpy(e->where, "/dataset");
	return rc;
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
		int rc = genome_read(v, "", &genome, e);

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

/* Asks for the genomes; the genome service checks all but the data set. */
static int ask_population(struct broker *b, const struct http_request *q,
	const char **dataset, json_t **answer, struct err *e)
{
	json_t *ask;
	int rc;

	*dataset = "fashion-mnist";
	rc = doc_str_opt(http_body(q), "", "dataset", 1,
		SETTINGS_DATASET_MAX - 1, dataset, e);
	if (rc == 0 && json_object_get(http_body(q), "dataset"))
		rc = dataset_exists(b, *dataset, e);
	if (rc)
		return rc;
	ask = json_copy((json_t *)http_body(q));
	json_object_del(ask, "dataset");
	rc = post(b, q, b->genome_url, "/create_initial_poblation", ask,
		GENOME_CALL_MS, answer, e);
	return genome_away(rc, e);
}

void broker_legacy_population(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct store_population p = {.created_ms = clock_wall_ms()};
	struct broker *b = ctx;
	json_t *answer = NULL;
	struct err e = {0};
	char name[64];
	int rc = ask_population(b, q, &p.dataset, &answer, &e);

	if (rc == 0) {
		const json_t *seed = json_object_get(http_body(q), "seed");

		uuid_make(p.uuid);
		p.seed = json_is_integer(seed) ? json_integer_value(seed) : -1;
		rc = insert_population(b, &p, in_message(answer, "models"), &e);
	}
	if (rc == 0)
		rc = write_file(b, p.uuid, &e);
	if (rc) {
		reply_failure(b, r, &e);
	} else {
		file_name(p.uuid, name);
		http_reply_json(r, 200,
			json_pack("{s:{s:s,s:s}}", "message", "uuid", p.uuid,
				"path", name));
	}
	json_decref(answer);
}

/* -- naming a stored model -- */

/* A number, or a string of digits. */
static int read_model_id(
	const json_t *body, const char *name, int64_t *id, struct err *e)
{
	const json_t *v = json_object_get(body, name);
	const char *text = json_string_value(v);

	if (text) {
		size_t digits = strspn(text, "0123456789");

		if (digits == 0 || digits > DIGITS_MAX || text[digits])
			return err_at(e, ERR_INVALID, "", name,
				"\"%s\" must be a number or a string of 1 to "
				"%d digits",
				name, DIGITS_MAX);
		*id = strtoll(text, NULL, 10);
		return 0;
	}
	return doc_int(body, "", name, 0, RNG_SEED_MAX, id, e);
}

static int read_population(struct broker *b, const json_t *body,
	struct arena *mem, struct store_population *p, struct err *e)
{
	char uuid[UUID_TEXT_BYTES];
	const char *text;
	int rc = doc_str(body, "", "uuid", 0, 1000, &text, e);

	if (rc)
		return rc;
	if (!uuid_parse(text, uuid))
		return err_at(
			e, ERR_INVALID, "", "uuid", "\"uuid\" is not a UUID");
	rc = store_population_get(b->store, mem, uuid, p, e);
	if (rc == ERR_NOT_FOUND)
		return err_at(
			e, rc, "", "uuid", "there is no population %s", uuid);
	return rc;
}

static int read_model(struct broker *b, const json_t *body, const char *name,
	struct arena *mem, const char *uuid, struct store_model *m,
	struct err *e)
{
	int64_t id;
	int rc = read_model_id(body, name, &id, e);

	if (rc)
		return rc;
	rc = store_model_get(b->store, mem, uuid, id, m, e);
	if (rc == ERR_NOT_FOUND)
		return err_at(e, rc, "", name,
			"the population has no model %lld", (long long)id);
	return rc;
}

/* -- POST /create_cnn_model -- */

/* The evolutioner with the most free slots.  False when none answers. */
static int pick_evolutioner(struct broker *b, char url[256])
{
	struct dispatch_worker w[DISPATCH_WORKERS_MAX];
	size_t n = dispatch_workers(b->dispatch, w, DISPATCH_WORKERS_MAX);
	int64_t most = -1;

	for (size_t i = 0; i < n && i < DISPATCH_WORKERS_MAX; i++) {
		if (w[i].lost || w[i].seen_ms == 0 || w[i].free <= most)
			continue;
		most = w[i].free;
		memcpy(url, w[i].url, 256);
	}
	return most >= 0;
}

static json_t *train_request(const struct store_population *p,
	const struct store_model *m, const json_t *body)
{
	static const char *const passed_on[] = {
		"epochs", "seed", "train_limit"};
	json_t *ask = broker_stored_json(m->genome);

	json_object_set_new(ask, "dataset", json_string(p->dataset));
	for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++) {
		json_t *v = json_object_get(body, passed_on[i]);

		if (v)
			json_object_set(ask, passed_on[i], v);
	}
	return ask;
}

/* An evolutioner that dies under the request is the world's failure: another
 * one, or the same one restarted, is asked again. */
static int train(struct broker *b, const struct http_request *q,
	const struct store_population *p, const struct store_model *m,
	json_t **answer, struct err *e)
{
	char url[256];
	int rc = ERR_WORLD;

	for (int i = 0; rc == ERR_WORLD && i < TRAIN_TRIES; i++) {
		if (i > 0)
			clock_sleep_ms(500 << i);
		if (pick_evolutioner(b, url))
			rc = post(b, q, url, "/create_cnn_model",
				train_request(p, m, http_body(q)),
				TRAIN_CALL_MS, answer, e);
	}
	if (rc == ERR_WORLD)
		return err_set(e, ERR_BUSY,
			"no evolutioner answers; try again when one does");
	return rc;
}

static int save_score(struct broker *b, const char *uuid, int64_t id,
	const json_t *answer, struct err *e)
{
	double score = json_number_value(in_message(answer, "score"));
	char *text = canonical_text(answer, e);
	int rc;

	if (!text)
		return e->code;
	rc = store_begin(b->store, e);
	if (rc == 0) {
		rc = store_model_score(b->store, uuid, id, score, text, e);
		if (rc == 0)
			rc = store_commit(b->store, e);
		else
			store_rollback(b->store);
	}
	free(text);
	return rc;
}

void broker_legacy_train(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	static const char *const known[] = {
		"uuid", "model_id", "epochs", "seed", "train_limit", NULL};
	struct broker *b = ctx;
	struct store_population p;
	struct store_model m;
	json_t *answer = NULL;
	struct err e = {0};
	struct arena mem;
	int rc;

	arena_init(&mem, BROKER_ARENA_MAX);
	rc = doc_only(http_body(q), "", known, &e);
	if (rc == 0)
		rc = read_population(b, http_body(q), &mem, &p, &e);
	if (rc == 0)
		rc = read_model(
			b, http_body(q), "model_id", &mem, p.uuid, &m, &e);
	if (rc == 0)
		rc = train(b, q, &p, &m, &answer, &e);
	if (rc == 0)
		rc = save_score(b, p.uuid, m.id, answer, &e);
	if (rc)
		reply_failure(b, r, &e);
	else
		http_reply_json(r, 200, json_pack("{s:O}", "message", answer));
	json_decref(answer);
	arena_release(&mem);
}

/* -- POST /create_child -- */

/* Without a seed of the client's, a child of a seeded population draws from
 * the population's seed and its own id. */
static json_t *child_request(const struct store_population *p,
	const struct store_model *a, const struct store_model *other,
	int64_t next_id)
{
	json_t *ask = json_object();

	json_object_set_new(ask, "1", broker_stored_json(a->genome));
	json_object_set_new(ask, "2", broker_stored_json(other->genome));
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
	rc = genome_read(genome, "", &checked, e);
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
	char text[DIGITS_MAX + 2];

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
		rc = read_population(b, body, &mem, &p, &e);
	if (rc == 0)
		rc = read_model(b, body, "model_id", &mem, p.uuid, &first, &e);
	if (rc == 0)
		rc = read_model(
			b, body, "second_model_id", &mem, p.uuid, &second, &e);
	if (rc == 0)
		rc = store_models(b->store, &mem, p.uuid, &all, &n, &id, &e);
	if (rc == 0)
		rc = genome_away(post(b, q, b->genome_url, "/create_child",
					 child_request(&p, &first, &second, id),
					 GENOME_CALL_MS, &answer, &e),
			&e);
	if (rc == 0)
		rc = insert_child(
			b, p.uuid, in_message(answer, "model"), &id, &e);
	if (rc == 0)
		rc = write_file(b, p.uuid, &e);
	if (rc)
		reply_failure(b, r, &e);
	else
		reply_child(r, answer, id);
	json_decref(answer);
	arena_release(&mem);
}
