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
#include "wire/job_json.h"
#include "service/evolutioner/dataset_table.h"

struct evolutioner {
	struct docs docs;      /* first: the handlers of DOCS_ROUTES read it */
	struct worker *worker; /* a worker_push */
	struct dataset_table *datasets;
	atomic_int waiting; /* legacy requests without a slot */
	const struct log *log;
};

/* The table of routes; their context is a struct evolutioner. */
const struct http_route *evolutioner_routes(size_t *n);

/* Finds the job's data set, checks that it has the samples that the job names
 * (a job without a hash gets it filled in) and that this CPU runs the job's
 * kernels; writes the prepared file's path. */
int evolutioner_check(struct evolutioner *v, struct job_doc *job,
	char path[DATASET_PATH_MAX], struct err *e);

/* As evolutioner_check, for the slots: `evolutioner` is one, and the sentence
 * may leave this machine. */
int evolutioner_prepare(void *evolutioner, struct job_doc *job,
	char path[DATASET_PATH_MAX], struct err *e);

/* Hands a job that was checked to the slots; see worker_push_offer. */
int evolutioner_offer(
	struct evolutioner *v, const struct job_doc *job, struct err *e);

/* Answers with the error; this machine's own failure is a 500, for a 503 would
 * only say "no slot now". */
void evolutioner_refuse(
	struct evolutioner *v, struct http_reply *r, const struct err *e);

/* POST /create_cnn_model (evolutioner_legacy.c). */
void evolutioner_create_cnn_model(
	void *ctx, const struct http_request *q, struct http_reply *r);

#endif
