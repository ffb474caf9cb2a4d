/* nats_inbox.c -- a thread of the library's puts messages into a list, and
 * whoever takes them waits for that. */
#include "dispatch/nats_inbox.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/cond.h"

#define SUBJECT_BYTES 256

struct letter {
	struct letter *next;
	natsMsg *msg;
};

struct nats_inbox {
	char subject[SUBJECT_BYTES];
	natsSubscription *sub;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	struct letter *first, **end;
	int over; /* nothing will come any more */
};

/* -- the library's thread -- */

static void came(
	natsConnection *nc, natsSubscription *sub, natsMsg *m, void *inbox)
{
	struct letter *l = xcalloc(1, sizeof *l);
	struct nats_inbox *i = inbox;

	(void)nc;
	(void)sub;
	l->msg = m;
	pthread_mutex_lock(&i->lock);
	*i->end = l;
	i->end = &l->next;
	pthread_cond_signal(&i->changed);
	pthread_mutex_unlock(&i->lock);
}

static void complete(void *inbox)
{
	struct nats_inbox *i = inbox;

	pthread_mutex_lock(&i->lock);
	i->over = 1;
	pthread_cond_signal(&i->changed);
	pthread_mutex_unlock(&i->lock);
}

/* -- ours -- */

static natsStatus name(struct nats_inbox *i, const char *subject)
{
	natsInbox *own = NULL;
	natsStatus s = NATS_OK;

	if (!subject)
		s = natsInbox_Create(&own);
	if (s == NATS_OK)
		snprintf(i->subject, sizeof i->subject, "%s",
			subject ? subject : own);
	natsInbox_Destroy(own);
	return s;
}

static void release(struct nats_inbox *i)
{
	struct letter *l;

	while ((l = i->first)) {
		i->first = l->next;
		natsMsg_Destroy(l->msg);
		free(l);
	}
	pthread_cond_destroy(&i->changed);
	pthread_mutex_destroy(&i->lock);
	free(i);
}

static void init(struct nats_inbox *i)
{
	i->end = &i->first;
	pthread_mutex_init(&i->lock, NULL);
	cond_init(&i->changed);
}

struct nats_inbox *nats_inbox_open(
	struct nats_link *l, const char *subject, struct err *e)
{
	struct nats_inbox *i = xcalloc(1, sizeof *i);
	natsStatus s;

	init(i);
	s = name(i, subject);
	if (s == NATS_OK)
		s = natsConnection_Subscribe(
			&i->sub, l->nc, i->subject, came, i);
	if (s == NATS_OK) {
		natsSubscription_SetPendingLimits(i->sub, -1, -1);
		natsSubscription_SetOnCompleteCB(i->sub, complete, i);
		return i;
	}
	nats_failed(e, "the queue cannot be listened to", s, 0);
	release(i);
	return NULL;
}

/* The library's thread may be in here until it says that it is not. */
void nats_inbox_close(struct nats_inbox *i)
{
	if (!i)
		return;
	natsSubscription_Unsubscribe(i->sub);
	pthread_mutex_lock(&i->lock);
	while (!i->over)
		pthread_cond_wait(&i->changed, &i->lock);
	pthread_mutex_unlock(&i->lock);
	natsSubscription_Destroy(i->sub);
	release(i);
}

const char *nats_inbox_subject(const struct nats_inbox *i)
{
	return i->subject;
}

natsMsg *nats_inbox_take(struct nats_inbox *i, int64_t wait_ms)
{
	const int64_t until_ms = clock_mono_ms() + wait_ms;
	natsMsg *m = NULL;
	struct letter *l;

	pthread_mutex_lock(&i->lock);
	while (!i->first && !i->over && clock_mono_ms() < until_ms)
		cond_wait_until(&i->changed, &i->lock, until_ms);
	l = i->first;
	if (l) {
		m = l->msg;
		i->first = l->next;
		if (!i->first)
			i->end = &i->first;
	}
	pthread_mutex_unlock(&i->lock);
	free(l);
	return m;
}

/* -- requests -- */

natsMsg *nats_ask(struct nats_link *l, const char *subject, const char *text,
	int64_t wait_ms)
{
	struct nats_inbox *i = nats_inbox_open(l, NULL, NULL);
	natsMsg *m = NULL;

	if (i && natsConnection_PublishRequestString(
			 l->nc, subject, i->subject, text) == NATS_OK)
		m = nats_inbox_take(i, wait_ms);
	if (m && natsMsg_IsNoResponders(m)) {
		natsMsg_Destroy(m);
		m = NULL;
	}
	nats_inbox_close(i);
	return m;
}
