/* dataset_info.h -- what a labelled image set is, but for its samples: shape,
 * counts, the names of its classes. */
#ifndef DATA_DATASET_INFO_H
#define DATA_DATASET_INFO_H

#include <stddef.h>

#include "base/err.h"
#include "base/hash.h"

#define DATASET_CHANNELS_MAX 64
#define DATASET_SIDE_MAX 1024
#define DATASET_SAMPLES_MAX ((size_t)100 * 1000 * 1000) /* of each part */
#define DATASET_CLASSES_MAX 65535 /* labels have 16 bits */
#define DATASET_NAME_BYTES 64
#define DATASET_PATH_MAX 1024

/* In the order in which they are stored and hashed.  Few sets say themselves
 * what to validate on: that part may be empty. */
enum dataset_part {
	DATASET_TRAIN,
	DATASET_TEST,
	DATASET_VALIDATION,
	DATASET_PARTS
};

/* What a pixel is stored as.  Its number stands in cache files. */
enum dataset_dtype { DATASET_UINT8, DATASET_FLOAT32, DATASET_DTYPES };

struct dataset_info {
	char hash[SHA256_HEX_BYTES];
	enum dataset_dtype dtype;
	int channels, height, width, classes;
	size_t n_train, n_test, n_validation;
	/* As many as classes, or NULL while nobody has named them; they belong
	 * to whoever made the struct. */
	const char (*class_names)[DATASET_NAME_BYTES];
};

/* Bytes of one image's pixels. */
size_t dataset_image_bytes(const struct dataset_info *d);

/* Samples of one part. */
size_t dataset_count(const struct dataset_info *d, enum dataset_part part);

/* Of all parts. */
size_t dataset_total(const struct dataset_info *d);

/* "train", "test", "validation". */
const char *dataset_part_name(enum dataset_part part);

/* As it stands in the line that the hash is over. */
const char *dataset_dtype_name(enum dataset_dtype t);

/* ERR_INVALID unless the numbers are those of a data set that can exist: after
 * that no sum of theirs overflows.  Hash and names are not looked at. */
int dataset_info_check(const struct dataset_info *d, struct err *e);

#endif
