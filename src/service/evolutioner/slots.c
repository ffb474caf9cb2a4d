/* slots.c -- the table of jobs: who may start, who is remembered. */
#include "service/evolutioner/slots.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/canonical.h"
#include "base/clock.h"
#include "service/evolutioner/slots_private.h"

#define JOBS_MAX 10000 /* ended ones beyond it are forgotten early */
#define STACK_BYTES (512 * 1024)

int slot_state_ended(enum slot_state s)
{
	return s == SLOT_DONE || s == SLOT_FAILED || s == SLOT_CANCELLED;
}

const char *slot_state_name(enum slot_state s)
{
	static const char *const names[] = {
		"queued", "running", "done", "failed", "cancelled"};

	return names[s];
}

struct slots *slots_new(const struct slots_options *o)
{
	struct slots *s = xcalloc(1, sizeof *s);
	pthread_condattr_t attr;

	s->o = *o;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->changed, &attr);
	pthread_condattr_destroy(&attr);
	return s;
}

static void job_free(struct slot_job *j)
{
	json_decref(j->status.result);
	free(j->weights);
	free(j->input);
	free(j->body);
	free(j);
}

/* With the lock held: waits for a change, at most until then. */
static void wait_until(struct slots *s, int64_t until_ms)
{
	struct timespec t = {
		.tv_sec = (time_t)(until_ms / 1000),
		.tv_nsec = (long)(until_ms % 1000) * 1000000,
	};

	pthread_cond_timedwait(&s->changed, &s->lock, &t);
}

