/* evolutioner_legacy.c -- POST /create_cnn_model: a genome in, its score out,
 * on one connection held for as long as training takes. */
#include <stdlib.h>
#include <string.h>

#include "nn/kernels/kernels.h"
#include "service/evolutioner/evolutioner_service.h"
#include "service/legacy/legacy_job.h"
#include "service/service.h"

#define WAITING_MAX 256
#define WAIT_SLICE_MS 200
#define RESULT_ARENA_MAX ((size_t)1 << 20)

/* On this machine's best kernels. */
static int read_job(struct arena *mem, const struct http_request *q,
	struct job_doc *job, struct err *e)
{
	const char *kernels;
	int rc = legacy_job_read(mem, http_body(q), job, e);

	kernels_available(&kernels, 1);
	strcpy(job->kernels, kernels);
	trace_write(http_trace(q), job->trace);
	return rc;
}

/* -- the wait -- */

static int draining(struct err *e)
{
	return err_set(e, ERR_BUSY, "this service is about to stop");
}

/* The job that nobody asks about any more is ended in a minute. */
static int given_up(const struct http_request *q, struct err *e)
{
	if (!http_client_gone(q))
		return 0;
	return err_set(e, ERR_CANCELLED, "the client has gone");
}

/* Starts the job as soon as there is room. */
static int submit(struct evolutioner *v, const struct http_request *q,
	const struct job_doc *job, struct err *e)
{
	int rc;

	if (atomic_fetch_add(&v->waiting, 1) >= WAITING_MAX) {
		atomic_fetch_sub(&v->waiting, 1);
		return err_set(e, ERR_BUSY,
			"%d requests are waiting for a slot already",
			WAITING_MAX);
	}
	while ((rc = evolutioner_offer(v, job, e)) == ERR_BUSY) {
		rc = http_draining(q) ? draining(e) : given_up(q, e);
		if (rc)
			break;
		worker_push_wait(v->worker, WAIT_SLICE_MS);
	}
	atomic_fetch_sub(&v->waiting, 1);
	return rc;
}

/* Waits for the end of the job. */
static int follow(struct evolutioner *v, const struct http_request *q,
	const char *id, struct worker_status *st, struct err *e)
{
	int rc = worker_push_look(v->worker, id, WAIT_SLICE_MS, st, e);

	while (rc == 0 && !worker_state_ended(st->state)) {
		if (http_draining(q)) {
			worker_push_cancel(v->worker, id, NULL);
			return draining(e);
		}
		rc = given_up(q, e);
		if (rc == 0)
			rc = worker_push_look(
				v->worker, id, WAIT_SLICE_MS, st, e);
	}
	return rc;
}

static int is_whose(const struct worker_status *st, const char *whose)
{
	return st->whose && strcmp(st->whose, whose) == 0;
}

/* Once, or again while it is not the genome that fails.  0 with a result that
 * scores, which the caller releases. */
static int train_job(struct evolutioner *v, const struct http_request *q,
	struct job_doc *job, struct worker_status *st, struct err *e)
{
	char path[DATASET_PATH_MAX];
	int rc = evolutioner_check(v, job, path, e);

	for (int i = 0; rc == 0 && i < LEGACY_CRASHES_MAX; i++) {
		if ((rc = submit(v, q, job, e)) ||
			(rc = follow(v, q, job->id, st, e)))
			return rc;
		if (st->state == WORKER_DONE)
			return 0;
		json_decref(st->result);
		st->result = NULL;
		if (is_whose(st, "genome"))
			return err_set(e, ERR_GENOME, "%s", st->reason);
		/* A crash has a result, which would be attached to. */
		worker_push_forget(v->worker, job->id);
	}
	if (rc)
		return rc;
	if (is_whose(st, "crash"))
		return err_set(e, ERR_GENOME, "%s, %d times", st->reason,
			LEGACY_CRASHES_MAX);
	return err_set(e, ERR_BUSY, "training failed %d times: %s",
		LEGACY_CRASHES_MAX, st->reason);
}

/* -- the answer -- */

static json_t *answer(const struct job_doc *job, const json_t *result)
{
	struct job_result r;
	struct arena mem;
	int rc;

	arena_init(&mem, RESULT_ARENA_MAX);
	rc = result_read(&mem, result, &r, NULL);
	arena_release(&mem);
	if (rc)
		abort(); /* slots let no other in */
	return legacy_job_answer(job, &r);
}

/* An existing client asks again on a 503, not on a 500. */
static void refuse(
	struct evolutioner *v, struct http_reply *r, const struct err *e)
{
	struct err shown;

	service_shown(v->log, http_reply_trace(r), e, &shown);
	http_reply_error(r, &shown);
}

void evolutioner_create_cnn_model(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct evolutioner *v = ctx;
	struct worker_status st = {0};
	struct job_doc job;
	struct err e = {0};
	struct arena mem;

	arena_init(&mem, JOB_GENOME_BYTES_MAX);
	if (read_job(&mem, q, &job, &e) || train_job(v, q, &job, &st, &e))
		refuse(v, r, &e);
	else
		http_reply_json(r, 200, answer(&job, st.result));
	json_decref(st.result);
	/* Nobody else knows the id. */
	worker_push_forget(v->worker, job.id);
	arena_release(&mem);
}
