/* array_copy.c -- samples of arrays, a piece at a time. */
#include "data/array_set_private.h"

#include <stdlib.h>

#include "base/arena.h"

#define PIECE_BYTES ((size_t)1 << 20) /* of pixels; one image at least */

static int gone(struct err *e)
{
	return err_set(e, ERR_INVALID, "the files change while they are read");
}

/* A part on its way, and the piece that is handed over. */
struct copy {
	struct array_set *s;
	const struct array_part *from;
	enum dataset_part to;
	struct array *images, *labels;
	size_t most;  /* samples of a piece */
	void *values; /* (most, image) as in the array, uint8 or float */
	void *pixels; /* the same as (C,H,W); `values` where that is plain */
	int64_t *row, *raw;
	uint16_t *classes;
	size_t skip; /* samples that are there already */
};

static int read_images(struct copy *c, size_t n, struct err *e)
{
	const struct array_layout *l = &c->from->layout;
	const size_t values = array_layout_values(l);
	const size_t bytes = c->s->info.dtype == DATASET_UINT8 ? 1 : 4;
	int rc = bytes == 1 ? array_bytes(c->images, c->values, n * values, e)
			    : array_floats(c->images, c->values, n * values, e);

	if (rc || c->pixels == c->values)
		return rc;
	for (size_t i = 0; i < n; i++)
		array_layout_copy(l, (uint8_t *)c->values + i * values * bytes,
			bytes, (uint8_t *)c->pixels + i * values * bytes);
	return 0;
}

static int read_labels(struct copy *c, size_t n, struct err *e)
{
	int rc = label_table_next(
		&c->from->labels, c->labels, c->row, c->raw, n, e);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		int class = label_map_class(&c->s->labels, c->raw[i]);

		if (class < 0)
			return gone(e);
		c->classes[i] = (uint16_t) class;
	}
	return rc;
}

static int hand_over(struct copy *c, size_t from, size_t n, struct err *e)
{
	const size_t image = dataset_image_bytes(&c->s->info);
	const struct dataset_samples some = {.part = c->to,
		.n = n,
		.pixels = (uint8_t *)c->pixels + from * image,
		.labels = c->classes + from};

	return n ? c->s->to->add(c->s->to->ctx, &some, e) : 0;
}

/* Of the piece those that belong to the part, in runs that follow one
 * another. */
static int hand_over_some(struct copy *c, size_t n, struct err *e)
{
	size_t from = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		int test = seal_takes(c->s->seal, c->classes[i]);
		int ours = test == (c->to == DATASET_TEST);

		if (ours && c->skip == 0)
			continue;
		c->skip -= ours ? 1 : 0;
		rc = hand_over(c, from, i - from, e);
		from = i + 1;
	}
	return rc ? rc : hand_over(c, from, n - from, e);
}

static int copy_piece(struct copy *c, size_t n, struct err *e)
{
	int rc = read_images(c, n, e);

	if (rc == 0)
		rc = read_labels(c, n, e);
	if (rc)
		return rc;
	return c->s->seal && c->to != DATASET_VALIDATION
		       ? hand_over_some(c, n, e)
		       : hand_over(c, 0, n, e);
}

/* What is there already is passed over at once, unless only reading it tells
 * which part a sample belongs to. */
static int skip_samples(struct copy *c, size_t *at, struct err *e)
{
	const size_t n = c->skip;
	int rc;

	*at = 0;
	if (n == 0 || (c->s->seal && c->to != DATASET_VALIDATION))
		return 0;
	rc = array_skip(
		c->images, n * array_layout_values(&c->from->layout), e);
	*at = n;
	return rc ? rc : array_skip(c->labels, n * c->from->labels.columns, e);
}

static int copy_samples(struct copy *c, struct err *e)
{
	size_t at;
	int rc = skip_samples(c, &at, e);

	while (rc == 0 && at < c->from->labels.n) {
		size_t left = c->from->labels.n - at;
		size_t n = left < c->most ? left : c->most;

		rc = copy_piece(c, n, e);
		at += n;
	}
	return rc;
}

static int open_copy(struct copy *c, enum dataset_part part, struct err *e)
{
	const struct array_files *f = c->s->files;
	const size_t image = dataset_image_bytes(&c->s->info);
	int rc = f->open(f->ctx, part, 0, &c->images, e);

	if (rc == 1)
		rc = f->open(f->ctx, part, 1, &c->labels, e);
	if (rc < 0)
		return rc;
	if (rc == 0 ||
		array_count(c->images) !=
			c->from->labels.n *
				array_layout_values(&c->from->layout) ||
		array_count(c->labels) !=
			c->from->labels.n * c->from->labels.columns)
		return gone(e);
	c->most = image < PIECE_BYTES ? PIECE_BYTES / image : 1;
	c->values = c->pixels = xcalloc(c->most, image);
	if (!array_layout_is_plain(&c->from->layout))
		c->pixels = xcalloc(c->most, image);
	c->row = xcalloc(c->from->labels.columns, sizeof *c->row);
	c->raw = xcalloc(c->most, sizeof *c->raw);
	c->classes = xcalloc(c->most, sizeof *c->classes);
	return 0;
}

static void close_copy(struct copy *c)
{
	array_close(c->images);
	array_close(c->labels);
	if (c->pixels != c->values)
		free(c->pixels);
	free(c->values);
	free(c->row);
	free(c->raw);
	free(c->classes);
}

int array_set_copy(struct array_set *s, enum dataset_part from,
	enum dataset_part to, struct err *e)
{
	struct copy c = {
		.s = s, .from = &s->parts[from], .to = to, .skip = s->have[to]};
	int rc = 0;

	if (s->have[to] == dataset_count(&s->info, to))
		return 0;
	if (s->seal)
		seal_rewind(s->seal);
	rc = open_copy(&c, from, e);
	if (rc == 0)
		rc = copy_samples(&c, e);
	close_copy(&c);
	return rc;
}
