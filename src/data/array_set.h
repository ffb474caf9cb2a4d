/* array_set.h -- a data set whose parts are an array of images and an array of
 * labels each: what IDX, NPY and NPZ have in common. */
#ifndef DATA_ARRAY_SET_H
#define DATA_ARRAY_SET_H

#include "base/err.h"
#include "data/array.h"
#include "data/dataset_format.h"

/* Where the arrays are. */
struct array_files {
	/* Opens the array of a part, its labels or its images; the caller
	 * closes it.  1; 0 if there is no such part; or an error. */
	int (*open)(const void *ctx, enum dataset_part part, int labels,
		struct array **out, struct err *e);
	const void *ctx;
	const char *const *part_names; /* in sentences, by part */
	/* The format's own order is N,C,H,W: N,H,W,C is asked for, and not
	 * taken from the sizes. */
	int channels_first;
};

/* What of a reading it heeds. */
#define ARRAY_SET_USES                                  \
	(READING_USES_LAYOUT | READING_USES_TRANSPOSE | \
		READING_USES_LABEL_COLUMN)

/* Reads it all: arrays are opened twice, once to look.  Pixels that are no
 * unsigned bytes become floats.  Without a test part, a tenth of each class is
 * sealed as one (seal.h).  Errors as dataset_format's `read`. */
int array_set_read(const struct array_files *files, const struct reading *how,
	const struct dataset_sink *to, struct err *e);

#endif
