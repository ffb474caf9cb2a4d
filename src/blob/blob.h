/* blob.h -- bytes kept under their SHA-256, in a folder. */
#ifndef BLOB_BLOB_H
#define BLOB_BLOB_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

struct blobs;

/* Opens or makes the folder.  ERR_WORLD. */
struct blobs *blobs_open(const char *dir, struct err *e);

/* Blobs stay; NULL allowed. */
void blobs_close(struct blobs *b);

/* Stores the bytes, file and folder synced before it returns, and writes their
 * name.  Storing the same bytes again changes nothing.  ERR_WORLD. */
int blob_put(struct blobs *b, const void *bytes, size_t n,
	char name[SHA256_HEX_BYTES], struct err *e);

/* Appends the blob to `out` and checks it against its name.  ERR_NOT_FOUND
 * (also when the name is no hash), ERR_WORLD (damaged or unreadable),
 * ERR_TOO_BIG over the buffer's maximum. */
int blob_get(struct blobs *b, const char *name, struct buf *out, struct err *e);

/* Opens the blob's file, checked against its name, at its first byte; the
 * caller closes it.  ERR_NOT_FOUND, ERR_WORLD as blob_get. */
int blob_file(
	struct blobs *b, const char *name, int *fd, size_t *n, struct err *e);

/* Between the two no blob goes: who puts one enters before, and leaves when
 * something that lasts names it.  Entering twice on a thread is an error. */
void blobs_enter(struct blobs *b);
/* Ends it, and being alone. */
void blobs_leave(struct blobs *b);

/* Waits until all have left; nobody enters until blobs_leave. */
void blobs_alone(struct blobs *b);

/* Removes every blob that `named` says nothing names, and what killed processes
 * have left of any.  The caller is alone.  ERR_WORLD, with some of them gone.
 */
int blobs_sweep(struct blobs *b, int (*named)(void *ctx, const char *name),
	void *ctx, struct err *e);

/* The blob's size.  ERR_NOT_FOUND, ERR_WORLD. */
int blob_size(struct blobs *b, const char *name, size_t *n, struct err *e);

#endif
