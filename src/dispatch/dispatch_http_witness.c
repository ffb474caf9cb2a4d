/* dispatch_http_witness.c -- a job that one worker's word is not enough for.
 *
 * It goes to two peers; where what they say differs, to a third, and so on
 * until two agree.  Whoever said something else gets no jobs any more. */
#include <stdio.h>
#include <string.h>

#include "base/doc.h"
#include "dispatch/dispatch_http.h"

#define AGREE 2

static int has_spoken(const struct errand *e)
{
	return e->testimony.document != NULL;
}

static int spoken(const struct open_job *j)
{
	int n = 0;

	for (const struct errand *e = j->errands; e; e = e->copy)
		n += has_spoken(e);
	return n;
}

/* All that have spoken differ, or the job would be ready. */
int witnesses_wanted(const struct open_job *j)
{
	const int n = spoken(j);

	if (!j->witnessed)
		return 1;
	return n + 1 > AGREE ? n + 1 : AGREE;
}

int witnesses(const struct open_job *j)
{
	int n = 0;

	for (const struct errand *e = j->errands; e; e = e->copy)
		n++;
	return n;
}

int witness_alone(const struct open_job *j)
{
	return j->stage <= JOB_OUT && spoken(j) > 0;
}

static int agree(const struct errand *a, const struct errand *b)
{
	return a->peer->d->same(a->testimony.document, b->testimony.document);
}

/* Another errand of the job that says the same, or NULL. */
static const struct errand *second(const struct errand *e)
{
	for (const struct errand *o = e->job->errands; o; o = o->copy)
		if (o != e && has_spoken(o) && agree(o, e))
			return o;
	return NULL;
}

/* Those who said something else; the name of one goes with the result. */
static void expose(const struct errand *e, struct dispatch_result *r)
{
	for (struct errand *o = e->job->errands; o; o = o->copy) {
		struct peer *p = o->peer;

		if (o == e || !has_spoken(o) || agree(o, e))
			continue;
		p->liar = 1;
		snprintf(p->info.refusal, sizeof p->info.refusal,
			"its result of job %.100s is not that of two others",
			e->id);
		p->info.refusals++;
		snprintf(r->liar, sizeof r->liar, "%s", p->info.url);
		log_error(p->d->log, "worker-lies", log_job(e->id),
			log_worker(p->info.url), log_trace(e->job->trace));
	}
}

static void copy_result(
	const struct dispatch_result *from, struct dispatch_result *out)
{
	*out = *from;
	out->document = json_incref(from->document);
	if (from->weights)
		out->weights = memcpy(xcalloc(1, from->n_weights + 1),
			from->weights, from->n_weights);
}

static int is_crash(const json_t *document)
{
	const char *whose = json_string_value(
		json_object_get(json_object_get(document, "failure"), "whose"));

	return whose && strcmp(whose, "crash") == 0;
}

void witness_heard(struct errand *e, struct dispatch_result *r)
{
	struct http_dispatch *d = e->peer->d;
	struct open_job *j = e->job;
	struct dispatch_result out;

	if (!j->witnessed || !d->same || is_crash(r->document)) {
		queue_ready(d, j, r);
		return;
	}
	dispatch_result_release(&e->testimony);
	e->testimony = *r;
	*r = (struct dispatch_result){.document = NULL};
	if (second(e)) {
		copy_result(&e->testimony, &out);
		expose(e, &out);
		queue_ready(d, j, &out);
	} else if (j->stage == JOB_OUT && witnesses(j) < witnesses_wanted(j)) {
		j->stage = JOB_QUEUED;
		queue_enter(d, j);
		push_wake(d);
	}
}
