/* dataset_hash.h -- the hash of a data set: of what the samples are, not of
 * what they are called.
 *
 * It is over, for train, for test, and for validation where there is such a
 * part, a line "N C H W dtype classes" and each sample in the data set's order:
 * its pixels (C,H,W) and its label in two bytes, the lower first. */
#ifndef DATA_DATASET_HASH_H
#define DATA_DATASET_HASH_H

#include "base/hash.h"
#include "data/dataset_format.h"
#include "data/dataset_info.h"

/* The line that a part begins with. */
void dataset_hash_part(struct sha256 *sum, const struct dataset_info *d,
	enum dataset_part part);

/* Samples of that part, all of which follow one another. */
void dataset_hash_samples(struct sha256 *sum, const struct dataset_info *d,
	const struct dataset_samples *s);

#endif
