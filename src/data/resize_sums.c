/* resize_sums.c -- sums of shares times pixels, in which resizing spends its
 * time.
 *
 * It is compiled once for every machine and once for vectors of twice the
 * length; SUMS is the name of what comes of it.  Shares and pixels are 16 bits
 * wide, and the loops go by fixed numbers of them, so that compilers take the
 * vectors' multiplications of 16 bits; sums of integers are the same in any
 * order. */
#include "data/resize_sums.h"

#include <string.h>

#define COLUMNS 32 /* that are summed up at a time */

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

/* One value of those, in a row that has RESIZE_TAPS more than are in use. */
static uint8_t sum_up(const struct resize_taps *t, const int16_t *row)
{
	const int16_t *p = row + t->first, *less = t->less;
	int32_t sum = 0;

	for (int k = 0; k < t->n;
		k += RESIZE_TAPS, p += RESIZE_TAPS, less += RESIZE_TAPS)
		for (int j = 0; j < RESIZE_TAPS; j++)
			sum += less[j] * p[j];
	return (uint8_t)((RESIZE_ONE / 2 - sum) >> RESIZE_ONE_BITS);
}

static void along_rows(const struct resize_taps *taps, const uint8_t *in,
	size_t n, size_t from, size_t to, size_t channels, int16_t *row,
	uint8_t *out)
{
	const size_t apart = from + RESIZE_TAPS;

	memset(row, 0, channels * apart * sizeof *row);
	for (size_t y = 0; y < n; y++, in += from * channels) {
		separate(in, from, channels, apart, row);
		for (size_t c = 0; c < channels; c++)
			for (size_t i = 0; i < to; i++)
				out[i * channels + c] = sum_up(
					&taps[i], row + c * apart);
		out += to * channels;
	}
}

/* Of `n` columns, at most COLUMNS: one row of them. */
static void sum_rows(const struct resize_taps *t, const uint8_t *in,
	size_t width, size_t n, uint8_t *out)
{
	int32_t sums[COLUMNS] = {0};

	for (int k = 0; k < t->n; k++, in += width)
		for (size_t x = 0; x < n; x++)
			sums[x] += t->less[k] * (int16_t)in[x];
	for (size_t x = 0; x < n; x++)
		out[x] = (uint8_t)((RESIZE_ONE / 2 - sums[x]) >>
				   RESIZE_ONE_BITS);
}

static void along_columns(const struct resize_taps *taps, const uint8_t *in,
	size_t to, size_t width, uint8_t *out)
{
	for (size_t i = 0; i < to; i++, out += width) {
		const struct resize_taps *t = &taps[i];
		const uint8_t *row = in + (size_t)t->first * width;
		size_t x = 0;

		for (; x + COLUMNS <= width; x += COLUMNS)
			sum_rows(t, row + x, width, COLUMNS, out + x);
		if (x < width)
			sum_rows(t, row + x, width, width - x, out + x);
	}
}

const struct resize_sums SUMS = {
	.along_rows = along_rows,
	.along_columns = along_columns,
};
