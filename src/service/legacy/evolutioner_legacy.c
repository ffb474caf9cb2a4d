/* evolutioner_legacy.c -- POST /create_cnn_model: a genome in, its score out,
 * on one connection held for as long as training takes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "base/rng.h"
#include "base/uuid.h"
#include "data/dataset.h"
#include "nn/kernels/kernels.h"
#include "nn/train.h"
#include "wire/genome_json.h"
#include "service/evolutioner/evolutioner_service.h"
#include "service/service.h"

#define WAITING_MAX 256
#define WAIT_SLICE_MS 200
#define TRIES_MAX 3
#define DEFAULT_EPOCHS 3
#define DEFAULT_FRACTION 0.1
#define DEFAULT_JOB_MB 1024

/* -- the request -- */

/* What the contract adds to the genome's own keys. */
static int read_extras(const json_t *body, struct job_doc *job, struct err *e)
{
	const char *dataset = DATASET_DEFAULT;
	int rc;

	if ((rc = doc_str_opt(body, "", "dataset", 1, sizeof job->dataset - 1,
		     &dataset, e)) ||
		(rc = doc_int_opt(body, "", "epochs", 1, TRAIN_EPOCHS_MAX,
			 &job->epochs, e)) ||
		(rc = doc_int_opt(
			 body, "", "seed", 0, RNG_SEED_MAX, &job->seed, e)) ||
		(rc = doc_int_opt(body, "", "train_limit", 0,
			 (int64_t)DATASET_SAMPLES_MAX, &job->train_limit, e)))
		return rc;
	strcpy(job->dataset, dataset);
	return 0;
}

static int read_genome(const json_t *body, struct flat *out, struct err *e)
{
	static const char *const extras[] = {
		"dataset", "epochs", "seed", "train_limit"};
	json_t *genome = json_copy((json_t *)body); /* which is not changed */
	int rc;

	for (size_t i = 0; i < sizeof extras / sizeof *extras; i++)
		json_object_del(genome, extras[i]);
	rc = genome_read(genome, "", out, e);
	json_decref(genome);
	return rc;
}

/* A fitness job under an id of its own, on this machine's best kernels. */
static int read_job(const json_t *body, struct job_doc *job, struct err *e)
{
	struct job_id id = {.run = ""};
	const char *kernels[1];
	int rc;

	*job = (struct job_doc){
		.epochs = DEFAULT_EPOCHS,
		.max_job_mb = DEFAULT_JOB_MB,
		.validation_fraction = DEFAULT_FRACTION,
		.seed = rng_seed_random(),
	};
	uuid_make(id.run);
	job_id_write(&id, job->id);
	kernels_available(kernels, 1);
	strcpy(job->kernels, kernels[0]);
	if ((rc = read_extras(body, job, e)) == 0)
		rc = read_genome(body, &job->genome.flat, e);
	return rc;
}

/* -- the wait -- */

static int draining(struct err *e)
{
	return err_set(e, ERR_BUSY, "this service is about to stop");
}

/* Starts the job as soon as there is room. */
static int submit(struct evolutioner *v, const struct http_request *q,
	const struct job_doc *job, const char *path, struct err *e)
{
	int rc;

	if (atomic_fetch_add(&v->waiting, 1) >= WAITING_MAX) {
		atomic_fetch_sub(&v->waiting, 1);
		return err_set(e, ERR_BUSY,
			"%d requests are waiting for a slot already",
			WAITING_MAX);
	}
	while ((rc = slots_submit(v->slots, job, path, e)) == ERR_BUSY) {
		if (http_draining(q)) {
			rc = draining(e);
			break;
		}
		slots_wait_changed(v->slots, WAIT_SLICE_MS);
	}
	atomic_fetch_sub(&v->waiting, 1);
	return rc;
}

/* Waits for the end of the job. */
static int follow(struct evolutioner *v, const struct http_request *q,
	const char *id, struct slot_status *st, struct err *e)
{
	int rc = slots_get(v->slots, id, WAIT_SLICE_MS, st, e);

	while (rc == 0 && !slot_state_ended(st->state)) {
		if (http_draining(q)) {
			slots_cancel(v->slots, id, NULL);
			return draining(e);
		}
		rc = slots_get(v->slots, id, WAIT_SLICE_MS, st, e);
	}
	return rc;
}

static int is_whose(const struct slot_status *st, const char *whose)
{
	return st->whose && strcmp(st->whose, whose) == 0;
}

/* Once, or again while it is not the genome that fails.  0 with a result that
 * scores, which the caller releases. */
static int train_job(struct evolutioner *v, const struct http_request *q,
	struct job_doc *job, struct slot_status *st, struct err *e)
{
	char path[DATASET_PATH_MAX];
	int rc = evolutioner_check(v, job, path, e);

	for (int i = 0; rc == 0 && i < TRIES_MAX; i++) {
		if ((rc = submit(v, q, job, path, e)) ||
			(rc = follow(v, q, job->id, st, e)))
			return rc;
		if (st->state == SLOT_DONE)
			return 0;
		json_decref(st->result);
		st->result = NULL;
		if (is_whose(st, "genome"))
			return err_set(e, ERR_GENOME, "%s", st->reason);
		/* A crash has a result, which would be attached to. */
		slots_forget(v->slots, job->id);
	}
	if (rc)
		return rc;
	if (is_whose(st, "crash"))
		return err_set(
			e, ERR_GENOME, "%s, %d times", st->reason, TRIES_MAX);
	return err_set(e, ERR_BUSY, "training failed %d times: %s", TRIES_MAX,
		st->reason);
}

/* -- the answer -- */

static json_t *answer(const struct job_doc *job, const json_t *result)
{
	struct job_result r;

	if (result_read(result, &r, NULL))
		abort(); /* slots let no other in */
	return json_pack("{s:{s:s, s:f, s:I, s:I, s:f, s:I, s:s, s:I}}",
		"message", "message", "Model trained and evaluated", "score",
		round(1e6 * (double)r.correct / (double)r.total) / 1e4,
		"parameters", (json_int_t)r.parameters, "images",
		(json_int_t)r.images, "cpu_s", r.cpu_s, "epochs",
		(json_int_t)job->epochs, "dataset", job->dataset, "seed",
		(json_int_t)job->seed);
}

/* An existing client asks again on a 503, not on a 500. */
static void refuse(
	struct evolutioner *v, struct http_reply *r, const struct err *e)
{
	struct err shown;

	service_shown(v->log, e, &shown);
	http_reply_error(r, &shown);
}

void evolutioner_create_cnn_model(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct evolutioner *v = ctx;
	struct slot_status st = {0};
	struct job_doc job;
	struct err e = {0};

	if (read_job(http_body(q), &job, &e) || train_job(v, q, &job, &st, &e))
		refuse(v, r, &e);
	else
		http_reply_json(r, 200, answer(&job, st.result));
	json_decref(st.result);
	/* Nobody else knows the id. */
	slots_forget(v->slots, job.id);
}
