/* settings.h -- what a run was asked to do, with every default filled in.
 *
 * Defaults are documented in api/broker.json; a test holds the two together. */
#ifndef WIRE_SETTINGS_H
#define WIRE_SETTINGS_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "data/augment.h"
#include "neat/flat.h"
#include "neat/params.h"
#include "nn/recipe.h"

#define SETTINGS_DATASET_MAX 1024
#define SETTINGS_NAME_MAX 128
#define SETTINGS_KERNELS_MAX 16

/* Bounds that jobs share. */
#define SETTINGS_EPOCHS_MAX 1000
#define SETTINGS_TRAIN_LIMIT_MAX 100000000
#define SETTINGS_JOB_MB_MIN 16
#define SETTINGS_JOB_MB_MAX 65536
#define SETTINGS_VALIDATION_MIN 0.01
#define SETTINGS_VALIDATION_MAX 0.5

struct run_settings {
	/* Not in the digest: labels and placement. */
	char name[SETTINGS_NAME_MAX];
	char dataset[SETTINGS_DATASET_MAX]; /* name or folder as given */

	/* In the digest. */
	char algorithm[16];                  /* "neat" or "truncation" */
	char dataset_hash[SHA256_HEX_BYTES]; /* filled in at creation */
	struct flat_data data;               /* likewise */
	char kernels[SETTINGS_KERNELS_MAX];  /* likewise, unless given */
	int64_t seed;                        /* likewise, unless given (-1) */
	int64_t population;                  /* 2..10000 */
	int64_t generations;      /* 1..100000, the initial one included */
	double fitness_threshold; /* 0..1; above 1 (2) means none */
	int64_t stagnation;       /* generations without a better best; 0 off */
	int64_t epochs;           /* 1..1000, of a fitness job */
	int64_t train_limit;      /* images of a fitness job; 0: all */
	double validation_fraction; /* 0.01..0.5 of the training set */
	int64_t final_epochs;       /* 1..1000 */
	int64_t max_job_mb;         /* 16..65536 */
	int64_t batch_size;         /* 1..4096, of initial genomes */
	int64_t elite;              /* truncation: 0..population-1 */
	double mutation_rate;       /* truncation: 0..1 */
	struct params neat;         /* neat: its constants */
	double size_pressure;       /* neat: 0..0.1 of fitness, a gene */
	struct recipe recipe;       /* of every training, the final one too */
	struct augment augment;     /* likewise */
};

/* Reads the body of POST /v1/runs: all keys optional, unknown ones refused.
 * ERR_INVALID (a type, a character) or ERR_RANGE (a value), with the place. */
int settings_read(const json_t *v, struct run_settings *out, struct err *e);

/* The whole of it, as GET /v1/runs/{uuid} shows and the store keeps it: a new
 * reference.  No threshold is null. */
json_t *settings_write(const struct run_settings *s);

/* Reads what settings_write wrote of a created run, whose hash, shape, kernels
 * and seed are filled in, also before there were recipes; ERR_INVALID if a
 * store was tampered with. */
int settings_restore(const json_t *v, struct run_settings *out, struct err *e);

/* The part the digest covers, "dataset" being the hash: a new reference.  What
 * is as the plain recipe has it is left out, so that runs from before there
 * were recipes keep their digests. */
json_t *settings_digested(const struct run_settings *s);

/* True if the run breeds by NEAT, false if by truncation. */
int settings_neat(const struct run_settings *s);

/* True if valid UTF-8 text has no control characters. */
int settings_printable(const char *s);

#endif
