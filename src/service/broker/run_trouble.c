/* run_trouble.c -- a row of causes, each with its sentence. */
#include "service/broker/run_trouble.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/words.h"

#define ANSWER_MS 4000   /* what is more, is said to be awaited */
#define MOVES_MS 5000    /* a job that trained that lately gets on */
#define QUIET_MS 60000   /* steps of a large network take long */
#define ATTEMPTS_MANY 10 /* then others that get on are no excuse */
#define OFFERS_BYTES 160 /* of kernels, all workers together */

static void write_time(int64_t wall_ms, char out[CLOCK_TEXT_BYTES])
{
	clock_format(wall_ms, out);
	strcpy(out + strlen("2026-01-01T00:00:00"), "Z");
}

static int gets_on(const struct run_facts *f)
{
	return f->load->quiet_ms < MOVES_MS;
}

/* Jobs are open, and none of them gets on. */
static int hangs(const struct run_facts *f)
{
	return f->load->queued + f->load->running > 0 && !gets_on(f);
}

static int runs_it(const struct run_facts *f, const struct dispatch_worker *w)
{
	return words_have(w->kernels, f->kernels, strlen(f->kernels));
}

/* -- causes: 0 where it is not this one -- */

static int nobody_drives(const struct run_facts *f, struct err *e)
{
	if (f->view)
		return 0;
	return err_set(e, ERR_WORLD,
		"nobody drives this run: the broker could not take it up "
		"again, its log says why; start the broker anew once that is "
		"mended");
}

static int store_fails(const struct run_facts *f, struct err *e)
{
	const struct driver_wait *w = &f->view->store;
	char since[CLOCK_TEXT_BYTES];

	if (w->since_ms == 0)
		return 0;
	write_time(w->since_ms, since);
	return err_set(e, ERR_WORLD, "nothing can be saved since %s: %s", since,
		w->why);
}

static int data_fail(const struct run_facts *f, struct err *e)
{
	const struct driver_wait *w = &f->view->data;

	if (!w->why[0])
		return 0;
	return err_set(
		e, ERR_WORLD, "the data set cannot be prepared: %s", w->why);
}

static int cannot_begin(const struct run_facts *f, struct err *e)
{
	const struct driver_wait *w = &f->view->workers;

	if (w->since_ms == 0)
		return 0;
	return err_set(e, ERR_BUSY, "the run waits to begin: %s", w->why);
}

static int genome_service_is_silent(const struct run_facts *f, struct err *e)
{
	const struct driver_wait *w = &f->view->genome;
	char since[CLOCK_TEXT_BYTES];

	if (w->since_ms == 0 ||
		(!w->why[0] && f->now_ms - w->since_ms < ANSWER_MS))
		return 0;
	write_time(w->since_ms, since);
	return err_set(e, ERR_WORLD,
		"the genome service has not answered since %s%s%s", since,
		w->why[0] ? ": " : "", w->why);
}

/* The worker that was the last to answer; NULL while one does, and before the
 * first has been asked. */
static const struct dispatch_worker *last_of_the_silent(
	const struct run_facts *f)
{
	const struct dispatch_worker *last = NULL;

	for (size_t i = 0; i < f->n_workers; i++) {
		const struct dispatch_worker *w = &f->workers[i];

		if (!w->error[0])
			return NULL;
		if (!last || w->seen_ms > last->seen_ms)
			last = w;
	}
	return last;
}

static int queue_fails(const struct run_facts *f, struct err *e)
{
	if (!f->load->fault[0])
		return 0;
	return err_set(e, ERR_WORLD, "no job goes out: %s", f->load->fault);
}

static int workers_are_silent(const struct run_facts *f, struct err *e)
{
	const struct dispatch_worker *last = last_of_the_silent(f);
	char seen[CLOCK_TEXT_BYTES];

	if (!hangs(f))
		return 0;
	if (f->n_workers == 0)
		return err_set(e, ERR_WORLD, "the broker has no evolutioner");
	if (!last)
		return 0;
	if (last->seen_ms == 0)
		return err_set(e, ERR_WORLD,
			"no evolutioner has answered yet: %s", last->error);
	write_time(last->seen_ms, seen);
	return err_set(e, ERR_WORLD,
		"no evolutioner answers since %s, when %s was the last that "
		"did: %s",
		seen, last->url, last->error);
}

/* All kernels that answering workers run, each once. */
static void write_offers(const struct run_facts *f, char out[OFFERS_BYTES])
{
	size_t n, used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < f->n_workers; i++) {
		const char *list = f->workers[i].kernels, *word;

		if (!dispatch_worker_answers(&f->workers[i]))
			continue;
		while ((word = words_next(&list, &n)))
			if (!words_have(out, word, n) &&
				used + n + 2 < OFFERS_BYTES)
				used += (size_t)snprintf(out + used,
					OFFERS_BYTES - used, "%s%.*s",
					used ? " " : "", (int)n, word);
	}
}

/* One that runs the kernels: of those that answer, or of all others. */
static const struct dispatch_worker *who_runs_it(
	const struct run_facts *f, int answers)
{
	for (size_t i = 0; i < f->n_workers; i++)
		if (dispatch_worker_answers(&f->workers[i]) == answers &&
			runs_it(f, &f->workers[i]))
			return &f->workers[i];
	return NULL;
}

