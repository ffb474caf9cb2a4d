/* resize_sums.h -- the two passes of a resizing, each for the vectors of some
 * machines; all give the same bytes. */
#ifndef DATA_RESIZE_SUMS_H
#define DATA_RESIZE_SUMS_H

#include <stddef.h>
#include <stdint.h>

#define RESIZE_ONE_BITS 15 /* of a share: 255 shares of one fit in 32 bits */
#define RESIZE_ONE (1 << RESIZE_ONE_BITS)

#define RESIZE_TAPS 8 /* shares come in so many, the last ones being 0 */

/* The pixels of the source that make one, and what of each is taken away, which
 * adds up to -RESIZE_ONE: of RESIZE_ONE itself there is no positive number of
 * 16 bits.  What stands behind the n-th is 0, to the next multiple of
 * RESIZE_TAPS. */
struct resize_taps {
	int first, n;
	const int16_t *less;
};

struct resize_sums {
	/* (n,from,channels) to (n,to,channels), of 1 or 3 channels.  `row` has
	 * room for a row's channels, each with RESIZE_TAPS values more: what
	 * stands there is multiplied by 0. */
	void (*along_rows)(const struct resize_taps *taps, const uint8_t *in,
		size_t n, size_t from, size_t to, size_t channels, int16_t *row,
		uint8_t *out);
	/* (from,width) to (to,width). */
	void (*along_columns)(const struct resize_taps *taps, const uint8_t *in,
		size_t to, size_t width, uint8_t *out);
};

extern const struct resize_sums resize_sums_plain;
#ifdef __x86_64__
extern const struct resize_sums resize_sums_avx2; /* for CPUs that have it */
#endif

#endif
