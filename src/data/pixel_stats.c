/* pixel_stats.c -- bytes are counted, floats are summed. */
#include "data/pixel_stats.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define LEVELS 256

/* Counts are exact whatever the order of the samples, so the mean has the same
 * bits however a part is laid out. */
static void count_levels(const struct pixel_images *p,
	uint64_t counts[DATASET_CHANNELS_MAX][LEVELS])
{
	for (size_t k = 0; k < p->n; k++) {
		const uint8_t *pixel = p->pixels(p->ctx, k);

		for (int c = 0; c < p->channels; c++)
			for (size_t j = 0; j < p->plane; j++)
				counts[c][*pixel++]++;
	}
}

static void mean_and_std(
	const uint64_t counts[LEVELS], double *mean, double *std)
{
	double n = 0, sum = 0, squares = 0;

	for (int v = 0; v < LEVELS; v++) {
		n += (double)counts[v];
		sum += (double)counts[v] * v;
	}
	*mean = sum / n / 255;
	for (int v = 0; v < LEVELS; v++) {
		double off = v / 255.0 - *mean;

		squares += (double)counts[v] * off * off;
	}
	*std = sqrt(squares / n);
	if (!(*std > 0))
		*std = 1; /* a channel of one level says nothing: leave it 0 */
}

static void of_bytes(const struct pixel_images *p, double *mean, double *std)
{
	uint64_t(*counts)[LEVELS] = xcalloc(
		DATASET_CHANNELS_MAX, sizeof *counts);

	count_levels(p, counts);
	for (int c = 0; c < p->channels; c++)
		mean_and_std(counts[c], &mean[c], &std[c]);
	free(counts);
}

/* The sum over all images of (pixel - off[c])^power, a channel each; image by
 * image, so that its bits are a function of their order alone. */
static void sum_floats(const struct pixel_images *p, const double *off,
	int power, double *sums)
{
	memset(sums, 0, (size_t)p->channels * sizeof *sums);
	for (size_t k = 0; k < p->n; k++) {
		const float *pixel = p->pixels(p->ctx, k);

		for (int c = 0; c < p->channels; c++)
			for (size_t j = 0; j < p->plane; j++) {
				double x = *pixel++ - off[c];

				sums[c] += power == 2 ? x * x : x;
			}
	}
}

static void of_floats(const struct pixel_images *p, double *mean, double *std)
{
	const double none[DATASET_CHANNELS_MAX] = {0};
	const double count = (double)p->n * (double)p->plane;

	sum_floats(p, none, 1, mean);
	for (int c = 0; c < p->channels; c++)
		mean[c] /= count;
	sum_floats(p, mean, 2, std);
	for (int c = 0; c < p->channels; c++) {
		std[c] = sqrt(std[c] / count);
		if (!(std[c] > 0))
			std[c] = 1;
	}
}

void pixel_stats(const struct pixel_images *p, double *mean, double *std)
{
	if (p->dtype == DATASET_UINT8)
		of_bytes(p, mean, std);
	else
		of_floats(p, mean, std);
}
