/* label_table.c -- which column counts, and its values. */
#include "data/label_table.h"

#define COLUMNS_MAX 65536

int label_table_find(const struct array_shape *a, const struct reading *how,
	const char *part, struct label_table *out, struct err *e)
{
	const size_t columns = a->rank == 2 ? (size_t)a->dims[1] : 1;
	const size_t asked = (size_t)how->label_column;

	if (a->rank > 2 || columns > COLUMNS_MAX)
		return err_set(e, ERR_INVALID,
			"the %s labels have %d dimensions, not 1 (N) or 2 "
			"(N,columns)",
			part, a->rank);
	if (!element_is_integer(a->type))
		return err_set(e, ERR_INVALID,
			"the %s labels are %s; labels are integers", part,
			element_name(a->type));
	if (how->has_label_column && asked >= columns)
		return err_set(e, ERR_INVALID,
			"the %s labels have %zu column%s, counted from 0: "
			"there is no column %zu",
			part, columns, columns == 1 ? "" : "s", asked);
	if (!how->has_label_column && columns > 1)
		return err_set(e, ERR_INVALID,
			"the %s labels have %zu columns: say which of them is "
			"the class by --label-column",
			part, columns);
	*out = (struct label_table){.n = (size_t)a->dims[0],
		.columns = columns,
		.column = how->has_label_column ? asked : 0};
	return 0;
}

int label_table_next(const struct label_table *t, struct array *a, int64_t *row,
	int64_t *out, size_t n, struct err *e)
{
	int rc = 0;

	if (t->columns == 1)
		return array_integers(a, out, n, e);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = array_integers(a, row, t->columns, e);
		out[i] = row[t->column];
	}
	return rc;
}
