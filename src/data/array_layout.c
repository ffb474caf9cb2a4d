/* array_layout.c -- what is asked for, else what the sizes say, as steps. */
#include "data/array_layout.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "data/dataset_info.h"

#define CHANNELS_USUAL 3

static int usual(uint64_t channels)
{
	return channels <= CHANNELS_USUAL;
}

/* "100x32x32x3" */
#define SIZES_BYTES (ARRAY_RANK_MAX * 21)
static void sizes_text(const struct array_shape *a, char out[SIZES_BYTES])
{
	size_t n = 0;

	for (int i = 0; i < a->rank; i++)
		n += (size_t)snprintf(out + n, SIZES_BYTES - n, "%s%llu",
			i ? "x" : "", (unsigned long long)a->dims[i]);
}

/* Four dimensions, of which nothing is said. */
static int guess(const struct array_shape *a, const char *what, int *layout,
	struct err *e)
{
	const int first = usual(a->dims[1]), last = usual(a->dims[3]);
	char sizes[SIZES_BYTES];

	*layout = first ? READING_NCHW : READING_NHWC;
	if (first != last ||
		(a->dims[1] == 1 && a->dims[2] == 1 && a->dims[3] == 1))
		return 0;
	sizes_text(a, sizes);
	return err_set(e, ERR_INVALID,
		"%s are %s, which may be N,C,H,W as well as N,H,W,C: say "
		"which by --layout NCHW or --layout NHWC",
		what, sizes);
}

static int choose(const struct array_shape *a, const struct reading *r,
	const char *what, int *layout, struct err *e)
{
	static const int rank_of[READING_LAYOUTS] = {[READING_NHW] = 3,
		[READING_NHWC] = 4,
		[READING_NCHW] = 4,
		[READING_NCL] = 3};

	*layout = r->layout;
	if (*layout != READING_AUTO && rank_of[*layout] != a->rank)
		return err_set(e, ERR_INVALID,
			"%s have %d dimensions and the layout %s has %d", what,
			a->rank, reading_layout_name(*layout),
			rank_of[*layout]);
	if (a->rank < 2)
		return err_set(e, ERR_INVALID,
			"%s have 1 dimension, as labels have; images have 2 "
			"(N,L), 3 (N,H,W) or 4 (N,C,H,W or N,H,W,C)",
			what);
	if (*layout != READING_AUTO || a->rank < 3)
		return 0;
	if (a->rank == 4)
		return guess(a, what, layout, e);
	*layout = READING_NHW;
	return 0;
}

/* Sizes and steps along C, H and W. */
struct axes {
	uint64_t size[3], step[3];
};

static void find_axes(const struct array_shape *a, int layout, struct axes *x)
{
	const uint64_t *d = a->dims;

	switch (layout) {
	case READING_NHW:
		*x = (struct axes){{1, d[1], d[2]}, {d[1] * d[2], d[2], 1}};
		break;
	case READING_NHWC:
		*x = (struct axes){{d[3], d[1], d[2]}, {1, d[2] * d[3], d[3]}};
		break;
	case READING_NCHW:
		*x = (struct axes){{d[1], d[2], d[3]}, {d[2] * d[3], d[3], 1}};
		break;
	case READING_NCL:
		*x = (struct axes){{d[1], 1, d[2]}, {d[2], d[2], 1}};
		break;
	default: *x = (struct axes){{1, 1, d[1]}, {d[1], d[1], 1}}; break;
	}
}

static void swap(uint64_t *a, uint64_t *b)
{
	uint64_t x = *a;

	*a = *b;
	*b = x;
}

int array_layout_find(const struct array_shape *a, const struct reading *r,
	const char *what, struct array_layout *out, struct err *e)
{
	struct axes x;
	int layout, rc = choose(a, r, what, &layout, e);

	if (rc)
		return rc;
	find_axes(a, layout, &x);
	if (r->transpose) {
		swap(&x.size[1], &x.size[2]);
		swap(&x.step[1], &x.step[2]);
	}
	if (x.size[0] > DATASET_CHANNELS_MAX || x.size[1] > DATASET_SIDE_MAX ||
		x.size[2] > DATASET_SIDE_MAX)
		return err_set(e, ERR_INVALID,
			"%s are %llux%llux%llu; the limit is %dx%dx%d", what,
			(unsigned long long)x.size[0],
			(unsigned long long)x.size[1],
			(unsigned long long)x.size[2], DATASET_CHANNELS_MAX,
			DATASET_SIDE_MAX, DATASET_SIDE_MAX);
	*out = (struct array_layout){.n = (size_t)a->dims[0],
		.channels = (int)x.size[0],
		.height = (int)x.size[1],
		.width = (int)x.size[2],
		.channel_step = (size_t)x.step[0],
		.row_step = (size_t)x.step[1],
		.column_step = (size_t)x.step[2],
		.signals = a->rank == 2};
	return 0;
}

size_t array_layout_values(const struct array_layout *l)
{
	return (size_t)l->channels * (size_t)l->height * (size_t)l->width;
}

int array_layout_is_plain(const struct array_layout *l)
{
	const size_t width = (size_t)l->width;

	return l->column_step == 1 && l->row_step == width &&
	       l->channel_step == width * (size_t)l->height;
}

void array_layout_copy(
	const struct array_layout *l, const void *from, size_t bytes, void *to)
{
	const uint8_t *plane = from;
	uint8_t *out = to;

	assert(bytes == 1 || bytes == 4);
	for (int c = 0; c < l->channels; c++, plane += l->channel_step * bytes)
		for (int y = 0; y < l->height; y++) {
			const uint8_t *at = plane +
					    (size_t)y * l->row_step * bytes;

			for (int x = 0; x < l->width; x++) {
				memcpy(out, at, bytes);
				out += bytes;
				at += l->column_step * bytes;
			}
		}
}
