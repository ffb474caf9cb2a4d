/* sample_sheet.c -- images of a set put side by side. */
#include "data/sample_sheet.h"

#include <stdlib.h>
#include <string.h>

struct sheet {
	const struct dataset_info *info;
	struct pixels *out;
};

/* Value i of an image's pixels, in 0..255. */
static uint8_t shown(const struct dataset_info *info, const void *pixels,
	size_t i, const float range[2])
{
	const float *real = pixels;

	if (info->dtype == DATASET_UINT8)
		return ((const uint8_t *)pixels)[i];
	if (!(range[1] > range[0]))
		return 0;
	return (uint8_t)(255 * (real[i] - range[0]) / (range[1] - range[0]));
}

static void find_range(
	const struct dataset_info *info, const void *pixels, float range[2])
{
	const float *real = pixels;
	const size_t n = (size_t)(info->channels * info->height * info->width);

	if (info->dtype == DATASET_UINT8)
		return;
	range[0] = range[1] = real[0];
	for (size_t i = 1; i < n; i++) {
		range[0] = real[i] < range[0] ? real[i] : range[0];
		range[1] = real[i] > range[1] ? real[i] : range[1];
	}
}

/* Planes (C,H,W) into a cell of pixels (H,W,C). */
static void put_image(
	const struct sheet *s, int row, int column, const void *pixels)
{
	const int h = s->info->height, w = s->info->width;
	const int channels = s->out->channels;
	float range[2] = {0, 0};

	find_range(s->info, pixels, range);
	for (int y = 0; y < h; y++)
		for (int x = 0; x < w; x++)
			for (int c = 0; c < channels; c++) {
				const size_t from = ((size_t)c * (size_t)h +
							    (size_t)y) *
							    (size_t)w +
						    (size_t)x;
				const size_t at =
					(size_t)(row * h + y) *
						(size_t)s->out->width +
					(size_t)(column * w + x);

				s->out->values[at * (size_t)channels +
					       (size_t)c] = shown(s->info,
					pixels, from, range);
			}
}

/* A black one. */
static int open_sheet(struct sheet *s, int rows, int columns, struct err *e)
{
	const int64_t height = (int64_t)rows * s->info->height;
	const int64_t width = (int64_t)columns * s->info->width;
	struct pixels *out = s->out;

	if (height * width > PIXELS_MAX)
		return err_set(e, ERR_RANGE,
			"a sheet of these images would have more than %d "
			"million pixels",
			(int)(PIXELS_MAX / 1000000));
	*out = (struct pixels){.height = (int)height,
		.width = (int)width,
		.channels = s->info->channels == 3 ? 3 : 1};
	out->values = calloc((size_t)(height * width), (size_t)out->channels);
	if (!out->values)
		return err_set(e, ERR_WORLD, "no memory for the sheet");
	return 0;
}

static void fill(const struct sheet *s, const struct dataset *d, int rows)
{
	int cells[SAMPLE_SHEET_ROWS_MAX] = {0}; /* that are filled, by row */
	int open = rows;

	for (size_t i = 0; open > 0 && i < s->info->n_train; i++) {
		const int label = dataset_label(d, DATASET_TRAIN, i);

		if (label >= rows || cells[label] == SAMPLE_SHEET_COLUMNS)
			continue;
		put_image(s, label, cells[label]++,
			dataset_pixels(d, DATASET_TRAIN, i));
		open -= cells[label] == SAMPLE_SHEET_COLUMNS;
	}
}

int sample_sheet(const struct dataset *d, struct pixels *out, struct err *e)
{
	struct sheet s = {.info = dataset_info(d), .out = out};
	const int rows = s.info->classes < SAMPLE_SHEET_ROWS_MAX
				 ? s.info->classes
				 : SAMPLE_SHEET_ROWS_MAX;
	int rc = open_sheet(&s, rows, SAMPLE_SHEET_COLUMNS, e);

	if (rc == 0)
		fill(&s, d, rows);
	return rc;
}

int sample_sheet_of(const struct dataset *d, const int64_t *images, size_t n,
	struct pixels *out, struct err *e)
{
	struct sheet s = {.info = dataset_info(d), .out = out};
	const int rows = (int)((n + SAMPLE_SHEET_OF_COLUMNS - 1) /
			       SAMPLE_SHEET_OF_COLUMNS);
	int rc;

	for (size_t i = 0; i < n; i++)
		if ((uint64_t)images[i] >= s.info->n_test)
			return err_set(e, ERR_RANGE,
				"the data set has %zu test images and none "
				"with number %lld",
				s.info->n_test, (long long)images[i]);
	rc = open_sheet(&s, rows, SAMPLE_SHEET_OF_COLUMNS, e);
	for (size_t i = 0; rc == 0 && i < n; i++)
		put_image(&s, (int)(i / SAMPLE_SHEET_OF_COLUMNS),
			(int)(i % SAMPLE_SHEET_OF_COLUMNS),
			dataset_pixels(d, DATASET_TEST, (size_t)images[i]));
	return rc;
}
