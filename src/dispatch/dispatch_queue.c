/* dispatch_queue.c -- the open jobs in order of submission, and the results
 * that wait to be taken. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/doc.h"
#include "dispatch/dispatch_private.h"

#define BACKOFF_FIRST_MS 100
#define BACKOFF_DOUBLINGS 10 /* 102 s, above every limit */
#define NO_ROOM_MS 1000

static int has_prefix(const char *id, const char *prefix)
{
	return strncmp(id, prefix, strlen(prefix)) == 0;
}

/* -- the list of open jobs; the caller holds the lock -- */

static void unlink_job(struct dispatch *d, struct open_job **at)
{
	struct open_job *j = *at;

	*at = j->next;
	if (d->jobs_end == &j->next)
		d->jobs_end = at;
	json_decref(j->body);
	free(j);
}

static void remove_job(struct dispatch *d, const struct open_job *j)
{
	struct open_job **at = &d->jobs;

	while (*at != j)
		at = &(*at)->next;
	unlink_job(d, at);
}

static void remove_queued(struct dispatch *d, const char *prefix)
{
	struct open_job **at = &d->jobs;

	while (*at)
		if (!(*at)->running && has_prefix((*at)->id, prefix))
			unlink_job(d, at);
		else
			at = &(*at)->next;
}

/* A cancelled job is on its way out and does not stand in the way of a new one
 * with its id. */
static int is_here(const struct dispatch *d, const char *id)
{
	for (const struct open_job *j = d->jobs; j; j = j->next)
		if (!j->cancelled && strcmp(j->id, id) == 0)
			return 1;
	for (const struct ready *r = d->ready; r; r = r->next)
		if (strcmp(r->result.id, id) == 0)
			return 1;
	return 0;
}

static void remove_ready(struct dispatch *d, const char *prefix)
{
	struct ready **at = &d->ready, *r;

	while ((r = *at)) {
		if (!has_prefix(r->result.id, prefix)) {
			at = &r->next;
			continue;
		}
		*at = r->next;
		if (d->ready_end == &r->next)
			d->ready_end = at;
		free(r->result.body);
		free(r->result.weights);
		free(r);
	}
}

/* -- the caller's side -- */

void dispatch_submit(struct dispatch *d, const struct dispatch_job *job)
{
	struct open_job *j = xcalloc(1, sizeof *j);

	assert(strlen(job->id) < sizeof j->id);
	assert(strlen(job->kernels) < sizeof j->kernels);
	strcpy(j->id, job->id);
	strcpy(j->kernels, job->kernels);
	j->body = doc_parse(job->body, strlen(job->body), NULL);
	assert(j->body);

	pthread_mutex_lock(&d->lock);
	if (!is_here(d, j->id)) {
		/* Order of submission is order of start, as far as workers'
		 * kernels and back-off allow. */
		*d->jobs_end = j;
		d->jobs_end = &j->next;
		j = NULL;
		pthread_cond_broadcast(&d->work);
	}
	pthread_mutex_unlock(&d->lock);

	if (j)
		json_decref(j->body);
	free(j);
}

int dispatch_take(
	struct dispatch *d, int64_t wait_ms, struct dispatch_result *out)
{
	int64_t until_ms = clock_mono_ms() + wait_ms;
	struct ready *r;

	pthread_mutex_lock(&d->lock);
	while (!d->ready && clock_mono_ms() < until_ms)
		queue_wait(d, &d->taken, until_ms);
	r = d->ready;
	if (r) {
		d->ready = r->next;
		if (!d->ready)
			d->ready_end = &d->ready;
	}
	pthread_mutex_unlock(&d->lock);

	if (!r)
		return 0;
	*out = r->result;
	free(r);
	return 1;
}

void dispatch_cancel(struct dispatch *d, const char *prefix)
{
	pthread_mutex_lock(&d->lock);
	remove_queued(d, prefix);
	remove_ready(d, prefix);
	for (struct open_job *j = d->jobs; j; j = j->next)
		if (has_prefix(j->id, prefix))
			j->cancelled = 1; /* its lane tells the worker */
	pthread_mutex_unlock(&d->lock);
}

void dispatch_hold(struct dispatch *d, const char *prefix)
{
	pthread_mutex_lock(&d->lock);
	remove_queued(d, prefix);
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

void dispatch_load(
	struct dispatch *d, const char *prefix, struct dispatch_load *out)
{
	int64_t latest_ms = -1;

	*out = (struct dispatch_load){0};
	pthread_mutex_lock(&d->lock);
	for (const struct open_job *j = d->jobs; j; j = j->next) {
		if (j->cancelled || !has_prefix(j->id, prefix))
			continue;
		if (j->running) {
			out->running++;
			out->images += j->images;
			out->images_per_s += rate(j);
		} else {
			out->queued++;
		}
		if (j->attempts > out->attempts)
			out->attempts = j->attempts;
		if (j->trouble[0] && j->trouble_ms > latest_ms) {
			latest_ms = j->trouble_ms;
			strcpy(out->trouble, j->trouble);
		}
	}
	pthread_mutex_unlock(&d->lock);
}

/* -- the lanes' side -- */

/* True if `name` is one of the words of `list`. */
static int runs_kernels(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = list; *p; p += strspn(p, " ")) {
		size_t word = strcspn(p, " ");

		if (word == n && memcmp(p, name, n) == 0)
			return 1;
		p += word;
	}
	return 0;
}

