/* broker_bytes.h -- weights from and to brokers, by their hashes: what jobs
 * start from, and what came of them. */
#ifndef SERVICE_EVOLUTIONER_BROKER_BYTES_H
#define SERVICE_EVOLUTIONER_BROKER_BYTES_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"
#include "service/evolutioner/blob_cache.h"

struct broker_bytes {
	const char *const *brokers; /* base URLs, asked in this order */
	size_t n_brokers;
	const char *token; /* or NULL */
	struct blob_cache *blobs;
	/* True to give up what is under way. */
	int (*cancelled)(void *ctx);
	void *ctx;
};

/* Brings what the job document's `parents` name and is not here.  ERR_INVALID;
 * ERR_WORLD: no broker gives it. */
int broker_bytes_parents(
	const struct broker_bytes *b, const json_t *job, struct err *e);

/* Brings a broker those weights, which it keeps before this returns.
 * ERR_WORLD: none took them. */
int broker_bytes_keep(const struct broker_bytes *b, const char *sha256,
	const void *bytes, size_t n, struct err *e);

#endif
