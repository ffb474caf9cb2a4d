/* dispatch_http_lane.c -- one job at a time on one slot of one worker: submit
 * it, ask until it ends, fetch what it made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/doc.h"
#include "base/hash.h"
#include "dispatch/dispatch_http.h"
#include "http/client.h"

#define SUBMIT_MS 60000  /* the worker may unpack the data set first */
#define POLL_S 2         /* keeps progress fresh */
#define POLL_PAUSE_MS 50 /* for workers that answer without waiting */
#define DELETE_MS 2000
#define WEIGHTS_MS 120000
#define WEIGHTS_MAX ((size_t)1 << 30)
#define RETRY_MOST_MS 60000
#define NO_ANSWER_MOST_MS 2000 /* the lane waits for the worker anyway */
#define STATUS_UNAVAILABLE 503
#define URL_BYTES 1024

/* How an attempt at a job ended. */
enum fate {
	FATE_RESULT,
	FATE_WORLD,     /* the worker says so, or answers nonsense */
	FATE_NO_ANSWER, /* the worker is down or cut off */
	FATE_NO_ROOM,
	FATE_UNWANTED, /* cancelled, or we stop */
};

/* An attempt: the worker, the job and where the job lives on the worker. */
struct attempt {
	struct peer *peer;
	struct open_job *job;
	struct http_lines *lines; /* the lane's */
	char url[URL_BYTES];
	struct dispatch_result result;
};

static int unwanted(void *ctx)
{
	const struct attempt *t = ctx;

	return turn_unwanted(t->peer->d, t->job);
}

/* A call that ends early when the job is no longer wanted. */
static struct http_call call(struct attempt *t, const char *method,
	const char *url, int64_t timeout_ms)
{
	return (struct http_call){
		.method = method,
		.url = url,
		.token = t->peer->d->token,
		.timeout_ms = timeout_ms,
		.lines = t->lines,
		.cancelled = unwanted,
		.cancelled_ctx = t,
	};
}

/* The fate that a failed call means; status 0 is no answer at all.  A worker
 * that drains says 503 too, and will be gone in a moment. */
static enum fate failed_call(int status, const struct err *e)
{
	if (e->code == ERR_CANCELLED)
		return FATE_UNWANTED;
	if (status == 0)
		return FATE_NO_ANSWER;
	return status == STATUS_UNAVAILABLE ? FATE_NO_ROOM : FATE_WORLD;
}

/* FATE_RESULT here means that the worker has the job. */
static enum fate submit(struct attempt *t, struct err *e)
{
	char url[URL_BYTES];
	struct http_call c = call(t, "POST", url, SUBMIT_MS);
	json_t *answer;
	int status = 0;

	snprintf(url, sizeof url, "%s/v1/jobs", t->peer->info.url);
	c.text = t->job->body;
	if (http_call_json(&c, &answer, &status, e))
		return failed_call(status, e);
	json_decref(answer);
	return FATE_RESULT;
}

static void note_progress(struct attempt *t, const json_t *status)
{
	const json_t *progress;
	int64_t images;

	if (doc_obj(status, "", "progress", &progress, NULL))
		return;
	if (doc_int(progress, "", "images", 0, INT64_MAX, &images, NULL))
		return;
	turn_progress(t->peer->d, t->job, images);
}

/* The weights that the result names; bytes with another hash are a broken
 * link's. */
static enum fate fetch_weights(
	struct attempt *t, const json_t *weights, struct err *e)
{
	char url[URL_BYTES + sizeof "/weights"], hex[SHA256_HEX_BYTES];
	struct http_call c = call(t, "GET", url, WEIGHTS_MS);
	struct http_answer a;
	const char *sha256;

	if (doc_str(weights, "/result/weights", "sha256", 64, 64, &sha256, e))
		return FATE_WORLD;
	c.answer_max = WEIGHTS_MAX;
	snprintf(url, sizeof url, "%s/weights", t->url);
	if (http_call(&c, &a, e))
		return failed_call(0, e);
	sha256_of(a.body, a.n, hex);
	if (a.status != 200 || strcmp(hex, sha256) != 0) {
		err_set(e, ERR_WORLD,
			"the weights did not arrive whole (status %d)",
			a.status);
		http_answer_release(&a);
		return FATE_WORLD;
	}
	t->result.n_weights = a.n;
	t->result.weights = xcalloc(1, a.n + 1);
	memcpy(t->result.weights, a.body, a.n);
	http_answer_release(&a);
	return FATE_RESULT;
}

/* The result counts when all of it is here: weights first, then delivery. */
static enum fate take_result(
	struct attempt *t, const json_t *doc, struct err *e)
{
	const json_t *weights = NULL;
	enum fate fate;
	const char *id;

	if (doc_str(doc, "/result", "id", 1, DISPATCH_ID_MAX - 1, &id, e))
		return FATE_WORLD;
	if (strcmp(id, t->job->id) != 0) {
		err_set(e, ERR_WORLD, "the worker answered for another job");
		return FATE_WORLD;
	}
	if (doc_obj_opt(doc, "/result", "weights", &weights, e))
		return FATE_WORLD;
	if (weights) {
		fate = fetch_weights(t, weights, e);
		if (fate != FATE_RESULT)
			return fate;
	}
	strcpy(t->result.id, id);
	t->result.document = json_incref((json_t *)doc);
	return FATE_RESULT;
}

