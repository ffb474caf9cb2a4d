/* store_place.h -- a store that a person names, and where its weights are. */
#ifndef CLI_LOCAL_STORE_PLACE_H
#define CLI_LOCAL_STORE_PLACE_H

#include <limits.h>

#include "base/err.h"

struct store_place {
	char store[PATH_MAX + 16]; /* as store_open takes it */
	char blobs[PATH_MAX + 16]; /* as blobs_open takes it */
};

/* Reads what was typed: postgresql:..., a file of SQLite's with or without
 * "sqlite:", or a broker's data folder.  Weights are in the same database, or
 * in blobs/ beside the file, unless `blobs` (NULL allowed) says where:
 * folder:PATH, postgresql:..., s3://BUCKET/PREFIX.  ERR_INVALID. */
int store_place_read(const char *text, const char *blobs,
	struct store_place *out, struct err *e);

/* ERR_NOT_FOUND when it is a file that is not there. */
int store_place_is_there(const struct store_place *p, struct err *e);

#endif
