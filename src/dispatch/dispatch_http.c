/* dispatch_http.c -- dispatch by plain HTTP to a list of evolutioners: the life
 * of the whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "dispatch/dispatch_http.h"

#define STACK_BYTES (512 * 1024) /* there may be thousands of lanes */

int dispatch_http_thread(
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

static struct http_dispatch *new_dispatch(const struct dispatch_options *o)
{
	struct http_dispatch *d = xcalloc(1, sizeof *d);

	d->base.verbs = &dispatch_http;
	d->token = o->token ? xstrdup(o->token) : NULL;
	d->log = o->log;
	d->jobs_end = &d->jobs;
	d->ready_end = &d->ready;
	d->peers = xcalloc(o->n_workers, sizeof *d->peers);
	pthread_mutex_init(&d->lock, NULL);
	init_cond(&d->work);
	init_cond(&d->taken);
	return d;
}

/* A base URL without the slash that people add. */
static int set_url(struct peer *p, const char *url, struct err *e)
{
	size_t n = strlen(url);

	while (n > 0 && url[n - 1] == '/')
		n--;
	if (n == 0 || n >= sizeof p->info.url)
		return err_set(e, ERR_INVALID,
			"a worker's URL must have 1 to %zu characters",
			sizeof p->info.url - 1);
	memcpy(p->info.url, url, n);
	return 0;
}

static void free_peer(struct peer *p)
{
	/* The watcher starts lanes, so it goes first. */
	pthread_join(p->watcher, NULL);
	for (int i = 0; i < p->n_lanes; i++) {
		pthread_join(p->lanes[i]->thread, NULL);
		free(p->lanes[i]);
	}
	free(p->lanes);
}

static void free_dispatch(struct dispatch *dispatch)
{
	struct http_dispatch *d = (struct http_dispatch *)dispatch;

	pthread_mutex_lock(&d->lock);
	d->stopping = 1;
	pthread_cond_broadcast(&d->work);
	pthread_mutex_unlock(&d->lock);
	for (size_t i = 0; i < d->n_peers; i++)
		free_peer(&d->peers[i]);
	queue_release(d);
	pthread_cond_destroy(&d->taken);
	pthread_cond_destroy(&d->work);
	pthread_mutex_destroy(&d->lock);
	free(d->peers);
	free(d->token);
	free(d);
}

static struct dispatch *open_dispatch(
	const struct dispatch_options *o, struct err *e)
{
	struct http_dispatch *d = new_dispatch(o);

	for (size_t i = 0; i < o->n_workers; i++) {
		d->peers[i].d = d;
		d->peers[i].answered_ms = clock_mono_ms();
		if (set_url(&d->peers[i], o->workers[i], e))
			goto fail;
	}
	/* Counted as they start, so that free_dispatch joins no others; lanes
	 * count them under the lock. */
	for (size_t i = 0; i < o->n_workers; i++) {
		struct peer *p = &d->peers[i];

		if (dispatch_http_thread(&p->watcher, watch_main, p, e))
			goto fail;
		pthread_mutex_lock(&d->lock);
		d->n_peers++;
		pthread_mutex_unlock(&d->lock);
	}
	return &d->base;

fail:
	free_dispatch(&d->base);
	return NULL;
}

const struct dispatch_backend dispatch_http = {
	.scheme = "http",
	.open = open_dispatch,
	.free = free_dispatch,
	.submit = queue_submit,
	.take = queue_result,
	.done = queue_done,
	.cancel = queue_cancel,
	.hold = queue_hold,
	.load = queue_load,
	.workers = watch_workers,
};
