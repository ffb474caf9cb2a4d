/* dispatch_nats_places.c -- which workers have a job, and how many should. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/words.h"
#include "dispatch/dispatch_nats.h"

#define STRAGGLES_TIMES 4 /* longer than others: there is a second copy */
#define STRAGGLES_LEAST_MS 5000
#define TAKEN_MS 5000 /* in which an idle worker takes what waits */
#define RETRY_FIRST_MS ((int64_t)200)
#define RETRY_DOUBLINGS 8
#define FORGET_MS (10 * 60 * 1000) /* a worker that is silent */

static int has_spoken(const struct nats_place *p)
{
	return p->testimony.document != NULL;
}

struct nats_place *nats_place_of(
	const struct nats_job *j, const struct nats_worker *w)
{
	struct nats_place *p = j->places;

	while (p && p->worker != w)
		p = p->next;
	return p;
}

static void add(struct nats_job *j, struct nats_worker *w, int64_t now_ms)
{
	struct nats_place *p = xcalloc(1, sizeof *p);

	if (nats_places_busy(j) == 0)
		pace_begin(&j->pace, now_ms);
	p->worker = w;
	p->begun_ms = p->told_ms = now_ms;
	p->next = j->places;
	j->places = p;
	w->info.jobs++;
}

void nats_place_free(struct nats_job *j, struct nats_place *p)
{
	struct nats_place **at = &j->places;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	p->worker->info.jobs -= !has_spoken(p);
	dispatch_result_release(&p->testimony);
	free(p);
}

int nats_places_busy(const struct nats_job *j)
{
	int n = 0;

	for (const struct nats_place *p = j->places; p; p = p->next)
		n += !has_spoken(p);
	return n;
}

int nats_places_missing(const struct nats_job *j, int64_t now_ms)
{
	if (j->stage != NATS_OPEN || j->publishing || now_ms < j->not_before_ms)
		return 0;
	return 1 + j->copies - j->waiting - nats_places_busy(j);
}

/* -- what workers say -- */

/* One message of the job waits no more; it may be had before the queue has said
 * that it is there. */
static void took_message(struct nats_job *j)
{
	j->waiting -= j->waiting > 0 || j->publishing;
}

enum nats_claim nats_place_claim(
	struct nats_job *j, struct nats_worker *w, int64_t now_ms)
{
	const struct nats_place *p = nats_place_of(j, w);

	if (j->stage != NATS_OPEN)
		return NATS_UNWANTED;
	if (p)
		return has_spoken(p) || j->copies ? NATS_LATER : NATS_WANTED;
	took_message(j);
	if (nats_places_busy(j) > j->copies)
		return NATS_UNWANTED;
	add(j, w, now_ms);
	return NATS_WANTED;
}

/* One that we have lost sight of may have gone on; so may one that was there
 * before us. */
int nats_place_told(struct nats_job *j, struct nats_worker *w, int64_t now_ms)
{
	struct nats_place *p = nats_place_of(j, w);

	if (j->stage != NATS_OPEN || w->liar)
		return 0;
	if (!p && nats_places_busy(j) > j->copies)
		return 0;
	if (p) {
		p->told_ms = now_ms;
		return 1;
	}
	/* Nobody was there when it took the job. */
	took_message(j);
	add(j, w, now_ms);
	return 1;
}

/* -- what they do not say -- */

static void sweep_job(
	struct nats_dispatch *d, struct nats_job *j, int64_t now_ms)
{
	struct nats_place *p = j->places, *next;
	char why[200];

	for (; p; p = next) {
		next = p->next;
		if (has_spoken(p) || now_ms - p->told_ms < NATS_LOST_MS)
			continue;
		snprintf(why, sizeof why,
			"the worker has not told of it for %d s",
			NATS_LOST_MS / 1000);
		log_warn(d->log, "job-retried", log_job(j->id),
			log_worker(p->worker->info.url), log_trace(j->trace),
			log_reason(why));
		nats_job_failed(j, p->worker, why, now_ms);
		nats_place_free(j, p);
	}
}

static int is_used(const struct nats_dispatch *d, const struct nats_worker *w)
{
	for (const struct nats_job *j = d->jobs; j; j = j->next)
		if (nats_place_of(j, w))
			return 1;
	return 0;
}

static void sweep_workers(struct nats_dispatch *d, int64_t now_ms)
{
	struct nats_worker **at = &d->workers, *w;

	while ((w = *at)) {
		const int64_t silent_ms = now_ms - w->called_ms;

		if (silent_ms > NATS_LOST_MS && w->up) {
			w->up = 0;
			snprintf(w->info.error, sizeof w->info.error,
				"it has not called for %d s",
				NATS_LOST_MS / 1000);
			log_info(d->log, "worker-silent",
				log_worker(w->info.url));
		}
		if (silent_ms > FORGET_MS && !is_used(d, w)) {
			*at = w->next;
			free(w);
		} else {
			at = &w->next;
		}
	}
}

void nats_places_sweep(struct nats_dispatch *d, int64_t now_ms)
{
	for (struct nats_job *j = d->jobs; j; j = j->next)
		if (j->stage == NATS_OPEN)
			sweep_job(d, j, now_ms);
	sweep_workers(d, now_ms);
}

/* -- a second copy of a straggler -- */

static int straggles(const struct nats_job *j, int64_t now_ms, double most_ms)
{
	if (j->stage != NATS_OPEN || j->copies)
		return 0;
	for (const struct nats_place *p = j->places; p; p = p->next)
		if (!has_spoken(p) && (double)(now_ms - p->begun_ms) > most_ms)
			return 1;
	return 0;
}

