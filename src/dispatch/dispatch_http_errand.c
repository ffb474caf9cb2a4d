/* dispatch_http_errand.c -- a job at a peer: which one it gets, and how that
 * ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/words.h"
#include "dispatch/dispatch_http.h"

#define BACKOFF_FIRST_MS 100
#define BACKOFF_DOUBLINGS 10 /* 102 s, above every limit */
#define RETRY_MOST_MS 60000
#define NO_ANSWER_MOST_MS 2000 /* who is not there gets no job anyway */
#define NO_ROOM_MS 1000
#define REFUSALS_MOST 3 /* in a row, and a worker is set aside */
#define ASIDE_MOST_MS 60000
#define STRAGGLES_TIMES 4 /* longer than others: there is a second copy */
#define STRAGGLES_LEAST_MS 5000
#define COPIES_EVERY_MS 1000

/* -- their life -- */

int errand_takes_slot(const struct errand *e)
{
	return e->stage <= ERRAND_THERE;
}

void errand_move(struct errand *e, enum errand_stage stage)
{
	e->peer->info.jobs -= errand_takes_slot(e);
	e->stage = stage;
	e->orders = 0;
	e->since_ms = clock_mono_ms();
	e->peer->info.jobs += errand_takes_slot(e);
}

static void add(struct peer *p, struct open_job *j)
{
	struct errand *e = xcalloc(1, sizeof *e);

	e->peer = p;
	e->job = j;
	strcpy(e->id, j->id);
	e->since_ms = e->begun_ms = clock_mono_ms();
	e->next = p->errands;
	e->at = &p->errands;
	if (e->next)
		e->next->at = &e->next;
	p->errands = e;
	e->copy = j->errands;
	j->errands = e;
	p->info.jobs++;
}

static void leave_job(struct errand *e)
{
	struct errand **at = &e->job->errands;

	while (*at != e)
		at = &(*at)->copy;
	*at = e->copy;
	e->job = NULL;
}

void errand_free(struct errand *e)
{
	bytes_drop(e);
	dispatch_result_release(&e->testimony);
	if (e->job)
		leave_job(e);
	e->peer->info.jobs -= errand_takes_slot(e);
	*e->at = e->next;
	if (e->next)
		e->next->at = e->at;
	free(e);
}

struct errand *errand_find(const struct peer *p, const char *id)
{
	struct open_job *j = queue_find(p->d, id);
	struct errand *e = j ? j->errands : NULL;

	while (e && e->peer != p)
		e = e->copy;
	return e;
}

/* -- which job a peer gets -- */

static void start(struct peer *p, struct open_job *j, int64_t now_ms)
{
	if (!j->errands)
		pace_begin(&j->pace, now_ms);
	j->pace.moved_ms = now_ms;
	add(p, j);
	if (witnesses(j) < witnesses_wanted(j))
		return;
	queue_quit(j);
	j->stage = JOB_OUT;
}

void errands_claim(struct peer *p, const json_t *ids)
{
	const int64_t now_ms = clock_mono_ms();

	if (p->liar || now_ms < p->aside_until_ms)
		return;
	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));
		struct open_job *j = id ? queue_find(p->d, id) : NULL;

		if (j && j->stage == JOB_QUEUED && !errand_find(p, id))
			start(p, j, now_ms);
	}
}

static int has_room(const struct peer *p, int64_t now_ms)
{
	return p->up && !p->liar && !p->info.draining &&
	       now_ms >= p->busy_until_ms && now_ms >= p->aside_until_ms &&
	       p->info.jobs < p->info.slots;
}

void errands_assign(struct peer *p, int64_t now_ms)
{
	struct open_job *j;

	while (has_room(p, now_ms) && (j = queue_next(p, now_ms)))
		start(p, j, now_ms);
}

/* -- a second copy of a straggler -- */

/* The errand that the job waits for, if for too long and nobody else was given
 * the job for it; or NULL. */
static const struct errand *straggler(
	const struct open_job *j, int64_t now_ms, double most_ms)
{
	if (j->stage != JOB_OUT || witnesses(j) > witnesses_wanted(j))
		return NULL;
	for (const struct errand *e = j->errands; e; e = e->copy)
		if (e->stage == ERRAND_THERE &&
			(double)(now_ms - e->begun_ms) > most_ms)
			return e;
	return NULL;
}

static struct peer *idle_peer(
	struct http_dispatch *d, const struct open_job *j, int64_t now_ms)
{
	for (size_t i = 0; i < d->n_peers; i++) {
		struct peer *p = d->peers[i];

		if (!errand_find(p, j->id) && has_room(p, now_ms) &&
			words_have(p->info.kernels, j->kernels,
				strlen(j->kernels)))
			return p;
	}
	return NULL;
}

static int anybody_has_room(const struct http_dispatch *d, int64_t now_ms)
{
	size_t i = 0;

	while (i < d->n_peers && !has_room(d->peers[i], now_ms))
		i++;
	return i < d->n_peers;
}

