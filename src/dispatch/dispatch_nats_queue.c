/* dispatch_nats_queue.c -- the jobs in order of submission, from the one verb
 * to the other: submitted, run, taken, done. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/cond.h"
#include "dispatch/dispatch_nats.h"

#define FAILING_ATTEMPTS 2
#define AGAIN_MS 500 /* of a result that could not be kept */

/* -- the list of jobs; the caller holds the lock -- */

struct nats_job *nats_job_find(struct nats_dispatch *d, const char *id)
{
	return id_table_find(d->by_id, id);
}

static void free_job(struct nats_job *j)
{
	while (j->places)
		nats_place_free(j, j->places);
	dispatch_result_release(&j->result);
	free(j->body);
	free(j);
}

static void unready(struct nats_dispatch *d, struct nats_job *j)
{
	struct nats_job **at = &d->first_ready;

	while (*at != j)
		at = &(*at)->next_ready;
	*at = j->next_ready;
	if (d->ready_end == &j->next_ready)
		d->ready_end = at;
	dispatch_result_release(&j->result);
}

/* The keeper takes its message out of the stream; a worker that has it is told
 * when it calls. */
static void withdraw(struct nats_dispatch *d, const struct nats_job *j)
{
	if (j->seq == 0 || j->waiting == 0)
		return;
	if (d->n_gone == d->room_gone) {
		d->room_gone = d->room_gone ? 2 * d->room_gone : 64;
		d->gone = xrealloc(d->gone, d->room_gone * sizeof *d->gone);
	}
	d->gone[d->n_gone++] = j->seq;
	pthread_cond_signal(&d->work);
}

