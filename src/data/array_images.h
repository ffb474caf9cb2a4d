/* array_images.h -- images from an array whose order nobody tells: that which
 * fits what a network takes. */
#ifndef DATA_ARRAY_IMAGES_H
#define DATA_ARRAY_IMAGES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "data/array.h"
#include "data/dataset_info.h"

/* Reads all of the array, as images of the shape and the type of `like`: one or
 * several, with channels first or last, or without where there is one; signals,
 * of height 1, without the height.  Values become floats where these are asked
 * for, and must else be unsigned bytes.  `*pixels` (n,C,H,W) is to be freed
 * with free().  ERR_INVALID, naming the file, where nothing fits; ERR_WORLD. */
int array_images(struct array *a, const struct dataset_info *like,
	uint8_t **pixels, size_t *n, struct err *e);

#endif
