/* dataset_source.h -- where a data set is, and which format it has.
 * For dataset_prepare; everybody else opens the cache file. */
#ifndef DATA_DATASET_SOURCE_H
#define DATA_DATASET_SOURCE_H

#include "base/err.h"
#include "base/hash.h"
#include "data/class_names.h"
#include "data/dataset_format.h"
#include "data/dataset_info.h"
#include "data/reading.h"

/* Where Debian's packages put data sets, a folder for each name. */
#define DATASET_PACKAGES "/usr/share/datasets"

struct source {
	const struct dataset_format *format;
	char path[DATASET_PATH_MAX];
	int is_folder;
	const char *const *names; /* built in, NULL-ended; or NULL */
	/* Of paths, sizes, change times, and of the reading. */
	char key[SHA256_HEX_BYTES];
};

/* The data sets that have a name, NULL-ended. */
const char *const *source_known(void);

/* Finds the folder or file of `name`, as dataset_prepare describes it, and its
 * format; names that are not paths are looked up under `packages`.
 * ERR_NOT_FOUND; ERR_INVALID for a reading that its format has no use for;
 * ERR_WORLD. */
int source_find(const char *name, const struct reading *how,
	const char *packages, struct source *out, struct err *e);

/* The names in the set's classes.txt: in its folder, or beside its file with
 * the file's name before it.  None without one.  ERR_INVALID, ERR_WORLD. */
int source_class_names(
	const struct source *s, struct class_names *out, struct err *e);

/* The name of class k of a set that has neither names of its own nor a
 * classes.txt: as the set is known, else its number. */
void source_class_name(const struct source *s, const struct dataset_info *d,
	int k, char out[DATASET_NAME_BYTES]);

#endif