static void drop(struct nats_dispatch *d, struct nats_job *j)
{
	if (j->stage == NATS_READY)
		unready(d, j);
	withdraw(d, j);
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

void nats_job_ready(
	struct nats_dispatch *d, struct nats_job *j, struct dispatch_result *r)
{
	j->stage = NATS_READY;
	j->result = *r;
	*r = (struct dispatch_result){.document = NULL};
	j->next_ready = NULL;
	*d->ready_end = j;
	d->ready_end = &j->next_ready;
	pthread_cond_signal(&d->taken);
}

void nats_job_failed(struct nats_job *j, const struct nats_worker *on,
	const char *why, int64_t now_ms)
{
	j->attempts++;
	j->trouble_ms = now_ms;
	snprintf(j->trouble, sizeof j->trouble, "%s", why);
	snprintf(j->trouble_on, sizeof j->trouble_on, "%s",
		on ? on->info.url : "");
}

void nats_jobs_release(struct nats_dispatch *d)
{
	struct nats_job *j;

	while ((j = d->jobs)) {
		d->jobs = j->next;
		free_job(j);
	}
}

/* -- the verbs -- */

static void set_body(struct nats_job *j, const struct dispatch_job *job)
{
	free(j->body);
	j->body = xstrdup(job->body);
	strcpy(j->kernels, job->kernels);
	snprintf(j->trace, sizeof j->trace, "%s", job->trace ? job->trace : "");
	j->witnessed = job->witnessed;
}

static void append(struct nats_dispatch *d, const struct dispatch_job *job)
{
	struct nats_job *j = xcalloc(1, sizeof *j);

	strcpy(j->id, job->id);
	set_body(j, job);
	j->before = d->last_job;
	if (d->last_job)
		d->last_job->next = j;
	else
		d->jobs = j;
	d->last_job = j;
	id_table_add(d->by_id, &j->entry, j->id, j);
}

/* A job whose result was taken and could not be kept gives it again. */
static void submit_again(struct nats_dispatch *d, struct nats_job *j,
	const struct dispatch_job *job)
{
	if (j->stage != NATS_TAKEN)
		return;
	set_body(j, job);
	j->stage = NATS_OPEN;
	if (j->receipt.to[0])
		nats_again(&d->link, &j->receipt, AGAIN_MS);
	j->receipt.to[0] = '\0';
	j->not_before_ms = clock_mono_ms() + NATS_LOST_MS;
}

void nats_submit(struct dispatch *dispatch, const struct dispatch_job *job)
{
	struct nats_dispatch *d = (struct nats_dispatch *)dispatch;
	struct nats_job *old;

	assert(strlen(job->id) < sizeof old->id);
	assert(strlen(job->kernels) < sizeof old->kernels);
	pthread_mutex_lock(&d->lock);
	old = nats_job_find(d, job->id);
	if (old)
		submit_again(d, old, job);
	else
		append(d, job);
	pthread_cond_signal(&d->work);
	pthread_mutex_unlock(&d->lock);
}

int nats_take(
	struct dispatch *dispatch, int64_t wait_ms, struct dispatch_result *out)
{
	struct nats_dispatch *d = (struct nats_dispatch *)dispatch;
	const int64_t until_ms = clock_mono_ms() + wait_ms;
	struct nats_job *j;

	pthread_mutex_lock(&d->lock);
	while (!d->first_ready && clock_mono_ms() < until_ms)
		cond_wait_until(&d->taken, &d->lock, until_ms);
	j = d->first_ready;
	if (j) {
		*out = j->result;
		j->result = (struct dispatch_result){.document = NULL};
		unready(d, j);
		j->stage = NATS_TAKEN;
	}
	pthread_mutex_unlock(&d->lock);
	return j != NULL;
}

void nats_job_done(struct dispatch *dispatch, const char *id)
{
	struct nats_dispatch *d = (struct nats_dispatch *)dispatch;
	struct nats_job *j;

	pthread_mutex_lock(&d->lock);
	j = nats_job_find(d, id);
	if (j) {
		if (j->receipt.to[0])
			nats_done(&d->link, &j->receipt);
		drop(d, j);
	}
	pthread_mutex_unlock(&d->lock);
}

static int has_prefix(const struct nats_job *j, const char *prefix)
{
	return strncmp(j->id, prefix, strlen(prefix)) == 0;
}

static int has_begun(const struct nats_job *j)
{
	return j->stage != NATS_OPEN || j->places;
}

static void drop_all(struct nats_dispatch *d, const char *prefix, int waiting)
{
	struct nats_job *j, *next;

	pthread_mutex_lock(&d->lock);
	for (j = d->jobs; j; j = next) {
		next = j->next;
		if (!has_prefix(j, prefix) || (waiting && has_begun(j)))
			continue;
		if (j->receipt.to[0])
			nats_done(&d->link, &j->receipt);
		drop(d, j);
	}
	pthread_mutex_unlock(&d->lock);
}

void nats_cancel(struct dispatch *dispatch, const char *prefix)
{
	drop_all((struct nats_dispatch *)dispatch, prefix, 0);
}

void nats_hold(struct dispatch *dispatch, const char *prefix)
{
	drop_all((struct nats_dispatch *)dispatch, prefix, 1);
}

/* -- the load -- */

static int is_failing(const struct nats_job *j)
{
	return j->attempts >= FAILING_ATTEMPTS &&
	       !(nats_places_busy(j) && j->pace.images > 0);
}

static void count_pace(
	const struct nats_job *j, int64_t now_ms, struct dispatch_load *out)
{
	const int64_t quiet_ms = now_ms - j->pace.moved_ms;
	const int failing = is_failing(j);

	if (j->attempts > out->attempts)
		out->attempts = j->attempts;
	if (failing && j->attempts > out->failing)
		out->failing = j->attempts;
	if (nats_places_busy(j) && !failing && quiet_ms < out->quiet_ms)
		out->quiet_ms = quiet_ms;
}

static void count(
	const struct nats_job *j, struct dispatch_load *out, int64_t *latest_ms)
{
	const int busy = nats_places_busy(j);
	int places = 0;

	for (const struct nats_place *p = j->places; p; p = p->next)
		places++;
	out->unconfirmed += places > busy;
	if (busy) {
		out->running++;
		out->images += j->pace.images;
		out->images_per_s += pace_rate(&j->pace);
	} else {
		out->queued++;
	}
	if (j->trouble[0] && j->trouble_ms > *latest_ms) {
		*latest_ms = j->trouble_ms;
		strcpy(out->trouble, j->trouble);
		strcpy(out->worker, j->trouble_on);
	}
}

void nats_load(struct dispatch *dispatch, const char *prefix,
	struct dispatch_load *out)
{
	struct nats_dispatch *d = (struct nats_dispatch *)dispatch;
	int64_t latest_ms = -1, now_ms = clock_mono_ms();

	*out = (struct dispatch_load){.quiet_ms = INT64_MAX};
	pthread_mutex_lock(&d->lock);
	for (const struct nats_job *j = d->jobs; j; j = j->next) {
		if (j->stage != NATS_OPEN || !has_prefix(j, prefix))
			continue;
		count(j, out, &latest_ms);
		count_pace(j, now_ms, out);
	}
	strcpy(out->fault, d->fault);
	pthread_mutex_unlock(&d->lock);
}
