/* dataset_pieces.h -- a prepared data set's file, cut into pieces so that no
 * file is larger than is easily moved: FILE.nds, FILE.nds.1, FILE.nds.2, ...
 *
 * All but the last are of one size.  Most sets are one piece.  The first is
 * given its name last, so that a set is whole or not there. */
#ifndef DATA_DATASET_PIECES_H
#define DATA_DATASET_PIECES_H

#include <stddef.h>

#include "base/err.h"
#include "base/hash.h"
#include "data/dataset_info.h"

#define PIECES_BYTES ((size_t)512 << 20) /* of one */
#define PIECES_ALIGN ((size_t)65536)     /* no machine has larger pages */
#define PIECES_MAX 65536

struct pieces {
	char path[DATASET_PATH_MAX - 8]; /* of the first */
	size_t bytes;                    /* of all */
	size_t piece_bytes; /* a multiple of PIECES_ALIGN, if there are two */
};

/* How many there are. */
size_t pieces_count(const struct pieces *p);

/* The size of piece k. */
size_t pieces_size(const struct pieces *p, size_t k);

/* The path of piece k of the set at `path`. */
void pieces_path(const char *path, size_t k, char out[DATASET_PATH_MAX]);

/* -- writing -- */

/* Makes them all, as long as they will be; what is never written is 0.
 * ERR_WORLD; ERR_TOO_BIG for more than PIECES_MAX. */
int pieces_create(const struct pieces *p, struct err *e);

/* True if they are all there, as long as they should be. */
int pieces_are_there(const struct pieces *p);

/* Writes n bytes at an offset.  ERR_WORLD, also when a piece has gone. */
int pieces_write(const struct pieces *p, size_t offset, const void *bytes,
	size_t n, struct err *e);

/* Reads n bytes at an offset.  ERR_WORLD. */
int pieces_read(const struct pieces *p, size_t offset, void *to, size_t n,
	struct err *e);

/* What is written of the bytes from `from` to `to` is on the disk. */
int pieces_sync(const struct pieces *p, size_t from, size_t to, struct err *e);

/* Gives them the names of the set at `path`, over what has these; the first
 * comes last.  ERR_WORLD. */
int pieces_rename(const struct pieces *p, const char *path, struct err *e);

/* Removes them, the first before the others. */
void pieces_remove(const struct pieces *p);

/* -- a set that is there -- */

/* Maps them read-only, one behind the other: `bytes` of them.  NULL with
 * ERR_INVALID when one has another size, ERR_NOT_FOUND, ERR_WORLD. */
const void *pieces_map(const struct pieces *p, struct err *e);

#endif
