/* test_resize.c -- resizing is the triangle filter, in integers. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/rng.h"
#include "data/resize.h"
#include "data/resize_sums.h"

static struct pixels random_picture(
	struct rng *r, int height, int width, int channels)
{
	const size_t n = (size_t)(height * width * channels);
	struct pixels p = {.height = height,
		.width = width,
		.channels = channels,
		.values = xcalloc(n, 1)};

	for (size_t i = 0; i < n; i++)
		p.values[i] = (uint8_t)rng_below(r, 256);
	return p;
}

/* -- the filter in doubles, one value at a time -- */

static double share(int i, int from, int to, int x)
{
	const double scale = fmax(1, (double)from / to);
	const double centre = (i + 0.5) * from / to;

	return fmax(0, 1 - fabs(x + 0.5 - centre) / scale);
}

static double plain(
	const struct pixels *p, int height, int width, int y, int x, int c)
{
	double sum = 0, all = 0;

	for (int v = 0; v < p->height; v++)
		for (int u = 0; u < p->width; u++) {
			double s = share(y, p->height, height, v) *
				   share(x, p->width, width, u);

			all += s;
			sum += s *
			       p->values[(v * p->width + u) * p->channels + c];
		}
	return sum / all;
}

static void it_is_the_triangle_filter(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, 20261129, 0, 0);
	for (int trial = 0; trial < 150; trial++) {
		int channels = rng_below(&r, 2) ? 3 : 1;
		int height = 1 + (int)rng_below(&r, 30);
		int width = 1 + (int)rng_below(&r, 30);
		struct pixels out,
			in = random_picture(&r, 1 + (int)rng_below(&r, 30),
				1 + (int)rng_below(&r, 30), channels);

		assert_int_equal(resize(&in, height, width, &out, NULL), 0);
		for (int i = 0; i < height * width * channels; i++) {
			int pixel = i / channels;
			double wanted = plain(&in, height, width, pixel / width,
				pixel % width, i % channels);

			/* Two roundings to 8 bits. */
			if (fabs(out.values[i] - wanted) > 1.05)
				fail_msg("trial %d, value %d: %d, not %.3f",
					trial, i, out.values[i], wanted);
		}
		free(in.values);
		free(out.values);
	}
}

static void an_even_picture_stays_even_and_its_own_size_is_a_copy(void **state)
{
	struct pixels in, out;
	struct rng r;

	(void)state;
	rng_stream(&r, 7, 0, 0);
	in = random_picture(&r, 23, 31, 3);
	assert_int_equal(resize(&in, 23, 31, &out, NULL), 0);
	assert_memory_equal(in.values, out.values, 23 * 31 * 3);
	free(out.values);
	memset(in.values, 255, 23 * 31 * 3);
	assert_int_equal(resize(&in, 224, 7, &out, NULL), 0);
	for (int i = 0; i < 224 * 7 * 3; i++)
		assert_int_equal(out.values[i], 255);
	free(in.values);
	free(out.values);
}

static void sides_from_one_pixel_to_the_largest_are_scaled(void **state)
{
	static const int sides[][2] = {{1, PIXELS_SIDE_MAX},
		{PIXELS_SIDE_MAX, 1}, {1, 1}, {PIXELS_SIDE_MAX, 1023}};

	(void)state;
	for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
		struct pixels in = {.height = 1,
			.width = sides[i][0],
			.channels = 1,
			.values = xcalloc((size_t)sides[i][0], 1)};
		struct pixels out;

		memset(in.values, 200, (size_t)sides[i][0]);
		assert_int_equal(resize(&in, 1, sides[i][1], &out, NULL), 0);
		for (int x = 0; x < sides[i][1]; x++)
			assert_int_equal(out.values[x], 200);
		free(in.values);
		free(out.values);
	}
}

