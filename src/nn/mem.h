/* mem.h -- the memory of one net: aligned, zeroed, counted, freed at once.
 *
 * Everything that a net computes with is taken while it is built and nothing
 * inside a step.  Zeroed, so that what pads channels to whole vectors is zero
 * and stays zero through every optimizer. */
#ifndef NN_MEM_H
#define NN_MEM_H

#include <stddef.h>

#include "base/err.h"

struct mem_block;

struct mem {
	struct mem_block *head; /* newest block, or NULL */
	size_t bytes; /* taken so far, rounding and headers included */
};

/* What mem_floats adds for rounding up to 64 bytes and its own header. */
#define MEM_OVERHEAD_BYTES 128

/* No memory yet. */
void mem_init(struct mem *m);

/* Frees everything taken from `m`, which is then empty. */
void mem_release(struct mem *m);

/* Points *out to `count` zeroed floats, aligned to 64 bytes, valid until
 * mem_release.  ERR_WORLD when the machine has no more. */
int mem_floats(struct mem *m, float **out, size_t count, struct err *e);

#endif
