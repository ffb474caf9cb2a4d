/* picture.h -- a picture of any usual kind, as the pixels that a network takes.
 */
#ifndef DATA_PICTURE_H
#define DATA_PICTURE_H

#include <stddef.h>

#include "base/err.h"
#include "data/pixels.h"

/* A file of more bytes is not read. */
#define PICTURE_BYTES_MAX ((size_t)64 << 20)

/* True if the bytes begin as a PNG or a JPEG does; PICTURE_LOOK_BYTES are
 * enough. */
#define PICTURE_LOOK_BYTES 8
int picture_is(const void *bytes, size_t n);

/* What a picture will be, as it says at its beginning: of `out` all but the
 * values and what is transparent.  The errors of picture_read; of a JPEG, the
 * first bytes of a file may be too few. */
int picture_look(
	const void *bytes, size_t n, struct pixels *out, struct err *e);

/* Decodes a PNG or a JPEG, of what size and how many channels it is.  What is
 * transparent lies on black; a picture of which nothing is left by that is
 * refused.  ERR_INVALID, with a sentence that does not name the file;
 * ERR_WORLD without memory. */
int picture_read(
	const void *bytes, size_t n, struct pixels *out, struct err *e);

/* Turns colours to grays or grays to equal colours, as `channels`, 1 or 3,
 * says; grays by ITU-R BT.601, rounded.  ERR_WORLD without memory, with the
 * picture as it was. */
int picture_recolour(struct pixels *p, int channels, struct err *e);

/* Writes the values of channel after channel, (C,H,W), as data sets have
 * them. */
void picture_planes(const struct pixels *p, uint8_t *out);

#endif
