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
#include "base/err.h"
#include "base/log.h"

#define DISPATCH_ID_MAX 128

struct dispatch;

struct dispatch_options {
	const char *url; /* how: "http" */
	/* http: base URLs of the workers, "http://host:port". */
	const char *const *workers;
	size_t n_workers;
	const char *token; /* or NULL */
	const struct log *log;
};

struct dispatch_job {
	const char *id;      /* unique; below DISPATCH_ID_MAX bytes */
	const char *body;    /* the job document, sent as it is */
	const char *kernels; /* workers that cannot run these are passed over */
};

struct dispatch_result {
	char id[DISPATCH_ID_MAX];
	json_t *document; /* the result document */
	char *weights;    /* of a final job, or NULL */
	size_t n_weights;
};

struct dispatch_worker {
	char url[256], kernels[64], version[32], cpu[96], error[200];
	/* kernels: classes, best first, separated by blanks */
	int lost;            /* has not answered for 15 s */
	int64_t slots, free; /* as it last said */
	int64_t seen_ms;     /* wall clock of the last answer, 0: never */
	int64_t jobs;        /* that we have on it */
};

struct dispatch_load {
	int64_t queued, running;
	int64_t images;      /* trained so far by the running jobs */
	double images_per_s; /* of the running jobs together */
	int64_t attempts;    /* most attempts of any open job */
	char trouble[200];   /* the last world failure, or "" */
};

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

/* All workers that are known, in `mem`, and how many they are. */
size_t dispatch_workers(
	struct dispatch *d, struct arena *mem, struct dispatch_worker **out);

#endif
