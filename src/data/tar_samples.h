/* tar_samples.h -- the samples in a list of tar shards, one after another. */
#ifndef DATA_TAR_SAMPLES_H
#define DATA_TAR_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/members.h"

#define TAR_SHOWN_BYTES 192

struct tar_sample {
	char shown[TAR_SHOWN_BYTES]; /* "train-000.tar: cat/1" */
	int64_t label;
	struct buf picture;
};

struct tar_samples;

/* Reads the shards at these paths, which live longer, in this order.  The
 * caller ends with tar_samples_free. */
struct tar_samples *tar_samples_new(char *const *paths, size_t n);

/* NULL is allowed. */
void tar_samples_free(struct tar_samples *t);

/* The next sample, valid until the next call: 1, 0 at the end, or an error.
 * ERR_INVALID names the shard and the sample. */
int tar_samples_next(
	struct tar_samples *t, const struct tar_sample **out, struct err *e);

#endif
