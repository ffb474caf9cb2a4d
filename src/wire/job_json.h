/* job_json.h -- the job and its result, the two documents that a broker and an
 * evolutioner exchange, whatever carries them. */
#ifndef WIRE_JOB_JSON_H
#define WIRE_JOB_JSON_H

#include <jansson.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/field.h"
#include "base/hash.h"
#include "base/uuid.h"
#include "model/training.h"
#include "nn/train.h"
#include "wire/genome_json.h"
#include "wire/settings.h"

/* A document's version says what its reader must know: that of the latest
 * member in it.  An older reader refuses a newer document by that number. */
#define JOB_VERSION 1
#define JOB_VERSION_LAYERS 2 /* of a job whose genome is a graph */
#define JOB_VERSION_RUNGS 3  /* of a job that is ranked by its loss */
#define RESULT_VERSION_LATEST 1
#define JOB_SCALE_MAX 100000
#define JOB_ID_MAX 128
#define JOB_GENOME_BYTES_MAX ((size_t)1 << 20) /* of a graph, read */

/* Documents are read as from a stranger.  A job holds its keys and no others; a
 * result may hold more, since later versions add keys.  ERR_INVALID (a type, a
 * missing key, a contradiction) or ERR_RANGE (a value, a version), with the
 * place; the target is then untouched.  Writers give new references. */

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
	int version; /* filled in by job_write */
	char id[JOB_ID_MAX];
	int final;
	struct genome_doc genome;
	struct {
		char name[SETTINGS_DATASET_MAX], hash[SHA256_HEX_BYTES];
	} dataset;
	struct training training;
	char kernels[SETTINGS_KERNELS_MAX];
	int64_t seed;
	int ranked;    /* by its loss, which the result must have */
	int64_t scale; /* 1 and up: times the work that `training` says, as
			* job_scaled of model/job.h has it */
};
extern const struct fields job_fields;

json_t *job_write(const struct job_doc *j);
/* Reads what job_write writes; the genome lives in `mem`. */
int job_read(
	struct arena *mem, const json_t *v, struct job_doc *out, struct err *e);

/* Whose failure, if any. */
enum failure_owner { FAILURE_NONE, FAILURE_GENOME, FAILURE_CRASH };

#define FAILURE_CODE_MAX 24
#define FAILURE_REASON_MAX 400

struct job_result {
	int version; /* filled in by result_write */
	char id[JOB_ID_MAX];
	int final;
	enum failure_owner failure;
	char code[FAILURE_CODE_MAX];     /* "memory", "diverged", ... */
	char reason[FAILURE_REASON_MAX]; /* a sentence */
	double fitness;                  /* correct / total, 0 with a failure */
	int64_t correct, total;          /* 0 with a failure */
	int has_loss; /* of a fitness job that did not fail */
	double loss;  /* mean cross-entropy on validation */
	const struct epoch *epochs;
	size_t n_epochs;
	int64_t images, parameters, flops, peak_bytes;
	double cpu_s;
	char kernels[SETTINGS_KERNELS_MAX];
	char nevod_version[32];
	/* Of final jobs that did not fail, and of no others. */
	int has_weights;
	char weights[SHA256_HEX_BYTES]; /* the blob's name, or "" */
	int64_t weights_bytes;
};
extern const struct fields result_fields;

/* Reads what result_write writes; the epochs live in `mem`. */
int result_read(struct arena *mem, const json_t *v, struct job_result *out,
	struct err *e);

/* The document of a result, whose numbers are finite. */
json_t *result_write(const struct job_result *r);

#endif
