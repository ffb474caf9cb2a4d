/* broker_runs.c -- /v1/runs: create, show, pause, resume, cancel. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "base/clock.h"
#include "base/rng.h"
#include "base/uuid.h"
#include "run/run.h"
#include "service/broker/broker.h"
#include "service/broker/fork_source.h"
#include "service/broker/patience.h"
#include "service/driver/choice.h"
#include "service/driver/fork_genomes.h"
#include "service/driver/kernel_choice.h"

#define KEY_MAX 200

static char *settings_text(const struct run_settings *s)
{
	json_t *doc = settings_write(s);
	char *text = canonical_text(doc, NULL);

	assert(text); /* settings hold finite numbers only */
	json_decref(doc);
	return text;
}

static char *document_text(const char *uuid, const struct run_settings *s)
{
	struct run *run = calloc(1, sizeof *run);
	json_t *doc;
	char *text;

	assert(run);
	run_init(run, uuid, s);
	doc = run_document(run);
	text = canonical_text(doc, NULL);
	assert(text);
	json_decref(doc);
	run_release(run);
	free(run);
	return text;
}

static int insert(struct broker *b, struct store_run *row, struct err *e)
{
	int rc = store_begin(b->store, e);

	if (rc)
		return rc;
	rc = store_run_insert(b->store, row, e);
	if (rc == 0)
		rc = store_event_add(b->store, row->uuid, "run",
			"{\"state\":\"created\",\"stop_reason\":null}",
			row->created_ms, NULL, e);
	if (rc == 0)
		return store_commit(b->store, e);
	store_rollback(b->store);
	return rc;
}

/* Stores the run and starts its driver, which nobody else takes the room of
 * meanwhile: a stored run without a driver would wait for a restart. */
static int insert_and_start(
	struct broker *b, struct store_run *row, struct err *e)
{
	int rc;

	pthread_mutex_lock(&b->create_lock);
	rc = drivers_room(b->drivers, e);
	if (rc == 0)
		rc = insert(b, row, e);
	/* If it is there after all, a driver finds it. */
	if (rc == ERR_UNKNOWN)
		log_error(b->log, "run-unknown", log_run(row->uuid),
			log_reason(e->text));
	if (rc == 0 || rc == ERR_UNKNOWN)
		rc = drivers_start(b->drivers, row->uuid, e);
	if (rc == ERR_NOT_FOUND)
		rc = err_set(e, ERR_WORLD, "the run could not be saved");
	pthread_mutex_unlock(&b->create_lock);
	return rc;
}

static int create(struct broker *b, const struct run_settings *s,
	struct store_run *row, struct err *e)
{
	char *settings = settings_text(s), *document;
	struct trace t;
	int rc;

	uuid_make(row->uuid);
	trace_of_run(row->trace, row->uuid, &t);
	document = document_text(row->uuid, s);
	row->created_ms = row->updated_ms = clock_wall_ms();
	row->generation = -1;
	row->state = run_state_name(RUN_CREATED);
	row->settings = settings;
	row->document = document;
	rc = insert_and_start(b, row, e);
	if (rc == 0)
		log_info(b->log, "run-created", log_run(row->uuid),
			log_trace(t.id));
	row->settings = row->document = NULL;
	free(settings);
	free(document);
	return rc;
}

/* Finds the run made earlier under the same key.  True when it answered. */
static int answered_before(struct broker *b, struct http_reply *r,
	const char *key, const char *request_hash)
{
	struct store_run row;
	struct arena mem;
	struct err e;
	int rc;

	arena_init(&mem, BROKER_ARENA_MAX);
	rc = store_run_by_key(b->store, &mem, key, &row, &e);
	if (rc == 0 && strcmp(row.request_hash, request_hash) == 0) {
		broker_reply_run(b, r, 202, row.uuid);
	} else if (rc == 0) {
		err_set(&e, ERR_CONFLICT,
			"this Idempotency-Key made run %s from another body",
			row.uuid);
		broker_reply_failure(b, r, &e);
	} else if (rc != ERR_NOT_FOUND) {
		broker_reply_failure(b, r, &e);
	}
	arena_release(&mem);
	return rc != ERR_NOT_FOUND;
}

static int check_key(const char *key, struct err *e)
{
	if (key && (!key[0] || strlen(key) > KEY_MAX))
		return err_set(e, ERR_RANGE,
			"Idempotency-Key must have 1 to %d bytes", KEY_MAX);
	return 0;
}

#define FIRST_WAIT_MS 1000
#define SPEED_WAIT_MS 15000 /* where somebody is there, who measures it */
#define LOOK_EVERY_MS 50

/* What takes longer than a moment the run's driver does. */
static int fill_data(struct broker *b, const struct http_request *q,
	struct run_settings *s, struct err *e)
{
	struct patience p = patience_for(q);
	const struct data_watch watch = patience_watch(&p);
	int rc = data_choose(&b->place, &watch, s, e);

	return rc == ERR_CANCELLED ? 0 : rc;
}

/* Those who just started get a moment to say what they can; after it the run is
 * created all the same, and begins when they do. */
