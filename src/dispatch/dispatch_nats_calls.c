/* dispatch_nats_calls.c -- workers call, and are told what nobody wants.
 *
 * A call: {"info", "host", "draining", "take": [ids], "jobs": [statuses],
 * "failed": [statuses], "unsent", "gone"}, all of them optional: what the
 * worker is, what it has just taken, what it has, what the world has failed,
 * why it cannot publish, and that it leaves.  The answer: {"unknown",
 * "refused", "rest_ms", "unwanted": [ids], "later": [ids]}: it is to say what
 * it is, why it gets nothing, for how long it takes nothing, and which jobs are
 * to be ended or left to others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/doc.h"
#include "dispatch/dispatch_nats.h"
#include "dispatch/member_info.h"
#include "dispatch/worker.h"

#define LOOK_MS 200
#define CALL_BYTES_MOST ((size_t)4 << 20)
#define LIST_MOST 100000
#define REFUSALS_MOST 3 /* in a row, and a worker is set aside */
#define ASIDE_FIRST_MS 800
#define ASIDE_MOST_MS 60000
#define ASIDE_DOUBLINGS 7
#define HOST_MAX 64

/* -- workers; the caller holds the lock -- */

struct nats_worker *nats_worker_find(struct nats_dispatch *d, const char *id)
{
	struct nats_worker *w = d->workers;

	while (w && strcmp(w->info.id, id) != 0)
		w = w->next;
	return w;
}

static size_t count_workers(const struct nats_dispatch *d)
{
	size_t n = 0;

	for (const struct nats_worker *w = d->workers; w; w = w->next)
		n++;
	return n;
}

static struct nats_worker *welcome(struct nats_dispatch *d, const char *id,
	const char *host, struct err *e)
{
	struct nats_worker *w;

	if (count_workers(d) >= DISPATCH_WORKERS_MAX) {
		err_set(e, ERR_BUSY, "there are %d workers, as many as may be",
			DISPATCH_WORKERS_MAX);
		return NULL;
	}
	w = xcalloc(1, sizeof *w);
	snprintf(w->info.id, sizeof w->info.id, "%s", id);
	snprintf(w->info.url, sizeof w->info.url, "queue://%s/%s", host, id);
	w->next = d->workers;
	d->workers = w;
	return w;
}

static void is_there(struct nats_dispatch *d, struct nats_worker *w)
{
	w->called_ms = clock_mono_ms();
	w->info.seen_ms = clock_wall_ms();
	w->info.error[0] = '\0';
	if (w->up)
		return;
	w->up = 1;
	log_info(d->log, "worker-seen", log_worker(w->info.url));
}

/* -- what it says of jobs; the caller holds the lock -- */

static void add_id(json_t *answer, const char *list, const char *id)
{
	json_t *ids = json_object_get(answer, list);

	if (!ids) {
		ids = json_array();
		json_object_set_new(answer, list, ids);
	}
	json_array_append_new(ids, json_string(id));
}

/* Early on it may be one that the store has and nobody has submitted yet. */
static int may_be_known(const struct nats_dispatch *d)
{
	return clock_mono_ms() - d->opened_ms < NATS_GRACE_MS;
}

static void hear_take(struct nats_dispatch *d, struct nats_worker *w,
	const char *id, json_t *answer)
{
	struct nats_job *j = nats_job_find(d, id);
	enum nats_claim c = NATS_UNWANTED;

	if (j)
		c = nats_place_claim(j, w, clock_mono_ms());
	else if (may_be_known(d))
		c = NATS_WANTED;
	if (c == NATS_UNWANTED)
		add_id(answer, "unwanted", id);
	if (c == NATS_LATER)
		add_id(answer, "later", id);
}

static void hear_status(struct nats_dispatch *d, struct nats_worker *w,
	const char *id, const json_t *status, json_t *answer)
{
	struct nats_job *j = nats_job_find(d, id);
	const int64_t now_ms = clock_mono_ms();
	const json_t *progress;
	int64_t images;

	if (j ? !nats_place_told(j, w, now_ms) : !may_be_known(d))
		add_id(answer, "unwanted", id);
	if (!j || j->stage != NATS_OPEN ||
		doc_obj(status, "", "progress", &progress, NULL) ||
		doc_int(progress, "", "images", 0, INT64_MAX, &images, NULL))
		return;
	/* Of two copies that is further counts. */
	if (nats_places_busy(j) == 1 || images > j->pace.images)
		pace_note(&j->pace, images, now_ms);
}

static int64_t aside_ms(int64_t refusals)
{
	int64_t doublings = refusals - REFUSALS_MOST;
	int64_t ms;

	if (doublings > ASIDE_DOUBLINGS)
		doublings = ASIDE_DOUBLINGS;
	ms = (int64_t)ASIDE_FIRST_MS << doublings;
	return ms < ASIDE_MOST_MS ? ms : ASIDE_MOST_MS;
}

