/* data_shape.c -- bounds by the rows of the fields. */
#include "neat/data_shape.h"

struct holder {
	struct data_shape shape;
};

static const struct field rows[] = {DATA_SHAPE_ROWS(struct holder, shape, 0)};
static const struct fields fields = {FIELDS(struct holder, rows)};

int data_shape_valid(const struct data_shape *d)
{
	return fields_in_bounds(&fields, d, NULL) == 0;
}

int data_shape_equal(const struct data_shape *a, const struct data_shape *b)
{
	return a->channels == b->channels && a->height == b->height &&
	       a->width == b->width && a->classes == b->classes;
}
