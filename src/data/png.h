/* png.h -- a PNG image as pixels.  Only here is libspng known. */
#ifndef DATA_PNG_H
#define DATA_PNG_H

#include <stddef.h>

#include "base/err.h"
#include "data/pixels.h"

/* True if the bytes begin as a PNG does. */
int png_is(const void *bytes, size_t n);

/* Decodes any PNG to 8 bits: a gray one to one channel, every other to three;
 * what is transparent is laid on black.  ERR_INVALID when it is damaged or
 * larger than PIXELS_MAX; ERR_WORLD without memory. */
int png_read(const void *bytes, size_t n, struct pixels *out, struct err *e);

/* What png_read will give, but for the values and what is transparent; the
 * first 33 bytes of a file are enough.  Its errors. */
int png_look(const void *bytes, size_t n, struct pixels *out, struct err *e);

/* Encodes a picture; `*out` is to be freed with free().  ERR_WORLD without
 * memory. */
int png_write(const struct pixels *p, void **out, size_t *n, struct err *e);

#endif
