/* dataset_samples.c -- the four IDX files as one checked set of samples. */
#include "data/dataset_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/file.h"

#define CLASSES_FILE_MAX ((size_t)DATASET_CLASSES_MAX * DATASET_NAME_BYTES)

static const char *const part_name[2] = {"train", "t10k"};

/* Reads channels, height and width of (N,H,W) or (N,C,H,W). */
static int read_shape(const struct idx *images, const char *part,
	struct dataset_info *d, struct err *e)
{
	const size_t *side = images->dims + images->rank - 2;
	size_t channels = images->rank == 4 ? images->dims[1] : 1;

	if (images->rank < 3)
		return err_set(e, ERR_INVALID,
			"the %s images have %d dimensions, not 3 (N,H,W) or 4 "
			"(N,C,H,W)",
			part, images->rank);
	if (channels > DATASET_CHANNELS_MAX || side[0] > DATASET_SIDE_MAX ||
		side[1] > DATASET_SIDE_MAX)
		return err_set(e, ERR_INVALID,
			"the %s images are %zux%zux%zu; the limit is "
			"%dx%dx%d",
			part, channels, side[0], side[1], DATASET_CHANNELS_MAX,
			DATASET_SIDE_MAX, DATASET_SIDE_MAX);
	d->channels = (int)channels;
	d->height = (int)side[0];
	d->width = (int)side[1];
	return 0;
}

static int check_counts(const struct idx *images, const struct idx *labels,
	const char *part, size_t least, struct err *e)
{
	if (labels->rank != 1)
		return err_set(e, ERR_INVALID,
			"the %s labels have %d dimensions, not 1", part,
			labels->rank);
	if (images->dims[0] != labels->dims[0])
		return err_set(e, ERR_INVALID,
			"the %s part has %zu images but %zu labels", part,
			images->dims[0], labels->dims[0]);
	if (images->dims[0] < least || images->dims[0] > DATASET_SAMPLES_MAX)
		return err_set(e, ERR_INVALID,
			"the %s part has %zu images but must have from %zu to "
			"%zu",
			part, images->dims[0], least, DATASET_SAMPLES_MAX);
	return 0;
}

static int count_classes(const struct samples *s, int *classes, struct err *e)
{
	int max = 0;

	for (int part = 0; part < 2; part++)
		for (size_t i = 0; i < s->labels[part].dims[0]; i++)
			if (s->labels[part].values[i] > max)
				max = s->labels[part].values[i];
	if (max == 0)
		return err_set(e, ERR_INVALID,
			"every label is 0: there must be at least 2 classes");
	*classes = max + 1;
	return 0;
}

static int check_samples(struct samples *s, struct err *e)
{
	struct dataset_info *d = &s->info, test;
	int rc = 0;

	for (int part = 0; rc == 0 && part < 2; part++) {
		rc = read_shape(&s->images[part], part_name[part],
			part == 0 ? d : &test, e);
		if (rc == 0)
			rc = check_counts(&s->images[part], &s->labels[part],
				part_name[part], part == 0 ? 2 : 1, e);
	}
	if (rc)
		return rc;
	if (d->channels != test.channels || d->height != test.height ||
		d->width != test.width)
		return err_set(e, ERR_INVALID,
			"the train images are %dx%dx%d but the t10k images "
			"%dx%dx%d",
			d->channels, d->height, d->width, test.channels,
			test.height, test.width);
	d->n_train = s->images[0].dims[0];
	d->n_test = s->images[1].dims[0];
	return count_classes(s, &d->classes, e);
}

/* DESIGN's dataset hash: what the samples are, not what they are called. */
static void hash_samples(struct samples *s)
{
	struct dataset_info *d = &s->info;
	size_t bytes = dataset_image_bytes(d);
	struct sha256 *h = sha256_new();
	char line[96];

	for (int part = 0; part < 2; part++) {
		size_t n = s->images[part].dims[0];
		int len = snprintf(line, sizeof line, "%zu %d %d %d uint8 %d\n",
			n, d->channels, d->height, d->width, d->classes);

		sha256_add(h, line, (size_t)len);
		for (size_t i = 0; i < n; i++) {
			uint8_t label[2] = {s->labels[part].values[i], 0};

			sha256_add(
				h, s->images[part].values + i * bytes, bytes);
			sha256_add(h, label, sizeof label);
		}
	}
	sha256_end(h, d->hash);
}

