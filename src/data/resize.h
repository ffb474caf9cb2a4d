/* resize.h -- a picture of another size, the same to the bit on every machine.
 */
#ifndef DATA_RESIZE_H
#define DATA_RESIZE_H

#include "base/err.h"
#include "data/pixels.h"

/* Scales the picture to (height,width), whatever its proportions, by a triangle
 * filter: bilinear where it grows, the mean of what a pixel covers and its
 * surroundings where it shrinks.  Integer arithmetic throughout: first along
 * the rows, then along the columns, each rounded to 8 bits.  A picture that has
 * the size is copied.  ERR_WORLD without memory. */
int resize(const struct pixels *in, int height, int width, struct pixels *out,
	struct err *e);

#endif