static int is_idle(const struct nats_worker *w, int64_t now_ms)
{
	return w->up && !w->liar && !w->info.draining &&
	       now_ms >= w->aside_until_ms && w->info.jobs < w->info.slots;
}

static int idle_for(
	const struct nats_dispatch *d, const struct nats_job *j, int64_t now_ms)
{
	for (const struct nats_worker *w = d->workers; w; w = w->next)
		if (is_idle(w, now_ms) && !nats_place_of(j, w) &&
			words_have(w->info.kernels, j->kernels,
				strlen(j->kernels)))
			return 1;
	return 0;
}

/* A message that was delivered to a worker which is gone, or that failed, comes
 * again after a while. */
static int64_t patience_ms(
	const struct nats_dispatch *d, const struct nats_job *j)
{
	const int64_t doublings = j->attempts < RETRY_DOUBLINGS
					  ? j->attempts
					  : RETRY_DOUBLINGS;

	return d->ack_wait_ms + TAKEN_MS + (RETRY_FIRST_MS << doublings);
}

void nats_places_miss(struct nats_dispatch *d, int64_t now_ms)
{
	for (struct nats_job *j = d->jobs; j; j = j->next) {
		if (j->stage != NATS_OPEN || j->waiting <= 0 ||
			now_ms - j->waiting_ms < patience_ms(d, j) ||
			!idle_for(d, j, now_ms))
			continue;
		log_warn(d->log, "message-lost", log_job(j->id),
			log_trace(j->trace));
		j->waiting = 0;
	}
}

static int anything_waits(const struct nats_dispatch *d)
{
	for (const struct nats_job *j = d->jobs; j; j = j->next)
		if (j->stage == NATS_OPEN && (j->waiting || j->publishing))
			return 1;
	return 0;
}

void nats_places_copy(struct nats_dispatch *d, int64_t now_ms)
{
	double most_ms = STRAGGLES_TIMES * d->typical_ms;

	if (d->typical_ms <= 0 || anything_waits(d))
		return;
	if (most_ms < STRAGGLES_LEAST_MS)
		most_ms = STRAGGLES_LEAST_MS;
	for (struct nats_job *j = d->jobs; j; j = j->next) {
		if (!straggles(j, now_ms, most_ms) || !idle_for(d, j, now_ms))
			continue;
		log_info(d->log, "job-copied", log_job(j->id),
			log_trace(j->trace));
		j->copies = 1;
	}
}

/* -- what came of it -- */

static int is_crash(const json_t *document)
{
	const char *whose = json_string_value(
		json_object_get(json_object_get(document, "failure"), "whose"));

	return whose && strcmp(whose, "crash") == 0;
}

/* Another that says the same, or NULL. */
static const struct nats_place *second(const struct nats_dispatch *d,
	const struct nats_job *j, const struct nats_place *p)
{
	for (const struct nats_place *o = j->places; o; o = o->next)
		if (o != p && has_spoken(o) &&
			d->same(o->testimony.document, p->testimony.document))
			return o;
	return NULL;
}

/* Those who said something else; the name of one goes with the result. */
static void expose(struct nats_dispatch *d, struct nats_job *j,
	const struct nats_place *p, struct dispatch_result *r)
{
	for (struct nats_place *o = j->places; o; o = o->next) {
		struct nats_worker *w = o->worker;

		if (!has_spoken(o) ||
			d->same(o->testimony.document, p->testimony.document))
			continue;
		w->liar = 1;
		w->info.refusals++;
		snprintf(w->info.refusal, sizeof w->info.refusal,
			"its result of job %.100s is not that of two others",
			j->id);
		snprintf(r->liar, sizeof r->liar, "%s", w->info.url);
		log_error(d->log, "worker-lies", log_job(j->id),
			log_worker(w->info.url), log_trace(j->trace));
	}
}

static void testify(struct nats_dispatch *d, struct nats_job *j,
	struct nats_place *p, struct dispatch_result *r)
{
	struct dispatch_result out;

	p->worker->info.jobs--;
	p->testimony = *r;
	*r = (struct dispatch_result){.document = NULL};
	if (!second(d, j, p))
		return;
	out = p->testimony;
	p->testimony.weights = NULL;
	out.document = json_incref(p->testimony.document);
	expose(d, j, p, &out);
	nats_job_ready(d, j, &out);
}

static void note_duration(
	struct nats_dispatch *d, const struct nats_place *p, int64_t now_ms)
{
	const double took_ms = 1 + (double)(now_ms - p->begun_ms);

	d->typical_ms += (took_ms - d->typical_ms) /
			 (d->typical_ms > 0 ? 8 : 1);
}

void nats_place_spoke(struct nats_dispatch *d, struct nats_job *j,
	struct nats_worker *w, struct dispatch_result *r)
{
	const int64_t now_ms = clock_mono_ms();
	struct nats_place *p = nats_place_of(j, w);

	if (w->liar || (p && has_spoken(p))) {
		dispatch_result_release(r);
		return;
	}
	if (!p) {
		took_message(j);
		add(j, w, now_ms);
	}
	p = nats_place_of(j, w);
	note_duration(d, p, now_ms);
	w->info.refusals = w->aside_until_ms = 0;
	j->copies = 0;
	if (j->witnessed && d->same && !is_crash(r->document))
		testify(d, j, p, r);
	else
		nats_job_ready(d, j, r);
}
