/* job_json.c -- jobs and results: written once, read with suspicion. */
#include "wire/job_json.h"

#include <string.h>

#include "base/doc.h"
#include "base/rng.h"
#include "model/job.h"

#define COUNT_MAX RNG_SEED_MAX /* what JSON carries exactly */
#define SECONDS_MAX 1e12
#define VERSION_MAX 1000000 /* beyond what check_version lets in */

/* -- what both documents start with -- */

static const char *kind_name(int final)
{
	static const char *const names[] = {"fitness", "final", NULL};

	return names[final];
}

#define HEAD_ROWS(struct_)                                        \
	{.key = "version",                                        \
		.type = FIELD_INT,                                \
		.at = offsetof(struct_, version),                 \
		.lo = 1,                                          \
		.hi = VERSION_MAX},                               \
		{.key = "id",                                     \
			.type = FIELD_TEXT,                       \
			.at = offsetof(struct_, id),              \
			.lo = 1,                                  \
			.hi = JOB_ID_MAX - 1},                    \
	{                                                         \
		.key = "kind", .type = FIELD_NAME,                \
		.at = offsetof(struct_, final), .name = kind_name \
	}

/* The kind must tell the same as the id. */
static int check_head(const char *id, int final, const char *at, struct err *e)
{
	struct job_id parts;
	struct err why = {0};

	if (job_id_read(id, &parts, &why))
		return err_at(e, ERR_INVALID, at, "id", "%s", why.text);
	if (final != parts.final)
		return err_at(e, ERR_INVALID, at, "kind",
			"\"kind\" must be \"%s\" for this id",
			kind_name(parts.final));
	return 0;
}

/* Before a key that only a later program knows is refused. */
static int check_version(
	const json_t *v, const char *what, int latest, struct err *e)
{
	const json_t *version = json_object_get(v, "version");

	if (!json_is_number(version) || json_number_value(version) <= latest)
		return 0;
	return err_at(e, ERR_RANGE, "", "version",
		"this %s is of version %.15g, and nevod " NEVOD_VERSION
		" reads versions up to %d: it is too old for the program that "
		"wrote the %s",
		what, json_number_value(version), latest, what);
}

/* -- jobs -- */

#define AT(member) offsetof(struct job_doc, member)

static const struct field dataset_rows[] = {
	{.key = "name",
		.type = FIELD_TEXT,
		.at = AT(dataset.name),
		.lo = 1,
		.hi = SETTINGS_DATASET_MAX - 1},
	{.key = "hash", .type = FIELD_HASH, .at = AT(dataset.hash)},
};
static const struct fields dataset_fields = {
	FIELDS(struct job_doc, dataset_rows)};

static const struct field job_rows[] = {
	HEAD_ROWS(struct job_doc),
	{.key = "genome",
		.type = FIELD_OWN,
		.at = AT(genome),
		.codec = &genome_codec},
	{.key = "dataset", .type = FIELD_OBJECT, .of = &dataset_fields},
	{.key = "settings",
		.type = FIELD_OBJECT,
		.at = AT(training),
		.of = &training_fields},
	{.key = "kernels",
		.type = FIELD_TEXT,
		.at = AT(kernels),
		.lo = 1,
		.hi = SETTINGS_KERNELS_MAX - 1},
	{.key = "seed",
		.type = FIELD_WHOLE,
		.at = AT(seed),
		.hi = RNG_SEED_MAX},
	{.key = "ranked",
		.type = FIELD_FLAG,
		.at = AT(ranked),
		.before = "false",
		.since = JOB_VERSION_RUNGS,
		.help = "its result must have a loss"},
	{.key = "scale",
		.type = FIELD_WHOLE,
		.at = AT(scale),
		.lo = 1,
		.hi = JOB_SCALE_MAX,
		.before = "1",
		.since = JOB_VERSION_RUNGS,
		.help = "times the images that the settings say: more of them, "
			"and then more epochs of all"},
};

/* One that knows flat genomes alone refuses a graph by its version. */
static int version_of(const struct job_doc *j)
{
	int form = j->genome.form == GENOME_GRAPH ? JOB_VERSION_LAYERS
						  : JOB_VERSION;
	int since = fields_since(&training_fields, &j->training);

	if (j->ranked || j->scale > 1)
		since = since > JOB_VERSION_RUNGS ? since : JOB_VERSION_RUNGS;
	return since > form ? since : form;
}

