/* label_table.h -- an array of labels: one a sample, or a row of them, of which
 * one column is the class. */
#ifndef DATA_LABEL_TABLE_H
#define DATA_LABEL_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "data/array.h"
#include "data/reading.h"

struct label_table {
	size_t n; /* samples */
	size_t columns, column;
};

/* Finds out, for the labels of a part that sentences call `part`.  ERR_INVALID
 * for an array that no labels can be in, and where several columns leave open
 * which it is. */
int label_table_find(const struct array_shape *a, const struct reading *how,
	const char *part, struct label_table *out, struct err *e);

/* The next n labels; `row` has room for those of a row's columns.  The errors
 * of array_integers. */
int label_table_next(const struct label_table *t, struct array *a, int64_t *row,
	int64_t *out, size_t n, struct err *e);

#endif
