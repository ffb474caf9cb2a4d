/* dataset.h -- a labelled image set, checked once, then mapped read-only.
 *
 * Preparing reads the source files, checks every byte that is used, and writes
 * one unpacked file into the cache folder; opening maps that file.  Children
 * that train share the mapping.  The hash is over the samples alone
 * (dataset_writer.c), so names and files do not enter. */
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "data/dataset_info.h"

/* The data set of everybody who names none. */
#define DATASET_DEFAULT "fashion-mnist"

struct dataset; /* a mapped cache file; safe to read from many threads */

/* Makes sure that the data set `name` is in `cache_dir` and writes the cache
 * file's path.  `name` is DATASET_DEFAULT, found where Debian's package puts
 * it, or the absolute path of a folder in a format that is known, which are the
 * rows of dataset_source.c (an optional classes.txt names the classes, a line
 * each, where the format does not).  Sets of the same samples share one file,
 * with the class names of the last one prepared.
 * ERR_NOT_FOUND: no such data set; says which package or files are missing.
 * ERR_INVALID: a file is cut short, has a wrong magic, or labels and images do
 * not match; names the file (not its folder) and the reason.  ERR_WORLD. */
int dataset_prepare(const char *name, const char *cache_dir,
	char path[DATASET_PATH_MAX], struct err *e);

/* 0 if there are files to prepare under that name, so far as a look at the
 * folder tells.  Errors as above. */
int dataset_exists(const char *name, struct err *e);

/* Maps a cache file after checking its header and size.  NULL with ERR_INVALID
 * (not such a file, or cut), ERR_NOT_FOUND or ERR_WORLD. */
struct dataset *dataset_open(const char *path, struct err *e);

/* Unmaps the file.  NULL is allowed. */
void dataset_close(struct dataset *d);

/* Valid until dataset_close. */
const struct dataset_info *dataset_info(const struct dataset *d);

/* The pixels (C,H,W), of DATASET_UINT8, of training sample i. */
const uint8_t *dataset_train_pixels(const struct dataset *d, size_t i);

/* The label of training sample i. */
int dataset_train_label(const struct dataset *d, size_t i);

/* The same of test sample i. */
const uint8_t *dataset_test_pixels(const struct dataset *d, size_t i);

/* The label of test sample i. */
int dataset_test_label(const struct dataset *d, size_t i);

/* The names that dataset_prepare knows without a path, NULL-ended. */
const char *const *dataset_known(void);

#endif
