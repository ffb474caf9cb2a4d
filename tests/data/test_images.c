/* test_images.c -- what a person may hand to `nevod predict` becomes pixels, or
 * is refused by a sentence that names it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <spng.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/images.h"
#include "idx_files.h"
#include "temp_folder.h"

static char folder[TEMP_FOLDER_BYTES];

static int make_folder(void **state)
{
	(void)state;
	temp_folder_make(folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	temp_folder_remove(folder);
	return 0;
}

static const char *path_of(const char *name)
{
	static char path[TEMP_FOLDER_BYTES + 64];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

/* Writes x.png of the given kind; `n` bytes of pixels as PNG stores them. */
static void write_png(int type, int depth, uint32_t height, uint32_t width,
	const void *pixels, size_t n)
{
	struct spng_ihdr head = {.width = width,
		.height = height,
		.color_type = (uint8_t)type,
		.bit_depth = (uint8_t)depth};
	struct spng_plte colours = {2, {{10, 20, 30, 255}, {200, 100, 0, 255}}};
	spng_ctx *ctx = spng_ctx_new(SPNG_CTX_ENCODER);
	size_t bytes;
	void *png;

	spng_set_option(ctx, SPNG_ENCODE_TO_BUFFER, 1);
	assert_int_equal(spng_set_ihdr(ctx, &head), 0);
	if (type == SPNG_COLOR_TYPE_INDEXED)
		assert_int_equal(spng_set_plte(ctx, &colours), 0);
	assert_int_equal(spng_encode_image(ctx, pixels, n, SPNG_FMT_PNG,
				 SPNG_ENCODE_FINALIZE),
		0);
	png = spng_get_png_buffer(ctx, &bytes, NULL);
	assert_non_null(png);
	idx_files_bytes(folder, "x.png", png, bytes);
	free(png);
	spng_ctx_free(ctx);
}

static int read_as(
	const char *name, int channels, struct images *out, struct err *e)
{
	const struct images_shape shape = {channels, 10, 10, DATASET_UINT8};

	return images_read(path_of(name), &shape, out, e);
}

static void assert_pixels(
	int channels, int height, int width, const uint8_t *wanted)
{
	const struct images_shape shape = {
		channels, height, width, DATASET_UINT8};
	struct images x;

	assert_int_equal(images_read(path_of("x.png"), &shape, &x, NULL), 0);
	assert_int_equal(x.from_height, 0);
	assert_int_equal(x.n, 1);
	assert_int_equal(x.channels, channels);
	assert_int_equal(x.height, height);
	assert_int_equal(x.width, width);
	assert_memory_equal(
		x.pixels, wanted, (size_t)(channels * height * width));
	images_release(&x);
}

static void a_gray_png_keeps_its_grays(void **state)
{
	uint8_t gray[256], rgb[3 * 256];

	(void)state;
	for (int i = 0; i < 256; i++)
		gray[i] = rgb[i] = rgb[256 + i] = rgb[512 + i] = (uint8_t)i;
	write_png(SPNG_COLOR_TYPE_GRAYSCALE, 8, 8, 32, gray, sizeof gray);
	assert_pixels(1, 8, 32, gray);
	assert_pixels(3, 8, 32, rgb);
}

static void a_colour_png_is_split_into_planes_or_made_gray(void **state)
{
	static const uint8_t pixels[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 255,
		255, 255, 1, 2, 3, 9, 9, 9};
	static const uint8_t planes[] = {255, 0, 0, 255, 1, 9, 0, 255, 0, 255,
		2, 9, 0, 0, 255, 255, 3, 9};
	static const uint8_t gray[] = {76, 150, 29, 255, 2, 9};

	(void)state;
	write_png(SPNG_COLOR_TYPE_TRUECOLOR, 8, 3, 2, pixels, sizeof pixels);
	assert_pixels(3, 3, 2, planes);
	assert_pixels(1, 3, 2, gray);
}

