/* evolutioner_service.h -- the evolutioner's routes and what its handlers
 * share. */
#ifndef SERVICE_EVOLUTIONER_EVOLUTIONER_SERVICE_H
#define SERVICE_EVOLUTIONER_EVOLUTIONER_SERVICE_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/log.h"
#include "dispatch/worker_push.h"
#include "http/docs.h"
#include "http/server.h"
#include "service/service.h"
#include "wire/job_json.h"
#include "service/evolutioner/blob_cache.h"
#include "service/evolutioner/dataset_fetch.h"
#include "service/evolutioner/dataset_table.h"
#include "service/evolutioner/membership.h"
#include "service/evolutioner/speeds.h"
#include "service/readiness.h"

struct puller;
struct queue_member;

struct evolutioner {
	struct docs docs; /* first: the handlers of DOCS_ROUTES read it */
	struct readiness readiness;
	struct worker *worker; /* a worker_push, whose topic is its address */
	struct http_news *news;
	struct dataset_table *datasets;
	struct dataset_fetch *fetch; /* of sets that are not here */
	struct speeds *speeds;
	struct blob_cache *blobs; /* weights that jobs start from */
	atomic_int waiting;       /* legacy requests without a slot */
	const struct log *log;
	const struct service_options *options;
	struct membership *membership; /* NULL: brokers are told by others, */
	struct puller *_Atomic puller; /* or called; NULL: they are not */
	struct queue_member *_Atomic queue; /* jobs come from there, or NULL */
};

/* The table of routes; their context is a struct evolutioner. */
const struct http_route *evolutioner_routes(size_t *n);

/* Tells the requests that wait for it: a job has ended.  As the `ended` of
 * worker_push_options, whose `ctx` is the evolutioner. */
void evolutioner_job_ended(void *evolutioner);

/* Finds the job's data set, by the hash of the samples that the job names:
 * under its name, or as it was brought from a broker (ERR_BUSY: it is on its
 * way); a job without a hash gets it filled in.  Checks that this CPU runs the
 * job's kernels and that its parents' weights are here (ERR_NOT_FOUND); writes
 * the prepared file's path. */
int evolutioner_check(struct evolutioner *v, struct job_doc *job,
	char path[DATASET_PATH_MAX], struct err *e);

/* As evolutioner_check, for the slots: `evolutioner` is one, and the sentence
 * may leave this machine. */
int evolutioner_prepare(void *evolutioner, struct job_doc *job,
	char path[DATASET_PATH_MAX], struct err *e);

/* Hands a job that was checked to the slots; see worker_push_offer. */
int evolutioner_offer(
	struct evolutioner *v, const struct job_doc *job, struct err *e);

/* Checks a job document of a broker's orders and hands it to the slots.  Errors
 * of job_read, evolutioner_prepare and evolutioner_offer. */
int evolutioner_take(struct evolutioner *v, const json_t *doc, struct err *e);

/* What GET /metrics shows (evolutioner_metrics.c). */
void evolutioner_metrics(void *evolutioner, struct metrics *m);

/* What GET /v1/info says; a new reference. */
json_t *evolutioner_info(struct evolutioner *v);

/* Answers with the error; this machine's own failure is a 500, for a 503 would
 * only say "no slot now". */
void evolutioner_refuse(
	struct evolutioner *v, struct http_reply *r, const struct err *e);

/* POST /create_cnn_model (evolutioner_legacy.c). */
void evolutioner_create_cnn_model(
	void *ctx, const struct http_request *q, struct http_reply *r);

#endif
