/* images.h -- images without labels, from a file of a person's choice. */
#ifndef DATA_IMAGES_H
#define DATA_IMAGES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct images {
	size_t n;
	int channels, height, width;
	uint8_t *pixels; /* (n,C,H,W), to be freed by images_release */
};

/* Reads a PNG, or an IDX file of one image (H,W) or of several, (N,H,W) or
 * (N,C,H,W), plain or gzipped; sides and channels as dataset.h limits them.
 * A PNG is turned to gray if `channels` is 1, to colours if it is 3, and is
 * otherwise refused; an IDX file is left as it is.  ERR_NOT_FOUND; ERR_INVALID,
 * naming the file (not its folder) and what is wrong with it; ERR_WORLD. */
int images_read(
	const char *path, int channels, struct images *out, struct err *e);

/* Frees the pixels. */
void images_release(struct images *p);

#endif
