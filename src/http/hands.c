/* hands.c -- a queue of tasks and the threads that take them.
 *
 * Threads are detached and counted; those beyond the few that are always kept
 * end when they have had nothing to do for a while. */
#include "http/hands.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/cond.h"

#define ALWAYS 4
#define MOST 1500
#define IDLE_MS 5000
#define STACK_BYTES ((size_t)2 << 20)

struct hands {
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t given; /* a task, or `closed` */
	pthread_cond_t ended; /* a thread */
	struct task *tasks, **tail;
	int n_tasks, n_threads, n_idle;
	int begun; /* tasks, since the last hands_watch */
	int closed;
};

struct hands *hands_new(void)
{
	struct hands *h = xcalloc(1, sizeof *h);

	h->tail = &h->tasks;
	pthread_mutex_init(&h->lock, NULL);
	cond_init(&h->given);
	cond_init(&h->ended);
	return h;
}

/* Waits for a change; false when it took too long.  The lock is held. */
static int wait_change(struct hands *h)
{
	const int64_t until_ms = clock_mono_ms() + IDLE_MS;

	return cond_wait_until(&h->given, &h->lock, until_ms);
}

/* The next task, or NULL when the thread should end; the lock is held. */
static struct task *next_task(struct hands *h)
{
	struct task *t;
	int late = 0;

	h->n_idle++;
	while (!h->tasks && !h->closed && !(late && h->n_threads > ALWAYS))
		late = !wait_change(h);
	h->n_idle--;
	t = h->tasks;
	if (!t)
		return NULL;
	h->tasks = t->next;
	if (!h->tasks)
		h->tail = &h->tasks;
	h->n_tasks--;
	h->begun++;
	return t;
}

static void *hand_main(void *hands)
{
	struct hands *h = hands;
	struct task *t;

	pthread_mutex_lock(&h->lock);
	while ((t = next_task(h))) {
		pthread_mutex_unlock(&h->lock);
		t->run(t);
		pthread_mutex_lock(&h->lock);
	}
	h->n_threads--;
	pthread_cond_signal(&h->ended);
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

/* The lock is held.  Without a thread the tasks wait for the next try. */
static void add_thread(struct hands *h)
{
	pthread_attr_t attr;
	pthread_t t;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&t, &attr, hand_main, h) == 0)
		h->n_threads++;
	pthread_attr_destroy(&attr);
}

void hands_give(struct hands *h, struct task *t)
{
	int closed;

	pthread_mutex_lock(&h->lock);
	closed = h->closed;
	if (!closed) {
		t->next = NULL;
		*h->tail = t;
		h->tail = &t->next;
		if (++h->n_tasks > h->n_idle && h->n_threads < ALWAYS)
			add_thread(h);
		pthread_cond_signal(&h->given);
	}
	pthread_mutex_unlock(&h->lock);
	if (closed)
		t->run(t);
}

int hands_watch(struct hands *h)
{
	int waiting;

	pthread_mutex_lock(&h->lock);
	waiting = h->n_tasks > 0;
	if (waiting && h->begun == 0 && h->n_idle == 0 && h->n_threads < MOST)
		add_thread(h);
	h->begun = 0;
	pthread_mutex_unlock(&h->lock);
	return waiting;
}

void hands_close(struct hands *h)
{
	pthread_mutex_lock(&h->lock);
	h->closed = 1;
	pthread_cond_broadcast(&h->given);
	while (h->n_threads > 0)
		pthread_cond_wait(&h->ended, &h->lock);
	pthread_mutex_unlock(&h->lock);
	/* Only where no thread could be started. */
	while (h->tasks) {
		struct task *t = h->tasks;

		h->tasks = t->next;
		t->run(t);
	}
}

void hands_free(struct hands *h)
{
	if (!h)
		return;
	pthread_cond_destroy(&h->ended);
	pthread_cond_destroy(&h->given);
	pthread_mutex_destroy(&h->lock);
	free(h);
}
