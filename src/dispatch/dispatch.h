/* dispatch.h -- the broker's half of handing out jobs: they go out to
 * evolutioners, results come back, at least once.
 *
 * Holds no truth: what is lost here is submitted again from the store, and the
 * run's logic ignores what it already has.  A result is delivered until it is
 * said to be done, which is after the transaction that keeps it has committed:
 * submitted again before that, now or by the next broker, the job gives its
 * result again.  The world's failures (a lost worker, a killed child, a broken
 * link) are retried here, elsewhere and with back-off up to 60 s, for as long
 * as the job is wanted; the genome's are results.  Safe from any thread. */
#ifndef DISPATCH_DISPATCH_H
#define DISPATCH_DISPATCH_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/log.h"

#define DISPATCH_ID_MAX 128
#define DISPATCH_KERNELS_MAX 16 /* classes of a worker */
#define DISPATCH_WORKERS_MAX 4096
#define DISPATCH_MEMBER_ID_MAX 65

struct dispatch;

struct dispatch_options {
	const char *url; /* how: "http", or a queue's: see queue_address.h */
	/* queue: as queue_address has them; how many servers keep each message
	 * (1), and how long one that was delivered waits for word of it. */
	const char *creds, *ca_file;
	int replicas;
	int64_t ack_wait_ms; /* 0: DISPATCH_ACK_WAIT_MS */
	/* http: base URLs of workers, "http://host:port", that belong to it
	 * whether they are there or not; others join. */
	const char *const *workers;
	size_t n_workers;
	const char *token; /* or NULL */
	/* Appends the blob of that SHA-256, which a job needs and its worker
	 * does not have.  From any thread.  NULL: no job needs any. */
	int (*blob)(
		void *ctx, const char *sha256, struct buf *out, struct err *e);
	void *blob_ctx;
	/* There are orders for the worker of that id, which pulls
	 * (dispatch_orders).  From any thread; must not call back.  NULL:
	 * nobody is told. */
	void (*orders)(void *ctx, const char *id);
	void *orders_ctx;
	/* Whether two result documents of one job say the same.  NULL: no job
	 * is witnessed. */
	int (*same)(const json_t *a, const json_t *b);
	const struct log *log;
};

#define DISPATCH_BLOBS_MAX 2
#define DISPATCH_ACK_WAIT_MS 30000

struct dispatch_job {
	const char *id;      /* unique; below DISPATCH_ID_MAX bytes */
	const char *body;    /* the job document, sent as it is */
	const char *kernels; /* workers that cannot run these are passed over */
	const char *trace;   /* id, for the log; NULL: none */
	const char *blobs[DISPATCH_BLOBS_MAX]; /* that it needs; then NULL */
	/* Its result counts when two workers have given the same (`same` of the
	 * options); where two differ a third decides, and so on.  A crash
	 * counts at once. */
	int witnessed;
};

struct dispatch_result {
	char id[DISPATCH_ID_MAX];
	json_t *document; /* the result document */
	char *weights;    /* that the result names, or NULL */
	size_t n_weights;
	char liar[256]; /* URL of a worker that gave another, or "" */
};

/* What a worker that joins says of itself. */
struct dispatch_member {
	const char *id;  /* its own, another after each of its starts; below
			  * DISPATCH_MEMBER_ID_MAX bytes */
	const char *url; /* where it takes jobs */
	int draining;    /* it takes no more, and will leave */
};

struct dispatch_worker {
	char url[256], kernels[64], version[32], cpu[96], error[200];
	/* kernels: classes, best first, separated by blanks */
	char id[DISPATCH_MEMBER_ID_MAX]; /* "" of one that has not joined */
	int draining;
	int lost; /* has not answered for 15 s, nor called for 6 */
	/* Jobs that it has failed or refused in a row, the reason of the last
	 * of them, and whether it gets none for a while because of that. */
	int64_t refusals;
	char refusal[200];
	int aside;
	int64_t slots, free; /* as it last said */
	/* Operations that a slot trains by in a second of CPU time, as it
	 * measured with all of them at work, by class in the order of kernels;
	 * 0: not yet known. */
	double gflops[DISPATCH_KERNELS_MAX];
	int64_t seen_ms;       /* wall clock of the last answer, 0: never */
	int64_t jobs;          /* that we have on it */
	const char **training; /* their ids, `jobs` of them; see
				* dispatch_workers */
};

struct dispatch_load {
	int64_t queued, running;
	int64_t images;      /* trained so far by the running jobs */
	double images_per_s; /* of the running jobs together */
	int64_t quiet_ms;    /* since one that is not failing last got on: began
			      * or trained; INT64_MAX: no such runs */
	int64_t unconfirmed; /* jobs with a result that nobody else has given */
	int64_t attempts;    /* most attempts of any open job */
	int64_t failing;     /* likewise of those that the world has failed at
			      * least twice and that have trained nothing since */
	char trouble[200];   /* the last world failure or refusal, or "" */
	char worker[256];    /* the URL of the worker that it was on */
	char fault[200];     /* what keeps all jobs from going out, or "" */
};

