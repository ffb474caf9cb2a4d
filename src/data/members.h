/* members.h -- the files in a zip or a tar file, one after another.  Only here
 * is libarchive known.
 *
 * Nothing is ever unpacked to the disk, so names in an archive are names and
 * not paths.  A tar file may be gzipped. */
#ifndef DATA_MEMBERS_H
#define DATA_MEMBERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "data/stream.h"

#define MEMBERS_NAME_MAX 1024 /* longer names are refused */

enum members_kind { MEMBERS_ZIP, MEMBERS_TAR };

/* True if a file begins as such an archive does; of a gzipped one, if what is
 * in it does. */
int members_is(const char *path, enum members_kind kind);

struct members; /* an open archive, at one of its members */

/* Opens one, before its first member.  ERR_NOT_FOUND, ERR_INVALID (naming the
 * file, not its folder), ERR_WORLD. */
int members_open(const char *path, enum members_kind kind, struct members **out,
	struct err *e);

/* NULL is allowed. */
void members_close(struct members *m);

/* Goes to the next regular file: 1, 0 if there is none, or an error. */
int members_next(struct members *m, struct err *e);

/* The current one's name, with its folders; valid until the next call. */
const char *members_name(const struct members *m);

/* The size that the archive gives the current one. */
uint64_t members_bytes(const struct members *m);

/* Reads the current one from its start: n bytes, which are all of it.
 * ERR_INVALID, ERR_WORLD. */
int members_read(struct members *m, void *to, size_t n, struct err *e);

/* Reads the next n bytes of the current one.  ERR_INVALID where it has fewer,
 * ERR_WORLD. */
int members_read_on(struct members *m, void *to, size_t n, struct err *e);

/* The member of that name as a stream of its own.  1, 0 if there is none, or an
 * error. */
int members_stream(const char *path, enum members_kind kind, const char *name,
	struct stream **out, struct err *e);

#endif
