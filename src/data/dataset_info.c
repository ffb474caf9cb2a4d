/* dataset_info.c -- the limits that every format and every cache file keeps. */
#include "data/dataset_info.h"

#include <assert.h>

static const struct dtype {
	const char *name;
	size_t bytes;
} dtypes[DATASET_DTYPES] = {
	[DATASET_UINT8] = {"uint8", 1},
	[DATASET_FLOAT32] = {"float32", 4},
};

size_t dataset_image_bytes(const struct dataset_info *d)
{
	return (size_t)d->channels * (size_t)d->height * (size_t)d->width *
	       dtypes[d->dtype].bytes;
}

size_t dataset_count(const struct dataset_info *d, enum dataset_part part)
{
	switch (part) {
	case DATASET_TRAIN: return d->n_train;
	case DATASET_TEST: return d->n_test;
	case DATASET_VALIDATION: return d->n_validation;
	case DATASET_PARTS: break;
	}
	assert(0);
	return 0;
}

size_t dataset_total(const struct dataset_info *d)
{
	return d->n_train + d->n_test + d->n_validation;
}

const char *dataset_part_name(enum dataset_part part)
{
	static const char *const names[DATASET_PARTS] = {
		"train", "test", "validation"};

	return names[part];
}

const char *dataset_dtype_name(enum dataset_dtype t)
{
	assert(t >= 0 && t < DATASET_DTYPES);
	return dtypes[t].name;
}

static int within(int x, int least, int most)
{
	return x >= least && x <= most;
}

static int check_count(const struct dataset_info *d, enum dataset_part part,
	size_t least, struct err *e)
{
	size_t n = dataset_count(d, part);

	if (n >= least && n <= DATASET_SAMPLES_MAX)
		return 0;
	return err_set(e, ERR_INVALID,
		"the %s part has %zu images but must have from %zu to %zu",
		dataset_part_name(part), n, least, DATASET_SAMPLES_MAX);
}

static int check_counts(const struct dataset_info *d, struct err *e)
{
	int rc = check_count(d, DATASET_TRAIN, 2, e);

	if (rc == 0)
		rc = check_count(d, DATASET_TEST, 1, e);
	return rc ? rc : check_count(d, DATASET_VALIDATION, 0, e);
}

int dataset_info_check(const struct dataset_info *d, struct err *e)
{
	int rc;

	if (!within((int)d->dtype, 0, DATASET_DTYPES - 1))
		return err_set(e, ERR_INVALID, "pixels of an unknown type");
	if (!within(d->channels, 1, DATASET_CHANNELS_MAX) ||
		!within(d->height, 1, DATASET_SIDE_MAX) ||
		!within(d->width, 1, DATASET_SIDE_MAX))
		return err_set(e, ERR_INVALID,
			"the images are %dx%dx%d; the limit is %dx%dx%d",
			d->channels, d->height, d->width, DATASET_CHANNELS_MAX,
			DATASET_SIDE_MAX, DATASET_SIDE_MAX);
	rc = check_counts(d, e);
	if (rc)
		return rc;
	if (d->classes < 2)
		return err_set(e, ERR_INVALID,
			"every label is the same: there must be at least 2 "
			"classes");
	if (d->classes > DATASET_CLASSES_MAX)
		return err_set(e, ERR_INVALID,
			"%d classes are over the limit of %d", d->classes,
			DATASET_CLASSES_MAX);
	return 0;
}
