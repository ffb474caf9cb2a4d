/* worker.h -- the worker's half of handing out jobs: where they come from, and
 * where what came of them goes.
 *
 * A slot takes a job, asks now and then whether it is still wanted, tells how
 * far it is, and delivers what came of it; it does not know how jobs travel.  A
 * way of travelling is a row of verbs (struct worker_backend) in files of its
 * own: worker_push.h is the one where brokers come to us.  Safe from any
 * thread.
 */
#ifndef DISPATCH_WORKER_H
#define DISPATCH_WORKER_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/trace.h"

#define WORKER_CODE_MAX 24
#define WORKER_REASON_MAX 400

/* A job that a slot has taken.  Lives until it is delivered. */
struct worker_job {
	char *id;
	char *body; /* the job document, without its trace */
	char trace[TRACE_PARENT_BYTES]; /* a traceparent, or "" */
};

enum worker_state {
	WORKER_QUEUED, /* no slot has it yet */
	WORKER_RUNNING,
	WORKER_DONE,   /* with a result that scores */
	WORKER_FAILED, /* the genome's failure, with a result, or the world's */
	WORKER_CANCELLED,
	/* In reports alone: */
	WORKER_UNKNOWN, /* asked about, and not here */
	WORKER_REFUSED, /* offered, and not taken */
};

/* Why a job is refused, where that is more than a sentence: no slot is free, or
 * something that the job needs is not here. */
#define WORKER_CODE_BUSY "busy"
#define WORKER_CODE_MISSING "missing"

/* True for done, failed and cancelled. */
int worker_state_ended(enum worker_state s);
/* "queued", ... as documents spell them. */
const char *worker_state_name(enum worker_state s);

/* How a job stands. */
struct worker_status {
	enum worker_state state;
	int64_t images, total; /* trained so far, and in all (0: unknown) */
	json_t *result;        /* a reference of whoever has this, or NULL */
	const char *whose; /* "genome", "crash", "world"; NULL: no failure */
	char code[WORKER_CODE_MAX];
	char reason[WORKER_REASON_MAX];
};

/* How it ended: one of the last three states. */
struct worker_outcome {
	struct worker_status status;
	char *weights; /* that the result names, or NULL; with malloc */
	size_t n_weights;
};

struct worker;

struct worker_backend {
	void (*free)(struct worker *w);
	struct worker_job *(*take)(struct worker *w);
	int (*wanted)(struct worker *w, struct worker_job *j);
	void (*progress)(struct worker *w, struct worker_job *j, int64_t images,
		int64_t total);
	void (*deliver)(struct worker *w, struct worker_job *j,
		struct worker_outcome *o);
	void (*stop)(struct worker *w);
};

/* What every way of travelling starts with. */
struct worker {
	const struct worker_backend *verbs;
};

/* Waits for a job; NULL when the worker stops.  A way takes no more jobs than
 * there are slots, nor more than the memory holds. */
struct worker_job *worker_take(struct worker *w);

/* False when the job should be ended: nobody wants it, or the worker stops. */
int worker_wanted(struct worker *w, struct worker_job *j);

/* Tells how many images of how many the job has trained. */
void worker_progress(
	struct worker *w, struct worker_job *j, int64_t images, int64_t total);

/* Tells how the job ended, and gives it back.  What the outcome holds is taken
 * over; its `images` and `total` are those of the last progress.  A result, the
 * genome's own failure included, is kept until somebody has it; after the
 * world's failure the job is to be run again, here or elsewhere. */
void worker_deliver(
	struct worker *w, struct worker_job *j, struct worker_outcome *o);

/* No more jobs: all that wait in worker_take return, no job is wanted. */
void worker_stop(struct worker *w);

/* After all jobs have been delivered.  NULL allowed. */
void worker_free(struct worker *w);

#endif
