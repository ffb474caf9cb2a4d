/* worker_nats.c -- the life of the whole, and the list of what is here. */
#include "dispatch/worker_nats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/cond.h"
#include "dispatch/worker_nats_private.h"
#include "dispatch/worker_push.h"

#define GOODBYE_MS 1000

/* -- waiting -- */

void worker_nats_rest(struct worker_nats *w, int64_t *seen, int64_t ms)
{
	const int64_t until_ms = clock_mono_ms() + ms;

	pthread_mutex_lock(&w->lock);
	while (!atomic_load(&w->leaving) && w->ends == *seen &&
		clock_mono_ms() < until_ms)
		cond_wait_until(&w->changed, &w->lock, until_ms);
	*seen = w->ends;
	pthread_mutex_unlock(&w->lock);
}

/* -- what is here -- */

static struct nats_held **find(struct worker_nats *w, const char *id)
{
	struct nats_held **at = &w->held;

	while (*at && strcmp((*at)->id, id) != 0)
		at = &(*at)->next;
	return at;
}

int worker_nats_holds(struct worker_nats *w, const char *id)
{
	int yes;

	pthread_mutex_lock(&w->lock);
	yes = *find(w, id) != NULL;
	pthread_mutex_unlock(&w->lock);
	return yes;
}

void worker_nats_hold(
	struct worker_nats *w, const char *id, const struct nats_receipt *r)
{
	struct nats_held *h = xcalloc(1, sizeof *h);

	snprintf(h->id, sizeof h->id, "%s", id);
	h->receipt = *r;
	pthread_mutex_lock(&w->lock);
	h->next = w->held;
	w->held = h;
	pthread_mutex_unlock(&w->lock);
}

void worker_nats_offered(struct worker_nats *w, const char *id)
{
	struct nats_held *h;

	pthread_mutex_lock(&w->lock);
	h = *find(w, id);
	if (h)
		h->offered = 1;
	w->ends++; /* it may have ended already */
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

int worker_nats_receipt(
	struct worker_nats *w, const char *id, struct nats_receipt *r)
{
	const struct nats_held *h;

	pthread_mutex_lock(&w->lock);
	h = *find(w, id);
	if (h && h->offered)
		*r = h->receipt;
	else
		h = NULL;
	pthread_mutex_unlock(&w->lock);
	return h != NULL;
}

size_t worker_nats_receipts(struct worker_nats *w, struct nats_receipt **list)
{
	size_t n = 0, room = 1;

	pthread_mutex_lock(&w->lock);
	for (const struct nats_held *h = w->held; h; h = h->next)
		room++;
	*list = xcalloc(room, sizeof **list);
	for (const struct nats_held *h = w->held; h; h = h->next)
		(*list)[n++] = h->receipt;
	pthread_mutex_unlock(&w->lock);
	return n;
}

int worker_nats_let_go(
	struct worker_nats *w, const char *id, struct nats_receipt *r)
{
	struct nats_held **at, *h;

	pthread_mutex_lock(&w->lock);
	at = find(w, id);
	h = *at;
	if (h) {
		*r = h->receipt;
		*at = h->next;
	}
	pthread_mutex_unlock(&w->lock);
	free(h);
	return h != NULL;
}

json_t *worker_nats_held(struct worker_nats *w)
{
	json_t *ids = json_array();

	pthread_mutex_lock(&w->lock);
	for (const struct nats_held *h = w->held; h; h = h->next)
		json_array_append_new(ids, json_string(h->id));
	pthread_mutex_unlock(&w->lock);
	return ids;
}

void worker_nats_failed(struct worker_nats *w, json_t *status)
{
	pthread_mutex_lock(&w->lock);
	if (!w->failed)
		w->failed = json_array();
	json_array_append_new(w->failed, status);
	w->ends++;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

/* -- the life -- */

static int start(struct worker_nats *w, pthread_t *t, void *(*body)(void *),
	struct err *e)
{
	if (pthread_create(t, NULL, body, w))
		return err_set(e, ERR_WORLD, "cannot start a thread");
	w->n_threads++;
	return 0;
}

struct worker_nats *worker_nats_new(
	const struct worker_nats_options *o, struct err *e)
{
	struct worker_nats *w = xcalloc(1, sizeof *w);
	int rc;

	w->o = *o;
	w->ack_wait_ms = DISPATCH_ACK_WAIT_MS;
	w->says_self = 1;
	pthread_mutex_init(&w->lock, NULL);
	cond_init(&w->changed);
	rc = nats_link_open(&w->link, &o->at, "nevod evolutioner", e);
	if (rc == 0)
		rc = start(w, &w->taker, worker_nats_take_main, e);
	if (rc == 0)
		rc = start(w, &w->tender, worker_nats_tend_main, e);
	if (rc == 0)
		return w;
	worker_nats_stop(w);
	worker_nats_free(w);
	return NULL;
}

static void tell(struct worker_nats *w)
{
	pthread_mutex_lock(&w->lock);
	w->ends++;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

void worker_nats_job_ended(struct worker_nats *w)
{
	if (w)
		tell(w);
}

void worker_nats_drain(struct worker_nats *w)
{
	atomic_store(&w->draining, 1);
	tell(w);
}

int worker_nats_settled(struct worker_nats *w)
{
	int yes;

	pthread_mutex_lock(&w->lock);
	yes = w->held == NULL;
	pthread_mutex_unlock(&w->lock);
	return yes;
}

/* Others may have them at once. */
static void give_back(struct worker_nats *w)
{
	json_t *ids = worker_nats_held(w);
	struct nats_receipt r;

	for (size_t i = 0; i < json_array_size(ids); i++)
		if (worker_nats_let_go(
			    w, json_string_value(json_array_get(ids, i)), &r))
			nats_again(&w->link, &r, 0);
	json_decref(ids);
}

static void say_goodbye(struct worker_nats *w)
{
	char subject[sizeof NATS_WORKERS_SUBJECT + DISPATCH_MEMBER_ID_MAX];

	snprintf(subject, sizeof subject, NATS_WORKERS_SUBJECT "%s", w->o.id);
	if (nats_link_up(&w->link))
		natsMsg_Destroy(nats_ask(
			&w->link, subject, "{\"gone\":true}", GOODBYE_MS));
}

void worker_nats_stop(struct worker_nats *w)
{
	atomic_store(&w->leaving, 1);
	tell(w);
	if (w->n_threads > 0)
		pthread_join(w->taker, NULL);
	if (w->n_threads > 1)
		pthread_join(w->tender, NULL);
	w->n_threads = 0;
	if (!w->link.nc)
		return;
	give_back(w);
	say_goodbye(w);
	natsConnection_FlushTimeout(w->link.nc, 1000);
}

void worker_nats_free(struct worker_nats *w)
{
	struct nats_held *h;

	if (!w)
		return;
	nats_link_close(&w->link);
	while ((h = w->held)) {
		w->held = h->next;
		free(h);
	}
	json_decref(w->failed);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
