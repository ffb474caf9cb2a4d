/* result_json.c -- results: written by evolutioners, read with suspicion. */
#include <string.h>

#include "base/doc.h"
#include "model/job.h"
#include "wire/confusion_json.h"
#include "wire/job_head.h"
#include "wire/job_json.h"

#define SECONDS_MAX 1e12
#define CONFUSION_CLASSES_MAX 256 /* of a result that need not have it */
#define MISTAKE_CLASS_MAX 65535   /* labels are of 16 bits */

#define AT(member) offsetof(struct job_result, member)
/* `before` is what a failed job means that does not know its work. */
#define COUNT(key_)                                                \
	{                                                          \
		.key = #key_, .type = FIELD_WHOLE, .at = AT(key_), \
		.hi = COUNT_MAX, .before = "0"                     \
	}

static const char *owner_name(int owner)
{
	static const char *const names[] = {
		[FAILURE_GENOME] = "genome", [FAILURE_CRASH] = "crash", NULL};

	return names[owner];
}

/* A reason is only shown to people: a control character becomes a blank. */
static int read_reason(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	char *out = (char *)s + f->at;
	const char *text = json_string_value(v);
	size_t n = json_string_length(v);

	(void)r;
	if (!text)
		return err_at(e, ERR_INVALID, at, NULL,
			"\"%s\" must be a string, not %s", f->key,
			doc_type_name(v));
	if (n > (size_t)f->hi)
		return err_at(e, ERR_RANGE, at, NULL,
			"\"%s\" has %zu bytes but must have at most %.0f",
			f->key, n, f->hi);
	for (size_t i = 0; i < n; i++)
		out[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f
				 ? ' '
				 : text[i];
	out[n] = '\0';
	return 0;
}

/* It may have been cut inside a character. */
static json_t *write_reason(const struct field *f, const void *s)
{
	const char *text = (const char *)s + f->at;
	size_t n = strlen(text);
	json_t *v;

	while (!(v = json_stringn(text, n)))
		n--;
	return v;
}

static json_t *reason_schema(const struct field *f)
{
	return json_pack(
		"{s:s, s:i}", "type", "string", "maxLength", (int)f->hi);
}

static const struct field_codec reason = {
	read_reason, write_reason, reason_schema};

static const struct field failure_rows[] = {
	{.key = "whose",
		.type = FIELD_NAME,
		.at = AT(failure),
		.lo = FAILURE_GENOME,
		.name = owner_name},
	{.key = "code",
		.type = FIELD_TEXT,
		.at = AT(code),
		.lo = 1,
		.hi = FAILURE_CODE_MAX - 1},
	{.key = "reason",
		.type = FIELD_OWN,
		.at = AT(reason),
		.hi = FAILURE_REASON_MAX - 1,
		.codec = &reason},
};

static int check_failure(const void *s, const char *at, struct err *e)
{
	const char *code = ((const struct job_result *)s)->code;

	if (!code[strspn(code, "abcdefghijklmnopqrstuvwxyz_")])
		return 0;
	return err_at(e, ERR_INVALID, at, "code",
		"\"code\" must be of lower-case letters");
}

static const struct fields failure_fields = {
	FIELDS(struct job_result, failure_rows), .check = check_failure};

static const struct field weights_rows[] = {
	{.key = "sha256", .type = FIELD_HASH, .at = AT(weights)},
	{.key = "bytes",
		.type = FIELD_WHOLE,
		.at = AT(weights_bytes),
		.lo = 1,
		.hi = COUNT_MAX},
};
static const struct fields weights_fields = {
	FIELDS(struct job_result, weights_rows)};

#define ROC(member) offsetof(struct roc_point, member)
static const struct field roc_rows[] = {
	{.key = "false_positive_rate",
		.type = FIELD_REAL,
		.at = ROC(false_positive_rate),
		.hi = 1},
	{.key = "true_positive_rate",
		.type = FIELD_REAL,
		.at = ROC(true_positive_rate),
		.hi = 1},
};
static const struct fields roc_fields = {
	FIELDS(struct roc_point, roc_rows), .what = "a point"};

#define MISTAKE(member) offsetof(struct mistake, member)
static const struct field mistake_rows[] = {
	{.key = "image",
		.type = FIELD_WHOLE,
		.at = MISTAKE(image),
		.hi = COUNT_MAX},
	{.key = "label",
		.type = FIELD_INT,
		.at = MISTAKE(label),
		.hi = MISTAKE_CLASS_MAX},
	{.key = "answer",
		.type = FIELD_INT,
		.at = MISTAKE(answer),
		.hi = MISTAKE_CLASS_MAX},
	{.key = "probability",
		.type = FIELD_REAL,
		.at = MISTAKE(probability),
		.hi = 1},
};
static const struct fields mistake_fields = {
	FIELDS(struct mistake, mistake_rows), .what = "a mistake"};

#define EPOCH(member) offsetof(struct epoch, member)
static const struct field epoch_rows[] = {
	{.key = "loss",
		.type = FIELD_REAL,
		.at = EPOCH(loss),
		.lo = -1e300,
		.hi = 1e300},
	{.key = "train_accuracy",
		.type = FIELD_REAL,
		.at = EPOCH(train_accuracy),
		.hi = 1},
	{.key = "val_accuracy",
		.type = FIELD_REAL,
		.flags = FIELD_OPTIONAL,
		.at = EPOCH(val_accuracy),
		.hi = 1},
};
static const struct fields epoch_fields = {
	FIELDS(struct epoch, epoch_rows), .what = "an epoch"};

int result_has_confusion(int final, enum metric m, int classes)
{
	return (final && classes <= CONFUSION_CLASSES_MAX) ||
	       (metric_counts(m) && m != METRIC_ACCURACY);
}

static const struct field result_rows[] = {
	HEAD_ROWS(struct job_result),
	{.key = "fitness", .type = FIELD_REAL, .at = AT(fitness), .hi = 1},
	{.key = "metric",
		.type = FIELD_NAME,
		.at = AT(metric),
		.name = metric_name,
		.before = "accuracy",
		.since = JOB_VERSION_METRIC},
	COUNT(correct),
	COUNT(total),
	{.key = "confusion",
		.type = FIELD_OWN,
		.at = AT(confusion),
		.given = AT(classes),
		.since = JOB_VERSION_METRIC,
		.codec = &confusion_codec},
	{.key = "auroc",
		.type = FIELD_REAL,
		.at = AT(auroc),
		.given = AT(has_auroc),
		.hi = 1,
		.since = JOB_VERSION_METRIC},
	{.key = "roc",
		.type = FIELD_LIST,
		.at = AT(roc),
		.count = AT(n_roc),
		.hi = METRIC_ROC_MAX,
		.given = AT(has_roc),
		.since = JOB_VERSION_METRIC,
		.of = &roc_fields},
	{.key = "mistakes",
		.type = FIELD_LIST,
		.at = AT(mistakes),
		.count = AT(n_mistakes),
		.hi = MISTAKES_MAX,
		.given = AT(has_mistakes),
		.since = JOB_VERSION_METRIC,
		.of = &mistake_fields},
	/* Left out where there is none.  A reader that does not know it passes
	 * it over, so a result's version is what it was. */
	{.key = "loss",
		.type = FIELD_REAL,
		.at = AT(loss),
		.given = AT(has_loss),
		.hi = JOB_LOSS_MAX,
		.since = JOB_VERSION_RUNGS},
	{.key = "epochs",
		.type = FIELD_LIST,
		.at = AT(epochs),
		.count = AT(n_epochs),
		.hi = TRAIN_EPOCHS_MAX,
		.of = &epoch_fields},
	COUNT(parameters),
	COUNT(flops),
	COUNT(images),
	{.key = "cpu_s",
		.type = FIELD_REAL,
		.at = AT(cpu_s),
		.hi = SECONDS_MAX,
		.before = "0"},
	COUNT(peak_bytes),
	{.key = "kernels",
		.type = FIELD_TEXT,
		.at = AT(kernels),
		.lo = 1,
		.hi = SETTINGS_KERNELS_MAX - 1},
	{.key = "nevod_version",
		.type = FIELD_TEXT,
		.at = AT(nevod_version),
		.lo = 1,
		.hi = 31},
	{.key = "weights",
		.type = FIELD_OBJECT,
		.given = AT(has_weights),
		.of = &weights_fields},
	{.key = "cached_from",
		.type = FIELD_WHOLE,
		.at = AT(cached_from),
		.given = AT(cached),
		.hi = COUNT_MAX,
		.since = JOB_VERSION_INHERIT,
		.help = "the genome of the run that was trained so, once for "
			"both; no worker says it"},
	{.key = "failure",
		.type = FIELD_OBJECT,
		.given = AT(failure),
		.of = &failure_fields},
};

double result_fitness(const struct job_result *r)
{
	if (r->failure != FAILURE_NONE)
		return 0;
	if (r->metric == METRIC_ACCURACY)
		return (double)r->correct / (double)r->total;
	return metric_counts(r->metric)
		       ? metric_of_counts(r->metric, r->confusion, r->classes)
		       : r->fitness;
}

static int check_counts(
	const struct job_result *r, const char *at, struct err *e)
{
	if (r->failure != FAILURE_NONE)
		return 0;
	if (r->total < 1)
		return err_at(e, ERR_RANGE, at, "total",
			"\"total\" must be at least 1 without a failure");
	if (r->correct > r->total)
		return err_at(e, ERR_RANGE, at, "correct",
			"\"correct\" must be at most \"total\"");
	if (metric_counts(r->metric) && r->metric != METRIC_ACCURACY &&
		!r->confusion)
		return err_at(e, ERR_INVALID, at, "confusion",
			"\"%s\" is made of a \"confusion\", which is missing",
			metric_name((int)r->metric));
	return 0;
}

/* A fitness that counts tell must have the very bits that they give: it is what
 * people and other tools read. */
static int check_score(
	const struct job_result *r, const char *at, struct err *e)
{
	int rc = check_counts(r, at, e);

	if (rc)
		return rc;
	if (r->fitness != result_fitness(r))
		return err_at(e, ERR_INVALID, at, "fitness",
			"\"fitness\" must be what the counts give, and 0 with "
			"a failure");
	return 0;
}

static int check_result(const void *s, const char *at, struct err *e)
{
	const struct job_result *r = s;
	const int sound = r->failure == FAILURE_NONE;
	int rc = check_score(r, at, e);

	if (rc)
		return rc;
	if (r->has_weights ? !sound : sound && r->final)
		return err_at(e, ERR_INVALID, at, "weights",
			"\"weights\" come with a final job that did not fail, "
			"perhaps with a fitness job, and with none that "
			"failed");
	if (r->has_loss && !(r->failure == FAILURE_NONE && !r->final))
		return err_at(e, ERR_INVALID, at, "loss",
			"a \"loss\" comes with a fitness job that did not "
			"fail, and with no other");
	return job_head_check(r->id, r->final, at, e);
}

const struct fields result_fields = {FIELDS(struct job_result, result_rows),
	.what = "a result", .check = check_result};

/* Work done: a failed job says what it knows, any other says all that every
 * result has. */
static int check_work(const json_t *v, struct err *e)
{
	const size_t n = sizeof result_rows / sizeof *result_rows;

	if (json_is_object(json_object_get(v, "failure")))
		return 0;
	for (size_t i = 0; i < n; i++) {
		const char *key = result_rows[i].key;
		const json_t *x = json_object_get(v, key);

		if (result_rows[i].before && !result_rows[i].since &&
			(!x || json_is_null(x)))
			return err_at(e, ERR_INVALID, "", key,
				"\"%s\" is required (a number)", key);
	}
	return 0;
}

int result_read(struct arena *mem, const json_t *v, struct job_result *out,
	struct err *e)
{
	const struct field_reader r = {
		.origin = FIELD_STORED, .mem = mem, .lenient = 1};
	struct job_result result = {0};
	int rc = job_head_version(v, "result", RESULT_VERSION_LATEST, e);

	if (rc == 0)
		rc = check_work(v, e);
	if (rc == 0)
		rc = fields_read(&result_fields, v, "", &r, &result, e);
	if (rc == 0)
		*out = result;
	return rc;
}

json_t *result_write(const struct job_result *r)
{
	struct job_result whole = *r;

	whole.version = JOB_VERSION;
	whole.fitness = r->total > 0 ? result_fitness(r) : 0;
	strcpy(whole.nevod_version, NEVOD_VERSION);
	return fields_write(&result_fields, FIELD_KEEP, &whole);
}

/* What another machine, or another day, says otherwise; and what an older
 * program does not say, which follows from the weights. */
static json_t *comparable(const json_t *result)
{
	static const char *const spent[] = {
		"cpu_s", "peak_bytes", "nevod_version", "version", "mistakes"};
	json_t *v = json_copy((json_t *)result);
	json_t *failure = json_copy(json_object_get(v, "failure"));

	for (size_t i = 0; i < sizeof spent / sizeof *spent; i++)
		json_object_del(v, spent[i]);
	if (json_is_object(failure)) {
		json_object_del(failure, "reason");
		json_object_set(v, "failure", failure);
	}
	json_decref(failure);
	return v;
}

int result_same(const json_t *a, const json_t *b)
{
	json_t *x = comparable(a), *y = comparable(b);
	const int same = json_equal(x, y);

	json_decref(x);
	json_decref(y);
	return same;
}
