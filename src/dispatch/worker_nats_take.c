/* worker_nats_take.c -- jobs are taken: as many as there are free slots, of the
 * classes that this machine runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/doc.h"
#include "dispatch/worker_nats_private.h"
#include "dispatch/worker_push.h"

#define TOGETHER 64
#define REST_MS 100
#define WAIT_MS 1000    /* at the queue, where there is one class, ... */
#define WAIT_MANY_MS 50 /* ... and where there are more */
#define AGAIN_MS 1000   /* a class that has no consumer yet is asked for */
#define BUSY_MS 1000
#define REFUSED_FIRST_MS 200
#define REFUSED_MOST_MS 60000
#define DOUBLINGS_MOST 10

/* A class of kernels that we run, best first. */
struct source {
	char kernels[32];
	natsSubscription *sub;
	int made;         /* of the link, when it was subscribed to */
	int64_t again_ms; /* not there: asked for then */
};

struct taking {
	struct worker_nats *w;
	struct source sources[DISPATCH_KERNELS_MAX];
	size_t n;
};

/* A message that was fetched. */
struct taken {
	const char *id; /* of `job` */
	json_t *job;
	struct nats_receipt receipt;
};

/* -- where jobs come from -- */

static void list_sources(struct taking *t)
{
	json_t *info = t->w->o.info(t->w->o.ctx);
	const json_t *list = json_object_get(info, "kernels");

	for (size_t i = 0;
		i < json_array_size(list) && t->n < DISPATCH_KERNELS_MAX; i++)
		snprintf(t->sources[t->n++].kernels, sizeof t->sources->kernels,
			"%s", json_string_value(json_array_get(list, i)));
	json_decref(info);
}

/* How long a message waits for word of it is the consumer's to say. */
static void learn_patience(struct worker_nats *w, natsSubscription *sub)
{
	jsConsumerInfo *info = NULL;

	if (natsSubscription_GetConsumerInfo(&info, sub, NULL, NULL))
		return;
	pthread_mutex_lock(&w->lock);
	if (info->Config && info->Config->AckWait > 0)
		w->ack_wait_ms = info->Config->AckWait / 1000000;
	pthread_mutex_unlock(&w->lock);
	jsConsumerInfo_Destroy(info);
}

static void subscribe(struct worker_nats *w, struct source *s)
{
	char name[sizeof NATS_JOBS_CONSUMER + sizeof s->kernels];
	char subject[sizeof NATS_JOBS_SUBJECT + sizeof s->kernels];
	jsSubOptions o;

	snprintf(name, sizeof name, NATS_JOBS_CONSUMER "%s", s->kernels);
	snprintf(subject, sizeof subject, NATS_JOBS_SUBJECT "%s", s->kernels);
	jsSubOptions_Init(&o);
	o.Stream = NATS_JOBS;
	o.Consumer = name;
	s->made = atomic_load(&w->link.made);
	s->again_ms = clock_mono_ms() + AGAIN_MS;
	if (js_PullSubscribe(
		    &s->sub, w->link.js, subject, name, NULL, &o, NULL))
		s->sub = NULL;
	else
		learn_patience(w, s->sub);
}

static void leave_source(struct source *s)
{
	natsSubscription_Destroy(s->sub);
	s->sub = NULL;
}

/* After each reconnection anew: what was asked for before may still come, and
 * would lie here unseen. */
static int is_there(struct worker_nats *w, struct source *s)
{
	if (s->sub && s->made != atomic_load(&w->link.made))
		leave_source(s);
	if (!s->sub && clock_mono_ms() >= s->again_ms)
		subscribe(w, s);
	return s->sub != NULL;
}

/* -- what is taken -- */

static void turn_down(
	struct worker_nats *w, const struct taken *t, const struct err *why)
{
	struct worker_status st = {.state = WORKER_REFUSED, .whose = "world"};
	const int busy = why->code == ERR_BUSY;
	int64_t doublings = t->receipt.delivered - 1, ms;

	if (doublings > DOUBLINGS_MOST)
		doublings = DOUBLINGS_MOST;
	ms = busy ? BUSY_MS : (int64_t)REFUSED_FIRST_MS << doublings;
	snprintf(st.code, sizeof st.code, "%s",
		busy ? WORKER_CODE_BUSY : "refused");
	snprintf(st.reason, sizeof st.reason, "%.*s", WORKER_REASON_MAX - 1,
		why->text);
	nats_again(&w->link, &t->receipt,
		ms < REFUSED_MOST_MS ? ms : REFUSED_MOST_MS);
	worker_nats_failed(w, worker_status_document(t->id, &st));
}

