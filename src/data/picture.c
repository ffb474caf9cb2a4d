/* picture.c -- which decoder reads it, and what becomes of its colours. */
#include "data/picture.h"

#include <stdlib.h>
#include <string.h>

#include "data/jpeg.h"
#include "data/png.h"

int picture_is(const void *bytes, size_t n)
{
	return png_is(bytes, n) || jpeg_is(bytes, n);
}

static size_t area(const struct pixels *p)
{
	return (size_t)p->height * (size_t)p->width;
}

static int is_black(const struct pixels *p)
{
	const size_t n = area(p) * (size_t)p->channels;

	for (size_t i = 0; i < n; i++)
		if (p->values[i])
			return 0;
	return 1;
}

int picture_look(const void *bytes, size_t n, struct pixels *out, struct err *e)
{
	if (jpeg_is(bytes, n))
		return jpeg_look(bytes, n, out, e);
	if (png_is(bytes, n))
		return png_look(bytes, n, out, e);
	return err_set(e, ERR_INVALID, "it is neither a PNG nor a JPEG");
}

int picture_read(const void *bytes, size_t n, struct pixels *out, struct err *e)
{
	int rc;

	if (jpeg_is(bytes, n))
		return jpeg_read(bytes, n, out, e);
	if (!png_is(bytes, n))
		return err_set(
			e, ERR_INVALID, "it is neither a PNG nor a JPEG");
	rc = png_read(bytes, n, out, e);
	if (rc == 0 && out->transparent && is_black(out)) {
		free(out->values);
		return err_set(e, ERR_INVALID,
			"what is transparent is laid on black, and nothing but "
			"black is left of the PNG: save it on a background");
	}
	return rc;
}

static uint8_t gray_of(const uint8_t rgb[3])
{
	return (uint8_t)((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) /
			 1000);
}

int picture_recolour(struct pixels *p, int channels, struct err *e)
{
	const size_t n = area(p);
	uint8_t *values;

	if (p->channels == channels)
		return 0;
	values = malloc(n * (size_t)channels);
	if (!values)
		return err_set(e, ERR_WORLD, "no memory for the image");
	for (size_t i = 0; i < n; i++)
		if (channels == 1)
			values[i] = gray_of(p->values + 3 * i);
		else
			values[3 * i] = values[3 * i + 1] = values[3 * i + 2] =
				p->values[i];
	free(p->values);
	p->values = values;
	p->channels = channels;
	return 0;
}

void picture_planes(const struct pixels *p, uint8_t *out)
{
	const size_t n = area(p), channels = (size_t)p->channels;

	if (channels == 1) {
		memcpy(out, p->values, n);
		return;
	}
	for (size_t c = 0; c < channels; c++)
		for (size_t i = 0; i < n; i++)
			*out++ = p->values[channels * i + c];
}
