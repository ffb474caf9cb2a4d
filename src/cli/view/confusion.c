/* confusion.c -- a matrix where it fits, a list where it does not. */
#include "cli/view/confusion.h"

#include <string.h>

#include "model/metric.h"

#define NAME_COLUMNS 16

static uint64_t row_sum(const uint64_t *row, int classes)
{
	uint64_t sum = 0;

	for (int k = 0; k < classes; k++)
		sum += row[k];
	return sum;
}

/* The share of a row that is on the diagonal, in percent; 0 of nothing. */
static double right(const uint64_t *row, int i, int classes)
{
	uint64_t sum = row_sum(row, classes);

	return sum ? 100 * (double)row[i] / (double)sum : 0;
}

/* A class's name cut to its column, between characters of UTF-8. */
static void print_name(const char *name, FILE *out)
{
	int n = (int)strnlen(name, NAME_COLUMNS);

	while (n > 0 && ((unsigned char)name[n] & 0xc0) == 0x80)
		n--;
	fprintf(out, "%.*s%*s", n, name, NAME_COLUMNS - n, "");
}

/* Columns that the largest count needs, and one before it. */
static int count_width(const uint64_t *counts, int classes)
{
	uint64_t most = 0;
	int width = 2;

	for (int i = 0; i < classes * classes; i++)
		most = counts[i] > most ? counts[i] : most;
	for (; most >= 10; most /= 10)
		width++;
	return width < 4 ? 4 : width;
}

static void print_matrix(
	const uint64_t *counts, const struct dataset_info *d, FILE *out)
{
	int width = count_width(counts, d->classes);

	fprintf(out, "  %-*s", NAME_COLUMNS + 3, "true class");
	for (int k = 0; k < d->classes; k++)
		fprintf(out, "%*d", width, k);
	fputs("   right\n", out);
	for (int i = 0; i < d->classes; i++) {
		const uint64_t *row = counts + i * d->classes;

		fprintf(out, "  %2d ", i);
		print_name(d->class_names[i], out);
		for (int k = 0; k < d->classes; k++) {
			if (row[k])
				fprintf(out, "%*llu", width,
					(unsigned long long)row[k]);
			else
				fprintf(out, "%*s", width, ".");
		}
		fprintf(out, "%7.1f%%\n", right(row, i, d->classes));
	}
}

/* The class, not i, that row i has most of; i when there is none. */
static int taken_for(const uint64_t *row, int i, int classes)
{
	int most = i;

	for (int k = 0; k < classes; k++)
		if (k != i && row[k] > 0 && (most == i || row[k] > row[most]))
			most = k;
	return most;
}

static void print_class(
	const uint64_t *counts, const struct dataset_info *d, int i, FILE *out)
{
	const struct class_figures f = metric_class(counts, d->classes, i);
	const uint64_t *row = counts + (size_t)i * (size_t)d->classes;
	int other = taken_for(row, i, d->classes);

	fprintf(out, "  %3d ", i);
	print_name(d->class_names[i], out);
	fprintf(out, " %7llu %6.1f%% %8.1f%% %6.1f%%",
		(unsigned long long)f.images, 100 * f.recall, 100 * f.precision,
		100 * f.f1);
	if (other != i)
		fprintf(out, "   %s (%llu)", d->class_names[other],
			(unsigned long long)row[other]);
	fputc('\n', out);
}

void confusion_figures_print(
	const uint64_t *counts, const struct dataset_info *d, FILE *out)
{
	fprintf(out,
		"  %-*s  images  recall precision      F1   most often "
		"taken for\n",
		NAME_COLUMNS + 4, "true class");
	for (int i = 0; i < d->classes; i++)
		print_class(counts, d, i, out);
	if (d->classes == 2) {
		const struct class_figures f = metric_class(counts, 2, 1);

		fprintf(out,
			"  of \"%s\": sensitivity %.1f %%, specificity "
			"%.1f %%\n",
			d->class_names[1], 100 * f.recall, 100 * f.specificity);
	}
}

void confusion_print(
	const uint64_t *counts, const struct dataset_info *d, FILE *out)
{
	if (d->classes <= CONFUSION_MATRIX_MAX)
		print_matrix(counts, d, out);
	else
		confusion_figures_print(counts, d, out);
}
