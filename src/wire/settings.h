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
#include "data/reading.h"
#include "model/training.h"
#include "neat/algorithm.h"
#include "neat/data_shape.h"
#include "neat/limits.h"
#include "neat/space.h"
#include "wire/fork.h"
#include "wire/settings_open.h"

#define SETTINGS_DATASET_MAX 1024
#define SETTINGS_NAME_MAX 128
#define SETTINGS_KERNELS_MAX 16
#define SETTINGS_RUNGS_MAX 6
#define RUNG_FINALIST SETTINGS_RUNGS_MAX  /* of a finalist's training, ... */
#define RUNG_MIRRORED (RUNG_FINALIST + 1) /* ... on mirror images, too */
#define RUNG_FINAL (RUNG_MIRRORED + 1)    /* of the champion's final training */
#define RUNG_PILOT (RUNG_FINAL + 1)       /* of a pilot training, ... */
#define RUNG_PILOT_MIRRORED (RUNG_PILOT + 1) /* ... on mirror images, too */
#define SETTINGS_FINALISTS_MAX 8
#define SETTINGS_FOLDS_MAX 10
#define RUNG_FOLD 16 /* of fold 1 in the store, and those that follow */
#define SETTINGS_BUDGET_S 600 /* of CPU time, where a request says nothing */

/* How long trainings, of finalists and of the champion, see their images. */
enum final_augment {
	FINAL_AUGMENT_SAME,  /* as `augment` says */
	FINAL_AUGMENT_AUTO,  /* where that says nothing, as pays in trainings so
			      * long; the best is trained twice, to see whether
			      * to mirror (run/run_final.c) */
	FINAL_AUGMENT_PILOT, /* likewise; two short trainings show it
			      * (run/run_pilot.c) */
};

/* What the seed of a genome's training in the search is derived from, beside
 * the run's seed. */
enum seed_policy {
	SEED_OF_GENOME,  /* its generation and id: no two share one */
	SEED_OF_NETWORK, /* the network: equal ones share it, and a score */
	SEED_OF_RUNG,    /* the rung: all share it (common random numbers), and
			  * equal networks a score */
};

/* What rungs rank by, and who is a finalist. */
enum rank_by {
	RANK_BY_LOSS, /* what it was trained for so far left */
	RANK_BY_WORK, /* the loss to expect of it as a finalist, which all are
		       * for the same work; needs a budget */
};

struct run_settings {
	/* Not in the digest: labels and placement. */
	char name[SETTINGS_NAME_MAX];
	char dataset[SETTINGS_DATASET_MAX]; /* name or path as given */
	struct reading reading;             /* of its files */
	int has_budget_s;
	double budget_s;     /* CPU time that a person gave; 1..1e9 */
	double speed_gflops; /* by which it became budget_pflop; 0: it did
			      * not */
	double verify_share; /* 0..1, of jobs that two workers must agree on */
	int has_fork;
	struct fork fork; /* whose genomes `seeds` are */

	/* In the digest. */
	int algorithm;                       /* algorithm_at(algorithm) */
	char dataset_hash[SHA256_HEX_BYTES]; /* filled in when the data set is
					      * ready; "" before that */
	struct data_shape data;              /* likewise */
	json_t *class_names;                 /* likewise, a list; NULL: of a run
					      * whose jobs take those that a
					      * worker finds */
	char kernels[SETTINGS_KERNELS_MAX];  /* filled in when a worker is
					      * there, unless given */
	int64_t seed;                        /* at creation, unless given */
	int has_seed;
	int seed_policy; /* of enum seed_policy */
	/* What the whole run may take, from shapes: in 10^15 operations. */
	int has_budget;
	double budget_pflop;
	double search_share; /* 0.05..0.95, of it, for the search */
	int64_t train_images, validation_images; /* of the data set, filled in
						  * with a budget; else 0 */
	int64_t population;                      /* 2..10000 */
	int64_t generations; /* 1..100000, the initial one included */
	int has_threshold;
	double fitness_threshold; /* 0..1 */
	int64_t stagnation;       /* generations without a better best; 0 off */
	struct training training; /* of every training; epochs and train_limit
				   * of fitness jobs */
	int rungs;                /* 1..6; 1: every genome is trained once */
	int eta;                  /* 2..10 */
	int rank_by;              /* of enum rank_by */
	int folds;                /* 0, or 2..10: a genome is trained as often,
				   * and judged on another part each time */
	int inherit;              /* children start from parents' weights */
	double inherit_keep;      /* 0..1, of them */
	int finalists;            /* 0..8, trained as the champion is */
	int final_epochs;         /* 1..1000; with a budget the fewest */
	int final_augment;        /* of enum final_augment */
	double final_rate_limit;  /* recipe.rate_limit of those; 0: none */
	int batch_size;           /* 1..4096, of initial genomes */
	struct space space;       /* what evolution draws from */
	struct limits limits;     /* of what it breeds */
	json_t *seeds; /* known genomes of generation 0, a list; NULL: none */
	_Alignas(8) unsigned char own[ALGORITHM_SETTINGS_BYTES]; /* of the
								  * algorithm */
	unsigned open; /* of enum settings_open: what the budget's plan is yet
			* to fill in; a label, too */
};

/* A member a field. */
extern const struct fields settings_fields;

/* Reads the body of POST /v1/runs: all keys optional, unknown ones refused.
 * ERR_INVALID (a type, a character), ERR_RANGE (a value) or ERR_TOO_BIG, with
 * the place.  What is read, here and in settings_restore, is to be released. */
int settings_read(const json_t *v, struct run_settings *out, struct err *e);

/* Gives up the settings' share of the known genomes and of the classes' names:
 * a copy of the struct has none of its own, unless settings_share gives it
 * one. */
void settings_release(struct run_settings *s);
void settings_share(struct run_settings *s);

/* 0, or ERR_RANGE where the known genomes do not fit the rest: the data, which
 * are filled in, the algorithm, the limits, and the population unless it is
 * yet to be planned. */
int settings_check_seeds(const struct run_settings *s, struct err *e);

/* True until the data set is ready, and hash and shape are filled in. */
int settings_data_open(const struct run_settings *s);

/* The whole of it, as GET /v1/runs/{uuid} shows and the store keeps it: a new
 * reference.  No threshold is null; kernels that are not chosen yet are
 * absent, and so is what only the data set says. */
json_t *settings_write(const struct run_settings *s);

/* Reads what settings_write wrote of a created run, whose seed is filled in, by
 * any version of this program; ERR_INVALID if a store was tampered with. */
int settings_restore(const json_t *v, struct run_settings *out, struct err *e);

/* The part that the digest covers, "dataset" being the hash: a new
 * reference. */
json_t *settings_digested(const struct run_settings *s);

/* The row of the run's algorithm. */
const struct algorithm *settings_algorithm(const struct run_settings *s);

#endif
