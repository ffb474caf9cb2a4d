/* dataset_source.h -- where a data set's files are and what is in them.
 * For dataset_prepare; everybody else opens the cache file. */
#ifndef DATA_DATASET_SOURCE_H
#define DATA_DATASET_SOURCE_H

#include "base/err.h"
#include "base/hash.h"
#include "data/dataset.h"
#include "data/idx.h"

/* Where Debian's packages put data sets, a folder for each name. */
#define DATASET_PACKAGES "/usr/share/datasets"

enum source_file {
	SOURCE_TRAIN_IMAGES,
	SOURCE_TRAIN_LABELS,
	SOURCE_TEST_IMAGES,
	SOURCE_TEST_LABELS,
	SOURCE_CLASSES, /* optional: "" when the folder has none */
	SOURCE_FILES
};

struct source {
	char path[SOURCE_FILES][DATASET_PATH_MAX];
	const char *const *names;   /* built in, NULL-ended; or NULL */
	char key[SHA256_HEX_BYTES]; /* of paths, sizes and change times */
};

/* The samples in memory, each part checked against the others. */
struct samples {
	struct idx images[2], labels[2]; /* train, test */
	struct dataset_info info;        /* complete, the hash included */
};

/* Finds the files of `name`, as dataset_prepare describes it; names that are
 * not paths are looked up under `packages`.  ERR_NOT_FOUND, ERR_WORLD. */
int source_find(const char *name, const char *packages, struct source *out,
	struct err *e);

/* Reads and checks everything.  ERR_INVALID and the errors of idx_read; the
 * caller ends with samples_release. */
int source_read(const struct source *s, struct samples *out, struct err *e);
void samples_release(struct samples *s);

#endif