static void other_kinds_of_png_are_read_as_colours(void **state)
{
	static const uint8_t rgba[] = {100, 2, 3, 128, 4, 5, 6, 255};
	static const uint8_t rgba_planes[] = {50, 4, 1, 5, 2, 6};
	static const uint8_t bits[] = {0x40}; /* colours 0 and 1 */
	static const uint8_t bits_planes[] = {10, 200, 20, 100, 30, 0};
	static const uint16_t deep[] = {0, 0xffff};

	(void)state;
	write_png(SPNG_COLOR_TYPE_TRUECOLOR_ALPHA, 8, 1, 2, rgba, sizeof rgba);
	assert_pixels(3, 1, 2, rgba_planes);
	write_png(SPNG_COLOR_TYPE_INDEXED, 1, 1, 2, bits, sizeof bits);
	assert_pixels(3, 1, 2, bits_planes);
	write_png(SPNG_COLOR_TYPE_GRAYSCALE, 16, 1, 2, deep, sizeof deep);
	assert_pixels(1, 1, 2, (const uint8_t[]){0, 255});
}

static void what_is_transparent_is_laid_on_black(void **state)
{
	static const uint8_t white[] = {255, 0, 255, 255, 255, 77};
	static const uint8_t black[] = {0, 0, 0, 255, 0, 77};
	const struct images_shape shape = {1, 1, 3, DATASET_UINT8};
	struct images x = {.n = 77};
	struct err e;

	(void)state;
	write_png(SPNG_COLOR_TYPE_GRAYSCALE_ALPHA, 8, 1, 3, white, 6);
	assert_pixels(1, 1, 3, (const uint8_t[]){0, 255, 77});
	assert_int_equal(images_read(path_of("x.png"), &shape, &x, NULL), 0);
	assert_true(x.transparent);
	images_release(&x);
	write_png(SPNG_COLOR_TYPE_GRAYSCALE_ALPHA, 8, 1, 3, black, 6);
	assert_int_equal(
		images_read(path_of("x.png"), &shape, &x, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "x.png: what is transparent"));
}

static void a_picture_of_another_size_is_resized_and_told(void **state)
{
	static const uint8_t gray[] = {10, 30, 50, 70, 90, 110};
	const struct images_shape shape = {3, 1, 1, DATASET_UINT8};
	struct images x;

	(void)state;
	write_png(SPNG_COLOR_TYPE_GRAYSCALE, 8, 2, 3, gray, sizeof gray);
	assert_int_equal(images_read(path_of("x.png"), &shape, &x, NULL), 0);
	assert_int_equal(x.from_height, 2);
	assert_int_equal(x.from_width, 3);
	assert_int_equal(x.height, 1);
	assert_int_equal(x.width, 1);
	assert_memory_equal(x.pixels, ((const uint8_t[]){60, 60, 60}), 3);
	images_release(&x);
}

static void an_idx_file_may_hold_one_image_or_many(void **state)
{
	static const uint32_t sizes[] = {2, 3, 2, 2};
	uint8_t values[24];
	struct images x;

	(void)state;
	for (int i = 0; i < 24; i++)
		values[i] = (uint8_t)(i * 7);
	idx_files_write(folder, "four.gz", 4, sizes, values);
	assert_int_equal(read_as("four.gz", 1, &x, NULL), 0);
	assert_int_equal(x.n, 2);
	assert_int_equal(x.channels, 3);
	assert_memory_equal(x.pixels, values, 24);
	images_release(&x);
	idx_files_write(folder, "three", 3, sizes, values);
	assert_int_equal(read_as("three", 1, &x, NULL), 0);
	assert_int_equal(x.n, 2);
	assert_int_equal(x.channels, 1);
	assert_int_equal(x.height, 3);
	assert_int_equal(x.width, 2);
	images_release(&x);
	idx_files_write(folder, "two", 2, sizes, values);
	assert_int_equal(read_as("two", 1, &x, NULL), 0);
	assert_int_equal(x.n, 1);
	assert_int_equal(x.height, 2);
	assert_int_equal(x.width, 3);
	images_release(&x);
}

