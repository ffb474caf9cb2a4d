/* test_picture.c -- JPEG pictures become pixels or are refused by a sentence;
 * of PNG, test_images.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "base/arena.h"
#include "data/picture.h"

#define HEIGHT 24
#define WIDTH 40

struct bytes {
	unsigned char *data;
	unsigned long n;
};

/* A picture of one colour, of as many channels as the colour space has. */
static struct bytes encode(J_COLOR_SPACE space, int channels,
	const uint8_t *colour, int progressive)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr errors;
	struct bytes out = {NULL, 0};
	uint8_t row[WIDTH * 4];
	JSAMPROW at = row;

	c.err = jpeg_std_error(&errors);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &out.data, &out.n);
	c.image_width = WIDTH;
	c.image_height = HEIGHT;
	c.input_components = channels;
	c.in_color_space = space;
	jpeg_set_defaults(&c);
	jpeg_set_quality(&c, 100, TRUE);
	if (progressive)
		jpeg_simple_progression(&c);
	for (int i = 0; i < WIDTH * channels; i++)
		row[i] = colour[i % channels];
	jpeg_start_compress(&c, TRUE);
	while (c.next_scanline < HEIGHT)
		jpeg_write_scanlines(&c, &at, 1);
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	return out;
}

static void assert_colour(
	const struct bytes *b, int channels, const uint8_t *wanted)
{
	struct pixels p;

	assert_true(picture_is(b->data, b->n));
	assert_int_equal(picture_read(b->data, b->n, &p, NULL), 0);
	assert_int_equal(p.height, HEIGHT);
	assert_int_equal(p.width, WIDTH);
	assert_int_equal(p.channels, channels);
	assert_false(p.transparent);
	for (int i = 0; i < HEIGHT * WIDTH * channels; i++)
		assert_in_range(p.values[i] + 3 - wanted[i % channels], 0, 6);
	free(p.values);
}

static void gray_stays_gray_and_colours_stay_colours(void **state)
{
	static const uint8_t gray[] = {77}, colour[] = {200, 100, 10};

	(void)state;
	for (int progressive = 0; progressive < 2; progressive++) {
		struct bytes b = encode(JCS_GRAYSCALE, 1, gray, progressive);

		assert_colour(&b, 1, gray);
		free(b.data);
		b = encode(JCS_RGB, 3, colour, progressive);
		assert_colour(&b, 3, colour);
		free(b.data);
	}
}

/* How much light is left by each ink, and by black, as Adobe's programs write
 * it; the encoder marks its files so. */
static void cmyk_becomes_colours(void **state)
{
	static const uint8_t light[] = {200, 100, 255, 128};
	static const uint8_t colour[] = {100, 50, 128};
	struct bytes b = encode(JCS_CMYK, 4, light, 0);

	(void)state;
	assert_colour(&b, 3, colour);
	free(b.data);
}

static void a_jpeg_cut_anywhere_is_refused(void **state)
{
	static const uint8_t colour[] = {200, 100, 10};

	(void)state;
	for (int progressive = 0; progressive < 2; progressive++) {
		struct bytes b = encode(JCS_RGB, 3, colour, progressive);

		/* The end marker of two bytes may be missing. */
		for (unsigned long n = 3; n < b.n - 2; n++) {
			struct pixels p;
			struct err e;

			if (picture_read(b.data, n, &p, &e) != ERR_INVALID)
				fail_msg("%lu of %lu bytes are taken", n, b.n);
			assert_non_null(
				strstr(e.text, "the JPEG cannot be read: "));
		}
		free(b.data);
	}
}

static void a_size_that_the_file_only_claims_costs_no_memory(void **state)
{
	static const uint8_t gray[] = {77};
	struct bytes b = encode(JCS_GRAYSCALE, 1, gray, 0);
	struct pixels p;
	struct err e;

	(void)state;
	for (unsigned long i = 0; i + 8 < b.n; i++)
		if (b.data[i] == 0xff && b.data[i + 1] == 0xc0)
			memset(b.data + i + 5, 0xf0, 4); /* height and width */
	assert_int_equal(picture_read(b.data, b.n, &p, &e), ERR_INVALID);
	assert_non_null(strstr(e.text,
		"it is 61680x61680 pixels; at most 16384 a side and 67 "
		"million in all"));
	free(b.data);
}

static void colours_are_turned(void **state)
{
	struct pixels p = {.height = 1,
		.width = 2,
		.channels = 3,
		.values = xcalloc(6, 1)};
	uint8_t planes[6];

	(void)state;
	memcpy(p.values, (const uint8_t[]){255, 0, 0, 9, 9, 9}, 6);
	assert_int_equal(picture_recolour(&p, 1, NULL), 0);
	assert_memory_equal(p.values, ((const uint8_t[]){76, 9}), 2);
	assert_int_equal(picture_recolour(&p, 3, NULL), 0);
	picture_planes(&p, planes);
	assert_memory_equal(
		planes, ((const uint8_t[]){76, 9, 76, 9, 76, 9}), 6);
	free(p.values);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gray_stays_gray_and_colours_stay_colours),
		cmocka_unit_test(cmyk_becomes_colours),
		cmocka_unit_test(a_jpeg_cut_anywhere_is_refused),
		cmocka_unit_test(
			a_size_that_the_file_only_claims_costs_no_memory),
		cmocka_unit_test(colours_are_turned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
