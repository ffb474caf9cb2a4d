/* array_set.c -- looks at all arrays, and says what they are.
 *
 * Labels are read first, all of them: only then it is known how many classes
 * there are. */
#include "data/array_set_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

#define LABELS_AT_ONCE 4096

/* -- labels -- */

static int see_labels(struct array_set *s, enum dataset_part part,
	struct array *a, struct err *e)
{
	const struct array_part *p = &s->parts[part];
	int64_t *row = xcalloc(p->labels.columns, sizeof *row);
	int64_t labels[LABELS_AT_ONCE];
	int rc = 0;

	for (size_t at = 0; rc == 0 && at < p->labels.n; at += LABELS_AT_ONCE) {
		size_t left = p->labels.n - at;
		size_t n = left < LABELS_AT_ONCE ? left : LABELS_AT_ONCE;

		rc = label_table_next(&p->labels, a, row, labels, n, e);
		if (rc == 0)
			rc = label_map_see(&s->labels, labels, n,
				part == DATASET_TRAIN, e);
	}
	free(row);
	return rc;
}

static int refuse_images_alone(
	struct array_set *s, enum dataset_part part, struct err *e)
{
	const char *name = s->files->part_names[part];
	struct array *a = NULL;
	int rc = s->files->open(s->files->ctx, part, 0, &a, e);

	array_close(a);
	if (rc == 1)
		rc = err_set(e, ERR_INVALID,
			"there are %s images but no %s labels", name, name);
	return rc;
}

static int look_at_labels(
	struct array_set *s, enum dataset_part part, struct err *e)
{
	struct array *a = NULL;
	int rc = s->files->open(s->files->ctx, part, 1, &a, e);

	s->parts[part].there = rc == 1;
	if (rc == 0)
		return refuse_images_alone(s, part, e);
	if (rc < 0)
		return rc;
	rc = label_table_find(array_shape(a), s->how,
		s->files->part_names[part], &s->parts[part].labels, e);
	if (rc == 0)
		rc = see_labels(s, part, a, e);
	array_close(a);
	return rc;
}

/* There is no test part: a tenth of train becomes it. */
static void seal_test(struct array_set *s)
{
	size_t *counts = label_map_counts(&s->labels);

	s->seal = seal_new(counts, s->labels.classes);
	free(counts);
}

/* -- images -- */

/* Sizes that look like another order than the format's are not enough. */
static int check_order(const struct array_set *s, const struct array_layout *l,
	const char *what, struct err *e)
{
	if (!s->files->channels_first || s->how->layout != READING_AUTO ||
		l->channels == 1 || l->channel_step > 1)
		return 0;
	return err_set(e, ERR_INVALID,
		"%s are %dx%dx%d, which looks like H,W,C where C,H,W is usual: "
		"say so by --layout NHWC (or NCHW, if they are not)",
		what, l->height, l->width, l->channels);
}

static int check_images(struct array_set *s, enum dataset_part part,
	const struct array_shape *a, struct err *e)
{
	const char *name = s->files->part_names[part];
	struct array_part *p = &s->parts[part];
	char what[48];
	int rc;

	if (a->dims[0] != p->labels.n && a->rank > 1)
		return err_set(e, ERR_INVALID,
			"the %s part has %llu images but %zu labels", name,
			(unsigned long long)a->dims[0], p->labels.n);
	snprintf(what, sizeof what, "the %s images", name);
	rc = array_layout_find(a, s->how, what, &p->layout, e);
	if (rc == 0 && a->rank == 4)
		rc = check_order(s, &p->layout, what, e);
	p->type = a->type;
	return rc;
}

static int look_at_images(
	struct array_set *s, enum dataset_part part, struct err *e)
{
	struct array *a = NULL;
	int rc = s->files->open(s->files->ctx, part, 0, &a, e);

	if (rc == 0)
		return err_set(e, ERR_NOT_FOUND,
			"there are %s labels but no %s images",
			s->files->part_names[part], s->files->part_names[part]);
	if (rc == 1)
		rc = check_images(s, part, array_shape(a), e);
	array_close(a);
	return rc;
}

static enum dataset_dtype dtype_of(enum element t)
{
	return t == ELEMENT_U8 ? DATASET_UINT8 : DATASET_FLOAT32;
}