/* Data sets of resized pictures have hashes: these bytes must never change. */
static void the_bytes_are_the_same_everywhere(void **state)
{
	static const struct {
		int height, width, channels, to_height, to_width;
		const char *hex;
	} sizes[] = {
		{50, 37, 3, 28, 64,
			"42618ae95c9df01a8e523be26df30e328044c13bc8"
			"d8ed9cbb7dcdfb9b85c8c3"},
		{375, 500, 3, 64, 61,
			"fc9c25e752d34513d7c34c3ca8cb27ed062b1b7c2ab17ee3aee020"
			"78d389b40a"},
		{90, 1000, 1, 7, 33,
			"e4150eba6d279c240d2620b3ec3d419d9b3282e281e9dd94ffa29e"
			"cde68df94e"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		char hex[SHA256_HEX_BYTES];
		struct pixels in, out;
		struct rng r;

		rng_stream(&r, 1, 0, 0);
		in = random_picture(
			&r, sizes[i].height, sizes[i].width, sizes[i].channels);
		assert_int_equal(resize(&in, sizes[i].to_height,
					 sizes[i].to_width, &out, NULL),
			0);
		sha256_of(out.values,
			(size_t)(out.height * out.width * out.channels), hex);
		assert_string_equal(hex, sizes[i].hex);
		free(in.values);
		free(out.values);
	}
}

#ifdef __x86_64__
/* Of one value, and of as many as fill vectors and more. */
static void compare_sums(
	struct rng *r, int channels, int from, int to, int taps)
{
	const size_t width = (size_t)(from * channels), rows = 5;
	const size_t made = (size_t)(to * channels);
	const size_t room = (size_t)(taps + RESIZE_TAPS) / RESIZE_TAPS *
			    RESIZE_TAPS;
	struct resize_taps *t = xcalloc((size_t)to, sizeof *t);
	int16_t *less = xcalloc((size_t)to * room, sizeof *less);
	int16_t *row = xcalloc(
		(size_t)(from + RESIZE_TAPS) * (size_t)channels, sizeof *row);
	uint8_t *in = xcalloc(rows * width, 1), *a = xcalloc(rows * made, 1),
		*b = xcalloc(rows * made, 1);

	for (size_t i = 0; i < rows * width; i++)
		in[i] = (uint8_t)rng_below(r, 256);
	for (size_t i = 0; i < (size_t)to; i++) {
		t[i] = (struct resize_taps){
			.first = (int)rng_below(r, (uint64_t)(from - taps + 1)),
			.n = taps,
			.less = less + i * room};
		for (int k = 0; k < taps; k++)
			less[i * room + (size_t)k] =
				(int16_t) -
				(int)rng_below(
					r, (uint64_t)(RESIZE_ONE / taps) + 1);
	}
	resize_sums_plain.along_rows(t, in, rows, (size_t)from, (size_t)to,
		(size_t)channels, row, a);
	resize_sums_avx2.along_rows(t, in, rows, (size_t)from, (size_t)to,
		(size_t)channels, row, b);
	assert_memory_equal(a, b, rows * made);
	for (size_t i = 0; i < (size_t)to; i++) {
		t[i].n = 1 + (int)rng_below(r,
				     rows < (size_t)taps ? rows : (size_t)taps);
		t[i].first = (int)rng_below(r, rows - (uint64_t)t[i].n + 1);
	}
	free(a);
	free(b);
	a = xcalloc((size_t)to * width, 1);
	b = xcalloc((size_t)to * width, 1);
	resize_sums_plain.along_columns(t, in, (size_t)to, width, a);
	resize_sums_avx2.along_columns(t, in, (size_t)to, width, b);
	assert_memory_equal(a, b, (size_t)to * width);
	free(a);
	free(b);
	free(in);
	free(row);
	free(less);
	free(t);
}

static void vectors_of_any_length_give_the_same_bytes(void **state)
{
	struct rng r;

	(void)state;
	if (!__builtin_cpu_supports("avx2"))
		skip();
	rng_stream(&r, 20261130, 0, 0);
	for (int trial = 0; trial < 200; trial++) {
		int from = 1 + (int)rng_below(&r, 90);

		compare_sums(&r, rng_below(&r, 2) ? 3 : 1, from,
			1 + (int)rng_below(&r, 40),
			1 + (int)rng_below(&r, (uint64_t)from));
	}
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_the_triangle_filter),
		cmocka_unit_test(
			an_even_picture_stays_even_and_its_own_size_is_a_copy),
		cmocka_unit_test(
			sides_from_one_pixel_to_the_largest_are_scaled),
		cmocka_unit_test(the_bytes_are_the_same_everywhere),
#ifdef __x86_64__
		cmocka_unit_test(vectors_of_any_length_give_the_same_bytes),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
