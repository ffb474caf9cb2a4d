/* jpeg.h -- a JPEG image as pixels.  Only here is libjpeg known. */
#ifndef DATA_JPEG_H
#define DATA_JPEG_H

#include <stddef.h>

#include "base/err.h"
#include "data/pixels.h"

/* True if the bytes begin as a JPEG does. */
int jpeg_is(const void *bytes, size_t n);

/* Decodes any JPEG, baseline or progressive: a gray one to one channel, colours
 * and CMYK to three.  The way that a camera was held (Exif) plays no part.
 * ERR_INVALID when it is damaged, cut, or larger than PIXELS_MAX; ERR_WORLD
 * without memory. */
int jpeg_read(const void *bytes, size_t n, struct pixels *out, struct err *e);

/* What jpeg_read will give, but for the values.  Its errors; the first bytes
 * of a file may be too few, which is one of them. */
int jpeg_look(const void *bytes, size_t n, struct pixels *out, struct err *e);

#endif
