/* dataset_note.h -- a small file in the cache folder that says which prepared
 * set is meant, and what its classes are called there.
 *
 * A prepared set is its samples alone; the names belong to where it came from.
 */
#ifndef DATA_DATASET_NOTE_H
#define DATA_DATASET_NOTE_H

#include "base/err.h"
#include "base/hash.h"
#include "data/class_names.h"
#include "data/dataset_info.h"

struct dataset_note {
	char hash[SHA256_HEX_BYTES];
	char from[DATASET_PATH_MAX]; /* the path or URL whose samples these
				      * are, where that alone tells; or "" */
	struct class_names names;    /* n is 0 in the notes of older programs */
};

/* Frees the names. */
void dataset_note_release(struct dataset_note *n);

/* Writes it, over what was there.  ERR_WORLD. */
int dataset_note_write(
	const char *path, const struct dataset_note *n, struct err *e);

/* Reads it; to be released.  ERR_NOT_FOUND, ERR_INVALID, ERR_WORLD. */
int dataset_note_read(
	const char *path, struct dataset_note *out, struct err *e);

#endif
