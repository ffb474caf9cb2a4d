/* picture_shape.h -- what all pictures of a data set become: one size, and one
 * channel if every one of them is gray, else three. */
#ifndef DATA_PICTURE_SHAPE_H
#define DATA_PICTURE_SHAPE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "data/dataset_info.h"
#include "data/reading.h"

#define PICTURE_SHAPE_NAME_BYTES 192

struct picture_shape {
	int channels, height, width; /* 0 x 0 before the first picture */
	int resized;                 /* by a wish: pictures may have any size */
	char first[PICTURE_SHAPE_NAME_BYTES]; /* the picture of that size */
	size_t transparent; /* pictures that were laid on black */
};

/* Before the first picture. */
void picture_shape_init(struct picture_shape *s, const struct reading *how);

/* Takes in a picture that is called `name`, which may be its first bytes alone:
 * 1, or 0 if these are too few.  ERR_INVALID, naming it, for one of another
 * size than the first or over dataset_info.h's limits, where no size is asked
 * for, and for what is no picture. */
int picture_shape_see(struct picture_shape *s, const char *name,
	const void *bytes, size_t n, int whole, struct err *e);

/* After the last picture: shape and type of the data set. */
void picture_shape_describe(
	const struct picture_shape *s, struct dataset_info *out);

/* Decodes a picture to (C,H,W) of the shape, which all have been seen for.
 * ERR_INVALID, naming it; ERR_WORLD. */
int picture_shape_take(struct picture_shape *s, const char *name,
	const void *bytes, size_t n, uint8_t *out, struct err *e);

#endif
