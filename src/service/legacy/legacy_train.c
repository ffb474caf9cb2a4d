/* legacy_train.c -- POST /create_cnn_model: a model of a saved population is
 * trained, a job like any other, and its score is saved with it. */
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "base/clock.h"
#include "base/doc.h"
#include "data/dataset.h"
#include "service/broker/kernel_choice.h"
#include "service/driver/collector.h"
#include "service/legacy/broker_legacy.h"
#include "service/legacy/legacy_job.h"
#include "service/stored.h"

#define ATTEMPTS_MAX 5       /* that the world may fail */
#define NOBODY_MOST_MS 15000 /* without an evolutioner that answers */
#define LOOK_EVERY_MS 100

static json_t *train_request(const struct store_population *p,
	const struct store_model *m, const json_t *body)
{
	static const char *const passed_on[] = {
		"epochs", "seed", "train_limit"};
	json_t *ask = stored_json(m->genome);

	json_object_set_new(ask, "dataset", json_string(p->dataset));
	for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++) {
		json_t *v = json_object_get(body, passed_on[i]);

		if (v)
			json_object_set(ask, passed_on[i], v);
	}
	return ask;
}

/* The hash that the evolutioners' data set must have. */
static int describe_dataset(
	struct broker *b, struct job_doc *job, struct err *e)
{
	char path[DATASET_PATH_MAX];
	int rc = dataset_prepare(job->dataset, b->datasets_dir, path, e);
	struct dataset *d;

	if (rc)
		return rc;
	d = dataset_open(path, e);
	if (!d)
		return e->code;
	memcpy(job->dataset_hash, dataset_info(d)->hash,
		sizeof job->dataset_hash);
	dataset_close(d);
	return 0;
}

static int make_job(struct broker *b, const struct http_request *q,
	const struct store_population *p, const struct store_model *m,
	struct job_doc *job, struct err *e)
{
	json_t *ask = train_request(p, m, http_body(q));
	int rc = legacy_job_read(ask, job, e);

	json_decref(ask);
	if (rc == 0)
		rc = describe_dataset(b, job, e);
	if (rc == 0)
		rc = kernels_choose(b->dispatch, q, job->kernels, e);
	return rc;
}

static int somebody_answers(struct broker *b)
{
	struct dispatch_worker *w;
	struct arena mem;
	int yes = 0;
	size_t n;

	arena_init(&mem, BROKER_ARENA_MAX);
	n = dispatch_workers(b->dispatch, &mem, &w);
	for (size_t i = 0; i < n; i++)
		yes |= w[i].seen_ms > 0 && !w[i].lost;
	arena_release(&mem);
	return yes;
}

/* A client holds its connection and wants to hear when there is no hope. */
static int check_hope(struct broker *b, const struct http_request *q,
	const char *id, int64_t *seen_ms, struct err *e)
{
	struct dispatch_load load;

	if (http_draining(q))
		return err_set(e, ERR_CANCELLED, "the broker is about to stop");
	dispatch_load(b->dispatch, id, &load);
	if (load.attempts >= ATTEMPTS_MAX)
		return err_set(e, ERR_BUSY, "training failed %d times: %s",
			ATTEMPTS_MAX, load.trouble);
	if (somebody_answers(b))
		*seen_ms = clock_mono_ms();
	if (clock_mono_ms() - *seen_ms > NOBODY_MOST_MS)
		return err_set(e, ERR_BUSY,
			"no evolutioner answers; try again when one does");
	return 0;
}

static void submit(struct broker *b, const struct job_doc *job)
{
	json_t *doc = job_write(job);
	char *body = canonical_text(doc, NULL);

	dispatch_submit(b->dispatch,
		&(struct dispatch_job){
			.id = job->id, .body = body, .kernels = job->kernels});
	free(body);
	json_decref(doc);
}

