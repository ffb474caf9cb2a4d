/* settings.h -- what a run was asked to do, with every default filled in.
 *
 * Keys, bounds and defaults stand in tables: settings.c, model/training.c,
 * nn/recipe.c, data/augment.c and the algorithms' own (neat/algorithm.h).
 * A setting that comes later has a `since` and a `before` there, so that runs
 * from before it keep their meaning and their digests. */
#ifndef WIRE_SETTINGS_H
#define WIRE_SETTINGS_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "base/field.h"
#include "base/hash.h"
#include "model/training.h"
#include "neat/algorithm.h"
#include "neat/data_shape.h"
#include "neat/space.h"

#define SETTINGS_DATASET_MAX 1024
#define SETTINGS_NAME_MAX 128
#define SETTINGS_KERNELS_MAX 16
#define SETTINGS_RUNGS_MAX 6

struct run_settings {
	/* Not in the digest: labels and placement. */
	char name[SETTINGS_NAME_MAX];
	char dataset[SETTINGS_DATASET_MAX]; /* name or folder as given */

	/* In the digest. */
	int algorithm;                       /* algorithm_at(algorithm) */
	char dataset_hash[SHA256_HEX_BYTES]; /* filled in at creation */
	struct data_shape data;              /* likewise */
	char kernels[SETTINGS_KERNELS_MAX];  /* likewise, unless given */
	int64_t seed;                        /* likewise, unless given */
	int has_seed;
	int64_t population;  /* 2..10000 */
	int64_t generations; /* 1..100000, the initial one included */
	int has_threshold;
	double fitness_threshold; /* 0..1 */
	int64_t stagnation;       /* generations without a better best; 0 off */
	struct training training; /* of every training; epochs and train_limit
				   * of fitness jobs */
	int rungs;                /* 1..6; 1: every genome is trained once */
	int eta;                  /* 2..10 */
	int final_epochs;         /* 1..1000 */
	int batch_size;           /* 1..4096, of initial genomes */
	struct space space;       /* what evolution draws from */
	_Alignas(8) unsigned char own[ALGORITHM_SETTINGS_BYTES]; /* of the
								  * algorithm */
};

/* A member a field. */
extern const struct fields settings_fields;

/* Reads the body of POST /v1/runs: all keys optional, unknown ones refused.
 * ERR_INVALID (a type, a character) or ERR_RANGE (a value), with the place. */
int settings_read(const json_t *v, struct run_settings *out, struct err *e);

/* The whole of it, as GET /v1/runs/{uuid} shows and the store keeps it: a new
 * reference.  No threshold is null. */
json_t *settings_write(const struct run_settings *s);

/* Reads what settings_write wrote of a created run, whose hash, shape, kernels
 * and seed are filled in, by any version of this program; ERR_INVALID if a
 * store was tampered with. */
int settings_restore(const json_t *v, struct run_settings *out, struct err *e);

/* The part that the digest covers, "dataset" being the hash: a new
 * reference. */
json_t *settings_digested(const struct run_settings *s);

/* The row of the run's algorithm. */
const struct algorithm *settings_algorithm(const struct run_settings *s);

#endif
