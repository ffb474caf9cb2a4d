/* png.h -- a PNG image as pixels.  Only here is libspng known. */
#ifndef DATA_PNG_H
#define DATA_PNG_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct png {
	int height, width;
	uint8_t *rgb; /* (height,width,3), to be freed with free() */
};

/* True if the bytes begin as a PNG does. */
int png_is(const void *bytes, size_t n);

/* Decodes any PNG to 8 bits of red, green and blue: grays have three equal
 * ones, transparency is left out.  ERR_INVALID when it is damaged or a side is
 * over `side_max`; ERR_WORLD without memory. */
int png_read(const void *bytes, size_t n, int side_max, struct png *out,
	struct err *e);

#endif
