/* worker_nats_tend.c -- what is here is tended: the queue hears that it is
 * being worked on, the broker how far it is, and both what came of it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/doc.h"
#include "base/hash.h"
#include "dispatch/worker_nats_private.h"
#include "dispatch/worker_push.h"

#define TURN_MS 500
#define CALL_EVERY_MS 2000
#define TOGETHER 128
#define FAILED_FIRST_MS 200
#define FAILED_MOST_MS 60000
#define DOUBLINGS_MOST 10

/* A job that has ended with a result. */
struct ended {
	char id[DISPATCH_ID_MAX],
		subject[sizeof NATS_RESULTS_SUBJECT + DISPATCH_MEMBER_ID_MAX];
	char *body;
};

/* -- results -- */

/* Each reason once; the broker hears it, too. */
static void note_unsent(struct worker_nats *w, const char *id, const char *why)
{
	int news;

	pthread_mutex_lock(&w->lock);
	news = why[0] && strncmp(w->unsent, why, sizeof w->unsent - 1) != 0;
	snprintf(w->unsent, sizeof w->unsent, "%s", why);
	pthread_mutex_unlock(&w->lock);
	if (news)
		log_warn(w->o.log, "result-not-sent", log_job(id),
			log_reason(why));
}

/* Weights go before the result that names them. */
static int bring_weights(struct worker_nats *w, const char *id,
	const json_t *result, struct err *e)
{
	const json_t *weights = json_object_get(result, "weights");
	const char *sha256;
	char *bytes;
	size_t n;
	int rc;

	if (!json_is_object(weights))
		return 0;
	rc = doc_str(weights, "/result/weights", "sha256", 64, 64, &sha256, e);
	if (rc == 0)
		rc = worker_push_weights(w->o.clerk.worker, id, &bytes, &n, e);
	if (rc)
		return rc;
	rc = w->o.keep(w->o.ctx, sha256, bytes, n, e);
	free(bytes);
	return rc;
}

/* The message says which delivery it answers: a job that is asked for once more
 * may give the same result, which is then another message. */
static void write_result(struct worker_nats *w, const struct nats_receipt *r,
	struct worker_status *st, struct ended *out, struct nats_publication *p)
{
	json_t *doc = json_pack("{s:s, s:o}", "worker", w->o.id, "status",
		worker_status_document(out->id, st));
	char hex[SHA256_HEX_BYTES];

	out->body = json_dumps(doc, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(doc);
	snprintf(out->subject, sizeof out->subject, NATS_RESULTS_SUBJECT "%s",
		w->o.id);
	*p = (struct nats_publication){.subject = out->subject,
		.body = out->body,
		.n = strlen(out->body)};
	sha256_of(p->body, p->n, hex);
	snprintf(p->id, sizeof p->id, "%s:%" PRIu64 ":%.16s", out->id, r->seq,
		hex);
}

static int64_t failed_ms(const struct nats_receipt *r)
{
	const int64_t times = r->delivered - 1;
	const int64_t ms = (int64_t)FAILED_FIRST_MS
			   << (times < DOUBLINGS_MOST ? times : DOUBLINGS_MOST);

	return ms < FAILED_MOST_MS ? ms : FAILED_MOST_MS;
}

/* It ended and there is nothing to keep: others may try. */
static void give_up(
	struct worker_nats *w, const char *id, struct worker_status *st)
{
	struct nats_receipt r;

	if (!worker_nats_let_go(w, id, &r))
		return;
	if (st->state == WORKER_CANCELLED) {
		nats_done(&w->link, &r);
		return;
	}
	if (!st->whose)
		st->whose = "world";
	nats_again(&w->link, &r, failed_ms(&r));
	worker_nats_failed(w, worker_status_document(id, st));
}

/* What has ended is written down for publishing; 1 if so. */
static int look(struct worker_nats *w, const char *id, struct ended *out,
	struct nats_publication *p)
{
	struct worker_status st = {.state = WORKER_UNKNOWN};
	struct nats_receipt r;
	struct err e = {0};

