/* neat_runs.c -- threads take the next run until none is left; the runs share
 * nothing, so their outcomes do not depend on who takes which. */
#include "cli/local/neat_runs.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rng.h"

#define POLL_MS 10
#define SAY_AFTER_MS 2000
#define SAY_EVERY_MS 1000

struct team {
	const struct neat_runs *r;
	struct outcome *outcomes;
	pthread_mutex_t lock; /* guards the rest */
	size_t next, done, solved;
	int working; /* threads that have not ended */
	int rc;      /* of the first run that failed */
	struct err err;
};

/* -- workers -- */

/* The next run, or `runs` when there is none or one has failed. */
static size_t take(struct team *t)
{
	size_t i = t->r->runs;

	pthread_mutex_lock(&t->lock);
	if (t->rc == 0 && t->next < t->r->runs)
		i = t->next++;
	pthread_mutex_unlock(&t->lock);
	return i;
}

static void hand_in(struct team *t, size_t i, int rc, const struct err *e)
{
	pthread_mutex_lock(&t->lock);
	t->done++;
	if (rc == 0)
		t->solved += (size_t)t->outcomes[i].solved;
	else if (t->rc == 0) {
		t->rc = rc;
		t->err = *e;
	}
	pthread_mutex_unlock(&t->lock);
}

static void *work(void *arg)
{
	struct team *t = arg;
	size_t i;

	while ((i = take(t)) < t->r->runs) {
		struct err e;
		int rc = experiment_run(t->r->experiment,
			rng_derive((uint64_t)t->r->seed, i, 0), t->r->stop,
			NULL, &t->outcomes[i], &e);

		hand_in(t, i, rc, &e);
	}
	pthread_mutex_lock(&t->lock);
	t->working--;
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

/* -- the thread that waits -- */

static void say(const struct team *t, int live, const char *end)
{
	fprintf(stderr, "%s%s: %zu of %zu runs, %zu solved%s", live ? "\r" : "",
		t->r->experiment->task->name, t->done, t->r->runs, t->solved,
		end);
}

/* Until every worker has ended.  A terminal sees the line redrawn, a file gets
 * a new one now and then. */
static void watch(struct team *t)
{
	int live = isatty(STDERR_FILENO), working = 1, said = 0;
	int64_t next = clock_mono_ms() + SAY_AFTER_MS;

	while (working) {
		clock_sleep_ms(POLL_MS);
		pthread_mutex_lock(&t->lock);
		working = t->working;
		if (t->r->say && working && clock_mono_ms() >= next) {
			say(t, live, live ? "" : "\n");
			next += live ? SAY_EVERY_MS : 10 * SAY_EVERY_MS;
			said = 1;
		}
		pthread_mutex_unlock(&t->lock);
	}
	if (said && live)
		say(t, live, "\n");
}

int neat_runs(
	const struct neat_runs *r, struct outcome *outcomes, struct err *e)
{
	struct team t = {.r = r, .outcomes = outcomes};
	pthread_t threads[NEAT_THREADS_MAX];
	int started = 0;

	pthread_mutex_init(&t.lock, NULL);
	t.working = r->threads;
	while (started < r->threads &&
		pthread_create(&threads[started], NULL, work, &t) == 0)
		started++;
	pthread_mutex_lock(&t.lock);
	t.working -= r->threads - started;
	pthread_mutex_unlock(&t.lock);
	if (started)
		watch(&t);
	for (int i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	pthread_mutex_destroy(&t.lock);
	if (!started)
		return err_set(e, ERR_WORLD, "no thread could be started");
	if (t.rc && e)
		*e = t.err;
	return t.rc;
}