static void assert_refused(
	const char *name, int channels, int code, const char *sentence)
{
	struct images x = {.n = 77};
	struct err e = {0};

	assert_int_equal(read_as(name, channels, &x, &e), code);
	if (!strstr(e.text, sentence))
		fail_msg("\"%s\" does not say \"%s\"", e.text, sentence);
	assert_int_equal(x.n, 77);
	assert_int_equal(read_as(name, channels, &x, NULL), code);
}

static void what_is_no_image_is_refused_by_a_sentence(void **state)
{
	static const uint32_t ten = 10, wide[] = {1, 1, 1025};
	static const uint8_t pixels[1025] = {0};

	(void)state;
	assert_refused("none", 1, ERR_NOT_FOUND, "there is no file none");
	idx_files_bytes(folder, "x.jpg", "\xff\xd8\xff\xe0JFIF", 8);
	assert_refused(
		"x.jpg", 1, ERR_INVALID, "x.jpg: the JPEG cannot be read: ");
	idx_files_bytes(folder, "x.txt", "a text", 6);
	assert_refused("x.txt", 1, ERR_INVALID,
		"x.txt is neither a PNG or JPEG picture nor an IDX or NPY "
		"file");
	idx_files_bytes(folder, "empty", "", 0);
	assert_refused("empty", 1, ERR_INVALID, "empty is cut short");
	idx_files_write(folder, "labels", 1, &ten, pixels);
	assert_refused("labels", 1, ERR_INVALID,
		"the images in labels have 1 dimension, as labels have");
	idx_files_write(folder, "wide", 3, wide, pixels);
	assert_refused("wide", 1, ERR_INVALID,
		"the images in wide are 1x1x1025; the limit is 64x1024x1024");
	write_png(SPNG_COLOR_TYPE_GRAYSCALE, 1, 1, 8 * 1025, pixels, 1025);
	assert_refused("x.png", 2, ERR_INVALID,
		"x.png: a picture gives 1 or 3 channels, not 2");
	write_png(SPNG_COLOR_TYPE_GRAYSCALE, 1, 16, 16 * 1025,
		(const uint8_t[16 * 2050]){0}, 16 * 2050);
	assert_refused("x.png", 1, ERR_INVALID,
		"x.png: the PNG is 16x16400 pixels; at most 16384 a side");
}

static void a_png_cut_anywhere_or_changed_is_refused(void **state)
{
	uint8_t pixels[300], png[1024];
	size_t n;
	FILE *f;

	(void)state;
	for (int i = 0; i < 300; i++)
		pixels[i] = (uint8_t)(i * i);
	write_png(SPNG_COLOR_TYPE_TRUECOLOR, 8, 10, 10, pixels, sizeof pixels);
	f = fopen(path_of("x.png"), "rb");
	n = fread(png, 1, sizeof png, f);
	fclose(f);
	assert_in_range(n, 100, sizeof png - 1);
	/* Of the last chunk, which says the end, nothing is needed. */
	for (size_t cut = 8; cut < n - 16; cut++) {
		struct images x;

		idx_files_bytes(folder, "x.png", png, cut);
		assert_int_equal(read_as("x.png", 3, &x, NULL), ERR_INVALID);
	}
	png[n / 2] ^= 1;
	idx_files_bytes(folder, "x.png", png, n);
	assert_refused("x.png", 3, ERR_INVALID, "x.png: the PNG is damaged: ");
}

/* x.npy: bytes of that shape, numbered from 0. */
static void write_npy(const char *shape, size_t n)
{
	uint8_t file[256] = "\x93NUMPY\1";
	int text = snprintf((char *)file + 10, 150,
		"{'descr': '|u1', 'fortran_order': False, 'shape': (%s)}",
		shape);

	file[8] = (uint8_t)text;
	for (size_t i = 0; i < n; i++)
		file[10 + (size_t)text + i] = (uint8_t)i;
	idx_files_bytes(folder, "x.npy", file, 10 + (size_t)text + n);
}

