/* dataset_manifest.h -- the pieces of a prepared data set by their SHA-256, as
 * a JSON document: beside the set's file as `<hash>.manifest`, and as a broker
 * gives it to workers.
 *
 * {"hash", "bytes", "shards":[{"sha256","bytes"}]}.  All shards but the last
 * are of one size. */
#ifndef DATA_DATASET_MANIFEST_H
#define DATA_DATASET_MANIFEST_H

#include <jansson.h>

#include "base/err.h"
#include "base/hash.h"
#include "data/dataset_pieces.h"

struct manifest_shard {
	char sha256[SHA256_HEX_BYTES];
	size_t bytes;
};

struct manifest {
	char hash[SHA256_HEX_BYTES]; /* of the samples */
	size_t bytes;                /* of all shards */
	size_t n;
	struct manifest_shard *shards; /* to be freed by manifest_release */
};

/* Frees the shards. */
void manifest_release(struct manifest *m);

/* A new reference. */
json_t *manifest_json(const struct manifest *m);

/* Reads a document from outside: ERR_INVALID or ERR_RANGE. */
int manifest_read(const json_t *v, struct manifest *out, struct err *e);

/* Computes it from the pieces, which are read.  ERR_WORLD. */
int manifest_compute(const char *hash, const struct pieces *p,
	struct manifest *out, struct err *e);

/* Writes it beside the set whose first piece is, or will be, at `path`.
 * ERR_WORLD. */
int manifest_save(const struct manifest *m, const char *path, struct err *e);

/* Reads what manifest_save has written for that path, whatever the pieces are.
 * ERR_NOT_FOUND, ERR_INVALID, ERR_WORLD. */
int manifest_saved(const char *path, struct manifest *out, struct err *e);

/* The one beside the set at `path`, if its pieces have these sizes; else
 * computes and saves it, of a set that a program without manifests prepared.
 * ERR_NOT_FOUND, ERR_WORLD. */
int manifest_load(const char *hash, const char *path, struct manifest *out,
	struct err *e);

/* Where it is. */
void manifest_path(const char *path, char out[DATASET_PATH_MAX]);

/* The set's file at `path` in the manifest's pieces. */
void manifest_pieces(
	const struct manifest *m, const char *path, struct pieces *out);

#endif
