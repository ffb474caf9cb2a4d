/* worker_nats.h -- a worker's side of a queue: it takes jobs from NATS
 * JetStream, as many as it has free slots, and publishes what came of them.
 *
 * It needs no broker for that: one that is away is asked in vain whether a job
 * is wanted, and finds the result when it comes.  Jobs go to a worker_push, so
 * that slots need not know where they came from.  Safe from any thread. */
#ifndef DISPATCH_WORKER_NATS_H
#define DISPATCH_WORKER_NATS_H

#include <jansson.h>

#include "base/err.h"
#include "base/log.h"
#include "dispatch/queue_address.h"
#include "dispatch/worker_orders.h"

struct worker_nats;

struct worker_nats_options {
	struct queue_address at; /* its strings outlive the worker */
	const char *id;          /* of this start of the process; likewise */
	const char *host;        /* for people; likewise */
	/* Its worker, and how a job is checked and offered to it, with what it
	 * needs. */
	struct worker_clerk clerk;
	/* What GET /v1/info says; a new reference. */
	json_t *(*info)(void *ctx);
	/* Brings weights to where a broker finds them by their hash. */
	int (*keep)(void *ctx, const char *sha256, const void *bytes, size_t n,
		struct err *e);
	void *ctx; /* of `info` and `keep` */
	const struct log *log;
};

/* Begins to take jobs.  NULL with ERR_INVALID or ERR_WORLD; a server that is
 * not there is no error. */
struct worker_nats *worker_nats_new(
	const struct worker_nats_options *o, struct err *e);

/* A job has ended.  NULL allowed. */
void worker_nats_job_ended(struct worker_nats *w);

/* No more jobs are taken; those that are here go on. */
void worker_nats_drain(struct worker_nats *w);

/* True when nothing is here that is still to be published. */
int worker_nats_settled(struct worker_nats *w);

/* Gives back what is here, and takes leave. */
void worker_nats_stop(struct worker_nats *w);

/* Once it is stopped and no job can end any more.  NULL allowed. */
void worker_nats_free(struct worker_nats *w);

#endif
