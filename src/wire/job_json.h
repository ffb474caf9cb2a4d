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
#include "base/trace.h"
#include "base/uuid.h"
#include "model/inherit.h"
#include "model/metric.h"
#include "model/training.h"
#include "nn/train.h"
#include "wire/genome_json.h"
#include "wire/job_id.h"
#include "wire/settings.h"

/* A document's version says what its reader must know: that of the latest
 * member in it.  An older reader refuses a newer document by that number. */
#define JOB_VERSION 1
#define JOB_VERSION_LAYERS 2 /* of a job whose genome is a graph */
#define JOB_VERSION_RUNGS 3  /* of a job that is ranked by its loss */
#define JOB_VERSION_INHERIT \
	4 /* of one with parents, or whose weights are kept */
#define JOB_VERSION_METRIC 5 /* of one that has a metric */
#define JOB_VERSION_NAMES 6  /* of one that names its classes */
#define JOB_VERSION_FOLDS 7  /* of one that is judged on a fold */
#define JOB_VERSION_TRACE 8  /* of one that names its trace */
/* 9: of one whose learning rate is limited (nn/recipe.c) */
#define RESULT_VERSION_LATEST 1
#define JOB_SCALE_MAX 100000
#define JOB_PARENT_BYTES_MAX ((size_t)256 << 20) /* of a parent's weights */
#define JOB_GENOME_BYTES_MAX ((size_t)1 << 20)   /* of a graph, read */

/* Documents are read as from a stranger.  A job holds its keys and no others; a
 * result may hold more, since later versions add keys.  ERR_INVALID (a type, a
 * missing key, a contradiction) or ERR_RANGE (a value, a version), with the
 * place; the target is then untouched.  Writers give new references. */

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
	/* Of a fitness job that is judged on part `fold`, of 1 and up, of the
	 * training set in `folds` parts; 0: as validation_fraction has it. */
	int fold, folds;
	/* Of a fitness job: what its network starts from, the fitter first, by
	 * the SHA-256 of their weights, and how much of it is kept. */
	char parents[INHERIT_PARENTS_MAX][SHA256_HEX_BYTES];
	int n_parents;
	double inherit_keep;
	int keep_weights; /* its result brings the weights, as a final job's */
	/* Of one whose result brings them: what the classes are called there, a
	 * list; as long-lived as what it is written from, or read from.  NULL:
	 * as the data set's file has it. */
	json_t *class_names;
	/* Of whom it is a part, as a traceparent; "": nobody says.  It does not
	 * tell jobs apart. */
	char trace[TRACE_PARENT_BYTES];
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
	enum metric metric;              /* what fitness is */
	double fitness;                  /* 0 with a failure */
	int64_t correct, total;          /* 0 with a failure */
	/* (classes,classes), by label and then answer: of a final job of not
	 * too many classes, and of one whose metric is made of it; or NULL. */
	const uint64_t *confusion;
	int classes;
	int has_auroc; /* of a final job of two classes, and of one whose
			* metric it is */
	double auroc;
	int has_roc; /* of a final job of two classes */
	const struct roc_point *roc;
	size_t n_roc;
	/* Of a final job: what it was surest of among what it got wrong, the
	 * images being those of the data set's test part; a program that kept
	 * none has none. */
	int has_mistakes;
	const struct mistake *mistakes;
	size_t n_mistakes;
	int has_loss; /* of a fitness job that did not fail */
	double loss;  /* mean cross-entropy on validation */
	const struct epoch *epochs;
	size_t n_epochs;
	int64_t images, parameters, flops, peak_bytes;
	double cpu_s;
	/* Of a broker's own, which no worker gives: the outcome of a training
	 * of another genome of the run, which was the same. */
	int cached;
	int64_t cached_from; /* that genome */
	char kernels[SETTINGS_KERNELS_MAX];
	char nevod_version[32];
	/* Of final jobs that did not fail, and of fitness jobs that keep
	 * theirs; of no others. */
	int has_weights;
	char weights[SHA256_HEX_BYTES]; /* the blob's name, or "" */
	int64_t weights_bytes;
};
extern const struct fields result_fields;

/* Reads what result_write writes; the epochs live in `mem`. */
int result_read(struct arena *mem, const json_t *v, struct job_result *out,
	struct err *e);

/* What its fitness is: what its counts give where they tell it, whatever it
 * says; 0 with a failure. */
double result_fitness(const struct job_result *r);

/* True if a result of so many classes brings its confusion matrix. */
int result_has_confusion(int final, enum metric m, int classes);

/* Whether two result documents of a job say the same: all that follows from the
 * job, to the last bit, and not what the machine spent on it. */
int result_same(const json_t *a, const json_t *b);

/* The document of a result, whose numbers are finite. */
json_t *result_write(const struct job_result *r);

#endif
