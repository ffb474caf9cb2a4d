/* dispatch_http.c -- dispatch by plain HTTP to evolutioners: the life of the
 * whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/cond.h"
#include "dispatch/dispatch_http.h"

static struct http_dispatch *new_dispatch(const struct dispatch_options *o)
{
	struct http_dispatch *d = xcalloc(1, sizeof *d);

	d->base.verbs = &dispatch_http;
	d->token = o->token ? xstrdup(o->token) : NULL;
	d->blob = o->blob;
	d->blob_ctx = o->blob_ctx;
	d->orders = o->orders;
	d->orders_ctx = o->orders_ctx;
	d->same = o->same;
	d->log = o->log;
	d->by_id = id_table_new();
	d->ready_end = &d->ready;
	d->hands = hands_new();
	pthread_mutex_init(&d->lock, NULL);
	cond_init(&d->taken);
	return d;
}

static void free_dispatch(struct dispatch *dispatch)
{
	struct http_dispatch *d = (struct http_dispatch *)dispatch;

	/* The hands wake the loop, and the loop gives to the hands. */
	pthread_mutex_lock(&d->lock);
	d->closing = 1;
	pthread_mutex_unlock(&d->lock);
	hands_close(d->hands);
	http_loop_free(d->loop);
	d->loop = NULL;
	/* From here on no other thread is here. */
	bytes_release(d);
	members_release(d);
	queue_release(d);
	pthread_cond_destroy(&d->taken);
	pthread_mutex_destroy(&d->lock);
	hands_free(d->hands);
	id_table_free(d->by_id);
	free(d->token);
	free(d);
}

static int start(struct http_dispatch *d, const struct dispatch_options *o,
	struct err *e)
{
	int rc = 0;

	d->loop = http_loop_new(push_turn, d, e);
	if (!d->loop)
		return ERR_WORLD;
	for (size_t i = 0; rc == 0 && i < o->n_workers; i++)
		rc = members_add(d,
			&(struct dispatch_member){
				.id = "", .url = o->workers[i]},
			1, e);
	return rc ? rc : http_loop_start(d->loop, e);
}

static struct dispatch *open_dispatch(
	const struct dispatch_options *o, struct err *e)
{
	struct http_dispatch *d = new_dispatch(o);

	if (start(d, o, e) == 0)
		return &d->base;
	free_dispatch(&d->base);
	return NULL;
}

/* The verb `depth`. */
static void no_queue(struct dispatch *d, struct dispatch_queue *out)
{
	(void)d;
	*out = (struct dispatch_queue){.there = 0};
}

const struct dispatch_backend dispatch_http = {
	.schemes = "http",
	.open = open_dispatch,
	.free = free_dispatch,
	.submit = queue_submit,
	.take = queue_result,
	.done = queue_done,
	.cancel = queue_cancel,
	.hold = queue_hold,
	.load = queue_load,
	.join = members_join,
	.leave = members_leave,
	.report = pull_report,
	.orders = pull_orders,
	.hung_up = pull_hung_up,
	.weights = pull_weights,
	.workers = members_list,
	.depth = no_queue,
};
