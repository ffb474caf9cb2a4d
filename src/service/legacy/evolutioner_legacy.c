/* evolutioner_legacy.c -- POST /create_cnn_model: a genome in, its score out,
 * on one connection held for as long as training takes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/uuid.h"
#include "data/dataset.h"
#include "nn/kernels/kernels.h"
#include "nn/train.h"
#include "neat/chain.h"
#include "wire/flat_json.h"
#include "service/evolutioner/evolutioner_service.h"
#include "service/service.h"

#define WAITING_MAX 256
#define WAIT_SLICE_MS 200
#define TRIES_MAX 3
#define RESULT_ARENA_MAX ((size_t)1 << 20)

/* -- the request -- */

/* A genome, and what the contract adds to its keys. */
struct request {
	struct flat genome;
	char dataset[SETTINGS_DATASET_MAX];
	int epochs, has_seed;
	int64_t seed, train_limit;
};
#define AT(member) offsetof(struct request, member)

static const struct field rows[] = {
	{.type = FIELD_INCLUDE, .at = AT(genome), .of = &flat_fields},
	{.key = "dataset",
		.type = FIELD_TEXT,
		.at = AT(dataset),
		.lo = 1,
		.hi = SETTINGS_DATASET_MAX - 1,
		.standard = "fashion-mnist"},
	{.key = "epochs",
		.type = FIELD_INT,
		.at = AT(epochs),
		.lo = 1,
		.hi = TRAIN_EPOCHS_MAX,
		.standard = "3"},
	{.key = "seed",
		.type = FIELD_WHOLE,
		.at = AT(seed),
		.given = AT(has_seed),
		.hi = RNG_SEED_MAX},
	{.key = "train_limit",
		.type = FIELD_WHOLE,
		.at = AT(train_limit),
		.hi = DATASET_SAMPLES_MAX,
		.standard = "0"},
};
static const struct fields fields = {
	FIELDS(struct request, rows), .what = "the genome"};

/* A fitness job by the plain recipe under an id of its own, on this machine's
 * best kernels. */
static int read_job(struct arena *mem, const json_t *body, struct job_doc *job,
	struct err *e)
{
	const struct field_reader r = {.origin = FIELD_REQUEST};
	struct job_id id = {.run = ""};
	struct request q = {.seed = 0};
	const char *kernels[1];
	int rc = fields_read(&fields, body, "", &r, &q, e);

	if (rc)
		return rc;
	*job = (struct job_doc){
		.genome = {.graph = chain_from_flat(mem, &q.genome),
			.data = q.genome.data,
			.form = GENOME_FLAT},
		.seed = q.has_seed ? q.seed : rng_seed_random(),
	};
	uuid_make(id.run);
	job_id_write(&id, job->id);
	kernels_available(kernels, 1);
	strcpy(job->kernels, kernels[0]);
	strcpy(job->dataset.name, q.dataset);
	fields_default(&training_fields, FIELD_REQUEST, &job->training);
	job->training.epochs = q.epochs;
	job->training.train_limit = q.train_limit;
	return 0;
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
	struct arena mem;
	int rc;

	arena_init(&mem, RESULT_ARENA_MAX);
	rc = result_read(&mem, result, &r, NULL);
	arena_release(&mem);
	if (rc)
		abort(); /* slots let no other in */
	return json_pack("{s:{s:s, s:f, s:I, s:I, s:f, s:I, s:s, s:I}}",
		"message", "message", "Model trained and evaluated", "score",
		round(1e6 * (double)r.correct / (double)r.total) / 1e4,
		"parameters", (json_int_t)r.parameters, "images",
		(json_int_t)r.images, "cpu_s", r.cpu_s, "epochs",
		(json_int_t)job->training.epochs, "dataset", job->dataset.name,
		"seed", (json_int_t)job->seed);
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
	struct arena mem;

	arena_init(&mem, JOB_GENOME_BYTES_MAX);
	if (read_job(&mem, http_body(q), &job, &e)) {
		refuse(v, r, &e);
		arena_release(&mem);
		return;
	}
	if (train_job(v, q, &job, &st, &e))
		refuse(v, r, &e);
	else
		http_reply_json(r, 200, answer(&job, st.result));
	json_decref(st.result);
	/* Nobody else knows the id. */
	slots_forget(v->slots, job.id);
	arena_release(&mem);
}