void errands_copy(struct http_dispatch *d, int64_t now_ms)
{
	double most_ms = STRAGGLES_TIMES * d->typical_ms;

	if (now_ms < d->copies_ms || d->typical_ms <= 0)
		return;
	d->copies_ms = now_ms + COPIES_EVERY_MS;
	if (!anybody_has_room(d, now_ms))
		return;
	if (most_ms < STRAGGLES_LEAST_MS)
		most_ms = STRAGGLES_LEAST_MS;
	for (struct open_job *j = d->jobs; j; j = j->next) {
		const struct errand *e = straggler(j, now_ms, most_ms);
		struct peer *p = e ? idle_peer(d, j, now_ms) : NULL;

		if (!p)
			continue;
		log_info(d->log, "job-copied", log_job(j->id),
			log_worker(p->info.url),
			log_text("slow", e->peer->info.url),
			log_trace(j->trace));
		add(p, j);
	}
}

/* -- how it ends -- */

/* Back into the queue, unless another peer has it too. */
static void requeue(struct errand *e)
{
	struct http_dispatch *d = e->peer->d;
	struct open_job *j = e->job;

	errand_free(e);
	if (j->stage != JOB_OUT || witnesses(j) >= witnesses_wanted(j))
		return;
	j->stage = JOB_QUEUED;
	queue_enter(d, j);
	push_wake(d);
}

static int64_t backoff_ms(int64_t attempts, int64_t most_ms)
{
	int64_t ms;

	if (attempts > BACKOFF_DOUBLINGS)
		attempts = BACKOFF_DOUBLINGS;
	ms = (int64_t)BACKOFF_FIRST_MS << (attempts - 1);
	return ms < most_ms ? ms : most_ms;
}

static void note_trouble(struct open_job *j, const struct err *why)
{
	j->trouble_ms = clock_mono_ms();
	snprintf(j->trouble, sizeof j->trouble, "%.*s",
		(int)sizeof j->trouble - 1, why->text);
}

/* Others need not go on. */
static void part_others(struct open_job *j, const struct errand *but)
{
	struct errand *e = j->errands, *copy;

	for (; e; e = copy) {
		copy = e->copy;
		if (e != but)
			errand_part(e);
	}
}

static void note_duration(struct http_dispatch *d, const struct errand *e)
{
	const double took_ms = 1 + (double)(clock_mono_ms() - e->begun_ms);

	d->typical_ms += (took_ms - d->typical_ms) /
			 (d->typical_ms > 0 ? 8 : 1);
}

void errand_deliver(struct errand *e, struct dispatch_result *r)
{
	struct peer *p = e->peer;

	p->info.refusals = p->aside_until_ms = 0;
	note_duration(p->d, e);
	if (!e->job->witnessed)
		part_others(e->job, e);
	bytes_drop(e);
	errand_move(e, ERRAND_HOME);
	witness_heard(e, r);
}

static void warn(const struct errand *e, const struct err *why)
{
	log_warn(e->peer->d->log, "job-retried", log_job(e->id),
		log_worker(e->peer->info.url), log_trace(e->job->trace),
		log_reason(why->text));
}

/* `times` is how often it has been for the same kind of reason. */
static void retry(
	struct errand *e, int64_t times, int64_t most_ms, const struct err *why)
{
	struct open_job *j = e->job;

	warn(e, why);
	j->attempts++;
	j->head_start_ms = backoff_ms(times, most_ms);
	note_trouble(j, why);
	j->not_before_ms = j->trouble_ms + j->head_start_ms;
	j->last = e->peer;
	requeue(e);
}

void errand_retry(struct errand *e, int64_t most_ms, const struct err *why)
{
	retry(e, ++e->job->silences, most_ms, why);
}

void errand_refused(struct errand *e, const struct err *why)
{
	struct peer *p = e->peer;

	snprintf(p->info.refusal, sizeof p->info.refusal, "%.*s",
		(int)sizeof p->info.refusal - 1, why->text);
	if (++p->info.refusals >= REFUSALS_MOST)
		p->aside_until_ms = clock_mono_ms() +
				    backoff_ms(p->info.refusals, ASIDE_MOST_MS);
	retry(e, ++e->job->refusals, RETRY_MOST_MS, why);
}

void errand_no_room(struct errand *e, const struct err *why)
{
	note_trouble(e->job, why);
	e->peer->busy_until_ms = clock_mono_ms() + NO_ROOM_MS;
	requeue(e);
}

void errand_part(struct errand *e)
{
	e->ended = e->stage >= ERRAND_FETCHING;
	bytes_drop(e);
	dispatch_result_release(&e->testimony);
	leave_job(e);
	errand_move(e, ERRAND_PARTING);
	if (!e->known)
		errand_free(e);
}

void errands_lose(struct peer *p, const struct err *why)
{
	struct errand *e = p->errands, *next;

	for (; e; e = next) {
		next = e->next;
		if (e->stage == ERRAND_HOME || e->stage == ERRAND_PARTING)
			errand_free(e);
		else
			errand_retry(e, NO_ANSWER_MOST_MS, why);
	}
}
