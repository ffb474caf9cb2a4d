/* worker_push.h -- jobs that brokers bring over HTTP, and results that they
 * come back for: the table behind POST, GET and DELETE /v1/jobs.
 *
 * A job is known by its id.  Results are kept for a while, so that who asks
 * twice is answered twice; a job that nobody asks about is ended.  The slots
 * use it by the verbs of worker.h.  Safe from any thread. */
#ifndef DISPATCH_WORKER_PUSH_H
#define DISPATCH_WORKER_PUSH_H

#include "dispatch/worker.h"

struct worker_push_options {
	int slots;         /* jobs at a time, 1 or more */
	int64_t memory_mb; /* shared out by the jobs' bounds */
	int64_t forget_ms; /* a job that nobody asks about is ended */
	int64_t keep_ms;   /* how long an ended job is remembered */
	/* A job has ended; from any thread.  NULL: nobody is told. */
	void (*ended)(void *ctx);
	void *ctx;
};

#define WORKER_PUSH_FORGET_MS (60 * 1000)
#define WORKER_PUSH_KEEP_MS (10 * 60 * 1000)

/* Ends with worker_free. */
struct worker *worker_push_new(const struct worker_push_options *o);

struct worker_offer {
	const char *id, *body; /* copied */
	const char *trace;     /* likewise; NULL: none */
	int64_t memory_mb;     /* the job's bound */
};

/* Hands the job to a slot, or attaches to the one of the same id and body that
 * runs or has a result.  One that was cancelled, failed by the world's doing or
 * crashed starts again: the broker counts crashes.  ERR_CONFLICT: the id is
 * another body's.  ERR_BUSY: no slot is free, or not enough memory. */
int worker_push_offer(
	struct worker *w, const struct worker_offer *o, struct err *e);

/* How the job stands, after waiting up to `wait_ms` for its end.  The caller
 * ends with json_decref(out->result).  ERR_NOT_FOUND. */
int worker_push_look(struct worker *w, const char *id, int64_t wait_ms,
	struct worker_status *out, struct err *e);

/* A copy of the weights that a job's result names, to be freed with free().
 * ERR_NOT_FOUND: no such job; ERR_CONFLICT: it has none (yet). */
int worker_push_weights(struct worker *w, const char *id, char **bytes,
	size_t *n, struct err *e);

/* The job is not wanted any more; one that has ended stays as it is.
 * ERR_NOT_FOUND. */
int worker_push_cancel(struct worker *w, const char *id, struct err *e);

/* Forgets a job that has ended. */
void worker_push_forget(struct worker *w, const char *id);

/* How many jobs have ended so far. */
int64_t worker_push_ends(struct worker *w);

/* Waits up to `wait_ms` until a job ends. */
void worker_push_wait(struct worker *w, int64_t wait_ms);

/* From now on no job is taken that is not here; those that are here go on. */
void worker_push_drain(struct worker *w);

/* True when nothing runs and whoever asked about a job has had the time to
 * fetch what came of it. */
int worker_push_settled(struct worker *w);

/* The ids of the jobs that are under way or have a result, a list: who asks for
 * one of them attaches to it.  A new reference. */
json_t *worker_push_ids(struct worker *w);

/* Slots in all and free ones. */
void worker_push_count(struct worker *w, int *n, int *n_free);

#endif
