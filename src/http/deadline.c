/* deadline.c -- a list of connections, and a thread that looks at it. */
#include "http/deadline.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"

#define BYTES_A_MS 16 /* at least, on average */
#define LOOKS_A_PATIENCE 8

enum phase { PHASE_LINE, PHASE_REQUEST, PHASE_OURS };

struct deadline {
	struct deadline *next, **at; /* under the lock */
	int fd;
	_Atomic int phase;
	_Atomic int64_t since_ms, bytes;
};

struct deadlines {
	int64_t patience_ms;
	pthread_t looker;
	pthread_mutex_t lock; /* guards the list and `stopped` */
	pthread_cond_t changed;
	struct deadline *all;
	int stopped;
};

static int is_late(const struct deadlines *d, const struct deadline *c)
{
	const int64_t waited = clock_mono_ms() - c->since_ms;
	const int phase = c->phase;

	switch (phase) {
	case PHASE_LINE: return waited > 2 * d->patience_ms;
	case PHASE_REQUEST:
		return waited > d->patience_ms + c->bytes / BYTES_A_MS;
	default: return 0;
	}
}

/* The server finds such a connection closed by its client. */
static void cut_off_late(const struct deadlines *d)
{
	for (struct deadline *c = d->all; c; c = c->next)
		if (is_late(d, c))
			shutdown(c->fd, SHUT_RDWR);
}

static void *look(void *arg)
{
	struct deadlines *d = arg;
	const int64_t rest_ms = d->patience_ms / LOOKS_A_PATIENCE;

	pthread_mutex_lock(&d->lock);
	while (!d->stopped) {
		const int64_t due_ms = clock_mono_ms() + rest_ms;
		const struct timespec t = {.tv_sec = (time_t)(due_ms / 1000),
			.tv_nsec = (long)(due_ms % 1000) * 1000000};

		cut_off_late(d);
		pthread_cond_timedwait(&d->changed, &d->lock, &t);
	}
	pthread_mutex_unlock(&d->lock);
	return NULL;
}

struct deadlines *deadlines_new(int64_t patience_ms, struct err *e)
{
	struct deadlines *d = xcalloc(1, sizeof *d);
	pthread_condattr_t attr;

	d->patience_ms = patience_ms;
	pthread_mutex_init(&d->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&d->changed, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&d->looker, NULL, look, d) == 0)
		return d;
	err_set(e, ERR_WORLD, "no thread to look at connections with");
	d->stopped = 1;
	pthread_cond_destroy(&d->changed);
	pthread_mutex_destroy(&d->lock);
	free(d);
	return NULL;
}

void deadlines_free(struct deadlines *d)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	d->stopped = 1;
	pthread_cond_signal(&d->changed);
	pthread_mutex_unlock(&d->lock);
	pthread_join(d->looker, NULL);
	pthread_cond_destroy(&d->changed);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

struct deadline *deadline_open(struct deadlines *d, int fd)
{
	struct deadline *c = xcalloc(1, sizeof *c);

	c->fd = fd;
	c->since_ms = clock_mono_ms();
	pthread_mutex_lock(&d->lock);
	c->at = &d->all;
	c->next = d->all;
	if (c->next)
		c->next->at = &c->next;
	d->all = c;
	pthread_mutex_unlock(&d->lock);
	return c;
}

void deadline_close(struct deadlines *d, struct deadline *c)
{
	pthread_mutex_lock(&d->lock);
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	pthread_mutex_unlock(&d->lock);
	free(c);
}

static void enter(struct deadline *c, enum phase p)
{
	c->since_ms = clock_mono_ms();
	c->phase = p;
}

void deadline_begin(struct deadline *c)
{
	c->bytes = 0;
	enter(c, PHASE_REQUEST);
}

void deadline_bytes(struct deadline *c, size_t n)
{
	c->bytes += (int64_t)n;
}

void deadline_whole(struct deadline *c)
{
	enter(c, PHASE_OURS);
}

void deadline_answered(struct deadline *c)
{
	enter(c, PHASE_LINE);
}
