/* test_png.c -- every kind of PNG gives the values that its colours have, by
 * whichever way it is decoded; libspng's colours with an alpha say which. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <spng.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "data/png.h"

#define HEIGHT 13
#define WIDTH 22

struct kind {
	uint8_t colours, depth, channels; /* channels of a file */
};

static const struct kind kinds[] = {
	{SPNG_COLOR_TYPE_GRAYSCALE, 1, 1},
	{SPNG_COLOR_TYPE_GRAYSCALE, 2, 1},
	{SPNG_COLOR_TYPE_GRAYSCALE, 4, 1},
	{SPNG_COLOR_TYPE_GRAYSCALE, 8, 1},
	{SPNG_COLOR_TYPE_GRAYSCALE, 16, 1},
	{SPNG_COLOR_TYPE_TRUECOLOR, 8, 3},
	{SPNG_COLOR_TYPE_TRUECOLOR, 16, 3},
	{SPNG_COLOR_TYPE_INDEXED, 1, 1},
	{SPNG_COLOR_TYPE_INDEXED, 2, 1},
	{SPNG_COLOR_TYPE_INDEXED, 4, 1},
	{SPNG_COLOR_TYPE_INDEXED, 8, 1},
	{SPNG_COLOR_TYPE_GRAYSCALE_ALPHA, 8, 2},
	{SPNG_COLOR_TYPE_GRAYSCALE_ALPHA, 16, 2},
	{SPNG_COLOR_TYPE_TRUECOLOR_ALPHA, 8, 4},
	{SPNG_COLOR_TYPE_TRUECOLOR_ALPHA, 16, 4},
};

/* A palette of all colours that the depth can name; some of what the file has
 * is transparent, if it shall be. */
static void set_colours(
	spng_ctx *ctx, const struct kind *k, int transparent, struct rng *r)
{
	struct spng_plte colours = {.n_entries = 256};
	struct spng_trns gone = {.gray = 1, .red = 7};

	if (k->colours == SPNG_COLOR_TYPE_INDEXED) {
		colours.n_entries = 1u << k->depth;
		for (uint32_t i = 0; i < colours.n_entries; i++) {
			colours.entries[i].red = (uint8_t)rng_below(r, 256);
			colours.entries[i].green = (uint8_t)rng_below(r, 256);
			colours.entries[i].blue = (uint8_t)rng_below(r, 256);
		}
		assert_int_equal(spng_set_plte(ctx, &colours), 0);
		gone.n_type3_entries = 2;
		gone.type3_alpha[1] = 128;
	}
	if (transparent)
		assert_int_equal(spng_set_trns(ctx, &gone), 0);
}

static void *random_png(const struct kind *k, int interlaced, int transparent,
	struct rng *r, size_t *n)
{
	struct spng_ihdr head = {.width = WIDTH,
		.height = HEIGHT,
		.bit_depth = k->depth,
		.color_type = k->colours,
		.interlace_method = (uint8_t)interlaced};
	const size_t row = ((size_t)WIDTH * k->channels * k->depth + 7) / 8;
	spng_ctx *ctx = spng_ctx_new(SPNG_CTX_ENCODER);
	uint8_t noise[HEIGHT * WIDTH * 8];
	void *png;
	int rc;

	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (uint8_t)rng_below(r, 256);
	assert_int_equal(spng_set_option(ctx, SPNG_ENCODE_TO_BUFFER, 1), 0);
	assert_int_equal(spng_set_ihdr(ctx, &head), 0);
	set_colours(ctx, k, transparent, r);
	assert_int_equal(spng_encode_image(ctx, noise, row * HEIGHT,
				 SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE),
		0);
	png = spng_get_png_buffer(ctx, n, &rc);
	assert_int_equal(rc, 0);
	spng_ctx_free(ctx);
	return png;
}

static void decode(const void *png, size_t n, uint8_t rgba[][4])
{
	spng_ctx *ctx = spng_ctx_new(0);

	assert_int_equal(spng_set_png_buffer(ctx, png, n), 0);
	assert_int_equal(spng_decode_image(ctx, rgba, HEIGHT * WIDTH * 4,
				 SPNG_FMT_RGBA8, SPNG_DECODE_TRNS),
		0);
	spng_ctx_free(ctx);
}

static void assert_values(const struct pixels *p, uint8_t rgba[][4])
{
	int transparent = 0;

	for (int i = 0; i < HEIGHT * WIDTH; i++) {
		transparent |= rgba[i][3] != 255;
		for (int c = 0; c < p->channels; c++)
			assert_int_equal(p->values[i * p->channels + c],
				(rgba[i][c] * rgba[i][3] + 127) / 255);
	}
	assert_int_equal(p->transparent, transparent);
}

static void check(
	const struct kind *k, int interlaced, int transparent, struct rng *r)
{
	const int gray = k->colours == SPNG_COLOR_TYPE_GRAYSCALE ||
			 k->colours == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA;
	uint8_t rgba[HEIGHT * WIDTH][4];
	struct pixels p;
	size_t n;
	void *png = random_png(k, interlaced, transparent, r, &n);

	assert_int_equal(png_read(png, n, &p, NULL), 0);
	assert_int_equal(p.height, HEIGHT);
	assert_int_equal(p.width, WIDTH);
	assert_int_equal(p.channels, gray ? 1 : 3);
	decode(png, n, rgba);
	assert_values(&p, rgba);
	free(p.values);
	free(png);
}

static void every_kind_gives_its_colours_on_black(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, 20261130, 0, 0);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		for (int interlaced = 0; interlaced < 2; interlaced++) {
			check(&kinds[i], interlaced, 0, &r);
			if (kinds[i].colours !=
					SPNG_COLOR_TYPE_GRAYSCALE_ALPHA &&
				kinds[i].colours !=
					SPNG_COLOR_TYPE_TRUECOLOR_ALPHA)
				check(&kinds[i], interlaced, 1, &r);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_gives_its_colours_on_black),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
