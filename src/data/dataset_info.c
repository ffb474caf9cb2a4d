/* dataset_info.c -- the limits that every format and every cache file keeps. */
#include "data/dataset_info.h"

#include <assert.h>

static const struct dtype {
	const char *name;
	size_t bytes;
} dtypes[DATASET_DTYPES] = {
	[DATASET_UINT8] = {"uint8", 1},
};

size_t dataset_image_bytes(const struct dataset_info *d)
{
	return (size_t)d->channels * (size_t)d->height * (size_t)d->width *
	       dtypes[d->dtype].bytes;
}

size_t dataset_count(const struct dataset_info *d, enum dataset_part part)
{
	return part == DATASET_TRAIN ? d->n_train : d->n_test;
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

static int check_count(const char *part, size_t n, size_t least, struct err *e)
{
	if (n >= least && n <= DATASET_SAMPLES_MAX)
		return 0;
	return err_set(e, ERR_INVALID,
		"the %s part has %zu images but must have from %zu to %zu",
		part, n, least, DATASET_SAMPLES_MAX);
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
	rc = check_count("train", d->n_train, 2, e);
	if (rc == 0)
		rc = check_count("test", d->n_test, 1, e);
	if (rc)
		return rc;
	if (d->classes < 2)
		return err_set(e, ERR_INVALID,
			"every label is 0: there must be at least 2 classes");
	if (d->classes > DATASET_CLASSES_MAX)
		return err_set(e, ERR_INVALID,
			"%d classes are over the limit of %d", d->classes,
			DATASET_CLASSES_MAX);
	return 0;
}
