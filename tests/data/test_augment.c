/* test_augment.c -- what each augmentation does to an image, and no more. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "data/augment.h"

#define C 2
#define H 9
#define W 7
#define PIXEL 3 /* one float between pixels is not ours */
#define DRAWS 20000
#define UNTOUCHED 77.0f

static uint8_t image[C][H][W];
static float level[C][AUGMENT_LEVELS];
static const struct augment_shape shape = {.channels = C,
	.height = H,
	.width = W,
	.pixel = PIXEL,
	.level = (const float (*)[AUGMENT_LEVELS])level};
static float out[H][W][PIXEL];

/* Every pixel is its own value, none of them black. */
static int make_image(void **state)
{
	int n = 1;

	(void)state;
	for (int c = 0; c < C; c++)
		for (int y = 0; y < H; y++)
			for (int x = 0; x < W; x++)
				image[c][y][x] = (uint8_t)n++;
	for (int v = 0; v < AUGMENT_LEVELS; v++) {
		level[0][v] = (float)v - 60.5f;
		level[1][v] = (float)v * 2 - 321.5f;
	}
	return 0;
}

static void apply(const struct augment_view *v)
{
	for (int y = 0; y < H; y++)
		for (int x = 0; x < W; x++)
			for (int k = 0; k < PIXEL; k++)
				out[y][x][k] = UNTOUCHED;
	augment_apply(v, &shape, &image[0][0][0], &out[0][0][0]);
	for (int y = 0; y < H; y++)
		for (int x = 0; x < W; x++)
			assert_true(out[y][x][C] == UNTOUCHED);
}

/* What channel c of the padded image holds at (y, x). */
static float at(int c, int y, int x)
{
	int inside = y >= 0 && y < H && x >= 0 && x < W;

	return level[c][inside ? image[c][y][x] : 0];
}

static void a_view_of_zeros_is_the_image(void **state)
{
	(void)state;
	apply(&(struct augment_view){0});
	for (int c = 0; c < C; c++)
		for (int y = 0; y < H; y++)
			for (int x = 0; x < W; x++)
				assert_true(out[y][x][c] == at(c, y, x));
}

/* Every window of the padded image, flipped or not; beyond the image too. */
static void a_crop_is_a_window_of_the_padded_image(void **state)
{
	(void)state;
	for (int dy = -H; dy <= H; dy++)
		for (int dx = -W; dx <= W; dx++) {
			apply(&(struct augment_view){.dy = dy, .dx = dx});
			for (int c = 0; c < C; c++)
				for (int y = 0; y < H; y++)
					for (int x = 0; x < W; x++)
						assert_true(
							out[y][x][c] ==
							at(c, y + dy, x + dx));
		}
}

static void a_flip_mirrors_the_window(void **state)
{
	float straight[H][W][PIXEL];

	(void)state;
	for (int dx = -W; dx <= W; dx++) {
		apply(&(struct augment_view){.dy = 1, .dx = dx});
		memcpy(straight, out, sizeof straight);
		apply(&(struct augment_view){.dy = 1, .dx = dx, .flip = 1});
		for (int y = 0; y < H; y++)
			for (int x = 0; x < W; x++)
				for (int c = 0; c < C; c++)
					assert_true(out[y][x][c] ==
						    straight[y][W - 1 - x][c]);
	}
}

static void erasing_leaves_the_mean_in_the_rectangle_alone(void **state)
{
	const struct augment_view v = {
		.flip = 1, .top = 2, .left = 3, .height = 4, .width = 2};

	(void)state;
	apply(&v);
	for (int y = 0; y < H; y++)
		for (int x = 0; x < W; x++)
			for (int c = 0; c < C; c++) {
				int in = y >= 2 && y < 6 && x >= 3 && x < 5;
				float want = in ? 0.0f : at(c, y, W - 1 - x);

				assert_true(out[y][x][c] == want);
			}
}

/* Pixels that are floats go the same ways as bytes of the same numbers. */
static void floats_are_seen_as_bytes_are(void **state)
{
	static const double mean[C] = {60.5, 160.75}, std[C] = {1, 0.5};
	const struct augment_shape floats = {.channels = C,
		.height = H,
		.width = W,
		.pixel = PIXEL,
		.mean = mean,
		.std = std};
	float pixels[C][H][W], want[H][W][PIXEL];

	(void)state;
	for (int c = 0; c < C; c++)
		for (int y = 0; y < H; y++)
			for (int x = 0; x < W; x++)
				pixels[c][y][x] = image[c][y][x];
	for (int dy = -2; dy <= H; dy++)
		for (int dx = -W; dx <= 2; dx++)
			for (int flip = 0; flip < 2; flip++) {
				const struct augment_view v = {
					.dy = dy, .dx = dx, .flip = flip};

				apply(&v);
				memcpy(want, out, sizeof want);
				augment_apply(
					&v, &floats, pixels, &out[0][0][0]);
				assert_memory_equal(want, out, sizeof want);
			}
}

static void draw(const struct augment *a, uint64_t i, struct augment_view *v)
{
	struct rng r;

	rng_stream(&r, 5, 0, i);
	augment_draw(a, H, W, &r, v);
}