static int check_job(const void *s, const char *at, struct err *e)
{
	const struct job_doc *j = s;

	if (j->version < version_of(j) ||
		(j->genome.form == GENOME_FLAT &&
			j->version == JOB_VERSION_LAYERS))
		return err_at(e, ERR_INVALID, at, "version",
			"\"version\" must be %d for what this job holds",
			version_of(j));
	return check_head(j->id, j->final, at, e);
}

const struct fields job_fields = {
	FIELDS(struct job_doc, job_rows), .what = "a job", .check = check_job};

json_t *job_write(const struct job_doc *j)
{
	struct job_doc whole = *j;

	whole.version = version_of(j);
	whole.scale = j->scale ? j->scale : 1;
	return fields_write(&job_fields, FIELD_KEEP, &whole);
}

/* What job_write writes at most. */
static int version_latest(void)
{
	int since = fields_latest(&job_fields);

	return since > JOB_VERSION_LAYERS ? since : JOB_VERSION_LAYERS;
}

int job_read(
	struct arena *mem, const json_t *v, struct job_doc *out, struct err *e)
{
	const struct field_reader r = {.origin = FIELD_STORED, .mem = mem};
	struct job_doc j = {0};
	int rc = check_version(v, "job", version_latest(), e);

	if (rc == 0)
		rc = fields_read(&job_fields, v, "", &r, &j, e);
	if (rc == 0)
		*out = j;
	return rc;
}

/* -- results -- */

#undef AT
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

static const struct field result_rows[] = {
	HEAD_ROWS(struct job_result),
	{.key = "fitness", .type = FIELD_REAL, .at = AT(fitness), .hi = 1},
	COUNT(correct),
	COUNT(total),
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
	{.key = "failure",
		.type = FIELD_OBJECT,
		.given = AT(failure),
		.of = &failure_fields},
};

/* "fitness" must have the very bits of correct / total: it is what people and
 * other tools read, and the run computes its own. */
static int check_score(
	const struct job_result *r, const char *at, struct err *e)
{
	double expected = 0;

	if (r->failure == FAILURE_NONE) {
		if (r->total < 1)
			return err_at(e, ERR_RANGE, at, "total",
				"\"total\" must be at least 1 without a "
				"failure");
		if (r->correct > r->total)
			return err_at(e, ERR_RANGE, at, "correct",
				"\"correct\" must be at most \"total\"");
		expected = (double)r->correct / (double)r->total;
	}
	if (r->fitness != expected)
		return err_at(e, ERR_INVALID, at, "fitness",
			"\"fitness\" must be correct / total, and 0 with a "
			"failure");
	return 0;
}

static int check_result(const void *s, const char *at, struct err *e)
{
	const struct job_result *r = s;
	int wanted = r->final && r->failure == FAILURE_NONE;
	int rc = check_score(r, at, e);

	if (rc)
		return rc;
	if (!r->has_weights != !wanted)
		return err_at(e, ERR_INVALID, at, "weights",
			"\"weights\" come with a final job that did not fail, "
			"and with no other");
	if (r->has_loss && !(r->failure == FAILURE_NONE && !r->final))
		return err_at(e, ERR_INVALID, at, "loss",
			"a \"loss\" comes with a fitness job that did not "
			"fail, and with no other");
	return check_head(r->id, r->final, at, e);
}

const struct fields result_fields = {FIELDS(struct job_result, result_rows),
	.what = "a result", .check = check_result};

/* Work done: a failed job says what it knows, any other says all. */
static int check_work(const json_t *v, struct err *e)
{
	const size_t n = sizeof result_rows / sizeof *result_rows;

	if (json_is_object(json_object_get(v, "failure")))
		return 0;
	for (size_t i = 0; i < n; i++) {
		const char *key = result_rows[i].key;
		const json_t *x = json_object_get(v, key);

		if (result_rows[i].before && (!x || json_is_null(x)))
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
	int rc = check_version(v, "result", RESULT_VERSION_LATEST, e);

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
	int scored = r->failure == FAILURE_NONE && r->total > 0;

	whole.version = JOB_VERSION;
	whole.fitness = scored ? (double)r->correct / (double)r->total : 0;
	strcpy(whole.nevod_version, NEVOD_VERSION);
	return fields_write(&result_fields, FIELD_KEEP, &whole);
}
