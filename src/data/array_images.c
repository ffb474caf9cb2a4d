/* array_images.c -- tries the orders that there are. */
#include "data/array_images.h"

#include <stdlib.h>

#include "data/array_layout.h"

/* The sizes of one image in an order, without those that are 1 by nature. */
struct order {
	int rank;
	int dims[3];
	enum reading_layout layout; /* of several such */
};

static int list_orders(const struct dataset_info *s, struct order out[5])
{
	const int c = s->channels, h = s->height, w = s->width;
	int n = 0;

	out[n++] = (struct order){3, {c, h, w}, READING_NCHW};
	out[n++] = (struct order){3, {h, w, c}, READING_NHWC};
	if (c == 1)
		out[n++] = (struct order){2, {h, w}, READING_NHW};
	if (h == 1)
		out[n++] = (struct order){2, {c, w}, READING_NCL};
	if (h == 1 && c == 1)
		out[n++] = (struct order){1, {w}, READING_AUTO};
	return n;
}

/* True if the last sizes of the array are those of the order, behind a number
 * of images or behind nothing. */
static int fits(const struct array_shape *a, const struct order *o)
{
	const int before = a->rank - o->rank;

	if (before < 0 || before > 1)
		return 0;
	for (int i = 0; i < o->rank; i++)
		if (a->dims[before + i] != (uint64_t)o->dims[i])
			return 0;
	return 1;
}

/* Several images of the order, also where there is one. */
static int layout_of(const struct array_shape *a, const struct order *o,
	struct array_layout *out, struct err *e)
{
	const struct reading how = {.layout = (int)o->layout};
	struct array_shape several = *a;

	if (a->rank == o->rank) {
		several.rank = o->rank + 1;
		several.dims[0] = 1;
		for (int i = 0; i < o->rank; i++)
			several.dims[1 + i] = a->dims[i];
	}
	return array_layout_find(&several, &how, "the images", out, e);
}

static int find_layout(const struct array *a, const struct dataset_info *s,
	struct array_layout *out, struct err *e)
{
	const struct array_shape *shape = array_shape(a);
	struct order orders[5];
	const int n = list_orders(s, orders);

	for (int i = 0; i < n; i++)
		if (fits(shape, &orders[i]))
			return layout_of(shape, &orders[i], out, e);
	return err_set(e, ERR_INVALID,
		"%s has an array of %d dimensions that is not of images of "
		"%dx%dx%d (channels, height, width), which the network takes",
		array_name(a), shape->rank, s->channels, s->height, s->width);
}

static int check_type(
	const struct array *a, const struct dataset_info *s, struct err *e)
{
	const enum element t = array_shape(a)->type;

	if (s->dtype == DATASET_FLOAT32 || t == ELEMENT_U8)
		return 0;
	return err_set(e, ERR_INVALID,
		"%s has %s, and the network takes unsigned bytes",
		array_name(a), element_name(t));
}

/* Turns every image to (C,H,W). */
static int turn(const struct array_layout *l, size_t value, uint8_t **pixels,
	struct err *e)
{
	const size_t image = array_layout_values(l) * value;
	uint8_t *turned;

	if (array_layout_is_plain(l))
		return 0;
	turned = calloc(l->n, image);
	if (!turned)
		return err_set(e, ERR_WORLD, "no memory for the images");
	for (size_t i = 0; i < l->n; i++)
		array_layout_copy(
			l, *pixels + i * image, value, turned + i * image);
	free(*pixels);
	*pixels = turned;
	return 0;
}

int array_images(struct array *a, const struct dataset_info *like,
	uint8_t **pixels, size_t *n, struct err *e)
{
	const size_t value = like->dtype == DATASET_UINT8 ? 1 : sizeof(float);
	const size_t count = (size_t)array_count(a);
	struct array_layout l;
	uint8_t *values;
	int rc = find_layout(a, like, &l, e);

	if (rc == 0)
		rc = check_type(a, like, e);
	if (rc)
		return rc;
	values = calloc(count, value);
	if (!values)
		return err_set(e, ERR_WORLD,
			"no memory for the %zu values of %s", count,
			array_name(a));
	rc = value == 1 ? array_bytes(a, values, count, e)
			: array_floats(a, (float *)(void *)values, count, e);
	if (rc == 0)
		rc = turn(&l, value, &values, e);
	if (rc) {
		free(values);
		return rc;
	}
	*pixels = values;
	*n = l.n;
	return 0;
}
