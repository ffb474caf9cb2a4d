/* job.h -- genome to fitness, or to the final champion: a whole training job as
 * one function.  Pure but for the clock it reports: same genome, data, settings
 * and seed, same fitness. */
#ifndef MODEL_JOB_H
#define MODEL_JOB_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/dataset.h"
#include "model/decode.h"
#include "model/inherit.h"
#include "model/judgement.h"
#include "model/training.h"
#include "neat/data_shape.h"
#include "nn/train.h"

enum job_kind {
	JOB_FITNESS, /* train on a part, judge on validation */
	JOB_FINAL,   /* train on training + validation, judge on test once */
};

struct job {
	enum job_kind kind;
	const struct kernels *kernels;
	const struct genome *genome;   /* of layers, ... */
	struct data_shape genome_data; /* ... for such data */
	const struct model *model;     /* trained in its place; or NULL */
	struct training training;
	int64_t scale;   /* of a fitness job: see job_scaled; 0 is 1 */
	int fold, folds; /* of a fitness job: as split_options has them */
	int64_t seed;
	const struct dataset *data;
	/* What a genome's network starts from; NULL: as it is drawn. */
	const struct inheritance *inheritance;
	/* Kept in the weights' file: the genome, which may be NULL, and what
	 * the classes are called, as many as the data have; NULL: as there. */
	const char *genome_json;
	const char (*class_names)[DATASET_NAME_BYTES];
	int keep_weights; /* of a fitness job too */

	/* Called now and then; a value other than 0 cancels.  May be NULL. */
	int (*progress)(void *ctx, int64_t images, int64_t images_total);
	/* Called after epoch number `i`, from 0.  May be NULL. */
	void (*epoch_done)(void *ctx, int i, const struct epoch *epoch);
	void *progress_ctx; /* of both */
};

/* The most flops that an outcome says: 2^53 - 1, which every reader of JSON
 * takes as it is. */
#define JOB_FLOPS_MAX ((INT64_C(1) << 53) - 1)

/* The highest loss that an outcome says: one that is no finite number is said
 * as this. */
#define JOB_LOSS_MAX 1e300

struct job_outcome {
	size_t correct, total; /* on validation, or on test */
	struct judgement
		judged; /* likewise; its loss is at most JOB_LOSS_MAX */
	int n_epochs;
	struct epoch epochs[TRAIN_EPOCHS_MAX];
	int64_t parameters, flops, images; /* flops: done in training */
	double cpu_s;
	int64_t peak_bytes; /* of this process */
	struct buf weights; /* the safetensors file, if the job keeps it */
};

/* 0 if the genome is made for the shape and the classes of these data, else
 * ERR_GENOME with a sentence that says both. */
int job_fits(const struct data_shape *made_for, const struct dataset_info *d,
	struct err *e);

/* Runs the job on this thread.  ERR_GENOME: the genome's own failure, with the
 * reason (a shape that does not fit the data set says both shapes).
 * ERR_RANGE: the settings leave no images to train or to validate on, or a
 * value is out of its range.  ERR_INVALID: as inherit.  ERR_CANCELLED,
 * ERR_WORLD.  The caller releases
 * the outcome. */
int job_run(const struct job *j, struct job_outcome *out, struct err *e);

/* Frees what the outcome of a job that ran owns; zeros are allowed. */
void job_outcome_release(struct job_outcome *o);

/* Training `scale` times the work that `s` says, where the training part has
 * `n` images: first more images in an epoch, then, where there are no more,
 * the nearest number of epochs of all of them, at least one and at most
 * TRAIN_EPOCHS_MAX. */
struct training job_scaled(const struct training *s, int64_t scale, size_t n);

/* Images that the job will train in all. */
int64_t job_images(const struct job *j);

#endif
