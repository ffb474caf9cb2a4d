/* png.c -- libspng with limits. */
#include "data/png.h"

#include <spng.h>
#include <stdlib.h>
#include <string.h>

#define SIGNATURE "\x89PNG\r\n\x1a\n"
#define SIGNATURE_BYTES 8

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

static int decode(spng_ctx *ctx, int side_max, struct png *out, struct err *e)
{
	struct spng_ihdr head;
	size_t bytes;
	int rc = spng_get_ihdr(ctx, &head);

	if (rc)
		return failed(rc, e);
	if (head.width > (uint32_t)side_max || head.height > (uint32_t)side_max)
		return err_set(e, ERR_INVALID,
			"the PNG is %ux%u pixels; at most %d a side are read",
			head.height, head.width, side_max);
	rc = spng_decoded_image_size(ctx, SPNG_FMT_RGB8, &bytes);
	if (rc)
		return failed(rc, e);
	out->rgb = malloc(bytes);
	if (!out->rgb)
		return failed(SPNG_EMEM, e);
	rc = spng_decode_image(ctx, out->rgb, bytes, SPNG_FMT_RGB8, 0);
	if (rc) {
		free(out->rgb);
		return failed(rc, e);
	}
	out->height = (int)head.height;
	out->width = (int)head.width;
	return 0;
}

int png_read(const void *bytes, size_t n, int side_max, struct png *out,
	struct err *e)
{
	spng_ctx *ctx = spng_ctx_new(0);
	struct png png;
	int rc;

	if (!ctx)
		return failed(SPNG_EMEM, e);
	rc = spng_set_chunk_limits(ctx, CHUNK_BYTES_MAX, CHUNK_BYTES_MAX);
	if (rc == 0)
		rc = spng_set_png_buffer(ctx, bytes, n);
	rc = rc ? failed(rc, e) : decode(ctx, side_max, &png, e);
	spng_ctx_free(ctx);
	if (rc == 0)
		*out = png;
	return rc;
}
