/* members_write.h -- a tar file, written member by member; it has its name when
 * it is whole. */
#ifndef DATA_MEMBERS_WRITE_H
#define DATA_MEMBERS_WRITE_H

#include <stddef.h>

#include "base/err.h"
#include "base/hash.h"

struct members_writer;

/* Begins a file beside `path`, for its owner alone.  ERR_WORLD. */
int members_create(
	const char *path, struct members_writer **out, struct err *e);

/* Adds a file's bytes under that name and writes their hash.  ERR_WORLD, also
 * for a file that becomes shorter meanwhile. */
int members_add_file(struct members_writer *w, const char *name,
	const char *path, char hex[SHA256_HEX_BYTES], struct err *e);

/* Adds n bytes.  ERR_WORLD. */
int members_add_bytes(struct members_writer *w, const char *name,
	const void *bytes, size_t n, struct err *e);

/* Ends the file, syncs it and gives it its name; frees either way.
 * ERR_WORLD: nothing is left of it. */
int members_keep(struct members_writer *w, struct err *e);

/* Frees; nothing is left of the file.  NULL allowed. */
void members_drop(struct members_writer *w);

#endif
