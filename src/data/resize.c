/* resize.c -- a triangle filter in fixed point.
 *
 * Pixel i of `to` pixels lies at (2i + 1) / (2 to) of the side, so in units of
 * 1 / (2 from to) all places are integers, and so is the height of the triangle
 * above each pixel of the source.
 *
 * All time goes into sums of shares times pixels.  Both are 16 bits wide, and
 * the loops go by fixed numbers of them, so that compilers take the vectors'
 * multiplications of 16 bits; sums of integers are the same in any order. */
#include "data/resize.h"

#include <stdlib.h>
#include <string.h>

#define ONE_BITS 15 /* of a share: 255 shares of one fit in 32 bits */
#define ONE (1 << ONE_BITS)

#define TAPS 8     /* shares come in so many, the last ones being 0 */
#define COLUMNS 32 /* that are summed up at a time */

/* The pixels of the source that make one, and what of each is taken away, which
 * adds up to -ONE: of ONE itself there is no positive number of 16 bits.  What
 * stands behind the n-th is 0, to the next multiple of TAPS. */
struct taps {
	int first, n;
	const int16_t *less;
};

struct filter {
	struct taps *taps; /* one for each pixel that is made */
	int16_t *less;
};

static int max_int(int a, int b)
{
	return a > b ? a : b;
}

static int64_t height_at(int64_t distance, int64_t reach)
{
	return distance < 0 ? reach + distance : reach - distance;
}

/* Rounding leaves the sum off by a little, which the largest share takes. */
static void normalize(const int32_t *height, int n, int64_t sum, int16_t *less)
{
	int32_t left = ONE;
	int largest = 0;

	for (int k = 0; k < n; k++) {
		int32_t share = (int32_t)(((int64_t)height[k] * ONE + sum / 2) /
					  sum);

		less[k] = (int16_t)-share;
		left -= share;
		if (less[k] < less[largest])
			largest = k;
	}
	less[largest] = (int16_t)(less[largest] - left);
}

/* A triangle is as wide on either side as the larger of two pixels' distances,
 * before and after.  Its heights are at most 2 * PIXELS_SIDE_MAX. */
static void make_taps(
	struct taps *t, int32_t *height, int16_t *less, int i, int from, int to)
{
	const int64_t reach = 2 * (int64_t)max_int(from, to);
	const int64_t centre = (2 * (int64_t)i + 1) * from;
	const int64_t last = (centre + reach) / (2 * (int64_t)to);
	int64_t sum = 0;
	int x = max_int(0, (int)((centre - reach) / (2 * (int64_t)to)));

	*t = (struct taps){.first = x, .less = less};
	for (; x < from && x <= last; x++) {
		int64_t at = (2 * (int64_t)x + 1) * to;
		int64_t h = height_at(at - centre, reach);

		if (h <= 0 && t->n == 0) {
			t->first = x + 1;
			continue;
		}
		if (h <= 0)
			break;
		height[t->n++] = (int32_t)h;
		sum += h;
	}
	normalize(height, t->n, sum, less);
}

static void filter_free(struct filter *f)
{
	free(f->taps);
	free(f->less);
}

static size_t whole_taps(size_t n)
{
	return (n + TAPS - 1) / TAPS * TAPS;
}

/* -1 without memory. */
static int filter_make(struct filter *f, int from, int to)
{
	const size_t most = 2 * ((size_t)from / (size_t)to + 2);
	const size_t room = whole_taps(most);
	int32_t *height = malloc(most * sizeof *height);

	f->taps = malloc((size_t)to * sizeof *f->taps);
	f->less = calloc((size_t)to * room, sizeof *f->less);
	if (!height || !f->taps || !f->less) {
		free(height);
		return -1;
	}
	for (int i = 0; i < to; i++)
		make_taps(&f->taps[i], height, f->less + (size_t)i * room, i,
			from, to);
	free(height);
	return 0;
}

/* A row's channels, each of them `apart` values behind the one before. */
static void separate(const uint8_t *in, size_t n, size_t channels, size_t apart,
	int16_t *out)
{
	if (channels == 1) {
		for (size_t x = 0; x < n; x++)
			out[x] = in[x];
		return;
	}
	for (size_t x = 0; x < n; x++) {
		out[x] = in[3 * x];
		out[x + apart] = in[3 * x + 1];
		out[x + 2 * apart] = in[3 * x + 2];
	}
}

