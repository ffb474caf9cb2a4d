/* worker_nats_private.h -- what the files of a worker's side of a queue share.
 *
 * Two threads: one takes jobs (worker_nats_take.c), one tends those that are
 * here (worker_nats_tend.c); both call the broker (worker_nats_call.c). `lock`
 * guards everything below it and is never held across I/O. */
#ifndef DISPATCH_WORKER_NATS_PRIVATE_H
#define DISPATCH_WORKER_NATS_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "dispatch/dispatch.h"
#include "dispatch/nats_stream.h"
#include "dispatch/worker_nats.h"

/* A job that we have a message of. */
struct nats_held {
	struct nats_held *next;
	char id[DISPATCH_ID_MAX];
	struct nats_receipt receipt;
	int offered; /* the worker has it, too: it may end */
};

struct worker_nats {
	struct worker_nats_options o;
	struct nats_link link;
	pthread_t taker, tender;
	int n_threads; /* of these, started in this order */
	atomic_int leaving, draining;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	int64_t ends; /* jobs that have ended, and other news */
	struct nats_held *held;
	json_t *failed;      /* statuses that the broker is to be told of */
	int64_t rest_ms;     /* monotonic: no job is taken sooner */
	int64_t ack_wait_ms; /* as the queue has it */
	int says_self;       /* the next call says what we are */
	char unsent[200];    /* why results cannot be published, or "" */
	char refused[300];   /* why the broker wants nothing of us, or "" */
	int joined;          /* the last call was answered well */
	char why[sizeof((struct err *)0)->text]; /* it was not */
};

/* -- worker_nats.c -- */

/* Waits until more than `*seen` has happened, or that long. */
void worker_nats_rest(struct worker_nats *w, int64_t *seen, int64_t ms);

/* Whether we have a message of the job. */
int worker_nats_holds(struct worker_nats *w, const char *id);
/* From now on we have it, by that receipt. */
void worker_nats_hold(
	struct worker_nats *w, const char *id, const struct nats_receipt *r);
/* Slots have it, too: it may end. */
void worker_nats_offered(struct worker_nats *w, const char *id);
/* The receipt of one that was offered; false: there is none. */
int worker_nats_receipt(
	struct worker_nats *w, const char *id, struct nats_receipt *r);
/* Those of all, n of them, to be freed with free(). */
size_t worker_nats_receipts(struct worker_nats *w, struct nats_receipt **list);
/* We have it no more; false: we had not.  Its receipt. */
int worker_nats_let_go(
	struct worker_nats *w, const char *id, struct nats_receipt *r);
/* The ids of all that we have, a new reference. */
json_t *worker_nats_held(struct worker_nats *w);

/* The world failed the job, as its status says, which is taken over: the broker
 * is told with the next call. */
void worker_nats_failed(struct worker_nats *w, json_t *status);

/* -- worker_nats_call.c -- */

/* Says how we are, and what we have taken, a list of ids or NULL.  The answer,
 * a new reference; NULL: nobody answers, and everything is wanted. */
json_t *worker_nats_call(struct worker_nats *w, const json_t *take);

/* Whether a list of the answer has that id. */
int worker_nats_says(const json_t *answer, const char *list, const char *id);

/* -- the threads -- */

/* Takes jobs until we leave. */
void *worker_nats_take_main(void *w);
/* Tends those that are here, likewise. */
void *worker_nats_tend_main(void *w);

#endif
