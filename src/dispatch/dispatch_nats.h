/* dispatch_nats.h -- what the files of dispatch by NATS JetStream share.
 *
 * Jobs wait as messages of stream JOBS, workers take them from there and
 * publish what came of them to stream RESULTS; neither needs us for that.  We
 * hold what is open, and the streams hold no truth: they are emptied, lost and
 * filled again.  A worker calls every two seconds, and when it has taken jobs:
 * it says what it has and is told what nobody wants (dispatch_nats_calls.c).  A
 * job whose workers and messages are fewer than it should have is published
 * again (dispatch_nats_keep.c), so that one which was lost anywhere is found.
 *
 * One broker leads a queue: the only consumer of RESULTS is its own, and
 * another one's takes its place, by which it knows that it has been followed.
 *
 * Three threads: the keeper, one that answers calls and one that fetches
 * results.  `lock` guards everything below it and is never held across I/O. */
#ifndef DISPATCH_DISPATCH_NATS_H
#define DISPATCH_DISPATCH_NATS_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/identity.h"
#include "base/trace.h"
#include "dispatch/dispatch_backend.h"
#include "dispatch/id_table.h"
#include "dispatch/nats_stream.h"
#include "dispatch/pace.h"

#define NATS_CALL_EVERY_MS 2000
/* A worker that has not called for that long is lost, and what it has told of
 * for that long it has no more. */
#define NATS_LOST_MS 6000
/* So long after the start what is not known may be known to the store. */
#define NATS_GRACE_MS 10000

struct nats_job;

struct nats_worker {
	struct nats_worker *next;
	struct dispatch_worker info;
	int64_t called_ms;      /* monotonic, the last time */
	int64_t aside_until_ms; /* it failed or refused some in a row */
	int up;                 /* as the log was last told */
	int liar;
};

/* A job at a worker. */
struct nats_place {
	struct nats_place *next; /* the job's */
	struct nats_worker *worker;
	int64_t begun_ms, told_ms;        /* monotonic */
	struct dispatch_result testimony; /* of a witnessed job */
};

/* Where a job stands. */
enum nats_stage {
	NATS_OPEN,
	NATS_READY, /* its result waits to be taken */
	NATS_TAKEN, /* and to be done */
};

struct nats_job {
	struct nats_job *next, *before; /* in order of submission */
	struct id_entry entry;
	char id[DISPATCH_ID_MAX];
	char kernels[32];
	char trace[TRACE_ID_BYTES];
	char *body;
	int witnessed;
	enum nats_stage stage;
	int copies;            /* wanted beyond one, for it straggles */
	int waiting;           /* messages that no worker has claimed */
	int64_t waiting_ms;    /* monotonic: since when one of them has */
	int publishing;        /* one is on its way */
	uint64_t seq;          /* of the last in JOBS, or 0 */
	int64_t publications;  /* so far */
	int64_t not_before_ms; /* monotonic: it is not published sooner */
	struct nats_place *places;
	int64_t attempts; /* that have failed */
	char trouble[200], trouble_on[256];
	int64_t trouble_ms;
	struct pace pace;
	struct dispatch_result result; /* until it is taken */
	struct nats_receipt receipt;   /* of its result, until it is done */
	struct nats_job *next_ready;
};

struct nats_dispatch {
	struct dispatch base; /* first: see dispatch_backend.h */
	/* As dispatch_options has it. */
	int (*blob)(
		void *ctx, const char *sha256, struct buf *out, struct err *e);
	void *blob_ctx;
	int (*same)(const json_t *a, const json_t *b);
	const struct log *log;
	int replicas;
	int64_t ack_wait_ms;
	struct nats_link link;
	char consumer[sizeof "broker-" + IDENTITY_BYTES]; /* of RESULTS: ours */
	pthread_t keeper, caller, fetcher;
	int n_threads; /* of these, started in this order */
	int64_t opened_ms;
	/* The keeper's own. */
	int fresh;       /* no broker was here before us */
	int gone_before; /* the last look found no consumer of RESULTS */
	atomic_int closing;

	pthread_mutex_t lock;
	pthread_cond_t taken; /* a result is ready */
	pthread_cond_t work;  /* for the keeper */
	int ready;            /* the streams are there, and are ours */
	int led;              /* they have been */
	int followed;         /* another broker has them now */
	char fault[200];      /* what keeps all jobs from going out, or "" */
	struct id_table *by_id;
	struct nats_job *jobs, *last_job;
	struct nats_job *first_ready, **ready_end;
	struct nats_worker *workers;
	struct nats_worker stranger; /* who has spoken and is not here */
	uint64_t *gone; /* messages of jobs that nobody wants, n_gone */
	size_t n_gone, room_gone;
	char (*classes)[32]; /* kernels that have a consumer, n_classes */
	size_t n_classes;
	double typical_ms; /* that a job took lately; 0: none has */
	struct dispatch_queue depth;
};

