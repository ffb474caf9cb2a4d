/* images.h -- images without labels, from a file of a person's choice. */
#ifndef DATA_IMAGES_H
#define DATA_IMAGES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "data/dataset_info.h"

struct images {
	size_t n;
	int channels, height, width;
	uint8_t *pixels; /* (n,C,H,W), of the type that was asked for; to be
			  * freed by images_release */
	/* What was done to a picture: */
	int from_height, from_width; /* its size was; 0: no other */
	int transparent;             /* it was laid on black */
};

/* What a network takes. */
struct images_shape {
	int channels, height, width;
	enum dataset_dtype dtype;
};

/* True if the file begins as one that images_read reads; false too for what
 * cannot be opened. */
int images_is(const char *path);

/* Reads a picture (PNG or JPEG), or an IDX file of one image (H,W) or of
 * several, (N,H,W) or (N,C,H,W), plain or gzipped, or an NPY file of one or
 * several, in any order that fits the shape; sides and channels as
 * dataset.h limits them.  A picture is turned to gray or to colours and resized
 * as `shape` says, which must have 1 or 3 channels for that, and bytes; an
 * IDX file is left as it is, but that its values become floats where these are
 * asked for.  ERR_NOT_FOUND; ERR_INVALID, naming the file (not its folder)
 * and what is wrong with it; ERR_WORLD. */
int images_read(const char *path, const struct images_shape *shape,
	struct images *out, struct err *e);

/* Frees the pixels. */
void images_release(struct images *p);

#endif
