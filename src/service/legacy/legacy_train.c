/* legacy_train.c -- POST /create_cnn_model: a model of a saved population is
 * trained, a job like any other, and its score is saved with it. */
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "base/clock.h"
#include "base/doc.h"
#include "service/driver/kernel_choice.h"
#include "service/driver/collector.h"
#include "service/legacy/broker_legacy.h"
#include "service/legacy/legacy_job.h"
#include "service/stored.h"

#define ATTEMPTS_MAX 5       /* that the world may fail */
#define NOBODY_MOST_MS 15000 /* without an evolutioner that answers */
#define GONE_MOST_MS 60000   /* without a client: it reads the score later */
#define LOOK_EVERY_MS 100
#define FIRST_ANSWER_MS 10000
#define RESULT_ARENA_MAX ((size_t)1 << 20)

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

/* When an evolutioner last answered, and the client was last there. */
struct seen {
	int64_t worker_ms, client_ms;
};

/* True when nobody waits for the score any more; says why. */
static int is_pointless(
	const struct http_request *q, struct seen *seen, struct err *e)
{
	const int64_t now_ms = clock_mono_ms();

	if (http_draining(q))
		return err_set(e, ERR_CANCELLED, "the broker is about to stop");
	if (!http_client_gone(q))
		seen->client_ms = now_ms;
	if (now_ms - seen->client_ms > GONE_MOST_MS)
		return err_set(e, ERR_CANCELLED, "the client has gone");
	return 0;
}

/* A request that waits for its data set. */
struct data_wait {
	const struct http_request *q;
	struct seen seen;
	struct err why; /* it waits no longer */
};

static int look_at_data(void *ctx, const struct data_progress *unused)
{
	struct data_wait *w = ctx;

	(void)unused;
	return is_pointless(w->q, &w->seen, &w->why) != 0;
}

/* The hash that the evolutioners' data set must have.  Who asks for a score
 * waits for all that it takes; what was read stays if he gives up. */
static int describe_dataset(struct broker *b, const struct http_request *q,
	struct job_doc *job, struct err *e)
{
	struct data_wait w = {.q = q, .seen.client_ms = clock_mono_ms()};
	struct dataset *d = data_ready(&b->place,
		&(struct data_watch){.look = look_at_data, .ctx = &w},
		job->dataset.name, NULL, e);

	if (!d && e->code == ERR_CANCELLED)
		*e = w.why;
	if (!d)
		return e->code;
	memcpy(job->dataset.hash, dataset_info(d)->hash,
		sizeof job->dataset.hash);
	dataset_close(d);
	return 0;
}

/* Waits a few seconds for a first evolutioner to answer. */
static int choose_kernels(struct broker *b, const struct http_request *q,
	char kernels[SETTINGS_KERNELS_MAX], struct err *e)
{
	const int64_t until_ms = clock_mono_ms() + FIRST_ANSWER_MS;
	int rc;

	while ((rc = kernels_choose(b->dispatch, kernels, e)) == ERR_BUSY &&
		clock_mono_ms() < until_ms && !http_draining(q))
		clock_sleep_ms(LOOK_EVERY_MS);
	return rc;
}

static int make_job(struct broker *b, const struct http_request *q,
	const struct store_population *p, const struct store_model *m,
	struct arena *mem, struct job_doc *job, struct err *e)
{
	json_t *ask = train_request(p, m, http_body(q));
	int rc = legacy_job_read(mem, ask, job, e);

	json_decref(ask);
	if (rc == 0)
		rc = describe_dataset(b, q, job, e);
	if (rc == 0)
		rc = choose_kernels(b, q, job->kernels, e);
	trace_write(http_trace(q), job->trace);
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
	const char *id, struct seen *seen, struct err *e)
{
	const int64_t now_ms = clock_mono_ms();
	struct dispatch_load load;
	int rc = is_pointless(q, seen, e);

	if (rc)
		return rc;
	dispatch_load(b->dispatch, id, &load);
	if (load.attempts >= ATTEMPTS_MAX)
		return err_set(e, ERR_BUSY, "training failed %d times: %s",
			ATTEMPTS_MAX, load.trouble);
	if (somebody_answers(b))
		seen->worker_ms = now_ms;
	if (now_ms - seen->worker_ms > NOBODY_MOST_MS)
		return err_set(e, ERR_BUSY,
			"no evolutioner answers; try again when one does");
	return 0;
}

static void submit(struct broker *b, const struct http_request *q,
	const struct job_doc *job)
{
	json_t *doc = job_write(job);
	char *body = canonical_text(doc, NULL);

	dispatch_submit(b->dispatch, &(struct dispatch_job){.id = job->id,
					     .body = body,
					     .kernels = job->kernels,
					     .trace = http_trace(q)->id});
	free(body);
	json_decref(doc);
}

/* Waits for one result of the job; of its epochs nothing is kept. */
static int await_result(struct broker *b, const struct http_request *q,
	struct inbox *in, const char *id, struct job_result *r, struct err *e)
{
	struct seen seen = {clock_mono_ms(), clock_mono_ms()};
	struct arena mem;
	struct mail m;
	int rc;

	while (!mailbox_take(in->mail, LOOK_EVERY_MS, &m)) {
		rc = check_hope(b, q, id, &seen, e);
		if (rc)
			return rc;
	}
	arena_init(&mem, RESULT_ARENA_MAX);
	rc = result_read(&mem, m.result.document, r, e);
	arena_release(&mem);
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
		submit(b, q, job);
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
static int train_model(struct broker *b, const struct http_request *q,
	const struct store_population *p, const struct store_model *m,
	struct arena *mem, json_t **answer, struct err *e)
{
	struct mailbox mail;
	struct inbox in = {.mail = &mail};
	struct job_result r;
	struct job_doc job;
	int rc = make_job(b, q, p, m, mem, &job, e);

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
		rc = train_model(b, q, &p, &m, &mem, &answer, &e);
	if (rc)
		broker_reply_failure(b, r, &e);
	else
		http_reply_json(r, 200, json_pack("{s:O}", "message", answer));
	json_decref(answer);
	arena_release(&mem);
}
