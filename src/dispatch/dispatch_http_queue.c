/* dispatch_http_queue.c -- the jobs in order of submission, from the one verb
 * to the other: submitted, run, taken, done. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "dispatch/dispatch_http.h"

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

static void unlink_job(struct http_dispatch *d, struct open_job **at)
{
	struct open_job *j = *at;

	*at = j->next;
	if (d->jobs_end == &j->next)
		d->jobs_end = at;
	free_job(j);
}

void queue_remove(struct http_dispatch *d, const struct open_job *j)
{
	struct open_job **at = &d->jobs;

	while (*at != j)
		at = &(*at)->next;
	unlink_job(d, at);
}

/* A cancelled job is on its way out and does not stand in the way of a new one
 * with its id. */
static struct open_job *find(struct http_dispatch *d, const char *id)
{
	for (struct open_job *j = d->jobs; j; j = j->next)
		if (!j->cancelled && strcmp(j->id, id) == 0)
			return j;
	return NULL;
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

/* Nobody wants the job or its result any more, and its worker is told so.
 * Whether the job is left to be told about; otherwise the caller removes it. */
static int finish(struct http_dispatch *d, struct open_job *j)
{
	j->again = 0;
	switch (j->stage) {
	case JOB_RUNNING: j->cancelled = 1; return 1; /* its lane tells it */
	case JOB_READY: unready(d, j); break;
	case JOB_QUEUED:
	case JOB_TAKEN: break;
	case JOB_DONE:
	case JOB_PARTING: return 1;
	}
	j->stage = JOB_DONE;
	return j->home && j->home->up;
}

/* The next job of the list, after dropping this one if it is not `kept`. */
static struct open_job **next_after(
	struct http_dispatch *d, struct open_job **at, int kept)
{
	if (kept)
		return &(*at)->next;
	unlink_job(d, at);
	return at;
}

/* -- the verbs -- */

static void set_body(struct open_job *j, const struct dispatch_job *job)
{
	free(j->body);
	j->body = xstrdup(job->body);
	strcpy(j->kernels, job->kernels);
}

static struct open_job *new_job(const struct dispatch_job *job)
{
	struct open_job *j = xcalloc(1, sizeof *j);

	strcpy(j->id, job->id);
	set_body(j, job);
	return j;
}

/* Order of submission is order of start, as far as workers' kernels and
 * back-off allow. */
static void append(struct http_dispatch *d, struct open_job *j)
{
	*d->jobs_end = j;
	d->jobs_end = &j->next;
}

/* A job whose result was taken gives it again; one that is done waits until its
 * worker has forgotten it, and is then run anew. */
static void submit_again(struct open_job *j, const struct dispatch_job *job)
{
	if (j->stage < JOB_TAKEN)
		return;
	set_body(j, job);
	j->attempts = j->not_before_ms = 0;
	if (j->stage == JOB_TAKEN)
		j->stage = JOB_QUEUED;
	else
		j->again = 1;
}

void queue_submit(struct dispatch *dispatch, const struct dispatch_job *job)
{
	struct http_dispatch *d = (struct http_dispatch *)dispatch;
	struct open_job *old;

	assert(strlen(job->id) < sizeof old->id);
	assert(strlen(job->kernels) < sizeof old->kernels);
	pthread_mutex_lock(&d->lock);
	old = find(d, job->id);
	if (old)
		submit_again(old, job);
	else
		append(d, new_job(job));
	pthread_cond_broadcast(&d->work);
	pthread_mutex_unlock(&d->lock);
}

int queue_result(
	struct dispatch *dispatch, int64_t wait_ms, struct dispatch_result *out)
{
	struct http_dispatch *d = (struct http_dispatch *)dispatch;
	int64_t until_ms = clock_mono_ms() + wait_ms;
	struct open_job *j;

