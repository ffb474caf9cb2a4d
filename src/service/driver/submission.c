/* submission.c -- jobs, a round of them at a time: their texts in stretches,
 * then each to dispatch. */
#include "service/driver/submission.h"

#include <assert.h>
#include <stdlib.h>

#include "base/canonical.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "service/driver/score_cache.h"

#define ROUND 512
#define WITNESS_STREAM UINT64_C(0x7769746e657373)

struct round {
	const struct driver *driver;
	const struct job_doc *jobs[ROUND];
	char *bodies[ROUND];
	size_t n;
};

static char *body_of(const struct driver *d, const struct job_doc *job)
{
	struct job_doc traced = *job;
	json_t *doc;
	char *body;

	trace_write(&d->trace, traced.trace);
	doc = job_write(&traced);
	body = canonical_text(doc, NULL);
	assert(body); /* a job holds finite numbers only */
	json_decref(doc);
	return body;
}

static int write_bodies(
	void *ctx, size_t part, size_t from, size_t to, struct err *e)
{
	struct round *r = ctx;

	(void)part;
	(void)e;
	for (size_t i = from; i < to; i++)
		r->bodies[i] = body_of(r->driver, r->jobs[i]);
	return 0;
}

/* Which jobs two workers must agree on is drawn by the run's seed and theirs.
 */
static int witnessed(const struct driver *d, const struct job_doc *job)
{
	struct rng r;

	rng_stream(&r, (uint64_t)d->run.settings.seed, WITNESS_STREAM,
		(uint64_t)job->seed);
	return rng_unit(&r) < d->run.settings.verify_share;
}

static void submit(
	const struct driver *d, const struct job_doc *job, const char *body)
{
	struct dispatch_job out = {.id = job->id,
		.body = body,
		.kernels = job->kernels,
		.trace = d->trace.id,
		.witnessed = witnessed(d, job)};

	for (int i = 0; i < job->n_parents; i++)
		out.blobs[i] = job->parents[i];
	dispatch_submit(d->world->dispatch, &out);
}

const struct run_command *submit_jobs(
	struct driver *d, const struct run_command *c)
{
	struct round r = {.driver = d};

	while (c && c->kind == RUN_CMD_SUBMIT) {
		for (r.n = 0; c && c->kind == RUN_CMD_SUBMIT && r.n < ROUND;
			c = c->next)
			if (!score_cache_answer(d, c))
				r.jobs[r.n++] = &c->job;
		parallel_for(r.n, write_bodies, &r, NULL);
		for (size_t i = 0; i < r.n; i++) {
			submit(d, r.jobs[i], r.bodies[i]);
			free(r.bodies[i]);
		}
	}
	return c;
}
