/* dataset_format.h -- how data sets are laid out in folders: a row a format.
 *
 * A format recognises its folders and reads them in one pass, first saying what
 * is coming and then handing over the samples.  It allocates what a few samples
 * take, however many there are, and trusts nothing that it reads.  To add one:
 * its file, its row in dataset_source.c, a test, a fuzz target. */
#ifndef DATA_DATASET_FORMAT_H
#define DATA_DATASET_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "data/dataset_info.h"

/* Samples that follow one another in a part. */
struct dataset_samples {
	enum dataset_part part;
	size_t n;
	const void *pixels;     /* (n,C,H,W) of the announced type */
	const uint16_t *labels; /* (n), each below the announced classes */
};

/* Where a format puts what it reads; its errors end the reading. */
struct dataset_sink {
	/* First, once: everything but the hash.  Names are "" where the format
	 * has none of its own. */
	int (*announce)(void *ctx, const struct dataset_info *d, struct err *e);
	/* Then all of train, then all of test, in the data set's order, each
	 * exactly as many as announced. */
	int (*add)(void *ctx, const struct dataset_samples *s, struct err *e);
	void *ctx;
};

struct dataset_format {
	const char *name;
	const char *files; /* what its folders hold, for a sentence */

	/* 1 if the folder is of this format, after adding to `key` what changes
	 * when its files do; 0 if it is not.  ERR_NOT_FOUND if it would be but
	 * lacks a file, which the sentence names; ERR_WORLD. */
	int (*find)(const char *folder, struct sha256 *key, struct err *e);

	/* Reads the folder, checking everything.  ERR_INVALID, naming the file
	 * (not its folder) and the reason; ERR_NOT_FOUND if a file has gone
	 * meanwhile; ERR_WORLD. */
	int (*read)(const char *folder, const struct dataset_sink *to,
		struct err *e);
};

/* True if folder/name exists: then its path is written, and if `key` is not
 * NULL, path, size and time of the last change are added to it.  For formats;
 * too long a path does not exist. */
int dataset_file(const char *folder, const char *name,
	char path[DATASET_PATH_MAX], struct sha256 *key);

#endif
