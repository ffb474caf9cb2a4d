/* picture_files.c -- encodes by libspng. */
#include "picture_files.h"

#include <assert.h>
#include <spng.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "temp_folder.h"

static const uint8_t colour_types[5] = {[1] = SPNG_COLOR_TYPE_GRAYSCALE,
	[3] = SPNG_COLOR_TYPE_TRUECOLOR,
	[4] = SPNG_COLOR_TYPE_TRUECOLOR_ALPHA};

void *picture_files_png(
	int width, int height, int channels, int level, size_t *n)
{
	const size_t bytes = (size_t)width * (size_t)height * (size_t)channels;
	struct spng_ihdr head = {.width = (uint32_t)width,
		.height = (uint32_t)height,
		.bit_depth = 8,
		.color_type = colour_types[channels]};
	const uint8_t pixel[4] = {(uint8_t)level, 0, 255, 128};
	uint8_t *pixels = malloc(bytes);
	spng_ctx *ctx = spng_ctx_new(SPNG_CTX_ENCODER);
	void *png;
	int rc;

	for (size_t i = 0; i < bytes; i++)
		pixels[i] = pixel[i % (size_t)channels];
	spng_set_option(ctx, SPNG_ENCODE_TO_BUFFER, 1);
	spng_set_ihdr(ctx, &head);
	rc = spng_encode_image(
		ctx, pixels, bytes, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
	assert(rc == 0);
	png = spng_get_png_buffer(ctx, n, &rc);
	assert(png && rc == 0);
	spng_ctx_free(ctx);
	free(pixels);
	return png;
}

void picture_files_write(const char *folder, const char *path, int width,
	int height, int channels, int level)
{
	char whole[TEMP_FOLDER_BYTES + 256];
	size_t n;
	void *png = picture_files_png(width, height, channels, level, &n);
	char *slash;
	int rc;

	snprintf(whole, sizeof whole, "%s/%s", folder, path);
	slash = strrchr(whole, '/');
	*slash = '\0';
	rc = file_mkdirs(whole, NULL);
	*slash = '/';
	if (rc == 0)
		rc = file_replace(whole, png, n, NULL);
	assert(rc == 0);
	free(png);
}