/* When the worker may take the job; INT64_MAX for never as things stand.  The
 * worker that failed a job last waits longer than the others, so that a second
 * try happens elsewhere if there is an elsewhere with a free slot. */
static int64_t ready_at(const struct open_job *j, const struct worker *w)
{
	int64_t at = j->not_before_ms;

	if (j->running || !runs_kernels(w->info.kernels, j->kernels))
		return INT64_MAX;
	if (j->last == w && w->d->n_workers > 1)
		at += j->head_start_ms;
	return at > w->busy_until_ms ? at : w->busy_until_ms;
}

static int may_work(const struct lane *l)
{
	return l->worker->up && l->index < l->worker->info.slots;
}

/* The first job that the lane may take now; otherwise NULL, and the moment when
 * the next one comes of age. */
static struct open_job *next_job(const struct lane *l, int64_t *until_ms)
{
	int64_t now = clock_mono_ms();

	*until_ms = INT64_MAX;
	if (!may_work(l))
		return NULL;
	for (struct open_job *j = l->worker->d->jobs; j; j = j->next) {
		int64_t at = ready_at(j, l->worker);

		if (at <= now)
			return j;
		if (at < *until_ms)
			*until_ms = at;
	}
	return NULL;
}

struct open_job *queue_take(const struct lane *l)
{
	struct dispatch *d = l->worker->d;
	struct open_job *j = NULL;
	int64_t until_ms;

	pthread_mutex_lock(&d->lock);
	while (!d->stopping && !(j = next_job(l, &until_ms)))
		queue_wait(d, &d->work, until_ms);
	if (d->stopping)
		j = NULL;
	if (j) {
		j->running = 1;
		j->images = j->first_images = j->first_ms = j->seen_ms = 0;
		l->worker->info.jobs++;
	}
	pthread_mutex_unlock(&d->lock);
	return j;
}

int queue_unwanted(struct dispatch *d, const struct open_job *j)
{
	int unwanted;

	pthread_mutex_lock(&d->lock);
	unwanted = d->stopping || j->cancelled;
	pthread_mutex_unlock(&d->lock);
	return unwanted;
}

void queue_progress(struct dispatch *d, struct open_job *j, int64_t images)
{
	pthread_mutex_lock(&d->lock);
	j->images = images;
	j->seen_ms = clock_mono_ms();
	if (!j->first_ms) {
		j->first_ms = j->seen_ms;
		j->first_images = images;
	}
	pthread_mutex_unlock(&d->lock);
}

void queue_deliver(
	struct dispatch *d, struct open_job *j, struct dispatch_result *r)
{
	struct ready *node = xcalloc(1, sizeof *node);

	node->result = *r;
	*r = (struct dispatch_result){0};
	pthread_mutex_lock(&d->lock);
	if (!j->cancelled) { /* else it ended just before it was ended */
		*d->ready_end = node;
		d->ready_end = &node->next;
		node = NULL;
		pthread_cond_signal(&d->taken);
	}
	remove_job(d, j);
	pthread_mutex_unlock(&d->lock);

	if (node) {
		free(node->result.body);
		free(node->result.weights);
	}
	free(node);
}

void queue_drop(struct dispatch *d, struct open_job *j)
{
	pthread_mutex_lock(&d->lock);
	remove_job(d, j);
	pthread_mutex_unlock(&d->lock);
}

static int64_t backoff_ms(int64_t attempts, int64_t most_ms)
{
	int64_t ms;

	if (attempts > BACKOFF_DOUBLINGS)
		attempts = BACKOFF_DOUBLINGS;
	ms = (int64_t)BACKOFF_FIRST_MS << (attempts - 1);
	return ms < most_ms ? ms : most_ms;
}

void queue_retry(struct open_job *j, const struct worker *w, int64_t most_ms,
	const struct err *why)
{
	struct dispatch *d = w->d;

	pthread_mutex_lock(&d->lock);
	j->attempts++;
	j->head_start_ms = backoff_ms(j->attempts, most_ms);
	j->trouble_ms = clock_mono_ms();
	j->not_before_ms = j->trouble_ms + j->head_start_ms;
	j->last = w;
	snprintf(j->trouble, sizeof j->trouble, "%.*s",
		(int)sizeof j->trouble - 1, why->text);
	j->running = 0;
	if (j->cancelled)
		remove_job(d, j);
	pthread_cond_broadcast(&d->work);
	pthread_mutex_unlock(&d->lock);
}

void queue_no_room(struct open_job *j, struct worker *w)
{
	struct dispatch *d = w->d;

	pthread_mutex_lock(&d->lock);
	w->busy_until_ms = clock_mono_ms() + NO_ROOM_MS;
	j->running = 0;
	if (j->cancelled)
		remove_job(d, j);
	pthread_cond_broadcast(&d->work);
	pthread_mutex_unlock(&d->lock);
}

void queue_wait(struct dispatch *d, pthread_cond_t *c, int64_t until_ms)
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

void queue_release(struct dispatch *d)
{
	for (struct open_job *j = d->jobs; j; j = j->next)
		j->running = 0;
	remove_queued(d, "");
	remove_ready(d, "");
}
