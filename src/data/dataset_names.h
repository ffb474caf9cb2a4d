/* dataset_names.h -- the sets of a folder that have been given a name, to be
 * used without the files that they were read from: a note `named-NAME` with
 * the set's hash and its classes' names. */
#ifndef DATA_DATASET_NAMES_H
#define DATA_DATASET_NAMES_H

#include "base/err.h"
#include "data/class_names.h"
#include "data/dataset_info.h"

#define DATASET_NAME_MAX 64

/* ERR_INVALID unless the name is 1 to DATASET_NAME_MAX lower-case letters,
 * digits, '.', '_' and '-', begins with a letter or a digit, and is not known
 * otherwise. */
int dataset_name_check(const char *name, struct err *e);

/* Gives a prepared set a name, which another may have had, and keeps what its
 * classes are called.  ERR_INVALID, ERR_WORLD. */
int dataset_name_keep(const char *cache_dir, const char *name,
	const struct dataset_info *d, struct err *e);

/* The prepared file of that name, and, unless `names` is NULL, what its classes
 * are called, to be released: none of a set that an older program named.
 * ERR_NOT_FOUND if there is no such name; ERR_WORLD. */
int dataset_name_find(const char *cache_dir, const char *name,
	char path[DATASET_PATH_MAX], struct class_names *names, struct err *e);

/* Takes the name away, and its set unless it has another name.  ERR_NOT_FOUND,
 * ERR_WORLD. */
int dataset_name_remove(const char *cache_dir, const char *name, struct err *e);

/* True if a file of the folder, by its name, belongs to a set that has been
 * given a name, or is a note of one. */
int dataset_name_keeps(const char *cache_dir, const char *file);

/* Calls `each` with every name, in alphabetical order, and its set's hash.
 * ERR_WORLD. */
int dataset_name_each(const char *cache_dir,
	void (*each)(void *ctx, const char *name, const char *hash), void *ctx,
	struct err *e);

#endif
