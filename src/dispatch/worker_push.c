/* worker_push.c -- the table of jobs: who may start, who is remembered.
 *
 * The lock guards the table and is never held while a job runs.  A job that is
 * queued or running is removed by nobody, so its slot may keep a pointer to it.
 */
#include "dispatch/worker_push.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/cond.h"

#define JOBS_MAX 10000 /* ended ones beyond it are forgotten early */
#define SETTLE_MS 2000 /* from the news of a job's end to its weights */

struct push_job {
	struct worker_job job; /* first: what the slot sees */
	struct push_job *next; /* newest first */
	int64_t memory_mb;
	struct worker_status status;
	char *weights;
	size_t n_weights;
	int cancelled;
	int64_t asked_ms, ended_ms; /* monotonic */
	int64_t told_ms;            /* of the end; 0: nobody has been told */
};

struct push {
	struct worker base; /* first: see worker.h */
	struct worker_push_options o;
	pthread_mutex_t lock;   /* guards what follows */
	pthread_cond_t changed; /* a job came, ended or was cancelled */
	struct push_job *jobs;
	int n_open; /* queued and running: each has a slot, or will at once */
	int64_t used_mb; /* their bounds together */
	int64_t ends;    /* jobs that have ended */
	int draining, stopping;
};

static void free_job(struct push_job *j)
{
	json_decref(j->status.result);
	free(j->weights);
	free(j->job.body);
	free(j->job.id);
	free(j);
}

