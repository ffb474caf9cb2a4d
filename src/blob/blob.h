/* blob.h -- bytes kept under their SHA-256.
 *
 * Where they are kept is said by a URL: a folder, the PostgreSQL database of a
 * store, or an S3 store (blob_backend.h).  A place has the blobs of one store:
 * a sweep removes what that one does not name.  Safe from any thread. */
#ifndef BLOB_BLOB_H
#define BLOB_BLOB_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

struct blobs;

/* Opens the place at a URL: "folder:PATH" or a plain path, which is made if it
 * is not there; "postgresql:...", a database that store_open has made a store
 * of; "s3://BUCKET/PREFIX", signed by the keys of the environment (http/s3.h).
 * ERR_INVALID for no such place, ERR_DENIED, ERR_WORLD. */
struct blobs *blobs_open(const char *url, struct err *e);

/* Blobs stay; NULL allowed. */
void blobs_close(struct blobs *b);

/* Stores the bytes, which are durable before it returns, and writes their name.
 * Storing the same bytes again changes nothing but their age.  ERR_WORLD,
 * ERR_DENIED. */
int blob_put(struct blobs *b, const void *bytes, size_t n,
	char name[SHA256_HEX_BYTES], struct err *e);

/* Appends the blob to `out` and checks it against its name.  ERR_NOT_FOUND
 * (also when the name is no hash), ERR_WORLD (damaged or unreadable),
 * ERR_TOO_BIG over the buffer's maximum. */
int blob_get(struct blobs *b, const char *name, struct buf *out, struct err *e);

/* Opens a file that holds the blob, checked against its name, at its first
 * byte; the caller closes it.  ERR_NOT_FOUND, ERR_WORLD as blob_get. */
int blob_file(
	struct blobs *b, const char *name, int *fd, size_t *n, struct err *e);

/* The blob's size.  ERR_NOT_FOUND, ERR_WORLD. */
int blob_size(struct blobs *b, const char *name, size_t *n, struct err *e);

/* Calls `each` with the name of every blob, until it fails.  What `each`
 * returned, or ERR_WORLD. */
int blobs_each(struct blobs *b,
	int (*each)(void *ctx, const char *name, struct err *e), void *ctx,
	struct err *e);

/* -- who names blobs, and what nothing names -- */

/* Between the two no blob goes: who puts one enters before, and leaves when
 * something that lasts names it.  Entering twice on a thread is an error. */
void blobs_enter(struct blobs *b);
/* Ends it, and being alone. */
void blobs_leave(struct blobs *b);

/* Waits until all have left; nobody enters until blobs_leave. */
void blobs_alone(struct blobs *b);

/* Sweeps leave what was stored, or stored again, within the last `seconds`:
 * other processes may be about to name it.  At first 0.  Before any sweep. */
void blobs_spare(struct blobs *b, int64_t seconds);

/* Whether a sweep would find more than the last one: one that spares what is
 * young need not be made often. */
int blobs_sweep_due(struct blobs *b);

/* Removes every blob that `named` says nothing names, and what killed processes
 * have left of any.  The caller is alone.  ERR_WORLD, with some of them gone.
 */
int blobs_sweep(struct blobs *b, int (*named)(void *ctx, const char *name),
	void *ctx, struct err *e);

#endif