	if (!worker_nats_receipt(w, id, &r))
		return 0;
	if (worker_push_look(w->o.clerk.worker, id, 0, &st, &e)) {
		snprintf(st.code, sizeof st.code, "unknown");
		snprintf(st.reason, sizeof st.reason, "%.*s",
			WORKER_REASON_MAX - 1, e.text);
		give_up(w, id, &st);
		return 0;
	}
	if (!worker_state_ended(st.state)) {
		json_decref(st.result);
		return 0;
	}
	if (!st.result) {
		give_up(w, id, &st);
		return 0;
	}
	if (bring_weights(w, id, st.result, &e)) {
		note_unsent(w, id, e.text);
		json_decref(st.result);
		return 0;
	}
	snprintf(out->id, sizeof out->id, "%s", id);
	write_result(w, &r, &st, out, p);
	return 1;
}

static void published(struct worker_nats *w, const struct ended *d,
	const struct nats_publication *p)
{
	struct nats_receipt r;

	note_unsent(w, d->id, p->seq ? "" : p->why.text);
	if (!p->seq)
		return;
	if (worker_nats_let_go(w, d->id, &r))
		nats_done(&w->link, &r);
	worker_push_forget(w->o.clerk.worker, d->id);
}

static void publish_ended(struct worker_nats *w)
{
	static const size_t room = TOGETHER;
	json_t *ids = worker_nats_held(w);
	struct nats_publication *list = xcalloc(room, sizeof *list);
	struct ended *ended = xcalloc(room, sizeof *ended);
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(ids) && n < room; i++)
		n += (size_t)look(w, json_string_value(json_array_get(ids, i)),
			&ended[n], &list[n]);
	if (n > 0)
		nats_publish(&w->link, list, n);
	for (size_t i = 0; i < n; i++) {
		published(w, &ended[i], &list[i]);
		free(ended[i].body);
	}
	free(list);
	free(ended);
	json_decref(ids);
}

/* -- word of what goes on -- */

static void say_working(struct worker_nats *w)
{
	struct nats_receipt *list;
	size_t n = worker_nats_receipts(w, &list);

	for (size_t i = 0; i < n; i++)
		nats_working(&w->link, &list[i]);
	free(list);
}

static void end_unwanted(struct worker_nats *w, const json_t *answer)
{
	const json_t *ids = json_object_get(answer, "unwanted");
	struct nats_receipt r;

	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));

		if (!id || !worker_nats_let_go(w, id, &r))
			continue;
		worker_push_cancel(w->o.clerk.worker, id, NULL);
		nats_done(&w->link, &r);
	}
}

static int has_failed(struct worker_nats *w)
{
	int yes;

	pthread_mutex_lock(&w->lock);
	yes = w->failed != NULL;
	pthread_mutex_unlock(&w->lock);
	return yes;
}

static int64_t patience_ms(struct worker_nats *w)
{
	int64_t ms;

	pthread_mutex_lock(&w->lock);
	ms = w->ack_wait_ms;
	pthread_mutex_unlock(&w->lock);
	return ms;
}

void *worker_nats_tend_main(void *worker)
{
	struct worker_nats *w = worker;
	int64_t seen = 0, call_ms = 0, working_ms = 0, now_ms;
	int was_draining = 0;

	while (!atomic_load(&w->leaving)) {
		const int draining = atomic_load(&w->draining);

		if (nats_link_up(&w->link))
			publish_ended(w);
		now_ms = clock_mono_ms();
		if (now_ms >= working_ms) {
			working_ms = now_ms + patience_ms(w) / 3;
			say_working(w);
		}
		if (now_ms >= call_ms || has_failed(w) ||
			draining != was_draining) {
			json_t *answer = worker_nats_call(w, NULL);

			call_ms = clock_mono_ms() + CALL_EVERY_MS;
			was_draining = draining;
			end_unwanted(w, answer);
			json_decref(answer);
		}
		worker_nats_rest(w, &seen, TURN_MS);
	}
	return NULL;
}
