/* format_npz.c -- finds the members; array_set does the rest. */
#include "data/format_npz.h"

#include <stdio.h>

#include "data/array_set.h"
#include "data/members.h"
#include "data/npy.h"

#define MEMBER_NAME_MAX 32

static const char *const part_names[DATASET_PARTS] = {"train", "test", "val"};

static int find(
	const struct dataset_place *at, struct sha256 *key, struct err *e)
{
	(void)e;
	if (at->is_folder || !members_is(at->path, MEMBERS_ZIP))
		return 0;
	return dataset_file_key(at->path, key);
}

static int open_array(const void *ctx, enum dataset_part part, int labels,
	struct array **out, struct err *e)
{
	const struct dataset_place *at = ctx;
	char name[MEMBER_NAME_MAX];
	struct stream *in;
	int rc = 0;

	for (int i = 0; rc == 0 && npy_name(part, labels, i); i++) {
		snprintf(
			name, sizeof name, "%s.npy", npy_name(part, labels, i));
		rc = members_stream(at->path, MEMBERS_ZIP, name, &in, e);
	}
	if (rc == 0 && part == DATASET_TRAIN)
		return err_set(e, ERR_INVALID,
			"%s has no array %s (or %s, or %s)",
			stream_base_name(at->path), npy_name(part, labels, 1),
			npy_name(part, labels, 0), npy_name(part, labels, 2));
	if (rc != 1)
		return rc;
	rc = npy_open(in, out, e);
	return rc ? rc : 1;
}

static int read_file(const struct dataset_place *at, const struct reading *how,
	const struct dataset_sink *to, struct err *e)
{
	const struct array_files files = {
		.open = open_array, .ctx = at, .part_names = part_names};

	return array_set_read(&files, how, to, e);
}

const struct dataset_format format_npz = {
	.name = "NPZ",
	.files = "a file with train_images, ...",
	.uses = ARRAY_SET_USES,
	.find = find,
	.read = read_file,
};