/* No room, or what it needs is still on its way: nobody's fault. */
static int is_fault(const char *code)
{
	return strcmp(code, WORKER_CODE_BUSY) != 0 &&
	       strcmp(code, WORKER_CODE_MISSING) != 0;
}

static void note_refusal(struct nats_worker *w, const char *why)
{
	snprintf(w->info.refusal, sizeof w->info.refusal, "%s", why);
	if (++w->info.refusals >= REFUSALS_MOST)
		w->aside_until_ms = clock_mono_ms() +
				    aside_ms(w->info.refusals);
}

/* Its message is in the queue again. */
static void hear_failed(struct nats_dispatch *d, struct nats_worker *w,
	const char *id, const json_t *status)
{
	struct nats_job *j = nats_job_find(d, id);
	struct nats_place *p = j ? nats_place_of(j, w) : NULL;
	const json_t *failure = NULL;
	const char *why = "the worker failed it", *code = "";

	if (!doc_obj_opt(status, "", "failure", &failure, NULL) && failure) {
		doc_str(failure, "", "reason", 1, 1024, &why, NULL);
		doc_str(failure, "", "code", 1, 64, &code, NULL);
	}
	if (is_fault(code))
		note_refusal(w, why);
	if (!p || p->testimony.document)
		return;
	log_warn(d->log, "job-retried", log_job(id), log_worker(w->info.url),
		log_trace(j->trace), log_reason(why));
	nats_job_failed(j, w, why, clock_mono_ms());
	nats_place_free(j, p);
	j->waiting++;
	j->waiting_ms = clock_mono_ms();
}

/* -- a call -- */

/* The id of element i of a list of ids or statuses, or NULL. */
static const char *id_at(const json_t *list, size_t i)
{
	const json_t *v = json_array_get(list, i);
	const char *id = json_string_value(
		json_is_object(v) ? json_object_get(v, "id") : v);

	return id && strlen(id) < DISPATCH_ID_MAX ? id : NULL;
}

static void hear_jobs(struct nats_dispatch *d, struct nats_worker *w,
	const json_t *call, json_t *answer)
{
	const json_t *take = json_object_get(call, "take");
	const json_t *jobs = json_object_get(call, "jobs");
	const json_t *failed = json_object_get(call, "failed");
	const char *id;

	for (size_t i = 0; i < json_array_size(failed); i++)
		if ((id = id_at(failed, i)))
			hear_failed(d, w, id, json_array_get(failed, i));
	for (size_t i = 0; i < json_array_size(jobs); i++)
		if ((id = id_at(jobs, i)))
			hear_status(d, w, id, json_array_get(jobs, i), answer);
	for (size_t i = 0; i < json_array_size(take); i++)
		if ((id = id_at(take, i)))
			hear_take(d, w, id, answer);
}

/* What it may not do for now. */
static void hold_back(const struct nats_worker *w, json_t *answer)
{
	const int64_t left_ms = w->aside_until_ms - clock_mono_ms();

	if (w->liar)
		json_object_set_new(
			answer, "refused", json_string(w->info.refusal));
	if (left_ms > 0)
		json_object_set_new(answer, "rest_ms", json_integer(left_ms));
}

static int check_call(const json_t *call, struct err *e)
{
	static const char *const names[] = {"info", "host", "draining", "take",
		"jobs", "failed", "unsent", "gone", NULL};
	const json_t *list;
	int rc = doc_only(call, "", names, e);

	for (size_t i = 3; rc == 0 && i < 6; i++)
		if (json_object_get(call, names[i]))
			rc = doc_list(
				call, "", names[i], 0, LIST_MOST, &list, e);
	return rc;
}

/* The worker that calls, who is welcome if it says what it is; NULL with an
 * error, or without one: it has not said. */
static struct nats_worker *caller(struct nats_dispatch *d, const char *id,
	const json_t *call, struct err *e)
{
	struct dispatch_worker now = {0};
	struct nats_worker *w = nats_worker_find(d, id);
	const char *host = "?";
	const json_t *info = NULL;

	if (doc_obj_opt(call, "", "info", &info, e) ||
		doc_str_opt(call, "", "host", 1, HOST_MAX, &host, e))
		return NULL;
	if (!info)
		return w;
	if (member_info_read(info, &now, e))
		return NULL;
	if (!w)
		w = welcome(d, id, host, e);
	if (w)
		member_info_read(info, &w->info, e);
	return w;
}

/* The jobs that it leaves behind wait as messages already. */
static void forget(struct nats_dispatch *d, struct nats_worker *w)
{
	struct nats_worker **at = &d->workers;

	for (struct nats_job *j = d->jobs; j; j = j->next) {
		struct nats_place *p = nats_place_of(j, w);

		if (p)
			nats_place_free(j, p);
	}
	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	free(w);
}

