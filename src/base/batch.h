/* batch.h -- how training sees data: numbered samples, fetched by index.
 *
 * data/ fills one in, nn/ draws from it, model/ joins the two; neither knows
 * the other. */
#ifndef BASE_BATCH_H
#define BASE_BATCH_H

#include <stddef.h>
#include <stdint.h>

struct batch_source {
	int channels, height, width; /* of one image */
	int classes;                 /* labels are 0..classes-1 */
	size_t count;                /* samples */

	/* Writes the n samples `index[0..n-1]` (each below count): normalized
	 * pixels to `images` (n,C,H,W), labels to `labels`.  Cannot fail.
	 * Same index, same bits. */
	void (*fetch)(const void *ctx, const uint32_t *index, size_t n,
		float *images, int32_t *labels);
	const void *ctx; /* the source's owner keeps it alive */
};

#endif
