/* dispatch_nats.c -- dispatch by NATS JetStream: the life of the whole. */
#include "dispatch/dispatch_nats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/cond.h"

static struct nats_dispatch *new_dispatch(const struct dispatch_options *o)
{
	struct nats_dispatch *d = xcalloc(1, sizeof *d);
	char id[IDENTITY_BYTES];

	d->base.verbs = &dispatch_nats;
	d->blob = o->blob;
	d->blob_ctx = o->blob_ctx;
	d->same = o->same;
	d->log = o->log;
	d->replicas = o->replicas > 0 ? o->replicas : 1;
	d->ack_wait_ms = o->ack_wait_ms > 0 ? o->ack_wait_ms
					    : DISPATCH_ACK_WAIT_MS;
	identity_make(id);
	snprintf(d->consumer, sizeof d->consumer, "broker-%s", id);
	d->by_id = id_table_new();
	strcpy(d->stranger.info.url, "queue://?/gone");
	strcpy(d->fault, "the queue has not been opened yet");
	d->ready_end = &d->first_ready;
	d->opened_ms = clock_mono_ms();
	pthread_mutex_init(&d->lock, NULL);
	cond_init(&d->taken);
	cond_init(&d->work);
	return d;
}

static void end_threads(struct nats_dispatch *d)
{
	atomic_store(&d->closing, 1);
	pthread_mutex_lock(&d->lock);
	pthread_cond_signal(&d->work);
	pthread_mutex_unlock(&d->lock);
	if (d->n_threads > 0)
		pthread_join(d->keeper, NULL);
	if (d->n_threads > 1)
		pthread_join(d->caller, NULL);
	if (d->n_threads > 2)
		pthread_join(d->fetcher, NULL);
}

static void free_dispatch(struct dispatch *dispatch)
{
	struct nats_dispatch *d = (struct nats_dispatch *)dispatch;

	end_threads(d);
	nats_link_close(&d->link);
	nats_jobs_release(d);
	nats_workers_release(d);
	id_table_free(d->by_id);
	pthread_cond_destroy(&d->taken);
	pthread_cond_destroy(&d->work);
	pthread_mutex_destroy(&d->lock);
	free(d->classes);
	free(d->gone);
	free(d);
}

static int start(struct nats_dispatch *d, pthread_t *t, void *(*body)(void *),
	struct err *e)
{
	if (pthread_create(t, NULL, body, d))
		return err_set(e, ERR_WORLD, "cannot start a thread");
	d->n_threads++;
	return 0;
}

static struct dispatch *open_dispatch(
	const struct dispatch_options *o, struct err *e)
{
	const struct queue_address at = {
		.url = o->url, .creds = o->creds, .ca_file = o->ca_file};
	struct nats_dispatch *d = new_dispatch(o);
	int rc = nats_link_open(&d->link, &at, "nevod broker", e);

	if (rc == 0)
		rc = start(d, &d->keeper, nats_keep_main, e);
	if (rc == 0)
		rc = start(d, &d->caller, nats_calls_main, e);
	if (rc == 0)
		rc = start(d, &d->fetcher, nats_results_main, e);
	if (rc == 0)
		return &d->base;
	free_dispatch(&d->base);
	return NULL;
}

/* -- verbs for workers that speak HTTP -- */

static int not_here(struct err *e)
{
	return err_set(e, ERR_INVALID,
		"this broker hands out its jobs by a queue: start the "
		"evolutioner with --queue URL, the broker's own");
}

static int join(
	struct dispatch *d, const struct dispatch_member *m, struct err *e)
{
	(void)d;
	(void)m;
	return not_here(e);
}

static int leave(struct dispatch *d, const char *id, struct err *e)
{
	(void)d;
	(void)id;
	return err_set(e, ERR_NOT_FOUND,
		"no worker of that id is here, or it has left");
}

static int report(struct dispatch *d, const struct dispatch_caller *c,
	const json_t *report, struct err *e)
{
	(void)d;
	(void)c;
	(void)report;
	return not_here(e);
}

static int orders(struct dispatch *d, const char *id, int now, char **text)
{
	(void)d;
	(void)id;
	(void)now;
	(void)text;
	return ERR_NOT_FOUND;
}

static void hung_up(struct dispatch *d, const char *id)
{
	(void)d;
	(void)id;
}

static int weights(struct dispatch *d, const char *id, const char *job,
	const void *bytes, size_t n, struct err *e)
{
	(void)job;
	(void)bytes;
	(void)n;
	return leave(d, id, e);
}

static void depth(struct dispatch *dispatch, struct dispatch_queue *out)
{
	struct nats_dispatch *d = (struct nats_dispatch *)dispatch;

	pthread_mutex_lock(&d->lock);
	*out = d->depth;
	pthread_mutex_unlock(&d->lock);
}

const struct dispatch_backend dispatch_nats = {
	.schemes = "nats tls",
	.open = open_dispatch,
	.free = free_dispatch,
	.submit = nats_submit,
	.take = nats_take,
	.done = nats_job_done,
	.cancel = nats_cancel,
	.hold = nats_hold,
	.load = nats_load,
	.join = join,
	.leave = leave,
	.report = report,
	.orders = orders,
	.hung_up = hung_up,
	.weights = weights,
	.workers = nats_workers,
	.depth = depth,
};