static void an_npy_file_is_in_the_order_that_fits(void **state)
{
	static const struct {
		const char *shape;
		struct images_shape network;
		size_t n;
		uint8_t second; /* pixel of the first image */
	} good[] = {
		{"2,3,2,4", {3, 2, 4, DATASET_UINT8}, 2, 1},
		{"2,2,4,3", {3, 2, 4, DATASET_UINT8}, 2, 3},
		{"2,4,3", {3, 2, 4, DATASET_UINT8}, 1, 3},
		{"3,2,4", {3, 2, 4, DATASET_UINT8}, 1, 1},
		{"5,2,4", {1, 2, 4, DATASET_UINT8}, 5, 1},
		{"2,4", {1, 2, 4, DATASET_UINT8}, 1, 1},
		{"3,8", {1, 1, 8, DATASET_UINT8}, 3, 1},
		{"8,", {1, 1, 8, DATASET_UINT8}, 1, 1},
		{"2,3,8", {3, 1, 8, DATASET_UINT8}, 2, 1},
	};
	const struct images_shape other = {1, 5, 5, DATASET_UINT8};
	struct images x;
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		const struct images_shape *s = &good[i].network;
		size_t values = good[i].n * (size_t)s->channels *
				(size_t)s->height * (size_t)s->width;

		write_npy(good[i].shape, values);
		assert_int_equal(images_read(path_of("x.npy"), s, &x, NULL), 0);
		assert_int_equal(x.n, good[i].n);
		assert_int_equal(x.channels, s->channels);
		assert_int_equal(x.height, s->height);
		assert_int_equal(x.pixels[1], good[i].second);
		images_release(&x);
	}
	assert_int_equal(
		images_read(path_of("x.npy"), &other, &x, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "is not of images of 1x5x5"));
}

static void a_network_of_floats_takes_idx_files_of_any_type(void **state)
{
	static const uint8_t floats[] = {0, 0, 0x0d, 2, 0, 0, 0, 1, 0, 0, 0, 2,
		0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0};
	static const uint8_t bytes[] = {
		0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 7, 9};
	const struct images_shape shape = {1, 1, 2, DATASET_FLOAT32};
	const float want[] = {1.5f, -2}, want_bytes[] = {7, 9};
	struct images x;
	struct err e = {0};

	(void)state;
	idx_files_bytes(folder, "x", floats, sizeof floats);
	assert_int_equal(images_read(path_of("x"), &shape, &x, NULL), 0);
	assert_memory_equal(x.pixels, want, sizeof want);
	images_release(&x);
	idx_files_bytes(folder, "x", bytes, sizeof bytes);
	assert_int_equal(images_read(path_of("x"), &shape, &x, NULL), 0);
	assert_memory_equal(x.pixels, want_bytes, sizeof want_bytes);
	images_release(&x);
	idx_files_bytes(folder, "x.png", "\x89PNG\r\n\x1a\n", 8);
	assert_int_equal(
		images_read(path_of("x.png"), &shape, &x, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "the network takes float32 pixels"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gray_png_keeps_its_grays),
		cmocka_unit_test(
			a_colour_png_is_split_into_planes_or_made_gray),
		cmocka_unit_test(other_kinds_of_png_are_read_as_colours),
		cmocka_unit_test(what_is_transparent_is_laid_on_black),
		cmocka_unit_test(a_picture_of_another_size_is_resized_and_told),
		cmocka_unit_test(an_idx_file_may_hold_one_image_or_many),
		cmocka_unit_test(what_is_no_image_is_refused_by_a_sentence),
		cmocka_unit_test(a_png_cut_anywhere_or_changed_is_refused),
		cmocka_unit_test(
			a_network_of_floats_takes_idx_files_of_any_type),
		cmocka_unit_test(an_npy_file_is_in_the_order_that_fits),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
