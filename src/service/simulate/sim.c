/* sim.c -- a heap of jobs by their ends, and the thread that ends them. */
#include "service/simulate/sim.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/cond.h"
#include "base/rng.h"
#include "dispatch/worker_push.h"
#include "service/simulate/list_schedule.h"
#include "service/simulate/sim_result.h"
#include "wire/job_json.h"

struct sim_worker {
	struct sim *sim;
	int index;
	struct worker *push;
};

/* A job under way. */
struct sim_job {
	struct sim_worker *worker;
	struct worker_job *job;
	int64_t due_ms;
};

/* What was seen of a generation; ends are those of the clock. */
struct seen_generation {
	int64_t first_ms, last_ms;
	struct list_schedule *schedule;
};

struct sim {
	struct sim_options o;
	struct sim_worker *workers;
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	struct sim_job *heap; /* the first is due first */
	size_t n, room;
	struct seen_generation seen[SIM_GENERATIONS_MAX];
	int64_t generation;
	int64_t final_ms; /* when the first final job was begun, or 0 */
	struct sim_figures figures;
	int stopping;
};

/* -- the heap; the lock is held -- */

static void swap(struct sim_job *a, struct sim_job *b)
{
	struct sim_job t = *a;

	*a = *b;
	*b = t;
}

static void push(struct sim *s, const struct sim_job *j)
{
	size_t at = s->n++;

	if (s->n > s->room) {
		s->room = s->room ? 2 * s->room : 64;
		s->heap = xrealloc(s->heap, s->room * sizeof *s->heap);
	}
	s->heap[at] = *j;
	while (at > 0 && s->heap[at].due_ms < s->heap[(at - 1) / 2].due_ms) {
		swap(&s->heap[at], &s->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
}

static struct sim_job pop(struct sim *s)
{
	struct sim_job first = s->heap[0];
	size_t at = 0;

	s->heap[0] = s->heap[--s->n];
	for (;;) {
		size_t least = at;

		for (size_t k = 2 * at + 1; k <= 2 * at + 2 && k < s->n; k++)
			if (s->heap[k].due_ms < s->heap[least].due_ms)
				least = k;
		if (least == at)
			return first;
		swap(&s->heap[at], &s->heap[least]);
		at = least;
	}
}

/* -- jobs; the lock is held -- */

static int is_seen(const struct job_id *id)
{
	return !id->final && id->generation < SIM_GENERATIONS_MAX;
}

static void note_begin(
	struct sim *s, const struct job_id *id, int64_t took_ms, int64_t now_ms)
{
	struct seen_generation *g;

	if (id->final && !s->final_ms)
		s->final_ms = now_ms;
	if (!is_seen(id))
		return;
	g = &s->seen[id->generation];
	if (!g->schedule) {
		g->schedule = list_schedule_new(
			(size_t)s->o.workers * (size_t)s->o.slots);
		g->first_ms = now_ms;
	}
	s->generation = id->generation;
	s->figures.jobs++;
	s->figures.again += !list_schedule_add(
		g->schedule, id->genome, (double)took_ms / 1000);
}

static void finish(struct sim *s, const struct sim_job *j)
{
	struct worker *w = j->worker->push;
	struct worker_outcome o = {.status = {.state = WORKER_CANCELLED}};
	const int wanted = worker_wanted(w, j->job);
	struct job_id id;

	if (wanted)
		sim_result(s->o.seed, j->job, &o);
	if (wanted && job_id_read(j->job->id, &id, NULL) == 0 && is_seen(&id))
		s->seen[id.generation].last_ms = clock_mono_ms();
	worker_deliver(w, j->job, &o);
}

/* Where the offer brought a job, a slot begins it. */
static void begin(struct sim *s, struct sim_worker *w, const struct job_id *id)
{
	const int64_t now_ms = clock_mono_ms();
	const int64_t took_ms = sim_duration_ms(s->o.seed, s->o.job_ms, id);
	struct sim_job j = {.worker = w, .due_ms = now_ms + took_ms};

	j.job = worker_take(w->push);
	note_begin(s, id, took_ms, now_ms);
	if (took_ms == 0) {
		finish(s, &j);
		return;
	}
	push(s, &j);
	if (s->heap[0].job == j.job)
		pthread_cond_signal(&s->changed);
}

int sim_offer(struct sim *s, int i, const json_t *job, struct err *e)
{
	struct sim_worker *w = &s->workers[i];
	const char *text = json_string_value(json_object_get(job, "id"));
	struct job_id id;
	char *body;
	int n, before, after, rc = job_id_read(text, &id, e);

	if (rc)
		return rc;
	body = json_dumps(job, JSON_COMPACT | JSON_SORT_KEYS);
	pthread_mutex_lock(&s->lock);
	worker_push_count(w->push, &n, &before);
	rc = worker_push_offer(
		w->push, &(struct worker_offer){.id = text, .body = body}, e);
	worker_push_count(w->push, &n, &after);
	if (rc == 0 && after < before)
		begin(s, w, &id);
	pthread_mutex_unlock(&s->lock);
	free(body);
	return rc;
}

/* -- the thread -- */

static void *sim_main(void *sim)
{
	struct sim *s = sim;

	pthread_mutex_lock(&s->lock);
	while (!s->stopping) {
		const int64_t now_ms = clock_mono_ms();
		const int64_t due_ms = s->n ? s->heap[0].due_ms : now_ms + 1000;

		if (s->n && due_ms <= now_ms) {
			struct sim_job j = pop(s);

			finish(s, &j);
		} else {
			cond_wait_until(&s->changed, &s->lock, due_ms);
		}
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static void ended(void *worker)
{
	const struct sim_worker *w = worker;

	w->sim->o.ended(w->sim->o.ctx, w->index);
}

static void add_workers(struct sim *s)
{
	s->workers = xcalloc((size_t)s->o.workers, sizeof *s->workers);
	for (int i = 0; i < s->o.workers; i++) {
		struct sim_worker *w = &s->workers[i];

		w->sim = s;
		w->index = i;
		w->push = worker_push_new(
			&(struct worker_push_options){.slots = s->o.slots,
				.memory_mb = INT64_MAX / 2,
				.forget_ms = WORKER_PUSH_FORGET_MS,
				.keep_ms = WORKER_PUSH_KEEP_MS,
				.ended = ended,
				.ctx = w});
	}
}

struct sim *sim_new(const struct sim_options *o, struct err *e)
{
	struct sim *s = xcalloc(1, sizeof *s);

	s->o = *o;
	s->generation = -1;
	pthread_mutex_init(&s->lock, NULL);
	cond_init(&s->changed);
	add_workers(s);
	if (pthread_create(&s->thread, NULL, sim_main, s) == 0)
		return s;
	err_set(e, ERR_WORLD, "cannot start a thread");
	s->stopping = 1;
	sim_free(s);
	return NULL;
}

void sim_free(struct sim *s)
{
	if (!s)
		return;
	if (!s->stopping) {
		pthread_mutex_lock(&s->lock);
		s->stopping = 1;
		pthread_cond_signal(&s->changed);
		pthread_mutex_unlock(&s->lock);
		pthread_join(s->thread, NULL);
	}
	for (int i = 0; i < s->o.workers; i++)
		worker_free(s->workers[i].push);
	for (int i = 0; i < SIM_GENERATIONS_MAX; i++)
		list_schedule_free(s->seen[i].schedule);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s->workers);
	free(s->heap);
	free(s);
}

struct worker *sim_worker(struct sim *s, int i)
{
	return s->workers[i].push;
}

int64_t sim_generation(struct sim *s)
{
	int64_t generation;

	pthread_mutex_lock(&s->lock);
	generation = s->generation;
	pthread_mutex_unlock(&s->lock);
	return generation;
}

void sim_look(struct sim *s, struct sim_figures *out)
{
	int64_t first_ms = -1, last_ms = -1;

	pthread_mutex_lock(&s->lock);
	*out = s->figures;
	for (int i = 0; i < SIM_GENERATIONS_MAX; i++) {
		const struct seen_generation *g = &s->seen[i];
		double gap_s = (double)(g->first_ms - last_ms) / 1000;

		if (!g->schedule)
			continue;
		out->scheduled_s += list_schedule_end(g->schedule);
		if (first_ms < 0)
			first_ms = g->first_ms;
		else if (gap_s > out->between_s)
			out->between_s = gap_s;
		last_ms = g->last_ms;
	}
	if (s->final_ms)
		last_ms = s->final_ms;
	pthread_mutex_unlock(&s->lock);
	out->seconds = (double)(last_ms - first_ms) / 1000;
}
