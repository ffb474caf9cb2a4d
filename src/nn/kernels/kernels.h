/* kernels.h -- the kernel classes: which instruction set, which arithmetic.
 *
 * A class is one table of kernels, the loops in which all time is spent.  Bits
 * of a result depend on it, so a run is pinned to one and its name is in the
 * settings that the digest covers: "avx2-2" is the instruction set and the
 * version of the arithmetic (raised when a change alters bits).
 *
 * Layouts.  A map is (n, height, width, stride): pixel after pixel, each of
 * `stride` floats, which is the number of channels rounded up to whole vectors
 * of `lanes` floats.  What is beyond the channels is zero in values, gradients
 * and parameters, and every kernel leaves it zero.  All pointers are aligned
 * to 64 bytes.  Nothing is allocated here. */
#ifndef NN_KERNELS_H
#define NN_KERNELS_H

#include <stddef.h>

#include "base/err.h"

#define KERNELS_NAME_BYTES 16

/* The widest vector of any class. */
#define KERNELS_LANES_MAX 16

struct kernels {
	const char *name;
	size_t lanes;
	const struct winograd_kernels *winograd; /* NULL: the class has none */
	const struct direct_kernels *direct;
	const struct direct_kernels *spread; /* spread above 1, no gradients;
					      * NULL: the class has none */
	const struct dense_kernels *dense;
	const struct activation_kernels *activation;
	const struct pool_kernels *pool;
	const struct average_kernels *average;
	const struct norm_kernels *norm;
	const struct join_kernels *join;
	const struct dropout_kernels *dropout;
	const struct update_kernels *update;
	const struct peak_kernels *peak;
};

/* Classes this CPU can run, best first; at least one.  Writes up to `max`
 * static names and returns how many there are. */
size_t kernels_available(const char **names, size_t max);

/* The best of them. */
const struct kernels *kernels_best(void);

/* The class of that name, or NULL: ERR_WORLD when this CPU cannot run it
 * (another worker may), ERR_INVALID when the name is not a class.  Also finds
 * "reference-2", which is not offered: plain loops to test the others by. */
const struct kernels *kernels_find(const char *name, struct err *e);

/* Floats of a pixel of so many channels. */
static inline size_t kernels_stride(const struct kernels *k, int channels)
{
	return ((size_t)channels + k->lanes - 1) / k->lanes * k->lanes;
}

#endif