void slots_free(struct slots *s)
{
	struct slot_job *j;

	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stopping = 1; /* the threads look several times a second */
	while (s->n_running > 0)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
	while ((j = s->jobs)) {
		s->jobs = j->next;
		job_free(j);
	}
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* -- the table; the caller holds the lock -- */

static struct slot_job *find(struct slots *s, const char *id)
{
	for (struct slot_job *j = s->jobs; j; j = j->next)
		if (strcmp(j->doc.id, id) == 0)
			return j;
	return NULL;
}

static void remove_at(struct slot_job **at)
{
	struct slot_job *j = *at;

	*at = j->next;
	job_free(j);
}

/* Forgets ended jobs that are old, or the oldest beyond the table's size. */
static void sweep(struct slots *s)
{
	struct slot_job **at = &s->jobs;
	int64_t now_ms = clock_mono_ms();
	size_t n = 0;

	while (*at) {
		const struct slot_job *j = *at;
		int old = now_ms - j->ended_ms > s->o.keep_ms || n >= JOBS_MAX;

		n++;
		if (slot_state_ended(j->status.state) && old)
			remove_at(at);
		else
			at = &(*at)->next;
	}
}

static int may_start_again(const struct slot_job *j)
{
	return slot_state_ended(j->status.state) && !j->status.result;
}

static void forget(struct slots *s, const struct slot_job *j)
{
	struct slot_job **at = &s->jobs;

	while (*at != j)
		at = &(*at)->next;
	remove_at(at);
}

static int check_room(
	const struct slots *s, const struct slot_job *j, struct err *e)
{
	if (s->stopping || s->n_running >= s->o.n)
		return err_set(e, ERR_BUSY, "all %d slots are taken", s->o.n);
	/* A job alone may have all there is, even if it asks for more. */
	if (s->n_running > 0 && s->used_mb + j->doc.max_job_mb > s->o.memory_mb)
		return err_set(e, ERR_BUSY,
			"the running jobs leave no memory: %" PRId64
			" of %" PRId64 " MiB are taken",
			s->used_mb, s->o.memory_mb);
	return 0;
}

static int start_thread(struct slot_job *j, struct err *e)
{
	pthread_attr_t attr;
	pthread_t t;
	int rc;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	rc = pthread_create(&t, &attr, slot_run, j);
	pthread_attr_destroy(&attr);
	if (rc)
		return err_set(e, ERR_WORLD, "cannot start a thread: %s",
			strerror(rc));
	return 0;
}

/* Puts the job into the table and takes its ownership; or leaves it. */
static int add(struct slots *s, struct slot_job *j, struct err *e)
{
	int rc = check_room(s, j, e);

	if (rc == 0)
		rc = start_thread(j, e); /* it waits for the lock */
	if (rc)
		return rc;
	j->next = s->jobs;
	s->jobs = j;
	s->n_running++;
	s->used_mb += j->doc.max_job_mb;
	return 0;
}

/* -- the callers' side -- */

static struct slot_job *make_job(struct slots *s, const struct job_doc *doc,
	const char *dataset_path, struct err *e)
{
	struct slot_job *j = xcalloc(1, sizeof *j);
	json_t *job = job_write(doc);
	json_t *input = json_pack(
		"{s:O, s:s}", "job", job, "dataset_path", dataset_path);

	j->slots = s;
	j->doc = *doc;
	j->doc.genome.layers = NULL; /* the caller's; the texts have it */
	j->asked_ms = clock_mono_ms();
	j->body = canonical_text(job, e);
	if (j->body)
		j->input = canonical_text(input, e);
	json_decref(input);
	json_decref(job);
	if (j->input)
		return j;
	job_free(j);
	return NULL;
}

/* With the lock held.  `*j` becomes NULL if the table has taken it. */
static int submit(struct slots *s, struct slot_job **j, struct err *e)
{
	struct slot_job *old;
	int rc;

	sweep(s);
	old = find(s, (*j)->doc.id);
	if (old && strcmp(old->body, (*j)->body) != 0)
		return err_set(e, ERR_CONFLICT,
			"this id belongs to a job with another body");
	if (old && old->cancelled && !slot_state_ended(old->status.state))
		return err_set(e, ERR_BUSY, "this job is being cancelled");
	if (old && !may_start_again(old)) {
		old->asked_ms = clock_mono_ms();
		return 0;
	}
	rc = add(s, *j, e);
	if (rc)
		return rc;
	*j = NULL;
	if (old)
		forget(s, old);
	return 0;
}

int slots_submit(struct slots *s, const struct job_doc *job,
	const char *dataset_path, struct err *e)
{
	struct slot_job *j = make_job(s, job, dataset_path, e);
	int rc;

	if (!j)
		return ERR_INVALID;
	pthread_mutex_lock(&s->lock);
	rc = submit(s, &j, e);
	pthread_mutex_unlock(&s->lock);
	if (j)
		job_free(j);
	return rc;
}

static int not_found(struct err *e)
{
	return err_set(e, ERR_NOT_FOUND,
		"no such job: it was never submitted here, or it ended too "
		"long ago");
}

int slots_get(struct slots *s, const char *id, int64_t wait_ms,
	struct slot_status *out, struct err *e)
{
	int64_t until_ms = clock_mono_ms() + wait_ms;
	struct slot_job *j;

	pthread_mutex_lock(&s->lock);
	sweep(s);
	/* Found anew after each wait: an ended job may be gone meanwhile. */
	while ((j = find(s, id))) {
		j->asked_ms = clock_mono_ms();
		if (slot_state_ended(j->status.state) ||
			clock_mono_ms() >= until_ms)
			break;
		wait_until(s, until_ms);
	}
	if (j) {
		*out = j->status;
		json_incref(out->result);
	}
	pthread_mutex_unlock(&s->lock);
	return j ? 0 : not_found(e);
}

int slots_weights(
	struct slots *s, const char *id, char **bytes, size_t *n, struct err *e)
{
	const struct slot_job *j;
	int rc = 0;

	pthread_mutex_lock(&s->lock);
	j = find(s, id);
	if (!j) {
		rc = not_found(e);
	} else if (!j->weights) {
		rc = err_set(e, ERR_CONFLICT,
			"this job has no weights: only a final job has, when "
			"it is done");
	} else {
		*n = j->n_weights;
		*bytes = memcpy(xcalloc(1, *n), j->weights, *n);
	}
	pthread_mutex_unlock(&s->lock);
	return rc;
}

int slots_cancel(struct slots *s, const char *id, struct err *e)
{
	struct slot_job *j;

	pthread_mutex_lock(&s->lock);
	j = find(s, id);
	if (j)
		j->cancelled = 1;
	pthread_mutex_unlock(&s->lock);
	return j ? 0 : not_found(e);
}

void slots_forget(struct slots *s, const char *id)
{
	const struct slot_job *j;

	pthread_mutex_lock(&s->lock);
	j = find(s, id);
	if (j && slot_state_ended(j->status.state))
		forget(s, j);
	pthread_mutex_unlock(&s->lock);
}

void slots_wait_changed(struct slots *s, int64_t wait_ms)
{
	pthread_mutex_lock(&s->lock);
	wait_until(s, clock_mono_ms() + wait_ms);
	pthread_mutex_unlock(&s->lock);
}

void slots_count(struct slots *s, int *n, int *n_free)
{
	pthread_mutex_lock(&s->lock);
	*n = s->o.n;
	*n_free = s->o.n - s->n_running;
	pthread_mutex_unlock(&s->lock);
}
