/* pixel_stats.h -- mean and deviation of images' pixels, by channel. */
#ifndef DATA_PIXEL_STATS_H
#define DATA_PIXEL_STATS_H

#include <stddef.h>

#include "data/dataset_info.h"

/* Images that are asked for one by one. */
struct pixel_images {
	/* The pixels (C,H,W), of the type, of image k, below n. */
	const void *(*pixels)(const void *ctx, size_t k);
	const void *ctx;
	size_t n, plane; /* plane: pixels of one channel */
	int channels;
	enum dataset_dtype dtype;
};

/* Writes a number a channel to each: of bytes over pixels scaled to [0, 1], of
 * floats as they are.  A channel of one value has the deviation 1, so that it
 * becomes 0.  The bits are a function of the images and, of floats, of their
 * order. */
void pixel_stats(const struct pixel_images *p, double *mean, double *std);

#endif
