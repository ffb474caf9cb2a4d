/* buffers.h -- what the tests of kernels share: memory with guards around it,
 * and the comparison with the loops of "reference-2".
 *
 * The guards are NaNs.  Who writes into one is found when the buffers are
 * freed; who reads from one has a NaN among the results. */
#ifndef TEST_BUFFERS_H
#define TEST_BUFFERS_H

#include <stddef.h>

#include "base/rng.h"

/* `n` floats aligned to 64 bytes, NaNs all: a kernel must write what it is
 * asked for and must not count on what is in its scratch. */
float *buffer_new(size_t n);

/* `n` floats of -1 to 1. */
float *buffer_random(struct rng *r, size_t n);

/* Likewise `pixels` pixels of `stride` floats, zero beyond `channels`. */
float *buffer_pixels(
	struct rng *r, size_t pixels, size_t channels, size_t stride);

/* A copy of the `n` floats of another. */
float *buffer_copy(const float *from, size_t n);

/* Frees all buffers, and fails the cmocka test if a guard was written to. */
void buffers_free(void);

/* The largest difference between `n` floats and those wanted, relative to the
 * largest of the latter, or to 1 where all are smaller: sums of numbers of -1
 * to 1 that cancel out.  Infinity where either has a NaN.  Both enter the
 * bits. */
double buffer_deviation(const float *have, const float *want, size_t n);

/* Fails the test, naming `what`, where buffer_deviation is above `bound`. */
void buffer_compare(const char *what, const float *have, const float *want,
	size_t n, double bound);

/* Fails the test unless every pixel is zero beyond the channels. */
void buffer_padding_is_zero(const char *what, const float *p, size_t pixels,
	size_t channels, size_t stride);

/* Prints the hash of every number that was compared so far, for
 * tools/test-arm64: two machines that print the same line made the same
 * bits.  Prints nothing where nothing was compared. */
void buffer_print_bits(const char *kernels);

#endif
