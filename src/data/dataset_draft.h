/* dataset_draft.h -- a prepared set that arrives from elsewhere, shard by
 * shard, and is a set when every byte of it is right.
 *
 * What has arrived is the length of the files: whoever was killed goes on from
 * there. */
#ifndef DATA_DATASET_DRAFT_H
#define DATA_DATASET_DRAFT_H

#include <stddef.h>

#include "base/err.h"
#include "data/dataset_manifest.h"
#include "data/dataset_pieces.h"

struct dataset_draft {
	const struct manifest *manifest;
	const char *cache_dir;
	struct pieces pieces;
};

/* The draft `PREFIX-<hash>.nds` in the folder; both pointers are kept.  Nothing
 * is made yet.  ERR_WORLD for a path that is too long. */
int dataset_draft_init(struct dataset_draft *d, const char *cache_dir,
	const char *prefix, const struct manifest *m, struct err *e);

/* Bytes of shard k that are here. */
size_t dataset_draft_has(const struct dataset_draft *d, size_t k);

/* Writes n bytes of shard k, at `at` in it.  ERR_WORLD. */
int dataset_draft_write(const struct dataset_draft *d, size_t k, size_t at,
	const char *bytes, size_t n, struct err *e);

/* 0 if the shard is here and has its SHA-256; one that has not is removed, to
 * be sent again.  ERR_WORLD. */
int dataset_draft_check(const struct dataset_draft *d, size_t k, struct err *e);

/* All shards are here: reads them, and makes them the set of their hash.
 * ERR_INVALID for what is no such set, which is removed; ERR_WORLD. */
int dataset_draft_keep(const struct dataset_draft *d, struct err *e);

#endif
