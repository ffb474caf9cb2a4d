/* dataset_writer.h -- samples, one after another, into a prepared set's file.
 *
 * The file has a passing name until it is whole; its own is the hash, which is
 * known with the last sample.  Now and then what is written is made sure of, so
 * that a writer that was killed is gone on with by the next one of the same
 * key. */
#ifndef DATA_DATASET_WRITER_H
#define DATA_DATASET_WRITER_H

#include "base/err.h"
#include "data/dataset_format.h"
#include "data/dataset_info.h"

struct dataset_writer;

struct dataset_writer_options {
	const char *cache_dir; /* which is there */
	/* 64 hex digits: of what is read, and how.  Of one key there is one
	 * writer at a time; the caller sees to it. */
	const char *key;
	size_t piece_bytes; /* at most, of a file; 0: PIECES_BYTES */
	size_t sure_bytes;  /* written between two points that a killed writer
			     * comes back to; 0: 256 MiB */
};

/* A file for a set of these numbers and names, which are copied and which
 * dataset_info_check has passed.  NULL with ERR_WORLD or ERR_TOO_BIG. */
struct dataset_writer *dataset_writer_new(
	const struct dataset_writer_options *o, const struct dataset_info *d,
	struct err *e);

/* Samples of each part that are in the file already. */
const size_t *dataset_writer_have(const struct dataset_writer *w);

/* Frees a writer that was not ended; NULL is allowed.  With `keep`, the next of
 * its key goes on from where it was last sure; else nothing is left. */
void dataset_writer_free(struct dataset_writer *w, int keep);

/* Adds samples, part by part.  ERR_INVALID for a label beyond the classes, for
 * more samples than announced, and for those of a part before the last one is
 * complete; ERR_WORLD.  After an error only freeing is left. */
int dataset_writer_add(struct dataset_writer *w,
	const struct dataset_samples *s, struct err *e);

/* Gives the file its name, which is written to `path`, and the set its hash.
 * ERR_INVALID for fewer samples than announced; ERR_WORLD.  Then, too, only
 * freeing is left. */
int dataset_writer_end(struct dataset_writer *w, char path[DATASET_PATH_MAX],
	char hash[SHA256_HEX_BYTES], struct err *e);

/* The path of the prepared file of that hash.  ERR_WORLD if it is too long. */
int dataset_writer_path(const char *cache_dir, const char *hash,
	char path[DATASET_PATH_MAX], struct err *e);

#endif
