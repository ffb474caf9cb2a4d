/* split.h -- which samples train, which validate, and their normalization.
 *
 * The split is a function of the data set's hash and the validation fraction,
 * so every genome of every run is judged on the same samples.  The test split
 * is opened by the final job alone. */
#ifndef DATA_SPLIT_H
#define DATA_SPLIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/batch.h"
#include "base/err.h"
#include "data/dataset.h"

/* Per channel, over pixels scaled to [0, 1]. */
struct normalization {
	double mean[DATASET_CHANNELS_MAX], std[DATASET_CHANNELS_MAX];
};

/* What a network sees of a pixel of that channel, in training and after. */
float normalization_apply(
	const struct normalization *n, size_t channel, uint8_t v);

struct split; /* the dataset must outlive it */

/* Training and validation parts of the training set; `train_limit` (0: none)
 * keeps the first so many training samples after the shuffle.  Normalization
 * comes from the whole training part.  ERR_RANGE when a part would be empty. */
struct split *split_fitness(const struct dataset *d, double validation_fraction,
	size_t train_limit, struct err *e);

/* All of training + validation to train on, test to judge on; opens the seal.
 * Normalization from training + validation. */
struct split *split_final(const struct dataset *d);
void split_free(struct split *s);

/* How many images split_fitness would train on; 0 when it would refuse. */
size_t split_fitness_images(const struct dataset *d, double validation_fraction,
	size_t train_limit);

/* Sources that live as long as the split. */
const struct batch_source *split_train(const struct split *s);
const struct batch_source *split_judge(const struct split *s);
const struct normalization *split_normalization(const struct split *s);

#endif
