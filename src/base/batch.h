/* batch.h -- how training sees data: numbered samples, fetched by index.
 *
 * data/ fills one in, nn/ draws from it, model/ joins the two; neither knows
 * the other. */
#ifndef BASE_BATCH_H
#define BASE_BATCH_H

#include <stddef.h>
#include <stdint.h>

/* What a step asks of a source. */
struct batch_request {
	const uint32_t *index; /* samples, each below the source's count */
	size_t n;
	size_t pixel;  /* floats from a pixel to the next; >= channels */
	int64_t epoch; /* from 0; -1: samples as they are, never augmented */
};

struct batch_source {
	int channels, height, width; /* of one image */
	int classes;                 /* labels are 0..classes-1 */
	size_t count;                /* samples */
	/* So many that follow one another lie together, and the whole is so
	 * large that it is read from the disk: an epoch goes through one block
	 * after another.  0: any order is as good. */
	size_t block;

	/* Writes normalized pixels to `images` (n,H,W,pixel), of which only
	 * the channels are touched, and labels to `labels`.  Cannot fail.
	 * Same index, same epoch: same bits. */
	void (*fetch)(const void *ctx, const struct batch_request *q,
		float *images, int32_t *labels);
	/* Of a source with blocks; NULL: nobody wants to know.  The n samples
	 * from `first` on are fetched soon. */
	void (*ahead)(const void *ctx, size_t first, size_t n);
	const void *ctx; /* the source's owner keeps it alive */
};

#endif
