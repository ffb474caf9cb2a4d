/* dispatch_http_turn.c -- a lane's turn at a job: which one it may take, and
 * how it gives it back. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/words.h"
#include "dispatch/dispatch_http.h"

#define BACKOFF_FIRST_MS 100
#define BACKOFF_DOUBLINGS 10 /* 102 s, above every limit */
#define NO_ROOM_MS 1000

/* When the worker may take the job; INT64_MAX for never as things stand.  The
 * worker that failed a job last waits longer than the others, so that a second
 * try happens elsewhere if there is an elsewhere with a free slot. */
static int64_t ready_at(const struct open_job *j, const struct peer *p)
{
	int64_t at = j->not_before_ms;

	if (j->stage == JOB_DONE)
		return j->home == p ? 0 : INT64_MAX;
	if (j->stage != JOB_QUEUED ||
		!words_have(p->info.kernels, j->kernels, strlen(j->kernels)))
		return INT64_MAX;
	if (j->last == p && p->d->n_peers > 1)
		at += j->head_start_ms;
	return at > p->busy_until_ms ? at : p->busy_until_ms;
}

static int may_work(const struct lane *l)
{
	return l->peer->up && l->index < l->peer->info.slots;
}

/* The first job that the lane may take now; otherwise NULL, and the moment when
 * the next one comes of age. */
static struct open_job *next_job(const struct lane *l, int64_t *until_ms)
{
	int64_t now = clock_mono_ms();

	*until_ms = INT64_MAX;
	if (!may_work(l))
		return NULL;
	for (struct open_job *j = l->peer->d->jobs; j; j = j->next) {
		int64_t at = ready_at(j, l->peer);

		if (at <= now)
			return j;
		if (at < *until_ms)
			*until_ms = at;
	}
	return NULL;
}

static void start(struct open_job *j, struct peer *p)
{
	if (j->stage == JOB_DONE) {
		j->stage = JOB_PARTING;
		return;
	}
	j->stage = JOB_RUNNING;
	j->images = j->first_images = j->first_ms = j->seen_ms = 0;
	p->info.jobs++;
}

struct open_job *turn_take(const struct lane *l)
{
	struct http_dispatch *d = l->peer->d;
	struct open_job *j = NULL;
	int64_t until_ms;

	pthread_mutex_lock(&d->lock);
	while (!d->stopping && !(j = next_job(l, &until_ms)))
		queue_wait(d, &d->work, until_ms);
	if (d->stopping)
		j = NULL;
	if (j)
		start(j, l->peer);
	pthread_mutex_unlock(&d->lock);
	return j;
}

int turn_unwanted(struct http_dispatch *d, const struct open_job *j)
{
	int unwanted;

	pthread_mutex_lock(&d->lock);
	unwanted = d->stopping || j->cancelled;
	pthread_mutex_unlock(&d->lock);
	return unwanted;
}

void turn_progress(struct http_dispatch *d, struct open_job *j, int64_t images)
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

/* A job that was cancelled just before it ended goes: a new one of its id may
 * be on its way to the same worker. */
void turn_deliver(struct peer *p, struct open_job *j, struct dispatch_result *r)
{
	struct http_dispatch *d = p->d;

	pthread_mutex_lock(&d->lock);
	j->home = p;
	if (j->cancelled) {
		queue_remove(d, j);
	} else {
		j->stage = JOB_READY;
		j->result = *r;
		*r = (struct dispatch_result){.document = NULL};
		j->next_ready = NULL;
		*d->ready_end = j;
		d->ready_end = &j->next_ready;
		pthread_cond_signal(&d->taken);
	}
	pthread_mutex_unlock(&d->lock);
}

void turn_drop(struct http_dispatch *d, struct open_job *j)
{
	pthread_mutex_lock(&d->lock);
	queue_remove(d, j);
	pthread_mutex_unlock(&d->lock);
}

/* Back into the queue, or out of it; the caller holds the lock. */
static void requeue(struct http_dispatch *d, struct open_job *j)
{
	j->stage = JOB_QUEUED;
	if (j->cancelled)
		queue_remove(d, j);
	pthread_cond_broadcast(&d->work);
}

static int64_t backoff_ms(int64_t attempts, int64_t most_ms)
{
	int64_t ms;

	if (attempts > BACKOFF_DOUBLINGS)
		attempts = BACKOFF_DOUBLINGS;
	ms = (int64_t)BACKOFF_FIRST_MS << (attempts - 1);
	return ms < most_ms ? ms : most_ms;
}

void turn_retry(struct open_job *j, const struct peer *p, int64_t most_ms,
	const struct err *why)
{
	struct http_dispatch *d = p->d;

	pthread_mutex_lock(&d->lock);
	j->attempts++;
	j->head_start_ms = backoff_ms(j->attempts, most_ms);
	j->trouble_ms = clock_mono_ms();
	j->not_before_ms = j->trouble_ms + j->head_start_ms;
	j->last = p;
	snprintf(j->trouble, sizeof j->trouble, "%.*s",
		(int)sizeof j->trouble - 1, why->text);
	requeue(d, j);
	pthread_mutex_unlock(&d->lock);
}

void turn_no_room(struct open_job *j, struct peer *p)
{
	pthread_mutex_lock(&p->d->lock);
	p->busy_until_ms = clock_mono_ms() + NO_ROOM_MS;
	requeue(p->d, j);
	pthread_mutex_unlock(&p->d->lock);
}

void turn_parted(struct http_dispatch *d, struct open_job *j)
{
	pthread_mutex_lock(&d->lock);
	if (j->again) {
		j->again = 0;
		j->home = NULL;
		requeue(d, j);
	} else {
		queue_remove(d, j);
	}
	pthread_mutex_unlock(&d->lock);
}
