/* job_json.h -- the job and its result, the two documents that a broker and an
 * evolutioner exchange, whatever carries them.  Schemas: api/schemas.json. */
#ifndef WIRE_JOB_JSON_H
#define WIRE_JOB_JSON_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/uuid.h"
#include "data/augment.h"
#include "nn/recipe.h"
#include "wire/genome_doc.h"
#include "wire/settings.h"

#define JOB_VERSION 1
#define JOB_VERSION_LAYERS 2 /* of a job whose genome is a graph */
#define JOB_ID_MAX 128
#define JOB_GENOME_BYTES_MAX ((size_t)1 << 20) /* of a graph, read */

/* Documents are read as from a stranger.  A job holds its keys and no others; a
 * result may hold more, since later versions add keys.  ERR_INVALID (a type, a
 * missing key, a contradiction) or ERR_RANGE (a value), with the place; the
 * target is then untouched.  Writers give new references. */

/* The parts of `<run>/<generation>/<genome>/<rung>/<fold>` or
 * `<run>/final/<genome>/0/0`. */
struct job_id {
	char run[UUID_TEXT_BYTES];
	int final;
	int64_t generation, genome; /* generation is 0 for final */
	int rung, fold;
};
/* The text; cannot fail. */
void job_id_write(const struct job_id *id, char out[JOB_ID_MAX]);
/* ERR_INVALID unless the text is exactly what job_id_write writes. */
int job_id_read(const char *text, struct job_id *out, struct err *e);

struct job_doc {
	char id[JOB_ID_MAX];
	int final;
	struct genome_doc genome;
	char dataset[SETTINGS_DATASET_MAX], dataset_hash[SHA256_HEX_BYTES];
	int64_t epochs, train_limit, max_job_mb, seed;
	double validation_fraction;
	struct recipe recipe;
	struct augment augment;
	char kernels[SETTINGS_KERNELS_MAX];
};

/* {"version":1|2, "id", "kind":"fitness"|"final", "genome":GENOME,
 *  "dataset":{"name","hash"}, "settings":{"epochs","train_limit",
 *  "validation_fraction","max_job_mb", ...}, "kernels", "seed"}
 * The settings' other members are the recipe's (recipe_json.h), those alone
 * that differ from the plain one: an evolutioner from before there were recipes
 * can then do what needs none.  Version 2 has a graph of layers for a genome:
 * one that knows flat genomes alone refuses it. */
json_t *job_write(const struct job_doc *j);
/* Reads what job_write writes; a graph lives in `mem`. */
int job_read(
	struct arena *mem, const json_t *v, struct job_doc *out, struct err *e);

/* Whose failure, if any. */
enum failure_owner { FAILURE_NONE, FAILURE_GENOME, FAILURE_CRASH };

#define FAILURE_CODE_MAX 24
#define FAILURE_REASON_MAX 400

/* What of a result the run's logic needs; the whole document is stored. */
struct job_result {
	char id[JOB_ID_MAX];
	enum failure_owner failure;
	char code[FAILURE_CODE_MAX];     /* "memory", "diverged", ... */
	char reason[FAILURE_REASON_MAX]; /* a sentence */
	int64_t correct, total;          /* without a failure */
	int64_t images, parameters, flops, peak_bytes;
	double cpu_s;
	char weights[SHA256_HEX_BYTES]; /* final jobs: the blob's name, or "" */
};

/* {"version":1, "id", "kind", "fitness", "correct", "total",
 *  "epochs":[{"loss","train_accuracy","val_accuracy"}], "parameters", "flops",
 *  "images", "cpu_s", "peak_bytes", "kernels", "nevod_version",
 *  "weights":{"sha256","bytes"}|null, "failure":null}
 * or, when it failed, "fitness":0 and
 *  "failure":{"whose":"genome"|"crash","code","reason"} with what is known.
 * The weights of a final job that did not fail are required; nothing else has
 * any. */
int result_read(const json_t *v, struct job_result *out, struct err *e);

/* The document of a result, whose numbers are finite; `epochs` is a list as
 * above (its reference is taken over; NULL for none), `weights_bytes` counts
 * when r->weights is set. */
json_t *result_write(const struct job_result *r, int final, json_t *epochs,
	const char *kernels, int64_t weights_bytes);

#endif
