/* dispatch_http_queue.c -- the jobs in order of submission, from the one verb
 * to the other: submitted, run, taken, done.  A job is found by its id at
 * once. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/cond.h"
#include "dispatch/dispatch_http.h"

#define FAILING_ATTEMPTS 2

static int has_prefix(const char *id, const char *prefix)
{
	return strncmp(id, prefix, strlen(prefix)) == 0;
}

/* -- the list of jobs; the caller holds the lock -- */

static void free_job(struct open_job *j)
{
	dispatch_result_release(&j->result);
	free(j->body);
	free(j);
}

struct open_job *queue_find(struct http_dispatch *d, const char *id)
{
	return id_table_find(d->by_id, id);
}

static void unready(struct http_dispatch *d, struct open_job *j)
{
	struct open_job **at = &d->ready;

	while (*at != j)
		at = &(*at)->next_ready;
	*at = j->next_ready;
	if (d->ready_end == &j->next_ready)
		d->ready_end = at;
	dispatch_result_release(&j->result);
}

/* Nobody wants the job or its result any more, and who has it is told so. */
static void drop(struct http_dispatch *d, struct open_job *j)
{
	if (j->stage == JOB_QUEUED)
		queue_quit(j);
	if (j->stage == JOB_READY)
		unready(d, j);
	while (j->errands)
		errand_part(j->errands);
	if (j->before)
		j->before->next = j->next;
	else
		d->jobs = j->next;
	if (j->next)
		j->next->before = j->before;
	else
		d->last_job = j->before;
	id_table_remove(d->by_id, &j->entry);
	free_job(j);
}

/* -- the verbs -- */

static void set_body(struct open_job *j, const struct dispatch_job *job)
{
	free(j->body);
	j->body = xstrdup(job->body);
	strcpy(j->kernels, job->kernels);
	snprintf(j->trace, sizeof j->trace, "%s", job->trace ? job->trace : "");
	j->witnessed = job->witnessed;
	for (int i = 0; i < DISPATCH_BLOBS_MAX; i++)
		snprintf(j->blobs[i], sizeof j->blobs[i], "%s",
			job->blobs[i] ? job->blobs[i] : "");
}

static struct open_job *new_job(const struct dispatch_job *job)
{
	struct open_job *j = xcalloc(1, sizeof *j);

	strcpy(j->id, job->id);
	set_body(j, job);
	return j;
}

static void append(struct http_dispatch *d, struct open_job *j)
{
	j->number = ++d->submitted;
	j->before = d->last_job;
	if (d->last_job)
		d->last_job->next = j;
	else
		d->jobs = j;
	d->last_job = j;
	id_table_add(d->by_id, &j->entry, j->id, j);
	queue_enter(d, j);
}

/* A job whose result was taken gives it again: who has it is asked, and only
 * if nobody has it any more it is run anew. */
static void submit_again(struct http_dispatch *d, struct open_job *j,
	const struct dispatch_job *job)
{
	if (j->stage < JOB_TAKEN)
		return;
	set_body(j, job);
	j->attempts = j->silences = j->refusals = j->not_before_ms = 0;
	j->stage = j->errands ? JOB_OUT : JOB_QUEUED;
	if (j->errands)
		errand_move(j->errands, ERRAND_NEW);
	else
		queue_enter(d, j);
}

void queue_submit(struct dispatch *dispatch, const struct dispatch_job *job)
{
	struct http_dispatch *d = (struct http_dispatch *)dispatch;
	struct open_job *old;

	assert(strlen(job->id) < sizeof old->id);
	assert(strlen(job->kernels) < sizeof old->kernels);
	pthread_mutex_lock(&d->lock);
	old = queue_find(d, job->id);
	if (old)
		submit_again(d, old, job);
	else
		append(d, new_job(job));
	push_wake(d);
	pthread_mutex_unlock(&d->lock);
}

void queue_ready(
	struct http_dispatch *d, struct open_job *j, struct dispatch_result *r)
{
	if (j->stage == JOB_QUEUED)
		queue_quit(j);
	j->stage = JOB_READY;
	j->result = *r;
	*r = (struct dispatch_result){.document = NULL};
	j->next_ready = NULL;
	*d->ready_end = j;
	d->ready_end = &j->next_ready;
	pthread_cond_signal(&d->taken);
}

