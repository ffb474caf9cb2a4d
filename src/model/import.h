/* import.h -- a trained network read back from the file that export.h wrote.
 *
 * The file comes from outside and may be anything: its notes are read with
 * bounds, its network must pass spec_check and a limit of memory before
 * anything is built, and its tensors must be just the network's. */
#ifndef MODEL_IMPORT_H
#define MODEL_IMPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "data/dataset.h"
#include "data/split.h"
#include "nn/kernels/kernels.h"
#include "nn/net.h"
#include "nn/spec.h"

/* All that export_write was given. */
struct import {
	struct net *net;
	int batch;                /* images that the net takes at once */
	struct spec spec;         /* checked */
	struct dataset_info data; /* without samples: n_train, n_test are 0 */
	char (*names)[DATASET_NAME_BYTES]; /* that are in `data` */
	struct normalization normalization;
	char *genome_json; /* a JSON object; NULL if the file has none */
	int flip_test;     /* what the net has been told */
};

struct import_options {
	const struct kernels *kernels;
	int batch;         /* at most; 1 or more */
	int64_t max_bytes; /* planned memory of the net, as spec_cost counts */
};

/* Reads a file of `n` bytes, which are not needed afterwards.  The batch is the
 * largest that the memory allows, by halving o->batch.  NULL with
 * ERR_INVALID or ERR_RANGE, naming what is wrong with the file, or ERR_WORLD.
 * The same net computes the same bits as the one that was written, if the
 * batch and the kernel class are the same. */
struct import *import_read(const void *bytes, size_t n,
	const struct import_options *o, struct err *e);

/* NULL is a no-op. */
void import_free(struct import *m);

#endif
