/* dataset_source.h -- where a data set is, and which format it has.
 * For dataset_prepare; everybody else opens the cache file. */
#ifndef DATA_DATASET_SOURCE_H
#define DATA_DATASET_SOURCE_H

#include "base/err.h"
#include "base/hash.h"
#include "data/dataset_format.h"
#include "data/dataset_info.h"

/* Where Debian's packages put data sets, a folder for each name. */
#define DATASET_PACKAGES "/usr/share/datasets"

struct source {
	const struct dataset_format *format;
	char folder[DATASET_PATH_MAX];
	const char *const *names;   /* built in, NULL-ended; or NULL */
	char key[SHA256_HEX_BYTES]; /* of paths, sizes and change times */
};

/* The data sets that have a name, NULL-ended. */
const char *const *source_known(void);

/* Finds the folder of `name`, as dataset_prepare describes it, and its format;
 * names that are not paths are looked up under `packages`.  ERR_NOT_FOUND,
 * ERR_WORLD. */
int source_find(const char *name, const char *packages, struct source *out,
	struct err *e);

/* Names the classes that have no name: as the folder's classes.txt says, else
 * as the set is known, else by number.  ERR_INVALID for a classes.txt that does
 * not fit; ERR_WORLD. */
int source_name_classes(
	const struct source *s, struct dataset_info *d, struct err *e);

#endif
