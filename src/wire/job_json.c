/* job_json.c -- jobs and results: written once, read with suspicion. */
#include "wire/job_json.h"

#include <string.h>

#include "base/doc.h"
#include "base/rng.h"
#include "wire/recipe_json.h"

#define COUNT_MAX RNG_SEED_MAX /* what JSON carries exactly */
#define SECONDS_MAX 1e12

/* -- what both documents start with -- */

static int read_hex(const json_t *v, const char *at, const char *name,
	char out[SHA256_HEX_BYTES], struct err *e)
{
	const char *s;
	int rc = doc_str(v, at, name, 64, 64, &s, e);

	if (rc)
		return rc;
	if (!sha256_is_hex(s))
		return err_at(e, ERR_INVALID, at, name,
			"\"%s\" must be 64 lower-case hex digits", name);
	memcpy(out, s, SHA256_HEX_BYTES);
	return 0;
}

/* "version", "id" and "kind", which must tell the same as the id. */
static int read_head(const json_t *v, int64_t latest, char id[JOB_ID_MAX],
	int *final, struct err *e)
{
	struct job_id parts;
	struct err why = {0};
	const char *text, *kind;
	int64_t version;
	int rc = doc_int(v, "", "version", JOB_VERSION, latest, &version, e);

	if (rc == 0)
		rc = doc_str(v, "", "id", 1, JOB_ID_MAX - 1, &text, e);
	if (rc == 0)
		rc = doc_str(v, "", "kind", 1, 16, &kind, e);
	if (rc)
		return rc;
	if (job_id_read(text, &parts, &why))
		return err_at(e, ERR_INVALID, "", "id", "%s", why.text);
	if (strcmp(kind, parts.final ? "final" : "fitness") != 0)
		return err_at(e, ERR_INVALID, "", "kind",
			"\"kind\" must be \"%s\" for this id",
			parts.final ? "final" : "fitness");
	memcpy(id, text, strlen(text) + 1);
	*final = parts.final;
	return 0;
}

/* -- jobs -- */

static json_t *settings_of(const struct job_doc *j)
{
	json_t *v = json_pack("{s:I, s:I, s:f, s:I}", "epochs",
		(json_int_t)j->epochs, "train_limit",
		(json_int_t)j->train_limit, "validation_fraction",
		j->validation_fraction, "max_job_mb",
		(json_int_t)j->max_job_mb);

	recipe_write(v, &j->recipe, &j->augment);
	return v;
}

static int version_of(const struct job_doc *j)
{
	return j->genome.layers ? JOB_VERSION_LAYERS : JOB_VERSION;
}

json_t *job_write(const struct job_doc *j)
{
	return json_pack("{s:i, s:s, s:s, s:o, s:{s:s, s:s}, s:o, s:s, s:I}",
		"version", version_of(j), "id", j->id, "kind",
		j->final ? "final" : "fitness", "genome",
		genome_doc_write(&j->genome), "dataset", "name", j->dataset,
		"hash", j->dataset_hash, "settings", settings_of(j), "kernels",
		j->kernels, "seed", (json_int_t)j->seed);
}

static int read_dataset(const json_t *v, struct job_doc *j, struct err *e)
{
	static const char *const keys[] = {"name", "hash", NULL};
	const json_t *d;
	const char *name;
	int rc = doc_obj(v, "", "dataset", &d, e);

	if (rc == 0)
		rc = doc_only(d, "/dataset", keys, e);
	if (rc == 0)
		rc = doc_str(d, "/dataset", "name", 1, sizeof j->dataset - 1,
			&name, e);
	if (rc == 0)
		rc = read_hex(d, "/dataset", "hash", j->dataset_hash, e);
	if (rc)
		return rc;
	if (!settings_printable(name))
		return err_at(e, ERR_INVALID, "/dataset", "name",
			"\"name\" has control characters");
	memcpy(j->dataset, name, strlen(name) + 1);
	return 0;
}

static int read_settings(const json_t *v, struct job_doc *j, struct err *e)
{
	static const char *const keys[] = {"epochs", "train_limit",
		"validation_fraction", "max_job_mb", RECIPE_KEYS, NULL};
	static const char at[] = "/settings";
	const json_t *s;
	int rc = doc_obj(v, "", "settings", &s, e);

	if (rc == 0)
		rc = doc_only(s, at, keys, e);
	if (rc == 0)
		rc = doc_int(
			s, at, "epochs", 1, SETTINGS_EPOCHS_MAX, &j->epochs, e);
	if (rc == 0)
		rc = doc_int(s, at, "train_limit", 0, SETTINGS_TRAIN_LIMIT_MAX,
			&j->train_limit, e);
	if (rc == 0)
		rc = doc_real(s, at, "validation_fraction",
			SETTINGS_VALIDATION_MIN, SETTINGS_VALIDATION_MAX,
			&j->validation_fraction, e);
	if (rc == 0)
		rc = doc_int(s, at, "max_job_mb", SETTINGS_JOB_MB_MIN,
			SETTINGS_JOB_MB_MAX, &j->max_job_mb, e);
	if (rc == 0)
		rc = recipe_read(s, at, &j->recipe, &j->augment, e);
	return rc;
}