static int nobody_runs_the_kernels(const struct run_facts *f, struct err *e)
{
	const struct dispatch_worker *silent = who_runs_it(f, 0);
	char offers[OFFERS_BYTES];

	write_offers(f, offers);
	if (!hangs(f) || !offers[0] || who_runs_it(f, 1))
		return 0;
	return err_set(e, ERR_WORLD,
		"no evolutioner that answers runs the kernels \"%s\", to which "
		"the run is pinned; they offer: %s%s%s%s",
		f->kernels, offers, silent ? "; silent is " : "",
		silent ? silent->url : "", silent ? ", which has them" : "");
}

static int jobs_fail(const struct run_facts *f, struct err *e)
{
	const struct dispatch_load *l = f->load;

	if (l->failing == 0 || (l->failing < ATTEMPTS_MANY && gets_on(f)))
		return 0;
	return err_set(e, ERR_WORLD, "jobs fail%s%s: %s",
		l->worker[0] ? " on " : "", l->worker, l->trouble);
}

/* Two must agree, and there is one. */
static int nobody_confirms(const struct run_facts *f, struct err *e)
{
	int able = 0;

	for (size_t i = 0; i < f->n_workers; i++)
		able += dispatch_worker_answers(&f->workers[i]) &&
			!f->workers[i].aside && runs_it(f, &f->workers[i]);
	if (f->load->unconfirmed == 0 || able > 1)
		return 0;
	return err_set(e, ERR_WORLD,
		"%lld results wait for a second worker to come to the same "
		"bits (verify_share), and there is none",
		(long long)f->load->unconfirmed);
}

/* For what they did to jobs of other runs, or because they leave. */
static int nobody_takes_jobs(const struct run_facts *f, struct err *e)
{
	const struct dispatch_worker *aside = NULL;
	int leave = 0;

	for (size_t i = 0; i < f->n_workers; i++) {
		const struct dispatch_worker *w = &f->workers[i];

		if (!dispatch_worker_answers(w) || !runs_it(f, w))
			continue;
		if (!w->aside && !w->draining)
			return 0;
		if (w->aside)
			aside = w;
		leave += w->draining != 0;
	}
	if (!hangs(f) || (!aside && !leave))
		return 0;
	if (aside)
		return err_set(e, ERR_WORLD,
			"%s has failed so many jobs that it gets none for a "
			"while: %s",
			aside->url, aside->refusal);
	return err_set(e, ERR_WORLD,
		"the evolutioners that could run its jobs are about to stop");
}

static int training_stands_still(const struct run_facts *f, struct err *e)
{
	if (f->load->running == 0 || f->load->quiet_ms == INT64_MAX ||
		f->load->quiet_ms < QUIET_MS)
		return 0;
	return err_set(e, ERR_WORLD,
		"no training has got on for more than %d s", QUIET_MS / 1000);
}

static int genomes_fail(const struct run_facts *f, struct err *e)
{
	if (!f->view->failed[0])
		return 0;
	return err_set(e, ERR_GENOME, "%s", f->view->failed);
}

/* -- */

int run_trouble(const struct run_facts *f, struct err *e)
{
	static int (*const causes[])(const struct run_facts *, struct err *) = {
		nobody_drives,
		store_fails,
		data_fail,
		cannot_begin,
		genome_service_is_silent,
		queue_fails,
		workers_are_silent,
		nobody_runs_the_kernels,
		jobs_fail,
		nobody_confirms,
		nobody_takes_jobs,
		training_stands_still,
		genomes_fail,
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof causes / sizeof *causes; i++)
		rc = causes[i](f, e);
	return rc;
}

static int waits_for_data(const struct run_facts *f, struct err *e)
{
	const struct data_progress *p = &f->view->ready;

	if (f->view->data.since_ms == 0)
		return 0;
	if (p->all == 0)
		return err_set(e, ERR_BUSY, "the data set is being prepared");
	return err_set(e, ERR_BUSY,
		"the data set is being prepared: %lld of %lld %s",
		(long long)p->done, (long long)p->all, p->unit);
}

static int waits_for_slots(const struct run_facts *f, struct err *e)
{
	int64_t slots = 0, taken = 0;

	if (f->load->queued == 0 || f->load->running > 0)
		return 0;
	for (size_t i = 0; i < f->n_workers; i++) {
		const struct dispatch_worker *w = &f->workers[i];

		if (!dispatch_worker_answers(w) || !runs_it(f, w))
			continue;
		slots += w->slots;
		taken += w->jobs;
	}
	if (f->load->attempts > 0 && taken < slots)
		return err_set(e, ERR_BUSY,
			"a job that failed is about to be tried again: %s",
			f->load->trouble);
	if (taken < slots)
		return err_set(e, ERR_BUSY,
			"no evolutioner takes its jobs now, though %lld of "
			"%lld slots are free%s%s",
			(long long)(slots - taken), (long long)slots,
			f->load->trouble[0] ? ": " : "", f->load->trouble);
	return err_set(e, ERR_BUSY,
		"other jobs are before its own: %lld of %lld slots are taken",
		(long long)taken, (long long)slots);
}

int run_waits(const struct run_facts *f, struct err *e)
{
	int rc;

	if (run_trouble(f, NULL))
		return 0;
	rc = waits_for_data(f, e);
	return rc ? rc : waits_for_slots(f, e);
}
