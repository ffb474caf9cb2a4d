/* blob_backend.h -- what a place must do to keep blobs: the verbs under
 * blob.h, which names, checks and sweeps.
 *
 * Names given to the verbs are hashes, but for what `each` itself has told.
 * Verbs are called by several threads at once.  Their sentences are as a client
 * may see them. */
#ifndef BLOB_BLOB_BACKEND_H
#define BLOB_BLOB_BACKEND_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

/* A backend's own; each casts it to what it has. */
struct blob_place;

/* Where bytes go that are read, piece after piece; an error ends it. */
struct blob_sink {
	int (*take)(void *ctx, const void *bytes, size_t n, struct err *e);
	void *ctx;
};

/* Who is told what there is. */
struct blob_told {
	/* A name, which need be no hash where something else lies about. */
	int (*one)(void *ctx, const char *name, struct err *e);
	void *ctx;
};

struct blob_backend {
	const char *scheme; /* of its URLs, without the colon */

	/* Opens the place that the whole URL names.  NULL with ERR_INVALID,
	 * ERR_DENIED, ERR_WORLD. */
	struct blob_place *(*open)(const char *url, struct err *e);
	void (*close)(struct blob_place *p);

	/* Makes the blob durable, whole or not at all, in place of a damaged
	 * one, and young.  ERR_WORLD, ERR_DENIED. */
	int (*put)(struct blob_place *p, const char *name, const void *bytes,
		size_t n, struct err *e);
	/* Hands over its bytes in order; nobody has checked them.
	 * ERR_NOT_FOUND, ERR_WORLD, what the sink returned. */
	int (*read)(struct blob_place *p, const char *name,
		const struct blob_sink *to, struct err *e);
	/* ERR_NOT_FOUND, ERR_WORLD. */
	int (*size)(struct blob_place *p, const char *name, size_t *n,
		struct err *e);
	/* A file that has it, at its first byte, which nobody has checked; NULL
	 * where blobs are no files.  As `read`. */
	int (*file)(
		struct blob_place *p, const char *name, int *fd, struct err *e);

	/* Tells of what was stored `age_s` or more ago, by the place's clock;
	 * of everything for 0.  What is told may be removed meanwhile. */
	int (*each)(struct blob_place *p, int64_t age_s,
		const struct blob_told *told, struct err *e);
	/* Removes one that is still of that age; 0 also when there is none. */
	int (*remove)(struct blob_place *p, const char *name, int64_t age_s,
		struct err *e);
};

/* The backends; each in a file of its name. */
extern const struct blob_backend blob_folder;
extern const struct blob_backend blob_postgres;
extern const struct blob_backend blob_s3;

/* For backends: there is none of that name. */
static inline int blob_absent(struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "there is no such blob");
}

#endif
