/* job_json.c -- jobs: written once, read with suspicion. */
#include "wire/job_json.h"

#include <string.h>

#include "data/class_names_json.h"
#include "wire/hash_list.h"
#include "wire/job_head.h"

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
	{.key = "folds",
		.type = FIELD_INT,
		.at = AT(folds),
		.hi = SETTINGS_FOLDS_MAX,
		.before = "0",
		.since = JOB_VERSION_FOLDS,
		.help = "parts that the training set is cut into, one of which "
			"it is judged on; 0: none"},
	{.key = "fold",
		.type = FIELD_INT,
		.at = AT(fold),
		.hi = SETTINGS_FOLDS_MAX,
		.before = "0",
		.since = JOB_VERSION_FOLDS,
		.help = "which of them, from 1 on; as the id has it"},
	{.key = "parents",
		.type = FIELD_OWN,
		.flags = FIELD_OPTIONAL,
		.at = AT(parents),
		.count = AT(n_parents),
		.hi = INHERIT_PARENTS_MAX,
		.codec = &hash_list_codec,
		.since = JOB_VERSION_INHERIT,
		.help = "the weights that its network starts from, by their "
			"SHA-256, the fitter parent's first"},
	{.key = "inherit_keep",
		.type = FIELD_REAL,
		.at = AT(inherit_keep),
		.hi = 1,
		.before = "1",
		.since = JOB_VERSION_INHERIT,
		.help = "the share of inherited weights, the rest being drawn"},
	{.key = "keep_weights",
		.type = FIELD_FLAG,
		.at = AT(keep_weights),
		.before = "false",
		.since = JOB_VERSION_INHERIT,
		.help = "its result has weights, as that of a final job"},
	{.key = "class_names",
		.type = FIELD_OWN,
		.flags = FIELD_OPTIONAL,
		.at = AT(class_names),
		.codec = &class_names_codec,
		.since = JOB_VERSION_NAMES,
		.help = "what the classes are called in its weights"},
	{.key = "trace",
		.type = FIELD_TEXT,
		.at = AT(trace),
		.hi = TRACE_PARENT_BYTES - 1,
		.before = "",
		.since = JOB_VERSION_TRACE,
		.help = "the W3C traceparent of who wants it, for the logs"},
};

/* One that knows flat genomes alone refuses a graph by its version. */
static int version_of(const struct job_doc *j)
{
	int form = j->genome.form == GENOME_GRAPH ? JOB_VERSION_LAYERS
						  : JOB_VERSION;
	int since = fields_since(&training_fields, &j->training);

	if (j->ranked || j->scale > 1)
		since = since > JOB_VERSION_RUNGS ? since : JOB_VERSION_RUNGS;
	if (j->n_parents || j->keep_weights)
		since = since > JOB_VERSION_INHERIT ? since
						    : JOB_VERSION_INHERIT;
	if (j->class_names && since < JOB_VERSION_NAMES)
		since = JOB_VERSION_NAMES;
	if (j->folds)
		since = JOB_VERSION_FOLDS;
	if (j->trace[0])
		since = JOB_VERSION_TRACE;
	return since > form ? since : form;
}

/* The id names the fold, too. */
static int check_fold(const struct job_doc *j, const char *at, struct err *e)
{
	struct job_id id;
	const int named = job_id_read(j->id, &id, NULL) == 0 ? id.fold : 0;

	if (j->final && j->folds)
		return err_at(e, ERR_INVALID, at, "folds",
			"a final job has no folds");
	if (j->folds == 1 || j->fold > j->folds || (j->folds && !j->fold))
		return err_at(e, ERR_INVALID, at, "fold",
			"\"fold\" must be 1 to \"folds\", which is 2 or more");
	if (named != j->fold)
		return err_at(e, ERR_INVALID, at, "fold",
			"\"fold\" must be %d as in this id", named);
	return 0;
}

static int check_job(const void *s, const char *at, struct err *e)
{
	const struct job_doc *j = s;
	int rc;

	if (j->version < version_of(j) ||
		(j->genome.form == GENOME_FLAT &&
			j->version == JOB_VERSION_LAYERS))
		return err_at(e, ERR_INVALID, at, "version",
			"\"version\" must be %d for what this job holds",
			version_of(j));
	if (j->final && (j->n_parents || j->keep_weights))
		return err_at(e, ERR_INVALID, at,
			j->n_parents ? "parents" : "keep_weights",
			"a final job starts afresh, and always has weights");
	if (j->class_names && !j->final && !j->keep_weights)
		return err_at(e, ERR_INVALID, at, "class_names",
			"\"class_names\" stand in weights, which the result of "
			"this job has not");
	if (!j->n_parents && j->inherit_keep != 1)
		return err_at(e, ERR_INVALID, at, "inherit_keep",
			"\"inherit_keep\" says nothing without parents");
	rc = job_head_check(j->id, j->final, at, e);
	return rc ? rc : check_fold(j, at, e);
}

const struct fields job_fields = {
	FIELDS(struct job_doc, job_rows), .what = "a job", .check = check_job};

json_t *job_write(const struct job_doc *j)
{
	struct job_doc whole = *j;

	whole.version = version_of(j);
	whole.scale = j->scale ? j->scale : 1;
	whole.inherit_keep = j->n_parents ? j->inherit_keep : 1;
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
	int rc = job_head_version(v, "job", version_latest(), e);

	if (rc == 0)
		rc = fields_read(&job_fields, v, "", &r, &j, e);
	if (rc == 0)
		*out = j;
	return rc;
}
