/* read_ahead.c -- pages are asked of the kernel, some at a time. */
#include "data/read_ahead.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"

#define WAITING_MAX 4
#define SOME_BYTES ((size_t)4 << 20)
#define STACK_BYTES (64 * 1024) /* it counts as data of a training child */

/* Maps the pages, too (Linux 5.14): the reader then has no fault at all. */
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

struct range {
	uintptr_t from, to; /* of whole pages */
};

struct read_ahead {
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t news;
	struct range waiting[WAITING_MAX]; /* the oldest first */
	int n, ending;
};

/* Waits for a range; false when it is the end. */
static int take(struct read_ahead *r, struct range *out)
{
	int there;

	pthread_mutex_lock(&r->lock);
	while (r->n == 0 && !r->ending)
		pthread_cond_wait(&r->news, &r->lock);
	there = !r->ending;
	if (there) {
		*out = r->waiting[0];
		r->n--;
		for (int i = 0; i < r->n; i++)
			r->waiting[i] = r->waiting[i + 1];
	}
	pthread_mutex_unlock(&r->lock);
	return there;
}

static int is_ending(struct read_ahead *r)
{
	int yes;

	pthread_mutex_lock(&r->lock);
	yes = r->ending;
	pthread_mutex_unlock(&r->lock);
	return yes;
}

/* A file that was cut meanwhile is an error here, and no signal. */
static void bring(struct read_ahead *r, struct range x)
{
	int advice = MADV_POPULATE_READ;

	while (x.from < x.to && !is_ending(r)) {
		const size_t left = x.to - x.from;
		const size_t some = left < SOME_BYTES ? left : SOME_BYTES;

		if (madvise((void *)x.from, some, advice) == 0) {
			x.from += some;
		} else if (errno == EINVAL && advice == MADV_POPULATE_READ) {
			advice = MADV_WILLNEED;
		} else if (errno != EINTR && errno != EAGAIN) {
			return;
		}
	}
}

static void *run(void *arg)
{
	struct read_ahead *r = arg;
	struct range x;

	while (take(r, &x))
		bring(r, x);
	return NULL;
}

/* Signals are other threads' affair. */
static int start(struct read_ahead *r)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	rc = pthread_create(&r->thread, &attr, run, r);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

struct read_ahead *read_ahead_new(void)
{
	struct read_ahead *r = xcalloc(1, sizeof *r);

	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->news, NULL);
	if (start(r) == 0)
		return r;
	pthread_cond_destroy(&r->news);
	pthread_mutex_destroy(&r->lock);
	free(r);
	return NULL;
}

void read_ahead_want(struct read_ahead *r, const void *from, size_t bytes)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	const uintptr_t at = (uintptr_t)from;
	struct range x = {at / page * page, at + bytes};

	if (!r || bytes == 0)
		return;
	x.to = (x.to + page - 1) / page * page;
	pthread_mutex_lock(&r->lock);
	if (r->n == WAITING_MAX) {
		r->n--;
		for (int i = 0; i < r->n; i++)
			r->waiting[i] = r->waiting[i + 1];
	}
	r->waiting[r->n++] = x;
	pthread_cond_signal(&r->news);
	pthread_mutex_unlock(&r->lock);
}

void read_ahead_free(struct read_ahead *r)
{
	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	r->ending = 1;
	pthread_cond_signal(&r->news);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	pthread_cond_destroy(&r->news);
	pthread_mutex_destroy(&r->lock);
	free(r);
}
