/* idx.h -- the IDX format of MNIST and its kin, plain or gzipped.
 * http://yann.lecun.com/exdb/mnist: a magic 0 0 type rank, then big-endian
 * sizes, then the values.  Only unsigned bytes are read here. */
#ifndef DATA_IDX_H
#define DATA_IDX_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define IDX_RANK_MAX 4
#define IDX_BYTES_MAX ((size_t)4 << 30)

struct idx_sizes {
	int rank; /* 1..IDX_RANK_MAX */
	size_t dims[IDX_RANK_MAX];
};

/* -- a file read a piece at a time -- */

struct idx_reader;

/* Opens a file and reads its sizes.  ERR_NOT_FOUND; ERR_INVALID for a wrong
 * magic, or sizes over the limit or beyond what the file can hold; ERR_WORLD.
 * The sentences name the file, not its folder. */
int idx_open(const char *path, struct idx_reader **out, struct err *e);

/* NULL is allowed. */
void idx_close(struct idx_reader *r);

/* Valid until idx_close. */
const struct idx_sizes *idx_sizes(const struct idx_reader *r);

/* Reads the next n values, at most as many as are left.  With the last value it
 * looks at the file's end: ERR_INVALID for more or fewer values than the sizes
 * promise (a cut or corrupt .gz included); ERR_WORLD. */
int idx_next(struct idx_reader *r, uint8_t *values, size_t n, struct err *e);

/* -- a whole file -- */

struct idx {
	struct idx_sizes sizes;
	uint8_t *values; /* the product of dims, to be freed by idx_release */
};

/* Opens, reads everything and closes; the errors of both. */
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
int idx_images(const struct idx_sizes *s, const char *what,
	struct idx_images *out, struct err *e);

#endif
