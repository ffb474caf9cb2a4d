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

struct idx {
	int rank;
	size_t dims[IDX_RANK_MAX];
	uint8_t *values; /* the product of dims, to be freed by idx_release */
};

/* Reads the whole file.  ERR_NOT_FOUND; ERR_INVALID for a wrong magic, sizes
 * over the limit, or more or fewer values than the sizes promise (a cut or
 * corrupt .gz included); ERR_WORLD. */
int idx_read(const char *path, struct idx *out, struct err *e);
void idx_release(struct idx *x);

#endif
