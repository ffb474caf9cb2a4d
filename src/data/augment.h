/* augment.h -- training images seen a little differently in every epoch.
 *
 * Random crop after padding with black, horizontal flip, and random erasing
 * (Zhong et al., 2017), in this order, as an image is fetched: no copy is made
 * and nothing is allocated.  What happens to an image is a function of the
 * seed, the epoch and the image's number alone. */
#ifndef DATA_AUGMENT_H
#define DATA_AUGMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/field.h"
#include "base/rng.h"

#define AUGMENT_LEVELS 256 /* of a pixel */

/* A struct of zeros leaves images as they are. */
struct augment {
	/* Pixels of padding on each side, of which a window of the image's
	 * size is cut: 0..16 and below both sides. */
	int crop;
	/* Flip every second image left to right, by chance.  Only for data
	 * whose mirror image means the same: never digits or text. */
	int flip;
	/* The chance, 0..1, that a rectangle of an image is replaced by each
	 * channel's mean: 0.02 to 0.4 of the area, sides in a ratio of 0.3 to
	 * 1/0.3, as in the paper. */
	double erase;
};

/* A member a field. */
extern const struct fields augment_fields;

/* True if it changes anything. */
int augment_is_on(const struct augment *a);

/* ERR_RANGE, naming the field and the limit, for values out of their range or
 * a crop that images of this height and width are too small for. */
int augment_check(
	const struct augment *a, int height, int width, struct err *e);

/* How one image is seen. */
struct augment_view {
	/* Pixel (y, x) shows the image's (y + dy, x + dx), with a flip
	 * (y + dy, width - 1 - x + dx); black where that is outside. */
	int dy, dx; /* -crop..crop */
	int flip;
	/* What is erased of the view, always within it; 0 x 0: nothing. */
	int top, left, height, width;
};

/* Draws from `r`: two numbers for a crop, one for a flip, one for erasing and
 * then four (more often only where the rectangle does not fit, and at most ten
 * times). */
void augment_draw(const struct augment *a, int height, int width, struct rng *r,
	struct augment_view *out);

/* The images that augment_apply reads and writes. */
struct augment_shape {
	int channels, height, width;
	size_t pixel; /* floats from a pixel of the output to the next */
	/* What a pixel of 8 bits becomes in each channel; its mean is 0.
	 * NULL: pixels are floats, and become (value - mean) / std. */
	const float (*level)[AUGMENT_LEVELS];
	const double *mean, *std; /* by channel; of floats alone */
};

/* Writes the view of an image (C,H,W), of bytes or floats, to `out`
 * (H,W,pixel), of which only the channels are touched. */
void augment_apply(const struct augment_view *v, const struct augment_shape *s,
	const void *pixels, float *out);

#endif
