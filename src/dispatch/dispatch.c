/* dispatch.c -- any way of handing out jobs: found by its URL, used by its
 * verbs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "dispatch/dispatch_backend.h"

/* Another way is another row. */
static const struct dispatch_backend *const backends[] = {
	&dispatch_http, &dispatch_nats};

struct dispatch *dispatch_open(const struct dispatch_options *o, struct err *e)
{
	size_t n = strcspn(o->url, ":"), used = 0;
	char known[100] = "";

	for (size_t i = 0; i < sizeof backends / sizeof *backends; i++) {
		const char *schemes = backends[i]->schemes;

		if (words_have(schemes, o->url, n))
			return backends[i]->open(o, e);
		if (used < sizeof known)
			used += (size_t)snprintf(known + used,
				sizeof known - used, "%s%s", i ? ", " : "",
				schemes);
	}
	err_set(e, ERR_INVALID,
		"jobs cannot be handed out by \"%s\"; known are %s", o->url,
		known);
	return NULL;
}

void dispatch_free(struct dispatch *d)
{
	if (d)
		d->verbs->free(d);
}

void dispatch_submit(struct dispatch *d, const struct dispatch_job *job)
{
	d->verbs->submit(d, job);
}

int dispatch_take(
	struct dispatch *d, int64_t wait_ms, struct dispatch_result *out)
{
	return d->verbs->take(d, wait_ms, out);
}

void dispatch_result_release(struct dispatch_result *r)
{
	json_decref(r->document);
	free(r->weights);
	*r = (struct dispatch_result){.document = NULL};
}

void dispatch_done(struct dispatch *d, const char *id)
{
	d->verbs->done(d, id);
}

void dispatch_cancel(struct dispatch *d, const char *prefix)
{
	d->verbs->cancel(d, prefix);
}

void dispatch_hold(struct dispatch *d, const char *prefix)
{
	d->verbs->hold(d, prefix);
}

void dispatch_load(
	struct dispatch *d, const char *prefix, struct dispatch_load *out)
{
	d->verbs->load(d, prefix, out);
}

int dispatch_worker_answers(const struct dispatch_worker *w)
{
	return w->seen_ms > 0 && !w->error[0];
}

int dispatch_join(
	struct dispatch *d, const struct dispatch_member *m, struct err *e)
{
	return d->verbs->join(d, m, e);
}

int dispatch_leave(struct dispatch *d, const char *id, struct err *e)
{
	return d->verbs->leave(d, id, e);
}

int dispatch_report(struct dispatch *d, const struct dispatch_caller *c,
	const json_t *report, struct err *e)
{
	return d->verbs->report(d, c, report, e);
}

void dispatch_hung_up(struct dispatch *d, const char *id)
{
	d->verbs->hung_up(d, id);
}

int dispatch_orders(struct dispatch *d, const char *id, int now, char **text)
{
	return d->verbs->orders(d, id, now, text);
}

int dispatch_weights(struct dispatch *d, const char *id, const char *job,
	const void *bytes, size_t n, struct err *e)
{
	return d->verbs->weights(d, id, job, bytes, n, e);
}

size_t dispatch_workers(
	struct dispatch *d, struct arena *mem, struct dispatch_worker **out)
{
	return d->verbs->workers(d, mem, out);
}

void dispatch_depth(struct dispatch *d, struct dispatch_queue *out)
{
	d->verbs->depth(d, out);
}