/* What waits in a queue between us and the workers. */
struct dispatch_queue {
	int there;           /* 0: there is none, or it does not answer */
	int64_t waiting;     /* jobs that no worker has taken */
	int64_t delivered;   /* that one has, and has not yet given back */
	int64_t redelivered; /* of all these, more than once */
	double oldest_s;     /* the age of the oldest */
};

/* True if the worker answered when it was last asked. */
int dispatch_worker_answers(const struct dispatch_worker *w);

/* Starts to hand out jobs the way that the options say; copies the strings.
 * Cannot fail for lack of workers: jobs wait for them.  ERR_INVALID for a way
 * that is not known or a URL that is none, ERR_WORLD. */
struct dispatch *dispatch_open(const struct dispatch_options *o, struct err *e);

/* Stops at once: running jobs are left to their workers, which end them when
 * nobody asks any more or hand them to whoever submits them again.  NULL
 * allowed. */
void dispatch_free(struct dispatch *d);

/* Queues a job, in order; copies it.  An id that is already here is left as it
 * is, unless its result has been taken: then it is wanted once more. */
void dispatch_submit(struct dispatch *d, const struct dispatch_job *job);

/* Waits up to `wait_ms` for the next result.  1 with `*out` filled in, which
 * the caller releases, or 0. */
int dispatch_take(
	struct dispatch *d, int64_t wait_ms, struct dispatch_result *out);

/* Frees what a taken result owns. */
void dispatch_result_release(struct dispatch_result *r);

/* The result of this job is kept, or of no use: it is not delivered again, and
 * its worker may forget it.  Submitted after that, the job is run anew. */
void dispatch_done(struct dispatch *d, const char *id);

/* Ends all jobs whose id starts with `prefix`, on their workers too. */
void dispatch_cancel(struct dispatch *d, const char *prefix);

/* Withdraws those that have not started. */
void dispatch_hold(struct dispatch *d, const char *prefix);

/* Of the jobs whose id starts with `prefix`. */
void dispatch_load(
	struct dispatch *d, const char *prefix, struct dispatch_load *out);

/* A worker says that it is there, or still there: jobs go to it from now on, or
 * to its new self if one was known at that URL.  One that leaves without a word
 * is forgotten after a while, unless the options name it.  ERR_INVALID: no URL;
 * ERR_BUSY: there are DISPATCH_WORKERS_MAX; ERR_WORLD. */
int dispatch_join(
	struct dispatch *d, const struct dispatch_member *m, struct err *e);

/* A worker that has joined goes: its jobs are run elsewhere.
 * ERR_NOT_FOUND. */
int dispatch_leave(struct dispatch *d, const char *id, struct err *e);

/* -- workers that pull: they call, and are not called -- */

struct dispatch_caller {
	const char *id;      /* its own, as of a member */
	const char *address; /* that it calls from */
	const json_t *info;  /* what GET /v1/info says; NULL: as it last did */
	int draining;
};

/* Takes in what the worker says of itself and of the jobs that its last orders
 * named: {"number", "seen", "jobs"}, where `number` counts its reports and
 * `seen` is that of the last orders that it has done.  ERR_NOT_FOUND: it is not
 * known, and must say who it is.  ERR_CONFLICT: its version does not fit.
 * ERR_INVALID, ERR_RANGE; ERR_BUSY as of dispatch_join. */
int dispatch_report(struct dispatch *d, const struct dispatch_caller *c,
	const json_t *report, struct err *e);

/* The call of a worker that waited for its orders has broken off: unless it
 * calls again it is soon taken for lost. */
void dispatch_hung_up(struct dispatch *d, const char *id);

/* The worker's orders, in `*text` to be freed with free(): 1, or 0 when there
 * are none that cannot wait, unless they are wanted `now`; whoever waits asks
 * again every second, and is there for so long.  ERR_NOT_FOUND
 * (below 0) for a worker that is not known. */
int dispatch_orders(struct dispatch *d, const char *id, int now, char **text);

/* The weights of a job of the worker's, before its result; copied.
 * ERR_NOT_FOUND: it has no such job. */
int dispatch_weights(struct dispatch *d, const char *id, const char *job,
	const void *bytes, size_t n, struct err *e);

/* How much waits in the queue, as it was a few seconds ago. */
void dispatch_depth(struct dispatch *d, struct dispatch_queue *out);

/* All workers that are known, with the ids of the jobs that run on each, in
 * `mem`, and how many they are. */
size_t dispatch_workers(
	struct dispatch *d, struct arena *mem, struct dispatch_worker **out);

#endif