/* The version says which form the genome has. */
static int read_genome(
	struct arena *mem, const json_t *v, struct job_doc *j, struct err *e)
{
	const json_t *genome = json_object_get(v, "genome");
	int rc = genome_doc_read(genome, "/genome", mem, &j->genome, e);

	if (rc == 0 && json_integer_value(json_object_get(v, "version")) !=
			       version_of(j))
		rc = err_at(e, ERR_INVALID, "", "version",
			"\"version\" must be %d for a genome of this form",
			version_of(j));
	return rc;
}

int job_read(
	struct arena *mem, const json_t *v, struct job_doc *out, struct err *e)
{
	static const char *const keys[] = {"version", "id", "kind", "genome",
		"dataset", "settings", "kernels", "seed", NULL};
	struct job_doc j = {0};
	const char *kernels = "";
	int rc = doc_only(v, "", keys, e);

	if (rc == 0)
		rc = read_head(v, JOB_VERSION_LAYERS, j.id, &j.final, e);
	if (rc == 0)
		rc = read_genome(mem, v, &j, e);
	if (rc == 0)
		rc = read_dataset(v, &j, e);
	if (rc == 0)
		rc = read_settings(v, &j, e);
	if (rc == 0)
		rc = doc_str(
			v, "", "kernels", 1, sizeof j.kernels - 1, &kernels, e);
	if (rc == 0)
		rc = doc_int(v, "", "seed", 0, RNG_SEED_MAX, &j.seed, e);
	if (rc)
		return rc;
	memcpy(j.kernels, kernels, strlen(kernels) + 1);
	*out = j;
	return 0;
}

/* -- results -- */

/* A reason is only shown to people: a control character becomes a blank. */
static void copy_reason(const char *s, char out[FAILURE_REASON_MAX])
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i++)
		out[i] = (unsigned char)s[i] < 0x20 || s[i] == 0x7f ? ' '
								    : s[i];
	out[n] = '\0';
}

static int read_failure(const json_t *v, struct job_result *r, struct err *e)
{
	static const char at[] = "/failure";
	const char *whose = "", *code = "", *reason = "";
	const json_t *f = NULL;
	int rc = doc_obj_opt(v, "", "failure", &f, e);

	if (rc || !f)
		return rc;
	rc = doc_str(f, at, "whose", 1, 16, &whose, e);
	if (rc == 0)
		rc = doc_str(f, at, "code", 1, sizeof r->code - 1, &code, e);
	if (rc == 0)
		rc = doc_str(
			f, at, "reason", 0, sizeof r->reason - 1, &reason, e);
	if (rc)
		return rc;
	if (code[strspn(code, "abcdefghijklmnopqrstuvwxyz_")])
		return err_at(e, ERR_INVALID, at, "code",
			"\"code\" must be of lower-case letters");
	if (strcmp(whose, "genome") != 0 && strcmp(whose, "crash") != 0)
		return err_at(e, ERR_INVALID, at, "whose",
			"\"whose\" must be \"genome\" or \"crash\"");
	r->failure = whose[0] == 'g' ? FAILURE_GENOME : FAILURE_CRASH;
	memcpy(r->code, code, strlen(code) + 1);
	copy_reason(reason, r->reason);
	return 0;
}

/* Work done: a failed job says what it knows. */
static int read_counts(const json_t *v, struct job_result *r, struct err *e)
{
	struct {
		const char *name;
		int64_t *out;
	} const counts[] = {{"images", &r->images},
		{"parameters", &r->parameters}, {"flops", &r->flops},
		{"peak_bytes", &r->peak_bytes}};
	int failed = r->failure != FAILURE_NONE, rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof counts / sizeof *counts; i++)
		rc = (failed ? doc_int_opt : doc_int)(
			v, "", counts[i].name, 0, COUNT_MAX, counts[i].out, e);
	if (rc == 0)
		rc = (failed ? doc_real_opt : doc_real)(
			v, "", "cpu_s", 0, SECONDS_MAX, &r->cpu_s, e);
	return rc;
}

/* "fitness" must have the very bits of correct / total: it is what people and
 * other tools read, and the run computes its own. */
