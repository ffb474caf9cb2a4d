/* resize.c -- a triangle filter in fixed point.
 *
 * Pixel i of `to` pixels lies at (2i + 1) / (2 to) of the side, so in units of
 * 1 / (2 from to) all places are integers, and so is the height of the triangle
 * above each pixel of the source. */
#include "data/resize.h"

#include <stdlib.h>
#include <string.h>

#define ONE_BITS 15 /* of a share: 255 shares of one fit in 32 bits */
#define ONE (1 << ONE_BITS)

/* The pixels of the source that make one, and their shares, which add up to
 * ONE. */
struct taps {
	int first, n;
	const int32_t *share;
};

struct filter {
	struct taps *taps; /* one for each pixel that is made */
	int32_t *shares;
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
static void normalize(int32_t *share, int n, int64_t sum)
{
	int32_t left = ONE;
	int largest = 0;

	for (int k = 0; k < n; k++) {
		share[k] = (int32_t)(((int64_t)share[k] * ONE + sum / 2) / sum);
		left -= share[k];
		if (share[k] > share[largest])
			largest = k;
	}
	share[largest] += left;
}

/* A triangle is as wide on either side as the larger of two pixels' distances,
 * before and after.  Its heights are at most 2 * PIXELS_SIDE_MAX, so that they
 * fit where shares will stand. */
static void make_taps(struct taps *t, int32_t *share, int i, int from, int to)
{
	const int64_t reach = 2 * (int64_t)max_int(from, to);
	const int64_t centre = (2 * (int64_t)i + 1) * from;
	const int64_t last = (centre + reach) / (2 * (int64_t)to);
	int64_t sum = 0;
	int x = max_int(0, (int)((centre - reach) / (2 * (int64_t)to)));

	*t = (struct taps){.first = x, .share = share};
	for (; x < from && x <= last; x++) {
		int64_t at = (2 * (int64_t)x + 1) * to;
		int64_t h = height_at(at - centre, reach);

		if (h <= 0 && t->n == 0) {
			t->first = x + 1;
			continue;
		}
		if (h <= 0)
			break;
		share[t->n++] = (int32_t)h;
		sum += h;
	}
	normalize(share, t->n, sum);
}

static void filter_free(struct filter *f)
{
	free(f->taps);
	free(f->shares);
}

/* -1 without memory. */
static int filter_make(struct filter *f, int from, int to)
{
	const size_t most = 2 * ((size_t)from / (size_t)to + 2);

	f->taps = malloc((size_t)to * sizeof *f->taps);
	f->shares = malloc((size_t)to * most * sizeof *f->shares);
	if (!f->taps || !f->shares)
		return -1;
	for (int i = 0; i < to; i++)
		make_taps(
			&f->taps[i], f->shares + (size_t)i * most, i, from, to);
	return 0;
}

/* (n,from,channels) to (n,to,channels). */
static void along_rows(const struct filter *f, const uint8_t *in, size_t n,
	size_t from, size_t to, size_t channels, uint8_t *out)
{
	for (size_t y = 0; y < n; y++, in += from * channels)
		for (size_t i = 0; i < to; i++) {
			const struct taps *t = &f->taps[i];
			const uint8_t *p = in + (size_t)t->first * channels;

			for (size_t c = 0; c < channels; c++) {
				int32_t sum = ONE / 2;

				for (int k = 0; k < t->n; k++)
					sum += t->share[k] *
					       p[(size_t)k * channels + c];
				*out++ = (uint8_t)(sum >> ONE_BITS);
			}
		}
}

/* (from,width) to (to,width), by whole rows; `sums` has room for one. */
static void along_columns(const struct filter *f, const uint8_t *in, size_t to,
	size_t width, int32_t *sums, uint8_t *out)
{
	for (size_t i = 0; i < to; i++, out += width) {
		const struct taps *t = &f->taps[i];
		const uint8_t *row = in + (size_t)t->first * width;

		for (size_t x = 0; x < width; x++)
			sums[x] = ONE / 2;
		for (int k = 0; k < t->n; k++, row += width)
			for (size_t x = 0; x < width; x++)
				sums[x] += t->share[k] * row[x];
		for (size_t x = 0; x < width; x++)
			out[x] = (uint8_t)(sums[x] >> ONE_BITS);
	}
}

/* Room for all of a resizing; each NULL or to be freed. */
struct room {
	struct filter rows, columns;
	uint8_t *between; /* (in height, out width, channels) */
	int32_t *sums;
};

static int make_room(
	struct room *r, const struct pixels *in, struct pixels *out)
{
	const size_t row = (size_t)out->width * (size_t)out->channels;

	r->between = malloc((size_t)in->height * row);
	r->sums = malloc(row * sizeof *r->sums);
	out->values = malloc((size_t)out->height * row);
	return filter_make(&r->rows, in->width, out->width) ||
	       filter_make(&r->columns, in->height, out->height) ||
	       !r->between || !r->sums || !out->values;
}

int resize(const struct pixels *in, int height, int width, struct pixels *out,
	struct err *e)
{
	const size_t channels = (size_t)in->channels;
	struct room r = {.sums = NULL};
	struct pixels made = *in;
	int rc = 0;

	made.height = height;
	made.width = width;
	if (make_room(&r, in, &made)) {
		free(made.values);
		rc = err_set(e, ERR_WORLD, "no memory for the image");
	} else {
		along_rows(&r.rows, in->values, (size_t)in->height,
			(size_t)in->width, (size_t)width, channels, r.between);
		along_columns(&r.columns, r.between, (size_t)height,
			(size_t)width * channels, r.sums, made.values);
		*out = made;
	}
	filter_free(&r.rows);
	filter_free(&r.columns);
	free(r.between);
	free(r.sums);
	return rc;
}
