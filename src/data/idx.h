/* idx.h -- the IDX format of MNIST and its kin, plain or gzipped.
 * http://yann.lecun.com/exdb/mnist: a magic 0 0 type rank, then big-endian
 * sizes, then the values. */
#ifndef DATA_IDX_H
#define DATA_IDX_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "data/array.h"

/* Opens a file of any element type.  ERR_NOT_FOUND; ERR_INVALID for a wrong
 * magic, or sizes over array.h's limit or beyond what the file can hold;
 * ERR_WORLD.  The sentences name the file, not its folder. */
int idx_open(const char *path, struct array **out, struct err *e);

/* -- a whole file of unsigned bytes -- */

struct idx {
	struct array_shape sizes;
	uint8_t *values; /* all of them, to be freed by idx_release */
};

/* Opens, reads everything and closes; the errors of both.  ERR_INVALID for
 * another element type. */
int idx_read(const char *path, struct idx *out, struct err *e);

/* Frees the values. */
void idx_release(struct idx *x);

/* -- sizes as images -- */

struct idx_images {
	size_t n;
	int channels, height, width;
};

/* Sees (H,W) as one image, (N,H,W) and (N,C,H,W) as several.  ERR_INVALID for
 * one dimension or a size over dataset_info.h's limits, in a sentence about
 * `what` ("the train images"). */
int idx_images(const struct array_shape *s, const char *what,
	struct idx_images *out, struct err *e);

#endif
