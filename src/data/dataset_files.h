/* dataset_files.h -- files of this machine, made a prepared data set.
 * For dataset_order; everybody else asks that. */
#ifndef DATA_DATASET_FILES_H
#define DATA_DATASET_FILES_H

#include "base/err.h"
#include "base/hash.h"
#include "data/class_names.h"
#include "data/dataset.h"

/* Reads the files that the order's name leads to, unless they were read before
 * and have not changed: the prepared file, and its classes' names, to be
 * released.  `key` (NULL: by paths, sizes and times) says when they are the
 * same.  Errors of dataset_order. */
int dataset_files_read(const struct dataset_order *o, const char *key,
	const char *cache_dir, char path[DATASET_PATH_MAX],
	struct class_names *names, struct err *e);

/* True if files of that key were read before: then the same. */
int dataset_files_before(const char *key, const char *cache_dir,
	char path[DATASET_PATH_MAX], struct class_names *names);

#endif