/* One value of those, in a row that has TAPS more than are in use. */
static uint8_t sum_up(const struct taps *t, const int16_t *row)
{
	const int16_t *p = row + t->first, *less = t->less;
	int32_t sum = 0;

	for (int k = 0; k < t->n; k += TAPS, p += TAPS, less += TAPS)
		for (int j = 0; j < TAPS; j++)
			sum += less[j] * p[j];
	return (uint8_t)((ONE / 2 - sum) >> ONE_BITS);
}

/* (n,from,channels) to (n,to,channels).  `row` has room for a row's channels,
 * each with TAPS values more: what stands there is multiplied by 0. */
static void along_rows(const struct filter *f, const uint8_t *in, size_t n,
	size_t from, size_t to, size_t channels, int16_t *row, uint8_t *out)
{
	const size_t apart = from + TAPS;

	memset(row, 0, channels * apart * sizeof *row);
	for (size_t y = 0; y < n; y++, in += from * channels) {
		separate(in, from, channels, apart, row);
		for (size_t c = 0; c < channels; c++)
			for (size_t i = 0; i < to; i++)
				out[i * channels + c] = sum_up(
					&f->taps[i], row + c * apart);
		out += to * channels;
	}
}

/* Of `n` columns, at most COLUMNS: one row of them. */
static void sum_rows(const struct taps *t, const uint8_t *in, size_t width,
	size_t n, uint8_t *out)
{
	int32_t sums[COLUMNS] = {0};

	for (int k = 0; k < t->n; k++, in += width)
		for (size_t x = 0; x < n; x++)
			sums[x] += t->less[k] * (int16_t)in[x];
	for (size_t x = 0; x < n; x++)
		out[x] = (uint8_t)((ONE / 2 - sums[x]) >> ONE_BITS);
}

/* (from,width) to (to,width), by pieces of rows. */
static void along_columns(const struct filter *f, const uint8_t *in, size_t to,
	size_t width, uint8_t *out)
{
	for (size_t i = 0; i < to; i++, out += width) {
		const struct taps *t = &f->taps[i];
		const uint8_t *row = in + (size_t)t->first * width;
		size_t x = 0;

		for (; x + COLUMNS <= width; x += COLUMNS)
			sum_rows(t, row + x, width, COLUMNS, out + x);
		if (x < width)
			sum_rows(t, row + x, width, width - x, out + x);
	}
}

/* Room for all of a resizing; each NULL or to be freed. */
struct room {
	struct filter rows, columns;
	uint8_t *between; /* (in height, out width, channels) */
	int16_t *row;     /* of the source, its channels, each with TAPS more */
};

static int make_room(
	struct room *r, const struct pixels *in, struct pixels *out)
{
	const size_t row = (size_t)out->width * (size_t)out->channels;

	r->between = malloc((size_t)in->height * row);
	r->row = malloc(((size_t)in->width + TAPS) * (size_t)in->channels *
			sizeof *r->row);
	out->values = malloc((size_t)out->height * row);
	return filter_make(&r->rows, in->width, out->width) ||
	       filter_make(&r->columns, in->height, out->height) ||
	       !r->between || !r->row || !out->values;
}

int resize(const struct pixels *in, int height, int width, struct pixels *out,
	struct err *e)
{
	const size_t channels = (size_t)in->channels;
	struct room r = {.row = NULL};
	struct pixels made = *in;
	int rc = 0;

	made.height = height;
	made.width = width;
	if (make_room(&r, in, &made)) {
		free(made.values);
		rc = err_set(e, ERR_WORLD, "no memory for the image");
	} else {
		along_rows(&r.rows, in->values, (size_t)in->height,
			(size_t)in->width, (size_t)width, channels, r.row,
			r.between);
		along_columns(&r.columns, r.between, (size_t)height,
			(size_t)width * channels, made.values);
		*out = made;
	}
	filter_free(&r.rows);
	filter_free(&r.columns);
	free(r.between);
	free(r.row);
	return rc;
}