/* Waits for one result of the job. */
static int await_result(struct broker *b, const struct http_request *q,
	struct inbox *in, const char *id, struct job_result *r, struct err *e)
{
	int64_t seen_ms = clock_mono_ms();
	struct mail m;
	int rc;

	while (!mailbox_take(in->mail, LOOK_EVERY_MS, &m)) {
		rc = check_hope(b, q, id, &seen_ms, e);
		if (rc)
			return rc;
	}
	rc = result_read(m.result.document, r, e);
	mail_release(&m);
	return rc ? err_set(e, ERR_WORLD, "the result cannot be read") : 0;
}

/* Trains until there is a score, the genome is to blame or there is no hope.
 * The result is not done yet: it is not in the store. */
static int train_as(struct broker *b, const struct http_request *q,
	struct inbox *in, const struct job_doc *job, struct job_result *r,
	struct err *e)
{
	int crashes = 0, rc;

	do {
		submit(b, job);
		rc = await_result(b, q, in, job->id, r, e);
		if (rc || r->failure != FAILURE_CRASH)
			break;
		dispatch_done(b->dispatch, job->id);
	} while (++crashes < LEGACY_CRASHES_MAX);
	if (rc || r->failure == FAILURE_NONE)
		return rc;
	if (r->failure == FAILURE_CRASH)
		return err_set(
			e, ERR_GENOME, "%s, %d times", r->reason, crashes);
	return err_set(e, ERR_GENOME, "%s", r->reason);
}

static int save_score(struct broker *b, const char *uuid, int64_t id,
	const json_t *answer, struct err *e)
{
	const json_t *score = legacy_in_message(answer, "score");
	char *text = canonical_text(answer, e);
	int rc;

	if (!text)
		return e->code;
	rc = store_begin(b->store, e);
	if (rc == 0) {
		rc = store_model_score(
			b->store, uuid, id, json_number_value(score), text, e);
		if (rc == 0)
			rc = store_commit(b->store, e);
		else
			store_rollback(b->store);
	}
	free(text);
	return rc;
}

/* The model's job from its start until its score is saved. */
static int train(struct broker *b, const struct http_request *q,
	const struct store_population *p, const struct store_model *m,
	json_t **answer, struct err *e)
{
	struct mailbox mail;
	struct inbox in = {.mail = &mail};
	struct job_result r;
	struct job_doc job;
	int rc = make_job(b, q, p, m, &job, e);

	if (rc)
		return rc;
	mailbox_init(&mail);
	memcpy(in.uuid, job.id, UUID_TEXT_BYTES - 1);
	collector_join(b->collector, &in);
	rc = train_as(b, q, &in, &job, &r, e);
	if (rc == 0) {
		*answer = legacy_job_answer(&job, &r);
		rc = save_score(b, p->uuid, m->id, *answer, e);
	}
	collector_leave(b->collector, &in);
	/* Done if it is saved, and given up if it is not: nobody else knows the
	 * job's id. */
	dispatch_cancel(b->dispatch, job.id);
	mailbox_release(&mail);
	return rc;
}

void broker_legacy_train(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	static const char *const known[] = {
		"uuid", "model_id", "epochs", "seed", "train_limit", NULL};
	struct broker *b = ctx;
	struct store_population p;
	struct store_model m;
	json_t *answer = NULL;
	struct err e = {0};
	struct arena mem;
	int rc;

	arena_init(&mem, BROKER_ARENA_MAX);
	rc = doc_only(http_body(q), "", known, &e);
	if (rc == 0)
		rc = legacy_read_population(b, http_body(q), &mem, &p, &e);
	if (rc == 0)
		rc = legacy_read_model(
			b, http_body(q), "model_id", &mem, p.uuid, &m, &e);
	if (rc == 0)
		rc = train(b, q, &p, &m, &answer, &e);
	if (rc)
		broker_reply_failure(b, r, &e);
	else
		http_reply_json(r, 200, json_pack("{s:O}", "message", answer));
	json_decref(answer);
	arena_release(&mem);
}
