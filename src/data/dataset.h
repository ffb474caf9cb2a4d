/* dataset.h -- a labelled image set, checked once, then mapped read-only.
 *
 * Preparing reads the source files, checks every byte that is used, and writes
 * one unpacked file into the cache folder; opening maps that file.  Children
 * that train share the mapping.  The hash is over the samples alone
 * (dataset_hash.h), so names and files do not enter. */
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "data/dataset_info.h"
#include "data/reading.h"
#include "data/remote_policy.h"

/* The data set of everybody who names none. */
#define DATASET_DEFAULT "fashion-mnist"

struct dataset; /* a mapped file; safe to read from many threads */

/* What is to be prepared, and who wants to hear of it. */
struct dataset_order {
	const char *name;
	const struct reading *how; /* NULL: as the files say themselves */
	/* May be NULL: how the files were understood, and that they are read at
	 * all, in sentences without a capital or a full stop. */
	void (*say)(void *ctx, const char *sentence);
	/* May be NULL: samples that are done, of all.  True: give up, with
	 * ERR_CANCELLED. */
	int (*progress)(void *ctx, size_t done, size_t all);
	/* Likewise, of a URL: bytes that are here, of all; 0 of 0 where
	 * nothing has come meanwhile. */
	int (*fetched)(void *ctx, uint64_t done, uint64_t all);
	void *ctx;
	/* From where a URL may be fetched; NULL: from nowhere. */
	const struct remote_policy *policy;
};

/* Makes sure that a data set is in `cache_dir` and writes the path of its
 * prepared file.  The name is DATASET_DEFAULT, found where Debian's package
 * puts it; or one that dataset_name_keep has given to a set in `cache_dir`; or
 * the absolute path of a folder or a file in a format that is known, which are
 * the rows of dataset_source.c (an optional classes.txt names the classes, a
 * line each); or the URL of such files (remote_set.h), which are fetched where
 * the policy allows it, and elsewhere are those that somebody fetched before.
 * Sets of the same samples share one file, whose class names are those of any
 * of them.  What an order that was given up, or killed, has done is gone on
 * with by the next. ERR_NOT_FOUND: no such data set; says which package or
 * files are missing. ERR_INVALID: a file is cut short, has a wrong magic, or
 * labels and images do not match; names the file (not its folder) and the
 * reason.  ERR_DENIED: a URL that may not be fetched.  ERR_WORLD. */
int dataset_order(const struct dataset_order *o, const char *cache_dir,
	char path[DATASET_PATH_MAX], struct err *e);

/* The same, opened, its classes called as they are where it was named.  NULL
 * with an error of dataset_order or dataset_open. */
struct dataset *dataset_load(
	const struct dataset_order *o, const char *cache_dir, struct err *e);

/* The path of the prepared file, of a name alone. */
int dataset_prepare(const char *name, const char *cache_dir,
	char path[DATASET_PATH_MAX], struct err *e);

/* 0 if there are files to prepare under that name, so far as a look at the
 * folder tells.  Errors as above. */
int dataset_exists(const char *name, struct err *e);

/* Maps a prepared file, with all its pieces, after checking its header and
 * their sizes.  NULL with ERR_INVALID (not such a file, or cut), ERR_NOT_FOUND
 * or ERR_WORLD. */
struct dataset *dataset_open(const char *path, struct err *e);

/* Reads all samples once more: 0 if they have the hash that the file says, as
 * is not known of a file from elsewhere; else ERR_INVALID. */
int dataset_verify(const struct dataset *d, struct err *e);

/* Calls its classes by these n names, which are copied; as many as it has, or
 * they change nothing. */
void dataset_rename(
	struct dataset *d, const char (*names)[DATASET_NAME_BYTES], size_t n);

/* Unmaps the file.  NULL is allowed. */
void dataset_close(struct dataset *d);

/* Valid until dataset_close. */
const struct dataset_info *dataset_info(const struct dataset *d);

/* The pixels (C,H,W), of the set's type, of sample i of a part. */
const void *dataset_pixels(
	const struct dataset *d, enum dataset_part part, size_t i);

/* The label of sample i of a part. */
int dataset_label(const struct dataset *d, enum dataset_part part, size_t i);

/* The names that dataset_prepare knows without a path, NULL-ended. */
const char *const *dataset_known(void);

#endif
