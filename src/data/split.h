/* split.h -- which samples train, which validate, and their normalization.
 *
 * A data set's own validation part is what is validated on; without one the
 * split is a function of the data set's hash and the validation fraction.  So
 * every genome of every run is judged on the same samples.  The test split is
 * opened by the final job alone. */
#ifndef DATA_SPLIT_H
#define DATA_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/batch.h"
#include "base/err.h"
#include "data/augment.h"
#include "data/dataset.h"

/* Per channel: of bytes over pixels scaled to [0, 1], of floats as they are. */
struct normalization {
	double mean[DATASET_CHANNELS_MAX], std[DATASET_CHANNELS_MAX];
};

/* What a network sees of a pixel of that channel, in training and after. */
float normalization_apply(
	const struct normalization *n, size_t channel, uint8_t v);
/* The same of a pixel that is a float. */
float normalization_apply_float(
	const struct normalization *n, size_t channel, float v);

struct split; /* the dataset must outlive it */

/* A set whose pixels to train and to validate on take more may not stay in
 * memory.  Its parts are then in the order of the set, in blocks for the order
 * of an epoch (base/batch.h): 65,536 samples, or fewer if they take more than
 * 128 MiB.  It is normalized by as many samples as a block has, spread over
 * all. */
#define SPLIT_LARGE_BYTES ((size_t)256 << 20)
#define SPLIT_BLOCK_SAMPLES ((size_t)65536)
#define SPLIT_BLOCK_BYTES ((size_t)128 << 20)

struct split_options {
	double validation_fraction; /* split_fitness only, of a set without
				     * a validation part */
	size_t train_limit;         /* likewise; 0: none */
	/* split_fitness only: of `folds` parts of the shuffled training set,
	 * number `fold` of 1.. is validated on, in place of a fraction, and the
	 * others are trained on.  0: no folds. */
	int fold, folds;
	struct augment augment; /* of the images to train on */
	int64_t seed;           /* of the augmentation alone */
	size_t large_bytes;     /* SPLIT_LARGE_BYTES, where it is 0 */
};

/* Training and validation parts of the training set; the limit keeps the first
 * so many training samples after the shuffle.  Normalization comes from the
 * whole training part.  ERR_RANGE when a part would be empty, and the errors of
 * augment_check. */
struct split *split_fitness(
	const struct dataset *d, const struct split_options *o, struct err *e);

/* All of training + validation to train on, test to judge on; opens the seal.
 * Normalization from training + validation.  The errors of augment_check. */
struct split *split_final(
	const struct dataset *d, const struct split_options *o, struct err *e);

/* NULL is allowed. */
void split_free(struct split *s);

/* How many images split_fitness would train on; 0 when it would refuse.
 * split_final trains on all of train and validation. */
size_t split_fitness_images(const struct dataset *d, double validation_fraction,
	size_t train_limit);

/* How many it would train on in that fold; 0 when it would refuse. */
size_t split_fold_images(
	const struct dataset *d, int fold, int folds, size_t train_limit);

/* 0 if the training set can be cut into so many folds; ERR_RANGE where it is
 * too small, and where the data set has a validation part of its own. */
int split_check_folds(const struct dataset *d, int folds, struct err *e);

/* How many it would validate on; likewise. */
size_t split_validation_images(
	const struct dataset *d, double validation_fraction);

/* Sources that live as long as the split.  What is fetched to train on is
 * augmented, unless the request has no epoch. */
const struct batch_source *split_train(const struct split *s);

/* How many images of each class there are to train on: (classes). */
void split_train_counts(const struct split *s, uint64_t *out);

/* What is judged: never augmented. */
const struct batch_source *split_judge(const struct split *s);

/* What its images are normalized with. */
const struct normalization *split_normalization(const struct split *s);

#endif