/* -- dispatch_nats_queue.c: verbs of dispatch_backend.h -- */

/* submit */
void nats_submit(struct dispatch *d, const struct dispatch_job *job);
/* take */
int nats_take(struct dispatch *d, int64_t wait_ms, struct dispatch_result *out);
/* done */
void nats_job_done(struct dispatch *d, const char *id);
/* cancel */
void nats_cancel(struct dispatch *d, const char *prefix);
/* hold */
void nats_hold(struct dispatch *d, const char *prefix);
/* load */
void nats_load(
	struct dispatch *d, const char *prefix, struct dispatch_load *out);

/* -- and what the other files need of it; the caller holds the lock -- */

/* The job of that id, or NULL. */
struct nats_job *nats_job_find(struct nats_dispatch *d, const char *id);

/* The result of the job, which is taken over, waits to be taken. */
void nats_job_ready(
	struct nats_dispatch *d, struct nats_job *j, struct dispatch_result *r);

/* The world failed the job on that worker. */
void nats_job_failed(struct nats_job *j, const struct nats_worker *on,
	const char *why, int64_t now_ms);

/* Frees all jobs. */
void nats_jobs_release(struct nats_dispatch *d);

/* -- dispatch_nats_places.c; the caller holds the lock -- */

/* What a worker that has taken a job is told. */
enum nats_claim {
	NATS_WANTED,
	NATS_UNWANTED,
	NATS_LATER, /* it is another worker's turn */
};

/* The worker has taken a message of the job. */
enum nats_claim nats_place_claim(
	struct nats_job *j, struct nats_worker *w, int64_t now_ms);

/* The worker tells that it has the job; false: nobody wants it there. */
int nats_place_told(struct nats_job *j, struct nats_worker *w, int64_t now_ms);

/* The worker's place, or NULL. */
struct nats_place *nats_place_of(
	const struct nats_job *j, const struct nats_worker *w);

/* Takes it off the job. */
void nats_place_free(struct nats_job *j, struct nats_place *p);

/* Workers that train the job. */
int nats_places_busy(const struct nats_job *j);

/* Messages that should be published for it now. */
int nats_places_missing(const struct nats_job *j, int64_t now_ms);

/* Workers that have not called, and jobs that they do not tell of any more. */
void nats_places_sweep(struct nats_dispatch *d, int64_t now_ms);

/* Messages that should have been taken by now, while nothing waits in the queue
 * and somebody is idle, are lost: an engine that was killed may keep what was
 * taken and lose what was not.  They are to be published again. */
void nats_places_miss(struct nats_dispatch *d, int64_t now_ms);

/* Nothing waits: jobs that take far longer than others did are published for
 * idle workers, too.  The first result counts. */
void nats_places_copy(struct nats_dispatch *d, int64_t now_ms);

/* The worker's result, which is taken over: the job is ready by it, or by it
 * and another's. */
void nats_place_spoke(struct nats_dispatch *d, struct nats_job *j,
	struct nats_worker *w, struct dispatch_result *r);

/* -- dispatch_nats_calls.c -- */

/* The thread that answers workers. */
void *nats_calls_main(void *dispatch);

/* The worker of that id, or NULL.  The caller holds the lock. */
struct nats_worker *nats_worker_find(struct nats_dispatch *d, const char *id);

/* The verb `workers`. */
size_t nats_workers(
	struct dispatch *d, struct arena *mem, struct dispatch_worker **out);

/* Frees all. */
void nats_workers_release(struct nats_dispatch *d);

/* -- dispatch_nats_keep.c -- */

/* The keeper's thread. */
void *nats_keep_main(void *dispatch);

/* -- dispatch_nats_streams.c; without the lock -- */

/* Makes what is missing of streams and consumers, and takes the queue over the
 * first time.  ERR_CONFLICT: another broker has it now; ERR_WORLD. */
int nats_streams_make(struct nats_dispatch *d, struct err *e);

/* Makes the consumer of jobs of that class. */
int nats_streams_class(
	struct nats_dispatch *d, const char *kernels, struct err *e);

/* Looks how much waits in the queue, and whether it is still ours. */
int nats_streams_look(struct nats_dispatch *d, struct dispatch_queue *out,
	int64_t *messages, struct err *e);

/* -- dispatch_nats_results.c -- */

/* The thread that fetches results. */
void *nats_results_main(void *dispatch);

#endif
