/* dataset_cache.h -- the layout of a prepared data set's file, `<hash>.nds`.
 *
 * In the machine's own byte order, since it never leaves it: the header, the
 * class names, then for each part the pixels and the labels, each piece at a
 * multiple of 64 bytes.  Every place follows from the header's numbers.  A set
 * without a validation part of its own is of version 1, which has no word for
 * one. */
#ifndef DATA_DATASET_CACHE_H
#define DATA_DATASET_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "data/dataset_info.h"

#define CACHE_MAGIC "NEVODNDS"
#define CACHE_VERSION 2
#define CACHE_ALIGN 64

struct cache_header {
	char magic[8];
	uint32_t version;
	int32_t channels, height, width, classes;
	uint32_t dtype;
	uint64_t n_train, n_test;
	char hash[SHA256_HEX_BYTES + 7];  /* of the samples */
	char check[SHA256_HEX_BYTES + 7]; /* of all else here, and names */
	uint64_t n_validation; /* not in version 1, where names follow */
};

/* Offsets in the file, and its length. */
struct cache_layout {
	size_t names;
	size_t pixels[DATASET_PARTS], labels[DATASET_PARTS];
	size_t bytes;
};

/* Where things lie, for an info that dataset_info_check passes. */
void cache_layout(const struct dataset_info *d, struct cache_layout *out);

/* The header of a data set, the checksum included. */
void cache_header_write(const struct dataset_info *d, struct cache_header *out);

/* Bytes of the header that stand in the file. */
size_t cache_header_bytes(const struct cache_header *h);

/* Reads a header into an info without names and checks the numbers, not the
 * checksum.  ERR_INVALID. */
int cache_header_read(
	const struct cache_header *h, struct dataset_info *out, struct err *e);

/* The header's checksum, over the names too (classes of DATASET_NAME_BYTES
 * each). */
void cache_check(const struct cache_header *h, const char *names,
	char hex[SHA256_HEX_BYTES]);

#endif
