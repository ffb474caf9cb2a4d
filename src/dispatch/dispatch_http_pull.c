/* dispatch_http_pull.c -- a worker that calls: it brings its report and takes
 * its orders along.
 *
 * Calls may overtake each other and answers be lost, so both sides count: a
 * report says which orders it comes after, and what was in later ones is given
 * again. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/doc.h"
#include "dispatch/dispatch_http.h"

#define ORDERS_BYTES ((size_t)1 << 30) /* orders_write keeps far below it */
#define SEEN_MOST (INT64_MAX / 2)      /* others follow */

static int read_numbers(
	const json_t *report, int64_t *number, int64_t *seen, struct err *e)
{
	const json_t *jobs;
	int rc = doc_int(report, "", "number", 1, INT64_MAX, number, e);

	if (rc == 0)
		rc = doc_int(report, "", "seen", 0, SEEN_MOST, seen, e);
	return rc ? rc
		  : doc_list(report, "", "jobs", 0, (size_t)1 << 20, &jobs, e);
}

/* The peer of the caller, who is welcome if it says what it is.  With the lock
 * held. */
static struct peer *caller(
	struct http_dispatch *d, const struct dispatch_caller *c, struct err *e)
{
	struct peer *p = members_find(d, c->id);

	if (p && p->pulls)
		return p;
	if (p || !c->info) {
		err_set(e, ERR_NOT_FOUND,
			"no worker of that id pulls here: say what it is, with "
			"\"info\"");
		return NULL;
	}
	return members_welcome(d, c->id, c->address, e);
}

/* With the lock held. */
static int take(struct http_dispatch *d, const struct dispatch_caller *c,
	const json_t *report, struct err *e)
{
	int64_t number, seen;
	struct peer *p;
	int rc = read_numbers(report, &number, &seen, e);

	if (rc)
		return rc;
	p = caller(d, c, e);
	if (!p)
		return e ? e->code : ERR_NOT_FOUND;
	rc = watch_seen(p, c->info, e);
	if (rc) {
		p->left = !p->up; /* it was not welcome */
		return rc;
	}
	p->info.draining = c->draining;
	/* Those that it has seen beyond ours were a broker's before us, and it
	 * takes lower numbers for old ones. */
	if (seen > p->orders)
		p->orders = seen;
	/* One that was overtaken says nothing new. */
	if (number > p->report) {
		p->report = number;
		report_take(p, report, 1, seen);
		orders_lost(p, seen + 1, INT64_MAX);
	}
	push_peer(p, clock_mono_ms());
	return 0;
}

int pull_report(struct dispatch *dispatch, const struct dispatch_caller *c,
	const json_t *report, struct err *e)
{
	struct http_dispatch *d = (struct http_dispatch *)dispatch;
	int rc;

	pthread_mutex_lock(&d->lock);
	rc = take(d, c, report, e);
	pthread_mutex_unlock(&d->lock);
	return rc;
}

int pull_orders(struct dispatch *dispatch, const char *id, int now, char **text)
{
	struct http_dispatch *d = (struct http_dispatch *)dispatch;
	struct buf out;
	struct peer *p;
	int rc = 0;

	pthread_mutex_lock(&d->lock);
	p = members_find(d, id);
	if (p && p->pulls && !now)
		watch_waits(p);
	if (!p || !p->pulls) {
		rc = ERR_NOT_FOUND;
	} else if (now || orders_look(p, clock_mono_ms()).urgent) {
		buf_init(&out, ORDERS_BYTES);
		p->told = 0;
		orders_write(p, 0, &out);
		*text = buf_take(&out);
		rc = 1;
	}
	pthread_mutex_unlock(&d->lock);
	return rc;
}

void pull_hung_up(struct dispatch *dispatch, const char *id)
{
	struct http_dispatch *d = (struct http_dispatch *)dispatch;
	struct peer *p;

	pthread_mutex_lock(&d->lock);
	p = members_find(d, id);
	if (p && p->pulls)
		watch_hung_up(p);
	pthread_mutex_unlock(&d->lock);
}

int pull_weights(struct dispatch *dispatch, const char *id, const char *job,
	const void *bytes, size_t n, struct err *e)
{
	struct http_dispatch *d = (struct http_dispatch *)dispatch;
	char *weights = memcpy(xcalloc(1, n + 1), bytes, n), *before = weights;
	struct errand *r = NULL;
	struct peer *p;

	pthread_mutex_lock(&d->lock);
	p = members_find(d, id);
	if (p && p->pulls)
		r = errand_find(p, job);
	if (r) {
		before = r->weights;
		r->weights = weights;
		r->n_weights = n;
	}
	pthread_mutex_unlock(&d->lock);
	free(before);
	if (!r)
		return err_set(e, ERR_NOT_FOUND,
			"this worker has no such job, or it is not wanted any "
			"more");
	return 0;
}