static void begin(struct worker_nats *w, const struct taken *t)
{
	const struct worker_clerk *c = &w->o.clerk;
	struct err why = {0};

	/* Held before it is offered, which may take a while. */
	worker_nats_hold(w, t->id, &t->receipt);
	if (c->offer(c->ctx, t->job, &why) == 0) {
		worker_nats_offered(w, t->id);
		return;
	}
	worker_nats_let_go(w, t->id, &(struct nats_receipt){.seq = 0});
	turn_down(w, t, &why);
}

/* One that is no job is nobody's. */
static int read_taken(struct worker_nats *w, natsMsg *m, struct taken *out)
{
	struct err e = {0};

	if (nats_receipt_of(m, &out->receipt, &e))
		return 0;
	out->job = doc_parse(
		natsMsg_GetData(m), (size_t)natsMsg_GetDataLength(m), &e);
	if (out->job && doc_str(out->job, "", "id", 1, DISPATCH_ID_MAX - 1,
				&out->id, &e) == 0) {
		if (!worker_nats_holds(w, out->id))
			return 1;
	} else {
		log_warn(w->o.log, "job-unreadable", log_reason(e.text));
	}
	nats_done(&w->link, &out->receipt);
	json_decref(out->job);
	return 0;
}

/* Asks whether they are wanted, and begins those that are. */
static void begin_all(struct worker_nats *w, struct taken *list, size_t n)
{
	json_t *ids = json_array(), *answer;

	for (size_t i = 0; i < n; i++)
		json_array_append_new(ids, json_string(list[i].id));
	answer = worker_nats_call(w, ids);
	for (size_t i = 0; i < n; i++) {
		const struct taken *t = &list[i];

		if (worker_nats_says(answer, "unwanted", t->id))
			nats_done(&w->link, &t->receipt);
		else if (worker_nats_says(answer, "later", t->id) ||
			 json_object_get(answer, "refused"))
			nats_again(&w->link, &t->receipt, BUSY_MS);
		else
			begin(w, t);
		json_decref(t->job);
	}
	json_decref(answer);
	json_decref(ids);
}

static int take_from(
	struct worker_nats *w, struct source *s, int n, int64_t wait_ms)
{
	struct taken list[TOGETHER];
	natsMsgList fetched = {0};
	size_t taken = 0;
	natsStatus st = natsSubscription_Fetch(
		&fetched, s->sub, n, wait_ms, NULL);

	for (int i = 0; st == NATS_OK && i < fetched.Count; i++)
		taken += (size_t)read_taken(w, fetched.Msgs[i], &list[taken]);
	natsMsgList_Destroy(&fetched);
	if (st != NATS_OK && st != NATS_TIMEOUT)
		leave_source(s);
	if (taken > 0)
		begin_all(w, list, taken);
	return taken > 0;
}

/* -- the thread -- */

static int room(struct worker_nats *w)
{
	int n, n_free, may;

	worker_push_count(w->o.clerk.worker, &n, &n_free);
	pthread_mutex_lock(&w->lock);
	may = clock_mono_ms() >= w->rest_ms && !w->refused[0];
	pthread_mutex_unlock(&w->lock);
	if (!may || atomic_load(&w->draining) || !nats_link_up(&w->link))
		return 0;
	return n_free < TOGETHER ? n_free : TOGETHER;
}

/* Whether there was anything. */
static int turn(struct taking *t)
{
	size_t there = 0;
	int any = 0, n = room(t->w);

	for (size_t i = 0; n > 0 && i < t->n; i++)
		there += (size_t)is_there(t->w, &t->sources[i]);
	for (size_t i = 0; there > 0 && i < t->n && (n = room(t->w)) > 0; i++)
		if (t->sources[i].sub)
			any |= take_from(t->w, &t->sources[i], n,
				there > 1 ? WAIT_MANY_MS : WAIT_MS);
	return any || there > 0;
}

void *worker_nats_take_main(void *worker)
{
	struct taking t = {.w = worker};
	int64_t seen = 0;

	list_sources(&t);
	while (!atomic_load(&t.w->leaving))
		if (!turn(&t) || room(t.w) == 0)
			worker_nats_rest(t.w, &seen, REST_MS);
	for (size_t i = 0; i < t.n; i++)
		leave_source(&t.sources[i]);
	return NULL;
}
