/* dataset_writer.h -- samples, one after another, into a cache file.
 *
 * The file has a passing name until it is whole; its own is the hash, which is
 * known with the last sample. */
#ifndef DATA_DATASET_WRITER_H
#define DATA_DATASET_WRITER_H

#include "base/err.h"
#include "data/dataset_format.h"
#include "data/dataset_info.h"

struct dataset_writer;

/* A file in `cache_dir`, which is there, for a set of these numbers and names,
 * which dataset_info_check has passed.  NULL with ERR_WORLD. */
struct dataset_writer *dataset_writer_new(
	const char *cache_dir, const struct dataset_info *d, struct err *e);

/* NULL is allowed.  What was not ended leaves no file. */
void dataset_writer_free(struct dataset_writer *w);

/* Adds samples, all of train before those of test.  ERR_INVALID for a label
 * beyond the classes; ERR_WORLD.  After an error only freeing is left. */
int dataset_writer_add(struct dataset_writer *w,
	const struct dataset_samples *s, struct err *e);

/* After as many samples as announced: gives the file its name, which is
 * written to `path`, and the set its hash.  ERR_WORLD. */
int dataset_writer_end(struct dataset_writer *w, char path[DATASET_PATH_MAX],
	char hash[SHA256_HEX_BYTES], struct err *e);

/* The path of the cache file of that hash.  ERR_WORLD if it is too long. */
int dataset_writer_path(const char *cache_dir, const char *hash,
	char path[DATASET_PATH_MAX], struct err *e);

#endif
