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
#define CONSUMER_BYTES 64

/* A class of kernels that we run, best first. */
struct source {
	char kernels[32];
	int there;        /* it has a consumer, as far as we know */
	int64_t again_ms; /* it had none: looked for then */
};

struct taking {
	struct worker_nats *w;
	struct nats_inbox *inbox;
	int made; /* of the link, when the inbox was opened */
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

static void name_consumer(const struct source *s, char out[CONSUMER_BYTES])
{
	snprintf(out, CONSUMER_BYTES, NATS_JOBS_CONSUMER "%s", s->kernels);
}

/* Whether it has a consumer, which says how long a message waits for word of
 * it. */
static void look_for(struct worker_nats *w, struct source *s)
{
	jsConsumerInfo *info = NULL;
	char name[CONSUMER_BYTES];

	name_consumer(s, name);
	s->again_ms = clock_mono_ms() + AGAIN_MS;
	s->there = js_GetConsumerInfo(&info, w->link.js, NATS_JOBS, name, NULL,
			   NULL) == NATS_OK;
	if (!s->there)
		return;
	pthread_mutex_lock(&w->lock);
	if (info->Config && info->Config->AckWait > 0)
		w->ack_wait_ms = info->Config->AckWait / 1000000;
	pthread_mutex_unlock(&w->lock);
	jsConsumerInfo_Destroy(info);
}

/* After each reconnection anew: what was asked for before may still come, and
 * would lie here unseen. */
static int listens(struct taking *t)
{
	const int made = atomic_load(&t->w->link.made);

	if (t->inbox && t->made != made) {
		nats_inbox_close(t->inbox);
		t->inbox = NULL;
	}
	if (!t->inbox)
		t->inbox = nats_inbox_open(&t->w->link, NULL, NULL);
	t->made = made;
	return t->inbox != NULL;
}

static int is_there(struct worker_nats *w, struct source *s)
{
	if (!s->there && clock_mono_ms() >= s->again_ms)
		look_for(w, s);
	return s->there;
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
	struct taking *t, struct source *s, int most, int64_t wait_ms)
{
	struct taken list[TOGETHER];
	natsMsg *fetched[TOGETHER];
	char name[CONSUMER_BYTES];
	size_t taken = 0;
	int n;

	name_consumer(s, name);
	n = nats_fetch(
		&t->w->link, t->inbox, NATS_JOBS, name, most, wait_ms, fetched);
	s->there = n >= 0;
	for (int i = 0; i < n; i++) {
		taken += (size_t)read_taken(t->w, fetched[i], &list[taken]);
		natsMsg_Destroy(fetched[i]);
	}
	if (taken > 0)
		begin_all(t->w, list, taken);
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

	if (n > 0 && !listens(t))
		return 0;
	for (size_t i = 0; n > 0 && i < t->n; i++)
		there += (size_t)is_there(t->w, &t->sources[i]);
	for (size_t i = 0; there > 0 && i < t->n && (n = room(t->w)) > 0; i++)
		if (t->sources[i].there)
			any |= take_from(t, &t->sources[i], n,
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
	nats_inbox_close(t.inbox);
	return NULL;
}