int queue_result(
	struct dispatch *dispatch, int64_t wait_ms, struct dispatch_result *out)
{
	struct http_dispatch *d = (struct http_dispatch *)dispatch;
	int64_t until_ms = clock_mono_ms() + wait_ms;
	struct open_job *j;

	pthread_mutex_lock(&d->lock);
	while (!d->ready && clock_mono_ms() < until_ms)
		cond_wait_until(&d->taken, &d->lock, until_ms);
	j = d->ready;
	if (j) {
		*out = j->result;
		j->result = (struct dispatch_result){.document = NULL};
		unready(d, j);
		j->stage = JOB_TAKEN;
	}
	pthread_mutex_unlock(&d->lock);
	return j != NULL;
}

void queue_done(struct dispatch *dispatch, const char *id)
{
	struct http_dispatch *d = (struct http_dispatch *)dispatch;
	struct open_job *j;

	pthread_mutex_lock(&d->lock);
	j = queue_find(d, id);
	if (j) {
		/* Who has a result may as well be told later. */
		if (j->stage == JOB_OUT)
			push_wake(d);
		drop(d, j);
	}
	pthread_mutex_unlock(&d->lock);
}

/* Drops those whose id starts so, all or only those that wait for a peer. */
static void drop_all(struct http_dispatch *d, const char *prefix, int waiting)
{
	struct open_job *j, *next;

	pthread_mutex_lock(&d->lock);
	for (j = d->jobs; j; j = next) {
		next = j->next;
		if (has_prefix(j->id, prefix) &&
			!(waiting && (j->stage != JOB_QUEUED || j->errands)))
			drop(d, j);
	}
	push_wake(d);
	pthread_mutex_unlock(&d->lock);
}

void queue_cancel(struct dispatch *dispatch, const char *prefix)
{
	drop_all((struct http_dispatch *)dispatch, prefix, 0);
}

void queue_hold(struct dispatch *dispatch, const char *prefix)
{
	drop_all((struct http_dispatch *)dispatch, prefix, 1);
}

/* A first failure may be a worker that was started anew. */
static int is_failing(const struct open_job *j)
{
	int trains = j->stage == JOB_OUT && j->pace.images > 0;

	return j->attempts >= FAILING_ATTEMPTS && !trains;
}

/* Whether the job gets on. */
static void count_pace(
	const struct open_job *j, int64_t now_ms, struct dispatch_load *out)
{
	int64_t quiet_ms = now_ms - j->pace.moved_ms;

	if (j->attempts > out->attempts)
		out->attempts = j->attempts;
	if (is_failing(j) && j->attempts > out->failing)
		out->failing = j->attempts;
	if (j->stage == JOB_OUT && !is_failing(j) && quiet_ms < out->quiet_ms)
		out->quiet_ms = quiet_ms;
}

static void count(
	const struct open_job *j, struct dispatch_load *out, int64_t *latest_ms)
{
	out->unconfirmed += witness_alone(j);
	if (j->stage == JOB_OUT || j->errands) {
		out->running++;
		out->images += j->pace.images;
		out->images_per_s += pace_rate(&j->pace);
	} else {
		out->queued++;
	}
	if (j->trouble[0] && j->trouble_ms > *latest_ms) {
		*latest_ms = j->trouble_ms;
		strcpy(out->trouble, j->trouble);
		strcpy(out->worker, j->last ? j->last->info.url : "");
	}
}

void queue_load(struct dispatch *dispatch, const char *prefix,
	struct dispatch_load *out)
{
	struct http_dispatch *d = (struct http_dispatch *)dispatch;
	int64_t latest_ms = -1, now_ms = clock_mono_ms();

	*out = (struct dispatch_load){.quiet_ms = INT64_MAX};
	pthread_mutex_lock(&d->lock);
	for (const struct open_job *j = d->jobs; j; j = j->next) {
		if (j->stage > JOB_OUT || !has_prefix(j->id, prefix))
			continue;
		count(j, out, &latest_ms);
		count_pace(j, now_ms, out);
	}
	pthread_mutex_unlock(&d->lock);
}

void queue_release(struct http_dispatch *d)
{
	struct open_job *j;

	while ((j = d->jobs)) {
		d->jobs = j->next;
		free_job(j);
	}
	for (size_t i = 0; i < d->n_classes; i++)
		free(d->classes[i]);
	free(d->classes);
}
