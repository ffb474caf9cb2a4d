/* resize.c -- a triangle filter in fixed point.
 *
 * Pixel i of `to` pixels lies at (2i + 1) / (2 to) of the side, so in units of
 * 1 / (2 from to) all places are integers, and so is the height of the triangle
 * above each pixel of the source.
 */
#include "data/resize.h"

#include <stdlib.h>

#include "data/resize_sums.h"

struct filter {
	struct resize_taps *taps; /* one for each pixel that is made */
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
	int32_t left = RESIZE_ONE;
	int largest = 0;

	for (int k = 0; k < n; k++) {
		int32_t share = (int32_t)(((int64_t)height[k] * RESIZE_ONE +
						  sum / 2) /
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
static void make_taps(struct resize_taps *t, int32_t *height, int16_t *less,
	int i, int from, int to)
{
	const int64_t reach = 2 * (int64_t)max_int(from, to);
	const int64_t centre = (2 * (int64_t)i + 1) * from;
	const int64_t last = (centre + reach) / (2 * (int64_t)to);
	int64_t sum = 0;
	int x = max_int(0, (int)((centre - reach) / (2 * (int64_t)to)));

	*t = (struct resize_taps){.first = x, .less = less};
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
	return (n + RESIZE_TAPS - 1) / RESIZE_TAPS * RESIZE_TAPS;
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

static const struct resize_sums *choose_sums(void)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2"))
		return &resize_sums_avx2;
#endif
	return &resize_sums_plain;
}

/* Room for all of a resizing; each NULL or to be freed. */
struct room {
	struct filter rows, columns;
	uint8_t *between; /* (in height, out width, channels) */
	int16_t *row; /* of the source, its channels, each with RESIZE_TAPS more
		       */
};

static int make_room(
	struct room *r, const struct pixels *in, struct pixels *out)
{
	const size_t row = (size_t)out->width * (size_t)out->channels;

	r->between = malloc((size_t)in->height * row);
	r->row = malloc(((size_t)in->width + RESIZE_TAPS) *
			(size_t)in->channels * sizeof *r->row);
	out->values = malloc((size_t)out->height * row);
	return filter_make(&r->rows, in->width, out->width) ||
	       filter_make(&r->columns, in->height, out->height) ||
	       !r->between || !r->row || !out->values;
}

int resize(const struct pixels *in, int height, int width, struct pixels *out,
	struct err *e)
{
	const struct resize_sums *sums = choose_sums();
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
		sums->along_rows(r.rows.taps, in->values, (size_t)in->height,
			(size_t)in->width, (size_t)width, channels, r.row,
			r.between);
		sums->along_columns(r.columns.taps, r.between, (size_t)height,
			(size_t)width * channels, made.values);
		*out = made;
	}
	filter_free(&r.rows);
	filter_free(&r.columns);
	free(r.between);
	free(r.row);
	return rc;
}