/* The sentence of a world failure that the worker reports. */
static void report(const json_t *status, const char *state, struct err *e)
{
	const json_t *failure = NULL;
	const char *reason = state;

	if (!doc_obj_opt(status, "", "failure", &failure, NULL) && failure)
		doc_str(failure, "", "reason", 1, 1024, &reason, NULL);
	err_set(e, ERR_WORLD, "%s", reason);
}

/* Reads one status document; `*ended` says whether asking is over. */
static enum fate read_status(
	struct attempt *t, const json_t *status, int *ended, struct err *e)
{
	const json_t *result = NULL;
	const char *state;

	*ended = 1;
	if (doc_str(status, "", "state", 1, 32, &state, e) ||
		doc_obj_opt(status, "", "result", &result, e))
		return FATE_WORLD;
	if (result)
		return take_result(t, result, e);
	if (strcmp(state, "queued") == 0 || strcmp(state, "running") == 0) {
		note_progress(t, status);
		*ended = 0;
		return FATE_RESULT;
	}
	report(status, state, e);
	return FATE_WORLD;
}

/* Asks until the job has ended.  A worker that has never heard of it has been
 * restarted since: the world's failure, and the job is submitted anew. */
static enum fate follow(struct attempt *t, struct err *e)
{
	char url[URL_BYTES + 32];
	struct http_call c = call(
		t, "GET", url, POLL_S * 1000 + WORKER_SILENCE_MS);
	enum fate fate;
	json_t *answer;
	int ended, status;

	snprintf(url, sizeof url, "%s?wait_s=%d", t->url, POLL_S);
	do {
		status = 0;
		if (http_call_json(&c, &answer, &status, e))
			return failed_call(status, e);
		fate = read_status(t, answer, &ended, e);
		json_decref(answer);
		if (!ended)
			clock_sleep_ms(POLL_PAUSE_MS);
	} while (!ended);
	return fate;
}

/* Tells the worker that the job, or its result, is not wanted; it would notice
 * by itself in a while, so a failure does not matter. */
static void withdraw(struct attempt *t)
{
	struct http_call c = {
		.method = "DELETE",
		.url = t->url,
		.token = t->peer->d->token,
		.timeout_ms = DELETE_MS,
		.lines = t->lines,
	};
	struct http_answer a;

	if (!http_call(&c, &a, NULL))
		http_answer_release(&a);
}

/* The worker is asked nothing until its watcher has seen it again. */
static void mark_down(struct peer *p)
{
	pthread_mutex_lock(&p->d->lock);
	p->up = 0;
	queue_leave(p);
	pthread_cond_broadcast(&p->d->work);
	pthread_mutex_unlock(&p->d->lock);
}

static int stopping(struct http_dispatch *d)
{
	int yes;

	pthread_mutex_lock(&d->lock);
	yes = d->stopping;
	pthread_mutex_unlock(&d->lock);
	return yes;
}

/* Gives the job back according to its fate. */
static void settle(struct attempt *t, enum fate fate, const struct err *e)
{
	struct peer *p = t->peer;

	if (fate == FATE_WORLD || fate == FATE_NO_ANSWER)
		log_warn(p->d->log, "job-retried",
			"job=%s worker=%s why=\"%s\"", t->job->id, p->info.url,
			e->text);
	switch (fate) {
	case FATE_RESULT: turn_deliver(p, t->job, &t->result); break;
	case FATE_WORLD: turn_retry(t->job, p, RETRY_MOST_MS, e); break;
	case FATE_NO_ANSWER:
		mark_down(p);
		turn_retry(t->job, p, NO_ANSWER_MOST_MS, e);
		break;
	case FATE_NO_ROOM: turn_no_room(t->job, p); break;
	case FATE_UNWANTED:
		if (!stopping(p->d))
			withdraw(t);
		turn_drop(p->d, t->job);
		break;
	}
}

static void set_url(struct attempt *t)
{
	char *id = http_encode(t->job->id);

	snprintf(t->url, sizeof t->url, "%s/v1/jobs/%s", t->peer->info.url, id);
	free(id);
}

static void run_job(
	struct peer *p, struct open_job *j, struct http_lines *lines)
{
	struct attempt t = {.peer = p, .job = j, .lines = lines};
	struct err e = {0};
	enum fate fate;

	set_url(&t);
	fate = submit(&t, &e);
	if (fate == FATE_RESULT)
		fate = follow(&t, &e);
	settle(&t, fate, &e);
	dispatch_result_release(&t.result);
	pthread_mutex_lock(&p->d->lock);
	p->info.jobs--;
	pthread_mutex_unlock(&p->d->lock);
}

static void part_with(
	struct peer *p, struct open_job *j, struct http_lines *lines)
{
	struct attempt t = {.peer = p, .job = j, .lines = lines};

	set_url(&t);
	withdraw(&t);
	turn_parted(p->d, j);
}

void *lane_main(void *lane)
{
	struct http_lines *lines = http_lines_new();
	struct lane *l = lane;
	struct open_job *j;

	while ((j = turn_take(l)))
		if (j->stage == JOB_PARTING)
			part_with(l->peer, j, lines);
		else
			run_job(l->peer, j, lines);
	http_lines_free(lines);
	return NULL;
}