static void hear(struct nats_dispatch *d, const char *id, const json_t *call,
	json_t *answer)
{
	const char *unsent = "";
	struct err e = {0};
	struct nats_worker *w = check_call(call, &e) ? NULL
						     : caller(d, id, call, &e);

	if (e.code)
		json_object_set_new(answer, "refused", json_string(e.text));
	if (!w && !e.code)
		json_object_set_new(answer, "unknown", json_true());
	if (!w)
		return;
	if (json_is_true(json_object_get(call, "gone"))) {
		forget(d, w);
		return;
	}
	is_there(d, w);
	doc_str_opt(call, "", "unsent", 1, 1024, &unsent, NULL);
	if (unsent[0])
		snprintf(w->info.error, sizeof w->info.error,
			"its results cannot be sent: %.150s", unsent);
	w->info.draining = json_is_true(json_object_get(call, "draining"));
	hear_jobs(d, w, call, answer);
	hold_back(w, answer);
}

/* -- the thread -- */

static void answer_to(struct nats_dispatch *d, natsMsg *m)
{
	const char *id = natsMsg_GetSubject(m) + strlen(NATS_WORKERS_SUBJECT);
	const size_t n = (size_t)natsMsg_GetDataLength(m);
	json_t *call = NULL, *answer;
	struct err e = {0};
	char *text;

	if (!natsMsg_GetReply(m) || strlen(id) >= DISPATCH_MEMBER_ID_MAX)
		return;
	answer = json_object();
	if (n <= CALL_BYTES_MOST)
		call = doc_parse(natsMsg_GetData(m), n, &e);
	if (!call)
		json_object_set_new(answer, "refused",
			json_string(e.code ? e.text : "the call is too long"));
	pthread_mutex_lock(&d->lock);
	if (call)
		hear(d, id, call, answer);
	pthread_mutex_unlock(&d->lock);
	text = json_dumps(answer, JSON_COMPACT);
	natsConnection_PublishString(d->link.nc, natsMsg_GetReply(m), text);
	free(text);
	json_decref(answer);
	json_decref(call);
}

static int leads(struct nats_dispatch *d)
{
	int yes;

	pthread_mutex_lock(&d->lock);
	yes = d->ready && !d->followed;
	pthread_mutex_unlock(&d->lock);
	return yes;
}

void *nats_calls_main(void *dispatch)
{
	struct nats_dispatch *d = dispatch;
	struct nats_inbox *calls = NULL;

	while (!atomic_load(&d->closing)) {
		natsMsg *m;

		if (!leads(d)) {
			/* Others answer; what has come so far is theirs. */
			nats_inbox_close(calls);
			calls = NULL;
		} else if (!calls) {
			calls = nats_inbox_open(
				&d->link, NATS_WORKERS_SUBJECT "*", NULL);
		}
		if (!calls) {
			clock_sleep_ms(LOOK_MS);
			continue;
		}
		m = nats_inbox_take(calls, LOOK_MS);
		if (m)
			answer_to(d, m);
		natsMsg_Destroy(m);
	}
	nats_inbox_close(calls);
	return NULL;
}

/* -- the verb -- */

/* The lock is held. */
static void list_training(const struct nats_dispatch *d,
	const struct nats_worker *w, struct arena *mem,
	struct dispatch_worker *out)
{
	out->training = arena_array(
		mem, (size_t)w->info.jobs, sizeof *out->training);
	out->jobs = 0;
	for (const struct nats_job *j = d->jobs; j; j = j->next) {
		const struct nats_place *p = nats_place_of(j, w);

		if (p && !p->testimony.document && out->jobs < w->info.jobs)
			out->training[out->jobs++] = arena_strdup(mem, j->id);
	}
}

size_t nats_workers(struct dispatch *dispatch, struct arena *mem,
	struct dispatch_worker **out)
{
	struct nats_dispatch *d = (struct nats_dispatch *)dispatch;
	const int64_t now_ms = clock_mono_ms();
	size_t n = 0;

	pthread_mutex_lock(&d->lock);
	*out = arena_array(mem, count_workers(d), sizeof **out);
	for (const struct nats_worker *w = d->workers; w; w = w->next) {
		struct dispatch_worker *o = &(*out)[n++];

		*o = w->info;
		list_training(d, w, mem, o);
		o->aside = w->liar || w->aside_until_ms > now_ms;
		o->lost = now_ms - w->called_ms > NATS_LOST_MS;
	}
	pthread_mutex_unlock(&d->lock);
	return n;
}

void nats_workers_release(struct nats_dispatch *d)
{
	struct nats_worker *w;

	while ((w = d->workers)) {
		d->workers = w->next;
		free(w);
	}
}