static void crops_take_every_shift_and_no_other(void **state)
{
	const struct augment a = {.crop = 3};
	int seen[7][7] = {{0}};
	struct augment_view v;

	(void)state;
	for (uint64_t i = 0; i < DRAWS; i++) {
		draw(&a, i, &v);
		assert_in_range(v.dy + 3, 0, 6);
		assert_in_range(v.dx + 3, 0, 6);
		assert_true(!v.flip && v.height == 0 && v.width == 0);
		seen[v.dy + 3][v.dx + 3]++;
	}
	for (int y = 0; y < 7; y++)
		for (int x = 0; x < 7; x++) /* 408 expected, sd 20 */
			assert_in_range(seen[y][x], 300, 520);
}

static void every_second_image_is_flipped(void **state)
{
	const struct augment a = {.flip = 1};
	struct augment_view v;
	int flips = 0;

	(void)state;
	for (uint64_t i = 0; i < DRAWS; i++) {
		draw(&a, i, &v);
		assert_true(v.dy == 0 && v.dx == 0 && v.height == 0);
		flips += v.flip;
	}
	assert_in_range(flips, DRAWS / 2 - 400, DRAWS / 2 + 400);
}

static void erased_rectangles_are_within_the_image_and_the_papers_bounds(
	void **state)
{
	const struct augment a = {.erase = 0.25};
	int erased = 0, corners[2] = {0};
	struct augment_view v;

	(void)state;
	for (uint64_t i = 0; i < DRAWS; i++) {
		double h, w;

		draw(&a, i, &v);
		if (v.height == 0) {
			assert_int_equal(v.width, 0);
			continue;
		}
		erased++;
		assert_true(v.top >= 0 && v.left >= 0);
		assert_true(v.height >= 1 && v.top + v.height <= H);
		assert_true(v.width >= 1 && v.left + v.width <= W);
		corners[0] += v.top == 0 && v.left == 0;
		corners[1] += v.top + v.height == H && v.left + v.width == W;
		/* Each side was rounded by at most a half. */
		h = v.height;
		w = v.width;
		assert_true((h - 0.5) * (w - 0.5) <= 0.4 * H * W);
		assert_true((h + 0.5) * (w + 0.5) >= 0.02 * H * W);
		assert_true((h + 0.5) / (w - 0.5) >= 0.3);
		assert_true((h - 0.5) / (w + 0.5) <= 1 / 0.3);
	}
	assert_in_range(erased, DRAWS / 4 - 500, DRAWS / 4 + 500);
	assert_true(corners[0] > 0 && corners[1] > 0);
}

/* One pixel high: no rectangle of the paper's shapes may fit, and the draw
 * ends all the same. */
static void flat_images_are_drawn_too(void **state)
{
	const struct augment a = {.erase = 1};
	struct augment_view v;
	struct rng r;

	(void)state;
	rng_stream(&r, 5, 0, 0);
	for (int i = 0; i < 1000; i++) {
		augment_draw(&a, 1, 1024, &r, &v);
		assert_true(v.height == 0 || (v.top == 0 && v.height == 1 &&
						     v.left + v.width <= 1024));
	}
}

static void values_out_of_range_are_named(void **state)
{
	const struct {
		struct augment augment;
		const char *sentence;
	} bad[] = {{{.crop = -1}, "crop is -1 but must be 0 to 16"},
		{{.crop = 17}, "crop is 17 but must be 0 to 16"},
		{{.crop = 7}, "crop is 7 but must be below 7"},
		{{.erase = -0.1}, "erase is -0.1 but must be 0 to 1"},
		{{.erase = 1.5}, "erase is 1.5 but must be 0 to 1"},
		{{.erase = NAN}, "erase is"}};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err e = {0};

		assert_int_equal(
			augment_check(&bad[i].augment, H, W, &e), ERR_RANGE);
		assert_non_null(strstr(e.text, bad[i].sentence));
	}
	assert_int_equal(
		augment_check(&(struct augment){6, 1, 1}, H, W, NULL), 0);
	assert_true(augment_is_on(&(struct augment){.crop = 1}));
	assert_true(augment_is_on(&(struct augment){.flip = 1}));
	assert_true(augment_is_on(&(struct augment){.erase = 0.1}));
	assert_false(augment_is_on(&(struct augment){0}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_view_of_zeros_is_the_image),
		cmocka_unit_test(a_crop_is_a_window_of_the_padded_image),
		cmocka_unit_test(a_flip_mirrors_the_window),
		cmocka_unit_test(
			erasing_leaves_the_mean_in_the_rectangle_alone),
		cmocka_unit_test(floats_are_seen_as_bytes_are),
		cmocka_unit_test(crops_take_every_shift_and_no_other),
		cmocka_unit_test(every_second_image_is_flipped),
		cmocka_unit_test(
			erased_rectangles_are_within_the_image_and_the_papers_bounds),
		cmocka_unit_test(flat_images_are_drawn_too),
		cmocka_unit_test(values_out_of_range_are_named),
	};

	return cmocka_run_group_tests(tests, make_image, NULL);
}