static int name_is_fit(const char *name, size_t n)
{
	json_t *utf8 = json_stringn(name, n); /* NULL if it is not UTF-8 */
	int ok = utf8 && n > 0 && n < DATASET_NAME_BYTES;

	for (size_t i = 0; i < n; i++)
		ok = ok && (unsigned char)name[i] >= ' ' && name[i] != 0x7f;
	json_decref(utf8);
	return ok;
}

/* A name a line; the last line may lack its newline. */
static int read_names(
	const struct buf *text, struct dataset_info *d, struct err *e)
{
	const char *at = text->data, *end = at + text->len;
	int n = 0;

	for (; at < end; n++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at);

		if (len > 0 && at[len - 1] == '\r')
			len--;
		if (!name_is_fit(at, len))
			return err_set(e, ERR_INVALID,
				"classes.txt, line %d: a name is 1 to %d "
				"bytes of UTF-8 without control characters",
				n + 1, DATASET_NAME_BYTES - 1);
		if (n < d->classes) {
			memcpy(d->class_names[n], at, len);
			d->class_names[n][len] = '\0';
		}
		at = stop ? stop + 1 : end;
	}
	if (n != d->classes)
		return err_set(e, ERR_INVALID,
			"classes.txt has %d names but the labels make %d "
			"classes",
			n, d->classes);
	return 0;
}

static int read_class_file(
	const char *path, struct dataset_info *d, struct err *e)
{
	struct buf text;
	int rc;

	buf_init(&text, CLASSES_FILE_MAX);
	rc = file_read(path, &text, e);
	if (rc == ERR_TOO_BIG)
		rc = err_set(e, ERR_INVALID, "classes.txt is over %zu bytes",
			CLASSES_FILE_MAX);
	else if (rc) /* without the folder's path */
		rc = err_set(e, rc, "cannot read classes.txt");
	if (rc == 0 && text.len == 0)
		rc = err_set(e, ERR_INVALID, "classes.txt is empty");
	if (rc == 0)
		rc = read_names(&text, d, e);
	buf_release(&text);
	return rc;
}

static int name_classes(
	const struct source *s, struct dataset_info *d, struct err *e)
{
	int n = 0;

	if (s->path[SOURCE_CLASSES][0])
		return read_class_file(s->path[SOURCE_CLASSES], d, e);
	while (s->names && s->names[n])
		n++;
	for (int i = 0; i < d->classes; i++) {
		if (n == d->classes)
			snprintf(d->class_names[i], DATASET_NAME_BYTES, "%s",
				s->names[i]);
		else
			snprintf(
				d->class_names[i], DATASET_NAME_BYTES, "%d", i);
	}
	return 0;
}

int source_read(const struct source *s, struct samples *out, struct err *e)
{
	int rc;

	memset(out, 0, sizeof *out);
	rc = idx_read(s->path[SOURCE_TRAIN_IMAGES], &out->images[0], e);
	if (rc == 0)
		rc = idx_read(s->path[SOURCE_TRAIN_LABELS], &out->labels[0], e);
	if (rc == 0)
		rc = idx_read(s->path[SOURCE_TEST_IMAGES], &out->images[1], e);
	if (rc == 0)
		rc = idx_read(s->path[SOURCE_TEST_LABELS], &out->labels[1], e);
	if (rc == 0)
		rc = check_samples(out, e);
	if (rc == 0)
		rc = name_classes(s, &out->info, e);
	if (rc)
		samples_release(out);
	else
		hash_samples(out);
	return rc;
}

void samples_release(struct samples *s)
{
	for (int part = 0; part < 2; part++) {
		idx_release(&s->images[part]);
		idx_release(&s->labels[part]);
	}
}