static int read_score(const json_t *v, struct job_result *r, struct err *e)
{
	double fitness = 0, expected = 0;
	int rc = doc_real(v, "", "fitness", 0, 1, &fitness, e);

	if (rc == 0 && r->failure == FAILURE_NONE) {
		rc = doc_int(v, "", "total", 1, COUNT_MAX, &r->total, e);
		if (rc == 0)
			rc = doc_int(
				v, "", "correct", 0, r->total, &r->correct, e);
		if (rc == 0)
			expected = (double)r->correct / (double)r->total;
	}
	if (rc == 0 && fitness != expected)
		return err_at(e, ERR_INVALID, "", "fitness",
			"\"fitness\" must be correct / total, and 0 with a "
			"failure");
	return rc;
}

static int read_weights(
	const json_t *v, int wanted, struct job_result *r, struct err *e)
{
	const json_t *w = NULL;
	int64_t bytes;
	int rc = doc_obj_opt(v, "", "weights", &w, e);

	if (rc)
		return rc;
	if (!w != !wanted)
		return err_at(e, ERR_INVALID, "", "weights",
			"\"weights\" come with a final job that did not fail, "
			"and with no other");
	if (!w)
		return 0;
	rc = read_hex(w, "/weights", "sha256", r->weights, e);
	return rc ? rc
		  : doc_int(w, "/weights", "bytes", 1, COUNT_MAX, &bytes, e);
}

/* What the run does not need but people see: the curves and the arithmetic. */
static int check_rest(const json_t *v, struct err *e)
{
	const json_t *epochs = NULL, *epoch;
	const char *text;
	double x;
	size_t i;
	int rc = doc_str(
		v, "", "kernels", 1, SETTINGS_KERNELS_MAX - 1, &text, e);

	if (rc == 0)
		rc = doc_str(v, "", "nevod_version", 1, 31, &text, e);
	if (rc == 0)
		rc = doc_list(
			v, "", "epochs", 0, SETTINGS_EPOCHS_MAX, &epochs, e);
	if (rc)
		return rc;
	json_array_foreach(epochs, i, epoch) {
		rc = doc_real(epoch, "/epochs", "loss", -1e300, 1e300, &x, e);
		if (rc == 0)
			rc = doc_real(epoch, "/epochs", "train_accuracy", 0, 1,
				&x, e);
		if (rc == 0)
			rc = doc_real_opt(
				epoch, "/epochs", "val_accuracy", 0, 1, &x, e);
		if (rc)
			return rc;
	}
	return 0;
}

int result_read(const json_t *v, struct job_result *out, struct err *e)
{
	struct job_result r = {.failure = FAILURE_NONE};
	int final = 0;
	int rc = read_head(v, JOB_VERSION, r.id, &final, e);

	if (rc == 0)
		rc = read_failure(v, &r, e);
	if (rc == 0)
		rc = read_score(v, &r, e);
	if (rc == 0)
		rc = read_counts(v, &r, e);
	if (rc == 0)
		rc = read_weights(v, final && r.failure == FAILURE_NONE, &r, e);
	if (rc == 0)
		rc = check_rest(v, e);
	if (rc == 0)
		*out = r;
	return rc;
}

/* The reason may have been cut inside a character. */
static json_t *reason_write(const char *s)
{
	size_t n = strlen(s);
	json_t *v;

	while (!(v = json_stringn(s, n)))
		n--;
	return v;
}

static json_t *failure_write(const struct job_result *r)
{
	if (r->failure == FAILURE_NONE)
		return json_null();
	return json_pack("{s:s, s:s, s:o}", "whose",
		r->failure == FAILURE_GENOME ? "genome" : "crash", "code",
		r->code, "reason", reason_write(r->reason));
}

static json_t *weights_write(const struct job_result *r, int64_t bytes)
{
	if (!r->weights[0])
		return json_null();
	return json_pack(
		"{s:s, s:I}", "sha256", r->weights, "bytes", (json_int_t)bytes);
}

json_t *result_write(const struct job_result *r, int final, json_t *epochs,
	const char *kernels, int64_t weights_bytes)
{
	int scored = r->failure == FAILURE_NONE && r->total > 0;

	return json_pack("{s:i, s:s, s:s, s:f, s:I, s:I, s:o, s:I, s:I, s:I, "
			 "s:f, s:I, s:s, s:s, s:o, s:o}",
		"version", JOB_VERSION, "id", r->id, "kind",
		final ? "final" : "fitness", "fitness",
		scored ? (double)r->correct / (double)r->total : 0.0, "correct",
		(json_int_t)r->correct, "total", (json_int_t)r->total, "epochs",
		epochs ? epochs : json_array(), "parameters",
		(json_int_t)r->parameters, "flops", (json_int_t)r->flops,
		"images", (json_int_t)r->images, "cpu_s", r->cpu_s,
		"peak_bytes", (json_int_t)r->peak_bytes, "kernels", kernels,
		"nevod_version", NEVOD_VERSION, "weights",
		weights_write(r, weights_bytes), "failure", failure_write(r));
}
