/* png.c -- libspng with limits. */
#include "data/png.h"

#include <spng.h>
#include <stdlib.h>
#include <string.h>

#define SIGNATURE "\x89PNG\r\n\x1a\n"
#define SIGNATURE_BYTES 8
#define RGBA 4

/* Of one chunk, and of all that are kept: text and colour profiles play no part
 * here, so little is enough. */
#define CHUNK_BYTES_MAX ((size_t)1 << 20)

int png_is(const void *bytes, size_t n)
{
	return n >= SIGNATURE_BYTES &&
	       memcmp(bytes, SIGNATURE, SIGNATURE_BYTES) == 0;
}

static int failed(int code, struct err *e)
{
	if (code == SPNG_EMEM)
		return err_set(e, ERR_WORLD, "no memory for the image");
	return err_set(
		e, ERR_INVALID, "the PNG is damaged: %s", spng_strerror(code));
}

static int check_size(const struct spng_ihdr *head, struct err *e)
{
	if (head->width <= PIXELS_SIDE_MAX && head->height <= PIXELS_SIDE_MAX &&
		(int64_t)head->width * head->height <= PIXELS_MAX)
		return 0;
	return err_set(e, ERR_INVALID,
		"the PNG is %ux%u pixels; at most %d a side and %d million "
		"in all are read",
		head->height, head->width, PIXELS_SIDE_MAX,
		(int)(PIXELS_MAX / 1000000));
}

static uint8_t on_black(uint8_t value, uint8_t alpha)
{
	return (uint8_t)((value * alpha + 127) / 255);
}

/* Keeps the first channels of every pixel, in place; true if any was
 * transparent. */
static int lay_on_black(uint8_t *rgba, size_t pixels, size_t channels)
{
	int transparent = 0;

	for (size_t i = 0; i < pixels; i++) {
		const uint8_t alpha = rgba[RGBA * i + 3];

		transparent |= alpha != 255;
		for (size_t c = 0; c < channels; c++)
			rgba[channels * i + c] = on_black(
				rgba[RGBA * i + c], alpha);
	}
	return transparent;
}

static int is_gray(const struct spng_ihdr *head)
{
	return head->color_type == SPNG_COLOR_TYPE_GRAYSCALE ||
	       head->color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA;
}

static int look(spng_ctx *ctx, struct pixels *out, struct err *e)
{
	struct spng_ihdr head;
	int rc = spng_get_ihdr(ctx, &head);

	if (rc)
		return failed(rc, e);
	if (check_size(&head, e))
		return ERR_INVALID;
	*out = (struct pixels){.height = (int)head.height,
		.width = (int)head.width,
		.channels = is_gray(&head) ? 1 : 3};
	return 0;
}

/* How a PNG is decoded: without transparency straight to its values, which is
 * several times as fast, else with an alpha that is taken off afterwards.  One
 * of grays of 16 bits has no format of 8 but that one. */
static int choose(spng_ctx *ctx, enum spng_format *out)
{
	struct spng_ihdr head;
	struct spng_trns transparent;
	int rc = spng_get_ihdr(ctx, &head);

	*out = SPNG_FMT_RGBA8;
	if (rc || head.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA ||
		head.color_type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA)
		return rc;
	rc = spng_get_trns(ctx, &transparent);
	if (rc != SPNG_ECHUNKAVAIL)
		return rc;
	if (!is_gray(&head))
		*out = SPNG_FMT_RGB8;
	else if (head.bit_depth <= 8)
		*out = SPNG_FMT_G8;
	return 0;
}

static int decode(spng_ctx *ctx, struct pixels *out, struct err *e)
{
	enum spng_format format;
	struct pixels p;
	uint8_t *values;
	size_t bytes;
	int rc = look(ctx, &p, e);

	if (rc)
		return rc;
	rc = choose(ctx, &format);
	if (rc == 0)
		rc = spng_decoded_image_size(ctx, format, &bytes);
	if (rc)
		return failed(rc, e);
	values = malloc(bytes);
	if (!values)
		return failed(SPNG_EMEM, e);
	rc = spng_decode_image(ctx, values, bytes, format, SPNG_DECODE_TRNS);
	if (rc) {
		free(values);
		return failed(rc, e);
	}
	*out = p;
	out->values = values;
	if (format == SPNG_FMT_RGBA8)
		out->transparent = lay_on_black(
			values, bytes / RGBA, (size_t)out->channels);
	return 0;
}

typedef int work(spng_ctx *ctx, struct pixels *out, struct err *e);

static int with_png(
	const void *bytes, size_t n, work *f, struct pixels *out, struct err *e)
{
	spng_ctx *ctx = spng_ctx_new(0);
	int rc;

	if (!ctx)
		return failed(SPNG_EMEM, e);
	rc = spng_set_chunk_limits(ctx, CHUNK_BYTES_MAX, CHUNK_BYTES_MAX);
	if (rc == 0)
		rc = spng_set_png_buffer(ctx, bytes, n);
	rc = rc ? failed(rc, e) : f(ctx, out, e);
	spng_ctx_free(ctx);
	return rc;
}

int png_read(const void *bytes, size_t n, struct pixels *out, struct err *e)
{
	return with_png(bytes, n, decode, out, e);
}

int png_look(const void *bytes, size_t n, struct pixels *out, struct err *e)
{
	return with_png(bytes, n, look, out, e);
}

static int encode(spng_ctx *ctx, const struct pixels *p, void **out, size_t *n)
{
	struct spng_ihdr head = {.width = (uint32_t)p->width,
		.height = (uint32_t)p->height,
		.bit_depth = 8,
		.color_type = p->channels == 3 ? SPNG_COLOR_TYPE_TRUECOLOR
					       : SPNG_COLOR_TYPE_GRAYSCALE};
	size_t bytes = (size_t)p->height * (size_t)p->width *
		       (size_t)p->channels;
	int rc = spng_set_option(ctx, SPNG_ENCODE_TO_BUFFER, 1);

	if (rc == 0)
		rc = spng_set_ihdr(ctx, &head);
	if (rc == 0)
		rc = spng_encode_image(ctx, p->values, bytes, SPNG_FMT_PNG,
			SPNG_ENCODE_FINALIZE);
	if (rc == 0)
		*out = spng_get_png_buffer(ctx, n, &rc);
	return rc;
}

int png_write(const struct pixels *p, void **out, size_t *n, struct err *e)
{
	spng_ctx *ctx = spng_ctx_new(SPNG_CTX_ENCODER);
	int rc = ctx ? encode(ctx, p, out, n) : SPNG_EMEM;

	spng_ctx_free(ctx);
	return rc ? err_set(e, ERR_WORLD, "cannot make the PNG: %s",
			    spng_strerror(rc))
		  : 0;
}
