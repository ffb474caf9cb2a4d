/* test_sample_sheet.c -- a row of images for each class, as a PNG and back. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "data/png.h"
#include "data/sample_sheet.h"
#include "idx_files.h"
#include "temp_folder.h"

#define N_TRAIN 23
#define SIDE 6
#define CLASSES 5

static char folder[TEMP_FOLDER_BYTES], cache[TEMP_FOLDER_BYTES];
static struct dataset *data;

static int open_data(void **state)
{
	char path[DATASET_PATH_MAX];

	(void)state;
	temp_folder_make(folder);
	temp_folder_make(cache);
	idx_files_dataset(folder, N_TRAIN, CLASSES, SIDE, CLASSES, 7);
	if (dataset_prepare(folder, cache, path, NULL))
		return -1;
	data = dataset_open(path, NULL);
	return data ? 0 : -1;
}

static int close_data(void **state)
{
	(void)state;
	dataset_close(data);
	temp_folder_remove(folder);
	temp_folder_remove(cache);
	return 0;
}

/* The cell holds the pixels; NULL: it is black. */
static void assert_cell(
	const struct pixels *sheet, int row, int column, const uint8_t *pixels)
{
	static const uint8_t black[SIDE];

	for (int y = 0; y < SIDE; y++)
		assert_memory_equal(sheet->values +
					    (row * SIDE + y) * sheet->width +
					    column * SIDE,
			pixels ? pixels + y * SIDE : black, SIDE);
}

static void each_class_has_its_first_images_in_a_row(void **state)
{
	int seen[CLASSES] = {0};
	struct pixels sheet;

	(void)state;
	assert_int_equal(sample_sheet(data, &sheet, NULL), 0);
	assert_int_equal(sheet.height, CLASSES * SIDE);
	assert_int_equal(sheet.width, SAMPLE_SHEET_COLUMNS * SIDE);
	assert_int_equal(sheet.channels, 1);
	for (size_t i = 0; i < N_TRAIN; i++) {
		const int label = dataset_label(data, DATASET_TRAIN, i);

		if (seen[label] < SAMPLE_SHEET_COLUMNS)
			assert_cell(&sheet, label, seen[label]++,
				dataset_pixels(data, DATASET_TRAIN, i));
	}
	for (int c = 0; c < CLASSES; c++)
		if (seen[c] < SAMPLE_SHEET_COLUMNS)
			assert_cell(&sheet, c, seen[c], NULL);
	free(sheet.values);
}

static void test_images_lie_in_the_order_asked(void **state)
{
	const int64_t images[] = {4, 0, 4, 1, 2, 3, 0, 2, 3};
	struct pixels sheet;

	(void)state;
	assert_int_equal(sample_sheet_of(data, images, 9, &sheet, NULL), 0);
	assert_int_equal(sheet.height, 2 * SIDE);
	assert_int_equal(sheet.width, SAMPLE_SHEET_OF_COLUMNS * SIDE);
	for (int i = 0; i < 9; i++)
		assert_cell(&sheet, i / 8, i % 8,
			dataset_pixels(data, DATASET_TEST, (size_t)images[i]));
	assert_cell(&sheet, 1, 1, NULL);
	free(sheet.values);
}

static void a_number_that_no_test_image_has_is_refused(void **state)
{
	const int64_t beyond = CLASSES, below = -1;
	struct pixels sheet;

	(void)state;
	assert_int_equal(
		sample_sheet_of(data, &beyond, 1, &sheet, NULL), ERR_RANGE);
	assert_int_equal(
		sample_sheet_of(data, &below, 1, &sheet, NULL), ERR_RANGE);
}

static void what_is_written_as_png_is_read_again(void **state)
{
	uint8_t values[2 * 3 * 3];
	struct pixels p = {
		.height = 2, .width = 3, .channels = 3, .values = values};

	(void)state;
	for (size_t i = 0; i < sizeof values; i++)
		values[i] = (uint8_t)(i * 14);
	for (p.channels = 1; p.channels <= 3; p.channels += 2) {
		struct pixels again;
		size_t n;
		void *bytes;

		assert_int_equal(png_write(&p, &bytes, &n, NULL), 0);
		assert_int_equal(png_read(bytes, n, &again, NULL), 0);
		assert_int_equal(again.width, 3);
		assert_int_equal(again.channels, p.channels);
		assert_memory_equal(
			again.values, values, 6 * (size_t)p.channels);
		free(again.values);
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_class_has_its_first_images_in_a_row),
		cmocka_unit_test(test_images_lie_in_the_order_asked),
		cmocka_unit_test(a_number_that_no_test_image_has_is_refused),
		cmocka_unit_test(what_is_written_as_png_is_read_again),
	};

	return cmocka_run_group_tests(tests, open_data, close_data);
}
