/* blob_cache.h -- what jobs need and brokers bring: files by their SHA-256, the
 * oldest of which make room for new ones.
 *
 * Nothing is lost with a file that goes: a job that needs it is refused, and
 * brought again together with it. */
#ifndef SERVICE_EVOLUTIONER_BLOB_CACHE_H
#define SERVICE_EVOLUTIONER_BLOB_CACHE_H

#include <stddef.h>

#include "base/err.h"

#define BLOB_CACHE_BYTES ((size_t)1 << 30)

struct blob_cache;

/* Keeps files in `dir`, which is made if it is not there, as far as they are
 * `max_bytes` together.  NULL with ERR_WORLD. */
struct blob_cache *blob_cache_open(
	const char *dir, size_t max_bytes, struct err *e);

/* Files stay; NULL allowed. */
void blob_cache_close(struct blob_cache *c);

/* The folder. */
const char *blob_cache_dir(const struct blob_cache *c);

/* Keeps the bytes, in a file that has their hash as its name.  ERR_INVALID when
 * they have another one than `sha256`, ERR_TOO_BIG when they fill the cache
 * alone, ERR_WORLD.  Safe from any thread. */
int blob_cache_put(struct blob_cache *c, const char *sha256, const void *bytes,
	size_t n, struct err *e);

/* True if it is there; it then counts as used just now. */
int blob_cache_has(struct blob_cache *c, const char *sha256);

#endif
