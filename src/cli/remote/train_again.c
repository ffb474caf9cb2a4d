/* train_again.c -- the job from the broker, the training by an evolutioner, and
 * what must be the same. */
#include "cli/remote/train_again.h"

#include <stdio.h>
#include <string.h>

#include "base/doc.h"
#include "base/uuid.h"
#include "wire/job_json.h"

#define RESULT_BYTES_MAX ((size_t)1 << 20) /* of one, read */

const char *again_verdict_name(enum again_verdict v)
{
	static const char *const names[] = {"agrees", "differs", "impossible"};

	return names[v];
}

/* -- comparing -- */

static void differs(
	struct again *a, const char *what, const char *stored, const char *now)
{
	if (a->verdict == AGAIN_DIFFERS)
		return;
	a->verdict = AGAIN_DIFFERS;
	snprintf(a->text, sizeof a->text, "%s: the store has %s, now it is %s",
		what, stored, now);
}

void again_compare(
	struct again *a, const char *what, double stored, double again)
{
	char x[32], y[32];

	if (stored == again)
		return;
	snprintf(x, sizeof x, "%.17g", stored);
	snprintf(y, sizeof y, "%.17g", again);
	differs(a, what, x, y);
}

static void compare_words(
	struct again *a, const char *what, const char *stored, const char *now)
{
	if (strcmp(stored, now) != 0)
		differs(a, what, stored[0] ? stored : "none",
			now[0] ? now : "none");
}

static void compare_epochs(struct again *a, const struct job_result *was,
	const struct job_result *is)
{
	again_compare(a, "the number of epochs", (double)was->n_epochs,
		(double)is->n_epochs);
	for (size_t i = 0; i < was->n_epochs && i < is->n_epochs; i++) {
		const struct epoch *x = &was->epochs[i], *y = &is->epochs[i];

		again_compare(a, "the loss of an epoch", x->loss, y->loss);
		again_compare(a, "the training accuracy of an epoch",
			x->train_accuracy, y->train_accuracy);
		again_compare(a, "the validation accuracy of an epoch",
			x->val_accuracy, y->val_accuracy);
	}
}

static void compare_results(struct again *a, const struct job_result *was,
	const struct job_result *is)
{
	compare_words(a, "the failure", was->code, is->code);
	again_compare(a, "correct answers", (double)was->correct,
		(double)is->correct);
	again_compare(a, "all answers", (double)was->total, (double)is->total);
	again_compare(a, "the loss", was->loss, is->loss);
	compare_epochs(a, was, is);
	if (was->has_weights && is->has_weights)
		compare_words(a, "the weights", was->weights, is->weights);
}

/* What the run goes by stands beside the result, in columns of its own. */
static void compare_rows(
	struct again *a, const json_t *answer, const struct job_result *is)
{
	const json_t *loss = json_object_get(answer, "loss");
	const char *failure = json_string_value(
		json_object_get(answer, "failure"));

	again_compare(a, "the fitness that counts",
		json_number_value(json_object_get(answer, "fitness")),
		is->fitness);
	if (json_is_number(loss))
		again_compare(a, "the loss that counts",
			json_number_value(loss), is->loss);
	compare_words(a, "the failure", failure ? failure : "", is->code);
}

/* -- training -- */

/* Another id, so that no result that somebody remembers is taken for it. */
static int rename_job(json_t *job, struct err *e)
{
	char text[JOB_ID_MAX];
	const char *id;
	struct job_id parts;
	int rc = doc_str(job, "", "id", 1, JOB_ID_MAX - 1, &id, e);

	if (rc == 0)
		rc = job_id_read(id, &parts, e);
	if (rc)
		return rc;
	uuid_make(parts.run);
	job_id_write(&parts, text);
	return json_object_set_new(job, "id", json_string(text));
}

/* A crash is a result without a document, as the run's own is. */
static int train_job(const struct evolutioner_client *v, const json_t *job,
	struct arena *mem, struct job_result *out, struct err *e)
{
	json_t *doc;
	int rc = evolutioner_train(v, job, &doc, e);

	if (rc == ERR_GENOME) {
		*out = (struct job_result){.failure = FAILURE_CRASH};
		strcpy(out->code, "crash");
		return 0;
	}
	if (rc)
		return rc;
	rc = result_read(mem, doc, out, e);
	json_decref(doc);
	return rc;
}

/* What it is no use to ask for again, here or at all. */
static int is_impossible(int rc)
{
	return rc == ERR_CONFLICT || rc == ERR_RANGE || rc == ERR_NOT_FOUND;
}

static int impossible(struct again *out, const struct err *e)
{
	out->verdict = AGAIN_IMPOSSIBLE;
	snprintf(out->text, sizeof out->text, "%.299s", e->text);
	return 0;
}

static int train_and_compare(const struct evolutioner_client *v,
	const json_t *answer, struct arena *mem, struct again *out,
	struct err *e)
{
	json_t *job = json_object_get(answer, "job");
	struct job_result was, is;
	int rc = rename_job(job, e);

	if (rc)
		return rc;
	rc = train_job(v, job, mem, &is, e);
	if (is_impossible(rc))
		return impossible(out, e);
	if (rc)
		return rc;
	if (result_read(mem, json_object_get(answer, "result"), &was, e)) {
		differs(out, "the result", "what is none", "one");
		return 0;
	}
	out->fitness = is.fitness;
	out->loss = is.has_loss ? is.loss : -1;
	compare_results(out, &was, &is);
	compare_rows(out, answer, &is);
	return 0;
}

int train_again(const struct broker_client *b,
	const struct evolutioner_client *v, const char *run, int64_t genome,
	int rung, struct again *out, struct err *e)
{
	struct err why = {0};
	struct arena mem;
	json_t *answer;
	int rc = broker_get(b, &answer, &why,
		"/v1/runs/%s/genomes/%lld/job?rung=%d", run, (long long)genome,
		rung);

	*out = (struct again){.verdict = AGAIN_AGREES, .loss = -1};
	if (rc == ERR_CONFLICT)
		return impossible(out, &why);
	if (rc == 0) {
		arena_init(&mem, RESULT_BYTES_MAX);
		rc = train_and_compare(v, answer, &mem, out, &why);
		arena_release(&mem);
		json_decref(answer);
	}
	if (rc && e)
		*e = why;
	return rc;
}
