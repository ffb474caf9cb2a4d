/* dataset_format.h -- how data sets are laid out in files: a row a format.
 *
 * A format recognises its files and reads them, first saying what is coming and
 * then handing over the samples.  It allocates what a few samples take, however
 * many there are, and trusts nothing that it reads.  To add one: its file, its
 * row in dataset_source.c, a test, a fuzz target. */
#ifndef DATA_DATASET_FORMAT_H
#define DATA_DATASET_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "data/dataset_info.h"
#include "data/reading.h"

/* Samples that follow one another in a part. */
struct dataset_samples {
	enum dataset_part part;
	size_t n;
	const void *pixels;     /* (n,C,H,W) of the announced type */
	const uint16_t *labels; /* (n), each below the announced classes */
};

/* Where a format puts what it reads; its errors end the reading. */
struct dataset_sink {
	/* How many names a person has given the classes; 0: none. */
	size_t names;
	/* First, once: everything but the hash.  Names are NULL where the
	 * format has none of its own.  Writes how many samples of each part are
	 * there already, from an earlier reading of the same files: these must
	 * not come again. */
	int (*announce)(void *ctx, const struct dataset_info *d,
		size_t have[DATASET_PARTS], struct err *e);
	/* Then the rest of train, of test, and of validation, in the data set's
	 * order, exactly as many as announced. */
	int (*add)(void *ctx, const struct dataset_samples *s, struct err *e);
	/* What a person should hear of how the files were understood: a
	 * sentence without a capital or a full stop. */
	void (*say)(void *ctx, const char *sentence);
	/* May be NULL.  True: give up; asked before the announcement, where
	 * that takes a look at all samples. */
	int (*stop)(void *ctx);
	void *ctx;
};

/* What is at a path. */
struct dataset_place {
	const char *path;
	int is_folder;
};

struct dataset_format {
	const char *name;
	const char *files; /* what its data sets are, for a sentence */
	unsigned uses;     /* of enum reading_use: what `read` heeds */

	/* 1 if the place is of this format, after adding to `key` what changes
	 * when its files do; 0 if it is not.  ERR_NOT_FOUND if it would be but
	 * lacks a file, which the sentence names; ERR_INVALID if files of it
	 * cannot be told apart; ERR_WORLD. */
	int (*find)(const struct dataset_place *at, struct sha256 *key,
		struct err *e);

	/* Reads the files, checking everything.  ERR_INVALID, naming the file
	 * (not its folder) and the reason; ERR_NOT_FOUND if a file has gone
	 * meanwhile; ERR_WORLD. */
	int (*read)(const struct dataset_place *at, const struct reading *how,
		const struct dataset_sink *to, struct err *e);
};

/* True if folder/name exists: then its path is written, and if `key` is not
 * NULL, path, size and time of the last change are added to it.  For formats;
 * too long a path does not exist. */
int dataset_file(const char *folder, const char *name,
	char path[DATASET_PATH_MAX], struct sha256 *key);

/* True if there is a regular file at `path`; adds it to the key (NULL: none)
 * likewise. */
int dataset_file_key(const char *path, struct sha256 *key);

/* ERR_CANCELLED when the sink says stop, else 0. */
int dataset_may_go_on(const struct dataset_sink *to, struct err *e);

/* A sentence to the sink's `say`. */
void dataset_say(const struct dataset_sink *to, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
