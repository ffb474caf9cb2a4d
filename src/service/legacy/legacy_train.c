/* legacy_train.c -- POST /create_cnn_model: an evolutioner trains a model of a
 * saved population, and its score is saved with it. */
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "base/clock.h"
#include "base/doc.h"
#include "service/legacy/broker_legacy.h"

#define TRAIN_CALL_MS ((int64_t)7 * 24 * 3600 * 1000)
#define TRAIN_TRIES 5
#define LOOK_EVERY_MS 100

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

/* Sleeps, unless our own server drains meanwhile. */
static void pause_for(const struct http_request *q, int64_t ms)
{
	int64_t until = clock_mono_ms() + ms;

	while (clock_mono_ms() < until && !http_draining(q))
		clock_sleep_ms(LOOK_EVERY_MS);
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
			pause_for(q, 500 << i);
		if (http_draining(q))
			break;
		if (pick_evolutioner(b, url))
			rc = legacy_post(b, q, url, "/create_cnn_model",
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
	const json_t *score = legacy_in_message(answer, "score");
	char *text;
	int rc;

	if (!json_is_number(score))
		return err_set(e, ERR_WORLD, "the evolutioner sent no score");
	text = canonical_text(answer, e);
	if (!text)
		return e->code;
	rc = store_begin(b->store, e);
	if (rc == 0) {
		rc = store_model_score(
			b->store, uuid, id, json_number_value(score), text, e);
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
		rc = legacy_read_population(b, http_body(q), &mem, &p, &e);
	if (rc == 0)
		rc = legacy_read_model(
			b, http_body(q), "model_id", &mem, p.uuid, &m, &e);
	if (rc == 0)
		rc = train(b, q, &p, &m, &answer, &e);
	if (rc == 0)
		rc = save_score(b, p.uuid, m.id, answer, &e);
	if (rc)
		broker_reply_failure(b, r, &e);
	else
		http_reply_json(r, 200, json_pack("{s:O}", "message", answer));
	json_decref(answer);
	arena_release(&mem);
}
