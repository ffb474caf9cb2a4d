/* dataset_text.c -- counts labels, and prints them. */
#include "cli/view/dataset_text.h"

#include <stdlib.h>

#include "base/arena.h"

#define CLASSES_SHOWN 40 /* all of them, up to so many */
#define ENDS_SHOWN 5     /* of more, so many of either end */
#define NAME_COLUMNS 24

struct class_counts {
	int class;
	size_t n[DATASET_PARTS];
};

/* A row a class; to be freed. */
static struct class_counts *count_classes(const struct dataset *d)
{
	const struct dataset_info *info = dataset_info(d);
	struct class_counts *rows = xcalloc(
		(size_t)info->classes, sizeof *rows);

	for (int k = 0; k < info->classes; k++)
		rows[k].class = k;
	for (int part = 0; part < DATASET_PARTS; part++)
		for (size_t i = 0; i < dataset_count(info, part); i++)
			rows[dataset_label(d, part, i)].n[part]++;
	return rows;
}

/* The largest of train first; of equal ones the lower number. */
static int by_size(const void *a, const void *b)
{
	const struct class_counts *x = a, *y = b;

	if (x->n[DATASET_TRAIN] != y->n[DATASET_TRAIN])
		return x->n[DATASET_TRAIN] > y->n[DATASET_TRAIN] ? -1 : 1;
	return x->class - y->class;
}

void dataset_shape_text(
	const struct dataset_info *d, char out[DATASET_SHAPE_BYTES])
{
	snprintf(out, DATASET_SHAPE_BYTES, "%dx%dx%d %s", d->channels,
		d->height, d->width, dataset_dtype_name(d->dtype));
}

static void print_row(
	const struct dataset_info *d, const struct class_counts *row, FILE *out)
{
	fprintf(out, "  %5d  %-*s  %10zu %10zu", row->class, NAME_COLUMNS,
		d->class_names[row->class], row->n[DATASET_TRAIN],
		row->n[DATASET_TEST]);
	if (d->n_validation > 0)
		fprintf(out, " %10zu", row->n[DATASET_VALIDATION]);
	fputc('\n', out);
}

static void print_classes(
	const struct dataset_info *d, struct class_counts *rows, FILE *out)
{
	fprintf(out, "\n  %5s  %-*s  %10s %10s%s\n", "class", NAME_COLUMNS,
		"name", "train", "test",
		d->n_validation > 0 ? " validation" : "");
	if (d->classes <= CLASSES_SHOWN) {
		for (int k = 0; k < d->classes; k++)
			print_row(d, &rows[k], out);
		return;
	}
	qsort(rows, (size_t)d->classes, sizeof *rows, by_size);
	for (int k = 0; k < ENDS_SHOWN; k++)
		print_row(d, &rows[k], out);
	fprintf(out, "  %5s  (%d more)\n", "...", d->classes - 2 * ENDS_SHOWN);
	for (int k = d->classes - ENDS_SHOWN; k < d->classes; k++)
		print_row(d, &rows[k], out);
}

static void print_balance(const struct dataset_info *d,
	const struct class_counts *rows, FILE *out)
{
	size_t least = SIZE_MAX, most = 0;

	for (int k = 0; k < d->classes; k++) {
		size_t n = rows[k].n[DATASET_TRAIN];

		least = n < least ? n : least;
		most = n > most ? n : most;
	}
	fprintf(out, "balance     %zu to %zu training images a class\n", least,
		most);
}

void dataset_text(const char *name, const struct dataset *d, FILE *out)
{
	const struct dataset_info *info = dataset_info(d);
	struct class_counts *rows = count_classes(d);
	char shape[DATASET_SHAPE_BYTES];

	dataset_shape_text(info, shape);
	fprintf(out,
		"data set    %s\n"
		"hash        %s\n"
		"images      %s (channels, height, width)\n"
		"parts       %zu train, %zu test",
		name, info->hash, shape, info->n_train, info->n_test);
	if (info->n_validation > 0)
		fprintf(out, ", %zu validation", info->n_validation);
	fprintf(out, "\nclasses     %d\n", info->classes);
	print_balance(info, rows, out);
	print_classes(info, rows, out);
	free(rows);
}

json_t *dataset_json(const char *name, const struct dataset *d)
{
	const struct dataset_info *info = dataset_info(d);
	struct class_counts *rows = count_classes(d);
	json_t *classes = json_array();

	for (int k = 0; k < info->classes; k++)
		json_array_append_new(classes,
			json_pack("{s:s, s:I, s:I, s:I}", "name",
				info->class_names[k], "train",
				(json_int_t)rows[k].n[DATASET_TRAIN], "test",
				(json_int_t)rows[k].n[DATASET_TEST],
				"validation",
				(json_int_t)rows[k].n[DATASET_VALIDATION]));
	free(rows);
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:I, s:I, s:I, s:o}",
		"name", name, "hash", info->hash, "dtype",
		dataset_dtype_name(info->dtype), "num_channels", info->channels,
		"px_h", info->height, "px_w", info->width, "train",
		(json_int_t)info->n_train, "test", (json_int_t)info->n_test,
		"validation", (json_int_t)info->n_validation, "classes",
		classes);
}