static void push_free(struct worker *w)
{
	struct push *p = (struct push *)w;
	struct push_job *j;

	while ((j = p->jobs)) {
		p->jobs = j->next;
		free_job(j);
	}
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* -- the table; the caller holds the lock -- */

static struct push_job *find(struct push *p, const char *id)
{
	for (struct push_job *j = p->jobs; j; j = j->next)
		if (strcmp(j->job.id, id) == 0)
			return j;
	return NULL;
}

static void remove_at(struct push_job **at)
{
	struct push_job *j = *at;

	*at = j->next;
	free_job(j);
}

/* Forgets ended jobs that are old, or the oldest beyond the table's size. */
static void sweep(struct push *p)
{
	struct push_job **at = &p->jobs;
	int64_t now_ms = clock_mono_ms();
	size_t n = 0;

	while (*at) {
		const struct push_job *j = *at;
		int old = now_ms - j->ended_ms > p->o.keep_ms || n >= JOBS_MAX;

		n++;
		if (worker_state_ended(j->status.state) && old)
			remove_at(at);
		else
			at = &(*at)->next;
	}
}

static void forget(struct push *p, const struct push_job *j)
{
	struct push_job **at = &p->jobs;

	while (*at != j)
		at = &(*at)->next;
	remove_at(at);
}

/* The oldest that no slot has. */
static struct push_job *next_queued(struct push *p)
{
	struct push_job *oldest = NULL;

	for (struct push_job *j = p->jobs; j; j = j->next)
		if (j->status.state == WORKER_QUEUED)
			oldest = j;
	return oldest;
}

/* -- the slots' side: the verbs of worker.h -- */

static struct worker_job *push_take(struct worker *w)
{
	struct push *p = (struct push *)w;
	struct push_job *j = NULL;

	pthread_mutex_lock(&p->lock);
	while (!p->stopping && !(j = next_queued(p)))
		pthread_cond_wait(&p->changed, &p->lock);
	if (p->stopping)
		j = NULL;
	if (j)
		j->status.state = WORKER_RUNNING;
	pthread_mutex_unlock(&p->lock);
	return j ? &j->job : NULL;
}

static int push_wanted(struct worker *w, struct worker_job *job)
{
	struct push_job *j = (struct push_job *)job;
	struct push *p = (struct push *)w;
	int yes;

	pthread_mutex_lock(&p->lock);
	if (clock_mono_ms() - j->asked_ms > p->o.forget_ms)
		j->cancelled = 1;
	yes = !j->cancelled && !p->stopping;
	pthread_mutex_unlock(&p->lock);
	return yes;
}

static void push_progress(
	struct worker *w, struct worker_job *job, int64_t images, int64_t total)
{
	struct push_job *j = (struct push_job *)job;
	struct push *p = (struct push *)w;

	pthread_mutex_lock(&p->lock);
	j->status.images = images;
	j->status.total = total;
	pthread_mutex_unlock(&p->lock);
}

/* From here on the job may be forgotten at any time. */
static void push_deliver(
	struct worker *w, struct worker_job *job, struct worker_outcome *o)
{
	struct push_job *j = (struct push_job *)job;
	struct push *p = (struct push *)w;

	pthread_mutex_lock(&p->lock);
	o->status.images = j->status.images;
	o->status.total = j->status.total;
	j->status = o->status;
	j->weights = o->weights;
	j->n_weights = o->n_weights;
	j->ended_ms = clock_mono_ms();
	p->n_open--;
	p->used_mb -= j->memory_mb;
	p->ends++;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
	if (p->o.ended)
		p->o.ended(p->o.ctx);
}

static void push_stop(struct worker *w)
{
	struct push *p = (struct push *)w;

	pthread_mutex_lock(&p->lock);
	p->stopping = 1;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

struct worker *worker_push_new(const struct worker_push_options *o)
{
	static const struct worker_backend push = {
		.free = push_free,
		.take = push_take,
		.wanted = push_wanted,
		.progress = push_progress,
		.deliver = push_deliver,
		.stop = push_stop,
	};
	struct push *p = xcalloc(1, sizeof *p);

	p->base.verbs = &push;
	p->o = *o;
	pthread_mutex_init(&p->lock, NULL);
	cond_init(&p->changed);
	return &p->base;
}

/* -- the brokers' side -- */

static int check_room(
	const struct push *p, const struct worker_offer *o, struct err *e)
{
	if (p->draining)
		return err_set(e, ERR_BUSY,
			"this evolutioner is about to leave and takes no more "
			"jobs");
	if (p->stopping || p->n_open >= p->o.slots)
		return err_set(
			e, ERR_BUSY, "all %d slots are taken", p->o.slots);
	/* A job alone may have all there is, even if it asks for more. */
	if (p->n_open > 0 && p->used_mb + o->memory_mb > p->o.memory_mb)
		return err_set(e, ERR_BUSY,
			"the running jobs leave no memory: %" PRId64
			" of %" PRId64 " MiB are taken",
			p->used_mb, p->o.memory_mb);
	return 0;
}

static int add(struct push *p, const struct worker_offer *o, struct err *e)
{
	int rc = check_room(p, o, e);
	struct push_job *j;

	if (rc)
		return rc;
	j = xcalloc(1, sizeof *j);
	j->job = (struct worker_job){
		.id = xstrdup(o->id), .body = xstrdup(o->body)};
	snprintf(j->job.trace, sizeof j->job.trace, "%s",
		o->trace ? o->trace : "");
	j->memory_mb = o->memory_mb;
	j->asked_ms = clock_mono_ms();
	j->next = p->jobs;
	p->jobs = j;
	p->n_open++;
	p->used_mb += o->memory_mb;
	pthread_cond_broadcast(&p->changed);
	return 0;
}

/* A crash is a result that is asked for once; asked for again, the broker has
 * counted it or never seen it, and the job is to be run. */
static int may_start_again(const struct push_job *j)
{
	const struct worker_status *st = &j->status;
	int crashed = st->whose && strcmp(st->whose, "crash") == 0;

	return worker_state_ended(st->state) && (!st->result || crashed);
}

/* With the lock held. */
static int offer(struct push *p, const struct worker_offer *o, struct err *e)
{
	struct push_job *old;
	int rc;

	sweep(p);
	old = find(p, o->id);
	if (old && strcmp(old->job.body, o->body) != 0)
		return err_set(e, ERR_CONFLICT,
			"this id belongs to a job with another body");
	if (old && old->cancelled && !worker_state_ended(old->status.state))
		return err_set(e, ERR_BUSY, "this job is being cancelled");
	if (old && !may_start_again(old)) {
		old->asked_ms = clock_mono_ms();
		return 0;
	}
	rc = add(p, o, e);
	if (rc == 0 && old)
		forget(p, old);
	return rc;
}

int worker_push_offer(
	struct worker *w, const struct worker_offer *o, struct err *e)
{
	struct push *p = (struct push *)w;
	int rc;

	pthread_mutex_lock(&p->lock);
	rc = offer(p, o, e);
	pthread_mutex_unlock(&p->lock);
	return rc;
}

static int not_found(struct err *e)
{
	return err_set(e, ERR_NOT_FOUND,
		"no such job: it was never submitted here, or it ended too "
		"long ago");
}

int worker_push_look(struct worker *w, const char *id, int64_t wait_ms,
	struct worker_status *out, struct err *e)
{
	int64_t until_ms = clock_mono_ms() + wait_ms;
	struct push *p = (struct push *)w;
	struct push_job *j;

	pthread_mutex_lock(&p->lock);
	sweep(p);
	/* Found anew after each wait: an ended job may be gone meanwhile. */
	while ((j = find(p, id))) {
		j->asked_ms = clock_mono_ms();
		if (worker_state_ended(j->status.state) ||
			clock_mono_ms() >= until_ms)
			break;
		cond_wait_until(&p->changed, &p->lock, until_ms);
	}
	if (j) {
		*out = j->status;
		json_incref(out->result);
		if (worker_state_ended(j->status.state) && !j->told_ms)
			j->told_ms = j->asked_ms;
	}
	pthread_mutex_unlock(&p->lock);
	return j ? 0 : not_found(e);
}

int worker_push_weights(struct worker *w, const char *id, char **bytes,
	size_t *n, struct err *e)
{
	struct push *p = (struct push *)w;
	const struct push_job *j;
	int rc = 0;

	pthread_mutex_lock(&p->lock);
	j = find(p, id);
	if (!j) {
		rc = not_found(e);
	} else if (!j->weights) {
		rc = err_set(e, ERR_CONFLICT,
			"this job has no weights: a final job has, and one "
			"that keeps them, when it is done");
	} else {
		*n = j->n_weights;
		*bytes = memcpy(xcalloc(1, *n), j->weights, *n);
	}
	pthread_mutex_unlock(&p->lock);
	return rc;
}

int worker_push_cancel(struct worker *w, const char *id, struct err *e)
{
	struct push *p = (struct push *)w;
	struct push_job *j;

	pthread_mutex_lock(&p->lock);
	j = find(p, id);
	if (j)
		j->cancelled = 1;
	pthread_mutex_unlock(&p->lock);
	return j ? 0 : not_found(e);
}

void worker_push_forget(struct worker *w, const char *id)
{
	struct push *p = (struct push *)w;
	const struct push_job *j;

	pthread_mutex_lock(&p->lock);
	j = find(p, id);
	if (j && worker_state_ended(j->status.state))
		forget(p, j);
	pthread_mutex_unlock(&p->lock);
}

int64_t worker_push_ends(struct worker *w)
{
	struct push *p = (struct push *)w;
	int64_t n;

	pthread_mutex_lock(&p->lock);
	n = p->ends;
	pthread_mutex_unlock(&p->lock);
	return n;
}

void worker_push_wait(struct worker *w, int64_t wait_ms)
{
	struct push *p = (struct push *)w;

	pthread_mutex_lock(&p->lock);
	cond_wait_until(&p->changed, &p->lock, clock_mono_ms() + wait_ms);
	pthread_mutex_unlock(&p->lock);
}

void worker_push_drain(struct worker *w)
{
	struct push *p = (struct push *)w;

	pthread_mutex_lock(&p->lock);
	p->draining = 1;
	pthread_mutex_unlock(&p->lock);
}

int worker_push_settled(struct worker *w)
{
	struct push *p = (struct push *)w;
	const int64_t now_ms = clock_mono_ms();
	int yes;

	pthread_mutex_lock(&p->lock);
	yes = p->n_open == 0;
	for (const struct push_job *j = p->jobs; j; j = j->next)
		yes = yes && j->told_ms && now_ms - j->told_ms > SETTLE_MS;
	pthread_mutex_unlock(&p->lock);
	return yes;
}

json_t *worker_push_ids(struct worker *w)
{
	struct push *p = (struct push *)w;
	json_t *ids = json_array();

	pthread_mutex_lock(&p->lock);
	for (const struct push_job *j = p->jobs; j; j = j->next)
		if (!j->cancelled && !may_start_again(j))
			json_array_append_new(ids, json_string(j->job.id));
	pthread_mutex_unlock(&p->lock);
	return ids;
}

void worker_push_count(struct worker *w, int *n, int *n_free)
{
	struct push *p = (struct push *)w;

	pthread_mutex_lock(&p->lock);
	*n = p->o.slots;
	*n_free = p->o.slots - p->n_open;
	pthread_mutex_unlock(&p->lock);
}
