/* format_npy.c -- finds the files; array_set does the rest. */
#include "data/format_npy.h"

#include <stdio.h>

#include "data/array_set.h"
#include "data/file_stream.h"
#include "data/npy.h"

#define FILE_NAME_MAX 32

static const char *const part_names[DATASET_PARTS] = {"train", "test", "val"};

static int find_file(const char *folder, enum dataset_part part, int labels,
	char path[DATASET_PATH_MAX], struct sha256 *key)
{
	char name[FILE_NAME_MAX];

	for (int i = 0; npy_name(part, labels, i); i++) {
		snprintf(
			name, sizeof name, "%s.npy", npy_name(part, labels, i));
		if (dataset_file(folder, name, path, key))
			return 1;
	}
	return 0;
}

static int lacks(enum dataset_part part, int labels, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "the data set's folder has no %s.npy",
		npy_name(part, labels, 0));
}

static int find(
	const struct dataset_place *at, struct sha256 *key, struct err *e)
{
	int found[DATASET_PARTS][2], any = 0;
	char path[DATASET_PATH_MAX];

	if (!at->is_folder)
		return 0;
	for (int part = 0; part < DATASET_PARTS; part++)
		for (int labels = 0; labels < 2; labels++)
			any |= found[part][labels] = find_file(
				at->path, part, labels, path, key);
	if (!any)
		return 0;
	for (int part = 0; part < DATASET_PARTS; part++)
		for (int labels = 0; labels < 2; labels++)
			if (!found[part][labels] &&
				(part == DATASET_TRAIN || found[part][!labels]))
				return lacks(part, labels, e);
	return 1;
}

static int open_array(const void *ctx, enum dataset_part part, int labels,
	struct array **out, struct err *e)
{
	const struct dataset_place *at = ctx;
	char path[DATASET_PATH_MAX];
	struct stream *in;
	int rc;

	if (!find_file(at->path, part, labels, path, NULL))
		return part == DATASET_TRAIN ? lacks(part, labels, e) : 0;
	rc = file_stream_open(path, &in, e);
	if (rc == 0)
		rc = npy_open(in, out, e);
	return rc ? rc : 1;
}

static int read_folder(const struct dataset_place *at,
	const struct reading *how, const struct dataset_sink *to, struct err *e)
{
	const struct array_files files = {
		.open = open_array, .ctx = at, .part_names = part_names};

	return array_set_read(&files, how, to, e);
}

const struct dataset_format format_npy = {
	.name = "NPY",
	.files = "train-images.npy, ...",
	.uses = ARRAY_SET_USES,
	.find = find,
	.read = read_folder,
};