static int choose(struct broker *b, const struct http_request *q,
	struct run_settings *s, struct err *e)
{
	const int64_t began_ms = clock_mono_ms();
	int rc;

	while ((rc = choice_make(b->dispatch, s, e)) == ERR_BUSY) {
		int64_t most_ms = s->kernels[0] ? SPEED_WAIT_MS : FIRST_WAIT_MS;

		if (http_draining(q) || clock_mono_ms() - began_ms > most_ms)
			return 0;
		clock_sleep_ms(LOOK_EVERY_MS);
	}
	return rc;
}

/* What needs no look at the data; who waits for these waits for workers, too.
 */
static int choose_kernels(
	struct broker *b, struct run_settings *s, struct err *e)
{
	int rc = kernels_choose(b->dispatch, s->kernels, e);

	return rc == ERR_BUSY ? 0 : rc;
}

/* The known genomes, which rest on all else: of a fork, when all else is
 * there. */
static int fill_seeds(struct broker *b, struct run_settings *s, struct err *e)
{
	if (s->has_fork)
		return settings_data_open(s) || choice_open(s)
			       ? fork_settle(b->store, s, e)
			       : fork_enter(b->store, s, e);
	return settings_data_open(s) ? 0 : settings_check_seeds(s, e);
}

static int complete_settings(struct broker *b, const struct http_request *q,
	struct run_settings *s, struct err *e)
{
	json_t *body = fork_source_merge(b, http_body(q), e);
	int rc = body ? settings_read(body, s, e) : e->code;

	json_decref(body);
	if (rc == 0)
		rc = fill_data(b, q, s, e);
	if (rc == 0)
		rc = settings_data_open(s) ? choose_kernels(b, s, e)
					   : choose(b, q, s, e);
	if (rc == 0)
		rc = fill_seeds(b, s, e);
	if (rc == 0 && !s->has_seed)
		s->seed = rng_seed_random();
	s->has_seed = 1;
	return rc;
}

/* The traceparent to keep: the client's, or NULL where it has none. */
static const char *trace_asked_in(
	const struct http_request *q, char out[TRACE_PARENT_BYTES])
{
	struct trace t;

	if (trace_read(http_header(q, "traceparent"), &t))
		return NULL;
	trace_write(&t, out);
	return out;
}

void broker_run_create(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	const char *key = http_header(q, "Idempotency-Key");
	struct broker *b = ctx;
	char trace[TRACE_PARENT_BYTES];
	struct store_run row = {.idempotency_key = key};
	struct run_settings s = {.seeds = NULL};
	struct err e = {0};
	char *body;
	int rc = check_key(key, &e);

	if (rc == 0 && !(body = canonical_text(http_body(q), &e)))
		rc = e.code;
	if (rc) {
		broker_reply_failure(b, r, &e);
		return;
	}
	sha256_of(body, strlen(body), row.request_hash);
	free(body);
	if (key && answered_before(b, r, key, row.request_hash))
		return;
	row.trace = trace_asked_in(q, trace);
	rc = complete_settings(b, q, &s, &e);
	if (rc == 0)
		rc = create(b, &s, &row, &e);
	settings_release(&s);
	/* Two requests with one key at the same moment: one of them made it. */
	if (rc == ERR_CONFLICT && key &&
		answered_before(b, r, key, row.request_hash))
		return;
	if (rc)
		broker_reply_failure(b, r, &e);
	else
		broker_reply_run(b, r, 202, row.uuid);
}

void broker_run_show(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct broker *b = ctx;
	struct store_run row;
	struct arena mem;

	arena_init(&mem, BROKER_ARENA_MAX);
	if (broker_run_find(b, q, r, &mem, &row) == 0)
		http_reply_json(r, 200, broker_run_view(b, &row));
	arena_release(&mem);
}

/* An order to a run that has no driver: its state is final, and says so. */
static void refuse_order(
	struct http_reply *r, const struct store_run *row, const char *verb)
{
	struct err e;

	err_set(&e, ERR_CONFLICT, "the run is %s; it cannot be %s", row->state,
		verb);
	http_reply_error(r, &e);
}

static void give_order(void *ctx, const struct http_request *q,
	struct http_reply *r, enum driver_order order, const char *verb)
{
	struct broker *b = ctx;
	struct store_run row;
	struct arena mem;
	struct err e = {0};
	int rc;

	arena_init(&mem, BROKER_ARENA_MAX);
	if (broker_run_find(b, q, r, &mem, &row) == 0) {
		rc = drivers_order(b->drivers, row.uuid, order, &e);
		if (rc == ERR_NOT_FOUND && broker_run_find(b, q, r, &mem, &row))
			goto release;
		if (rc == ERR_NOT_FOUND)
			refuse_order(r, &row, verb);
		else if (rc)
			broker_reply_failure(b, r, &e);
		else
			broker_reply_run(b, r, 200, row.uuid);
	}

release:
	arena_release(&mem);
}

void broker_run_pause(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	give_order(ctx, q, r, ORDER_PAUSE, "paused");
}

void broker_run_resume(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	give_order(ctx, q, r, ORDER_RESUME, "resumed");
}

void broker_run_cancel(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	give_order(ctx, q, r, ORDER_CANCEL, "cancelled");
}
