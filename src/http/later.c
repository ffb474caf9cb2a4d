/* later.c -- lists of those who wait, by topic, and the clock. */
#include "http/later.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/cond.h"

#define TOPICS 1024 /* lists; those of one list share what is told */
#define TICK_MS 20
#define REST_MS 200 /* while nothing waits */

struct http_news {
	pthread_mutex_t lock; /* guards `later` */
	struct later *later;  /* of the server that has it, or NULL */
};

struct later {
	struct hands *hands;
	struct http_news *news;
	pthread_t clock;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	struct waiter *lists[TOPICS];
	uint64_t told[TOPICS]; /* number of the last news */
	uint64_t number;       /* of all news so far */
	size_t n;              /* waiters */
	int stopped;
};

/* -- the lists; the lock is held -- */

static size_t list_of(uint64_t topic)
{
	return topic % TOPICS;
}

static void add(struct later *l, struct waiter *w)
{
	struct waiter **at = &l->lists[list_of(w->topic)];

	w->next = *at;
	w->at = at;
	if (w->next)
		w->next->at = &w->next;
	*at = w;
	l->n++;
}

static void take_off(struct later *l, struct waiter *w)
{
	*w->at = w->next;
	if (w->next)
		w->next->at = w->at;
	l->n--;
}

/* Gives those of a list that are due to the hands, or are of the topic. */
static void give(struct later *l, size_t list, int64_t due_ms, uint64_t topic)
{
	struct waiter *w = l->lists[list], *next;

	for (; w; w = next) {
		next = w->next;
		if (w->due_ms > due_ms && !(topic && w->topic == topic))
			continue;
		take_off(l, w);
		hands_give(l->hands, &w->task);
	}
}

static void give_due(struct later *l, int64_t due_ms)
{
	for (size_t i = 0; i < TOPICS && l->n > 0; i++)
		if (l->lists[i])
			give(l, i, due_ms, 0);
}

/* -- the clock -- */

static void *clock_main(void *later)
{
	struct later *l = later;
	int busy = 0;

	pthread_mutex_lock(&l->lock);
	while (!l->stopped) {
		int64_t wait_ms = l->n > 0 || busy ? TICK_MS : REST_MS;
		int64_t until_ms = clock_mono_ms() + wait_ms;

		cond_wait_until(&l->changed, &l->lock, until_ms);
		give_due(l, clock_mono_ms());
		pthread_mutex_unlock(&l->lock);
		busy = hands_watch(l->hands);
		pthread_mutex_lock(&l->lock);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

struct later *later_new(struct hands *h, struct http_news *n, struct err *e)
{
	struct later *l = xcalloc(1, sizeof *l);

	l->hands = h;
	pthread_mutex_init(&l->lock, NULL);
	cond_init(&l->changed);
	if (pthread_create(&l->clock, NULL, clock_main, l)) {
		err_set(e, ERR_WORLD, "the server cannot start its clock");
		l->stopped = 1;
		later_free(l);
		return NULL;
	}
	l->news = n;
	if (n) {
		pthread_mutex_lock(&n->lock);
		n->later = l;
		pthread_mutex_unlock(&n->lock);
	}
	return l;
}

uint64_t later_ticket(struct later *l)
{
	uint64_t ticket;

	pthread_mutex_lock(&l->lock);
	ticket = l->number;
	pthread_mutex_unlock(&l->lock);
	return ticket;
}

void later_wait(struct later *l, struct waiter *w, uint64_t ticket)
{
	int told;

	pthread_mutex_lock(&l->lock);
	told = w->topic && l->told[list_of(w->topic)] > ticket;
	if (told || l->stopped) {
		hands_give(l->hands, &w->task);
	} else {
		add(l, w);
		if (l->n == 1)
			pthread_cond_signal(&l->changed);
	}
	pthread_mutex_unlock(&l->lock);
}

void later_hurry(struct later *l)
{
	pthread_mutex_lock(&l->lock);
	give_due(l, INT64_MAX);
	pthread_mutex_unlock(&l->lock);
}

void later_stop(struct later *l)
{
	if (l->news) {
		pthread_mutex_lock(&l->news->lock);
		l->news->later = NULL;
		pthread_mutex_unlock(&l->news->lock);
	}
	pthread_mutex_lock(&l->lock);
	l->stopped = 1;
	pthread_cond_signal(&l->changed);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->clock, NULL);
	later_hurry(l);
}

void later_free(struct later *l)
{
	if (!l)
		return;
	pthread_cond_destroy(&l->changed);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

/* -- news -- */

struct http_news *http_news_new(void)
{
	struct http_news *n = xcalloc(1, sizeof *n);

	pthread_mutex_init(&n->lock, NULL);
	return n;
}

void http_news_free(struct http_news *n)
{
	if (!n)
		return;
	pthread_mutex_destroy(&n->lock);
	free(n);
}

void http_news_tell(struct http_news *n, uint64_t topic)
{
	struct later *l;

	pthread_mutex_lock(&n->lock);
	l = n->later;
	if (l) {
		pthread_mutex_lock(&l->lock);
		l->told[list_of(topic)] = ++l->number;
		give(l, list_of(topic), INT64_MIN, topic);
		pthread_mutex_unlock(&l->lock);
	}
	pthread_mutex_unlock(&n->lock);
}

/* Objects lie 16 bytes apart at least. */
uint64_t http_topic(const void *object)
{
	return (uint64_t)(uintptr_t)object >> 4;
}
