/* fake_dispatch.c -- see fake_dispatch.h. */
#include "fake_dispatch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "dispatch/dispatch_backend.h"

#define NOTES_MAX 1000
#define WAIT_MS 20000
#define LOOK_EVERY_MS 5

enum note_kind { SUBMITTED, DONE, CANCELLED };

struct note {
	enum note_kind kind;
	char id[DISPATCH_ID_MAX];
};

struct ready {
	struct ready *next;
	struct dispatch_result result;
};

struct fake {
	struct dispatch base;
	pthread_mutex_t lock; /* guards what follows */
	struct note notes[NOTES_MAX];
	int n_notes;
	json_t *body; /* of the last submission */
	struct ready *ready, **ready_end;
	struct dispatch_load load;
	int lost;
};

static void note(struct fake *f, enum note_kind kind, const char *id)
{
	pthread_mutex_lock(&f->lock);
	assert_true(f->n_notes < NOTES_MAX);
	f->notes[f->n_notes].kind = kind;
	strcpy(f->notes[f->n_notes++].id, id);
	pthread_mutex_unlock(&f->lock);
}

/* -- the verbs -- */

static void fake_free(struct dispatch *d)
{
	struct fake *f = (struct fake *)d;
	struct ready *r;

	while ((r = f->ready)) {
		f->ready = r->next;
		dispatch_result_release(&r->result);
		free(r);
	}
	json_decref(f->body);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

static void fake_submit(struct dispatch *d, const struct dispatch_job *job)
{
	struct fake *f = (struct fake *)d;

	note(f, SUBMITTED, job->id);
	pthread_mutex_lock(&f->lock);
	json_decref(f->body);
	f->body = json_loads(job->body, 0, NULL);
	pthread_mutex_unlock(&f->lock);
}

static int fake_take(
	struct dispatch *d, int64_t wait_ms, struct dispatch_result *out)
{
	struct fake *f = (struct fake *)d;
	struct ready *r;

	pthread_mutex_lock(&f->lock);
	r = f->ready;
	if (r) {
		f->ready = r->next;
		if (!f->ready)
			f->ready_end = &f->ready;
	}
	pthread_mutex_unlock(&f->lock);
	if (!r) {
		clock_sleep_ms(
			wait_ms < LOOK_EVERY_MS ? wait_ms : LOOK_EVERY_MS);
		return 0;
	}
	*out = r->result;
	free(r);
	return 1;
}

static void fake_done(struct dispatch *d, const char *id)
{
	note((struct fake *)d, DONE, id);
}

static void fake_cancel(struct dispatch *d, const char *prefix)
{
	note((struct fake *)d, CANCELLED, prefix);
}

static void fake_hold(struct dispatch *d, const char *prefix)
{
	(void)d;
	(void)prefix;
}

static void fake_load(
	struct dispatch *d, const char *prefix, struct dispatch_load *out)
{
	struct fake *f = (struct fake *)d;

	(void)prefix;
	pthread_mutex_lock(&f->lock);
	*out = f->load;
	pthread_mutex_unlock(&f->lock);
}

static size_t fake_workers(
	struct dispatch *d, struct arena *mem, struct dispatch_worker **out)
{
	struct fake *f = (struct fake *)d;

	*out = arena_array(mem, 1, sizeof **out);
	strcpy((*out)->url, "http://worker");
	strcpy((*out)->kernels, FAKE_KERNELS);
	(*out)->gflops[0] = 100;
	pthread_mutex_lock(&f->lock);
	(*out)->lost = f->lost;
	pthread_mutex_unlock(&f->lock);
	(*out)->slots = (*out)->free = 2;
	(*out)->seen_ms = 1000;
	return 1;
}

/* The one worker is all that there will be. */
static int fake_join(
	struct dispatch *d, const struct dispatch_member *m, struct err *e)
{
	(void)d;
	(void)m;
	return err_set(e, ERR_BUSY, "there is no room");
}

static int fake_leave(struct dispatch *d, const char *id, struct err *e)
{
	(void)d;
	(void)id;
	return err_set(e, ERR_NOT_FOUND, "no such worker");
}

struct dispatch *fake_dispatch_new(void)
{
	static const struct dispatch_backend fake = {.schemes = "fake",
		.free = fake_free,
		.submit = fake_submit,
		.take = fake_take,
		.done = fake_done,
		.cancel = fake_cancel,
		.hold = fake_hold,
		.load = fake_load,
		.join = fake_join,
		.leave = fake_leave,
		.workers = fake_workers};
	struct fake *f = xcalloc(1, sizeof *f);

	f->base.verbs = &fake;
	f->ready_end = &f->ready;
	pthread_mutex_init(&f->lock, NULL);
	return &f->base;
}

/* -- the test's side -- */

void fake_dispatch_deliver(struct dispatch *d, const char *id, json_t *document,
	const void *weights, size_t n_weights)
{
	struct fake *f = (struct fake *)d;
	struct ready *r = xcalloc(1, sizeof *r);

	strcpy(r->result.id, id);
	r->result.document = document;
	r->result.n_weights = n_weights;
	if (weights)
		r->result.weights = memcpy(
			xcalloc(1, n_weights + 1), weights, n_weights);
	pthread_mutex_lock(&f->lock);
	*f->ready_end = r;
	f->ready_end = &r->next;
	pthread_mutex_unlock(&f->lock);
}

static int count(struct dispatch *d, enum note_kind kind, const char *id)
{
	struct fake *f = (struct fake *)d;
	int n = 0;

	pthread_mutex_lock(&f->lock);
	for (int i = 0; i < f->n_notes; i++) {
		const struct note *t = &f->notes[i];
		size_t bytes = kind == CANCELLED ? strlen(t->id) : sizeof t->id;

		n += t->kind == kind && strncmp(t->id, id, bytes) == 0;
	}
	pthread_mutex_unlock(&f->lock);
	return n;
}

int fake_dispatch_submitted(struct dispatch *d, const char *id)
{
	return count(d, SUBMITTED, id);
}

int fake_dispatch_done(struct dispatch *d, const char *id)
{
	return count(d, DONE, id);
}

int fake_dispatch_cancelled(struct dispatch *d, const char *id)
{
	return count(d, CANCELLED, id);
}

static void await(
	struct dispatch *d, enum note_kind kind, const char *id, int n)
{
	int64_t until_ms = clock_mono_ms() + WAIT_MS;

	while (count(d, kind, id) < n && clock_mono_ms() < until_ms)
		clock_sleep_ms(LOOK_EVERY_MS);
	assert_int_equal(count(d, kind, id), n);
}

void fake_dispatch_await_submitted(struct dispatch *d, const char *id, int n)
{
	await(d, SUBMITTED, id, n);
}

void fake_dispatch_await_done(struct dispatch *d, const char *id, int n)
{
	await(d, DONE, id, n);
}

void fake_dispatch_last(
	struct dispatch *d, char id[DISPATCH_ID_MAX], json_t **body)
{
	struct fake *f = (struct fake *)d;

	id[0] = '\0';
	pthread_mutex_lock(&f->lock);
	for (int i = 0; i < f->n_notes; i++)
		if (f->notes[i].kind == SUBMITTED)
			strcpy(id, f->notes[i].id);
	*body = json_incref(f->body);
	pthread_mutex_unlock(&f->lock);
}

void fake_dispatch_fail(
	struct dispatch *d, int64_t attempts, const char *trouble)
{
	struct fake *f = (struct fake *)d;

	pthread_mutex_lock(&f->lock);
	f->load.attempts = attempts;
	f->load.failing = attempts < 2 ? 0 : attempts;
	f->load.quiet_ms = INT64_MAX;
	strcpy(f->load.trouble, trouble);
	pthread_mutex_unlock(&f->lock);
}

void fake_dispatch_lose(struct dispatch *d, int lost)
{
	struct fake *f = (struct fake *)d;

	pthread_mutex_lock(&f->lock);
	f->lost = lost;
	pthread_mutex_unlock(&f->lock);
}
