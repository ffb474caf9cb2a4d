/* dispatch_http.c -- dispatch by plain HTTP to a list of evolutioners: the life
 * of the whole. */
#include "dispatch/dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "dispatch/dispatch_private.h"

#define STACK_BYTES (512 * 1024) /* there may be thousands of lanes */

int dispatch_thread(
	pthread_t *t, void *(*body)(void *), void *arg, struct err *e)
{
	pthread_attr_t attr;
	int rc;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	rc = pthread_create(t, &attr, body, arg);
	pthread_attr_destroy(&attr);
	if (rc)
		return err_set(e, ERR_WORLD, "cannot start a thread: %s",
			strerror(rc));
	return 0;
}

static void init_cond(pthread_cond_t *c)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(c, &attr);
	pthread_condattr_destroy(&attr);
}

static struct dispatch *new_dispatch(const char *token, const struct log *log)
{
	struct dispatch *d = xcalloc(1, sizeof *d);

	d->token = token ? xstrdup(token) : NULL;
	d->log = log;
	d->jobs_end = &d->jobs;
	d->ready_end = &d->ready;
	pthread_mutex_init(&d->lock, NULL);
	init_cond(&d->work);
	init_cond(&d->taken);
	return d;
}

/* A base URL without the slash that people add. */
static int set_url(struct worker *w, const char *url, struct err *e)
{
	size_t n = strlen(url);

	while (n > 0 && url[n - 1] == '/')
		n--;
	if (n == 0 || n >= sizeof w->info.url)
		return err_set(e, ERR_INVALID,
			"a worker's URL must have 1 to %zu characters",
			sizeof w->info.url - 1);
	memcpy(w->info.url, url, n);
	return 0;
}

struct dispatch *dispatch_http_new(const char *const *urls, size_t n,
	const char *token, const struct log *log, struct err *e)
{
	struct dispatch *d;

	if (n > DISPATCH_WORKERS_MAX) {
		err_set(e, ERR_RANGE, "%zu workers; at most %d are served", n,
			DISPATCH_WORKERS_MAX);
		return NULL;
	}
	d = new_dispatch(token, log);
	d->workers = xcalloc(n, sizeof *d->workers);
	for (size_t i = 0; i < n; i++) {
		d->workers[i].d = d;
		d->workers[i].answered_ms = clock_mono_ms();
		if (set_url(&d->workers[i], urls[i], e))
			goto fail;
	}
	/* Counted as they start, so that dispatch_free joins no others. */
	for (; d->n_workers < n; d->n_workers++) {
		struct worker *w = &d->workers[d->n_workers];

		if (dispatch_thread(&w->watcher, watch_main, w, e))
			goto fail;
	}
	return d;

fail:
	dispatch_free(d);
	return NULL;
}

void dispatch_free(struct dispatch *d)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	d->stopping = 1;
	pthread_cond_broadcast(&d->work);
	pthread_mutex_unlock(&d->lock);
	for (size_t i = 0; i < d->n_workers; i++) {
		struct worker *w = &d->workers[i];

		/* The watcher starts lanes, so it goes first. */
		pthread_join(w->watcher, NULL);
		for (int k = 0; k < w->n_lanes; k++)
			pthread_join(w->lanes[k].thread, NULL);
	}
	queue_release(d);
	pthread_cond_destroy(&d->taken);
	pthread_cond_destroy(&d->work);
	pthread_mutex_destroy(&d->lock);
	free(d->workers);
	free(d->token);
	free(d);
}