/* A part must be like the first. */
static int compare(
	const struct array_set *s, enum dataset_part part, struct err *e)
{
	const struct array_part *p = &s->parts[part], *first = &s->parts[0];
	const struct array_layout *a = &first->layout, *b = &p->layout;
	const char *const *names = s->files->part_names;

	if (a->channels != b->channels || a->height != b->height ||
		a->width != b->width)
		return err_set(e, ERR_INVALID,
			"the %s images are %dx%dx%d but the %s images "
			"%dx%dx%d",
			names[0], a->channels, a->height, a->width, names[part],
			b->channels, b->height, b->width);
	if (dtype_of(first->type) != dtype_of(p->type))
		return err_set(e, ERR_INVALID,
			"the %s images are %s but the %s images %s", names[0],
			element_name(first->type), names[part],
			element_name(p->type));
	return 0;
}

/* -- all of it, before the first sample -- */

static int look(struct array_set *s, struct err *e)
{
	int rc = 0;

	for (int part = 0; rc == 0 && part < DATASET_PARTS; part++)
		rc = look_at_labels(s, part, e);
	if (rc == 0 && !s->parts[DATASET_TRAIN].there)
		rc = err_set(e, ERR_NOT_FOUND, "there are no train labels");
	for (int part = 0; rc == 0 && part < DATASET_PARTS; part++) {
		if (!s->parts[part].there)
			continue;
		rc = look_at_images(s, part, e);
		if (rc == 0)
			rc = compare(s, part, e);
	}
	if (rc == 0)
		rc = label_map_settle(&s->labels, s->to->names, e);
	if (rc == 0 && !s->parts[DATASET_TEST].there)
		seal_test(s);
	return rc;
}

static void name_by_label(struct array_set *s)
{
	s->names = xcalloc((size_t)s->labels.classes, sizeof *s->names);
	for (int k = 0; k < s->labels.classes; k++)
		snprintf(s->names[k], sizeof *s->names, "%lld",
			(long long)label_map_label(&s->labels, k));
	s->info.class_names = (const char(*)[DATASET_NAME_BYTES])s->names;
}

static void describe(struct array_set *s)
{
	const struct array_part *train = &s->parts[DATASET_TRAIN];
	size_t sealed = s->seal ? seal_count(s->seal) : 0;

	s->info = (struct dataset_info){
		.dtype = dtype_of(train->type),
		.channels = train->layout.channels,
		.height = train->layout.height,
		.width = train->layout.width,
		.classes = s->labels.classes,
		.n_train = train->labels.n - sealed,
		.n_test = s->seal ? sealed : s->parts[DATASET_TEST].labels.n,
		.n_validation = s->parts[DATASET_VALIDATION].labels.n,
	};
	if (label_map_is_mapped(&s->labels))
		name_by_label(s);
}

static void say_all(const struct array_set *s)
{
	const struct array_part *train = &s->parts[DATASET_TRAIN];
	char text[LABEL_MAP_TEXT_BYTES];

	if (label_map_is_mapped(&s->labels)) {
		label_map_text(&s->labels, text);
		dataset_say(s->to, "%s", text);
	}
	if (train->layout.signals)
		dataset_say(s->to,
			"two dimensions are taken for signals of %d values: "
			"images of height 1",
			train->layout.width);
	if (s->seal)
		dataset_say(s->to,
			"there is no test part: a tenth of each class, %zu "
			"images in all, is sealed as one",
			seal_count(s->seal));
}

int array_set_read(const struct array_files *files, const struct reading *how,
	const struct dataset_sink *to, struct err *e)
{
	struct array_set s = {.files = files, .how = how, .to = to};
	int rc = look(&s, e);

	if (rc == 0) {
		describe(&s);
		say_all(&s);
		rc = to->announce(to->ctx, &s.info, s.have, e);
	}
	if (rc == 0)
		rc = array_set_copy(&s, DATASET_TRAIN, DATASET_TRAIN, e);
	if (rc == 0)
		rc = array_set_copy(&s, s.seal ? DATASET_TRAIN : DATASET_TEST,
			DATASET_TEST, e);
	if (rc == 0)
		rc = array_set_copy(
			&s, DATASET_VALIDATION, DATASET_VALIDATION, e);
	label_map_release(&s.labels);
	seal_free(s.seal);
	free(s.names);
	return rc;
}