	pthread_mutex_lock(&d->lock);
	while (!d->ready && clock_mono_ms() < until_ms)
		queue_wait(d, &d->taken, until_ms);
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
	j = find(d, id);
	if (j && !finish(d, j))
		queue_remove(d, j);
	pthread_cond_broadcast(&d->work);
	pthread_mutex_unlock(&d->lock);
}

void queue_cancel(struct dispatch *dispatch, const char *prefix)
{
	struct http_dispatch *d = (struct http_dispatch *)dispatch;
	struct open_job **at = &d->jobs;

	pthread_mutex_lock(&d->lock);
	while (*at)
		at = next_after(d, at,
			!has_prefix((*at)->id, prefix) || finish(d, *at));
	pthread_cond_broadcast(&d->work);
	pthread_mutex_unlock(&d->lock);
}

/* One that waits to be run anew after its worker has been told does so no
 * longer. */
static int stays_held(struct open_job *j)
{
	j->again = 0;
	return j->stage != JOB_QUEUED;
}

void queue_hold(struct dispatch *dispatch, const char *prefix)
{
	struct http_dispatch *d = (struct http_dispatch *)dispatch;
	struct open_job **at = &d->jobs;

	pthread_mutex_lock(&d->lock);
	while (*at)
		at = next_after(d, at,
			!has_prefix((*at)->id, prefix) || stays_held(*at));
	pthread_mutex_unlock(&d->lock);
}

/* Images a second since the lane's first look, so that what was trained before
 * we attached to the job does not count. */
static double rate(const struct open_job *j)
{
	int64_t ms = j->seen_ms - j->first_ms;

	if (ms <= 0)
		return 0;
	return 1000.0 * (double)(j->images - j->first_images) / (double)ms;
}

static void count(
	const struct open_job *j, struct dispatch_load *out, int64_t *latest_ms)
{
	if (j->stage == JOB_RUNNING) {
		out->running++;
		out->images += j->images;
		out->images_per_s += rate(j);
	} else {
		out->queued++;
	}
	if (j->attempts > out->attempts)
		out->attempts = j->attempts;
	if (j->trouble[0] && j->trouble_ms > *latest_ms) {
		*latest_ms = j->trouble_ms;
		strcpy(out->trouble, j->trouble);
	}
}

void queue_load(struct dispatch *dispatch, const char *prefix,
	struct dispatch_load *out)
{
	struct http_dispatch *d = (struct http_dispatch *)dispatch;
	int64_t latest_ms = -1;

	*out = (struct dispatch_load){0};
	pthread_mutex_lock(&d->lock);
	for (const struct open_job *j = d->jobs; j; j = j->next) {
		int open = j->stage <= JOB_RUNNING || j->again;

		if (open && !j->cancelled && has_prefix(j->id, prefix))
			count(j, out, &latest_ms);
	}
	pthread_mutex_unlock(&d->lock);
}

/* -- for the other files -- */

/* Whether the job stays in the list when this worker is gone. */
static int outlives(struct open_job *j, const struct peer *gone)
{
	int stays = j->stage != JOB_DONE || j->home != gone || j->again;

	if (j->stage == JOB_DONE && j->home == gone && j->again) {
		j->stage = JOB_QUEUED;
		j->again = 0;
	}
	return stays;
}

void queue_leave(struct peer *p)
{
	struct open_job **at = &p->d->jobs;

	while (*at)
		at = next_after(p->d, at, outlives(*at, p));
}

void queue_wait(struct http_dispatch *d, pthread_cond_t *c, int64_t until_ms)
{
	struct timespec t = {
		.tv_sec = (time_t)(until_ms / 1000),
		.tv_nsec = (long)(until_ms % 1000) * 1000000,
	};

	if (until_ms == INT64_MAX)
		pthread_cond_wait(c, &d->lock);
	else
		pthread_cond_timedwait(c, &d->lock, &t);
}

void queue_release(struct http_dispatch *d)
{
	while (d->jobs)
		unlink_job(d, &d->jobs);
}
