/* format_idx.c -- MNIST's four files: images in some, labels in others.
 *
 * Its kin put a word of their own before the names: emnist-letters-train-images
 * and so on.  All files of a set have the same one. */
#include "data/format_idx.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "data/array_set.h"
#include "data/idx.h"

#define SPELLINGS 6
#define PREFIX_MAX 64
#define FILE_NAME_MAX (PREFIX_MAX + 40)

/* Two of a part: images, then labels. */
enum file {
	TRAIN_IMAGES,
	TRAIN_LABELS,
	TEST_IMAGES,
	TEST_LABELS,
	NEEDED,
	VAL_IMAGES = NEEDED,
	VAL_LABELS,
	FILES
};

/* The spellings in use for each file; the first that exists counts. */
static const char *const spellings[FILES][SPELLINGS] = {
	[TRAIN_IMAGES] = {"train-images-idx3-ubyte", "train-images.idx3-ubyte",
		"train-images-idx4-ubyte", "train-images.idx4-ubyte"},
	[TRAIN_LABELS] = {"train-labels-idx1-ubyte", "train-labels.idx1-ubyte",
		"train-labels-idx2-int", "train-labels.idx2-int"},
	[TEST_IMAGES] = {"t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte",
		"t10k-images-idx4-ubyte", "t10k-images.idx4-ubyte",
		"test-images-idx3-ubyte", "test-images-idx4-ubyte"},
	[TEST_LABELS] = {"t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte",
		"t10k-labels-idx2-int", "t10k-labels.idx2-int",
		"test-labels-idx1-ubyte", "test-labels-idx2-int"},
	[VAL_IMAGES] = {"val-images-idx3-ubyte", "val-images.idx3-ubyte",
		"val-images-idx4-ubyte", "val-images.idx4-ubyte"},
	[VAL_LABELS] = {"val-labels-idx1-ubyte", "val-labels.idx1-ubyte",
		"val-labels-idx2-int", "val-labels.idx2-int"},
};

static const char *const part_names[DATASET_PARTS] = {"train", "t10k", "val"};

/* A folder, and the word before its files' names: "emnist-letters-", or "". */
struct idx_folder {
	const char *path;
	char prefix[PREFIX_MAX];
};

static int find_file(const struct idx_folder *f, enum file which,
	char path[DATASET_PATH_MAX], struct sha256 *key)
{
	char name[FILE_NAME_MAX];

	for (int i = 0; i < SPELLINGS && spellings[which][i]; i++) {
		const char *plain = spellings[which][i];

		snprintf(name, sizeof name, "%s%s", f->prefix, plain);
		if (dataset_file(f->path, name, path, key))
			return 1;
		snprintf(name, sizeof name, "%s%s.gz", f->prefix, plain);
		if (dataset_file(f->path, name, path, key))
			return 1;
	}
	return 0;
}

/* The length of what stands before one of the spellings; -1 if the name is
 * none of these with a word before it. */
static int prefix_of(const char *name, const char *const *spelled)
{
	size_t n = strlen(name);

	if (n > 3 && strcmp(name + n - 3, ".gz") == 0)
		n -= 3;
	for (int i = 0; i < SPELLINGS && spelled[i]; i++) {
		const size_t k = strlen(spelled[i]);

		if (n <= k || n - k >= PREFIX_MAX ||
			strncmp(name + n - k, spelled[i], k) != 0)
			continue;
		if (strchr("-_", name[n - k - 1]))
			return (int)(n - k);
	}
	return -1;
}

static int several(const char *a, const char *b, int b_length, struct err *e)
{
	return err_set(e, ERR_INVALID,
		"the folder holds more than one data set, %s... and %.*s...: "
		"put each in a folder of its own",
		a, b_length, b);
}

/* Finds the word by the training images, unless these have none.  ERR_INVALID
 * if there are two. */
static int find_prefix(
	const struct dataset_place *at, struct idx_folder *out, struct err *e)
{
	char path[DATASET_PATH_MAX];
	const struct dirent *entry;
	int rc = 0;
	DIR *d;

	*out = (struct idx_folder){.path = at->path};
	for (int f = 0; f < FILES; f++)
		if (find_file(out, f, path, NULL))
			return 0;
	d = opendir(at->path);
	while (d && rc == 0 && (entry = readdir(d))) {
		const char *name = entry->d_name;
		int n = prefix_of(name, spellings[TRAIN_IMAGES]);

		if (n < 0)
			continue;
		if (out->prefix[0] &&
			(strlen(out->prefix) != (size_t)n ||
				strncmp(out->prefix, name, (size_t)n) != 0))
			rc = several(out->prefix, name, n, e);
		else
			snprintf(out->prefix, sizeof out->prefix, "%.*s", n,
				name);
	}
	if (d)
		closedir(d);
	return rc;
}

static int lacks(const struct idx_folder *f, enum file which, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND,
		"the data set's folder has no %s%s, plain or .gz", f->prefix,
		spellings[which][0]);
}

static int find(
	const struct dataset_place *at, struct sha256 *key, struct err *e)
{
	int found[FILES] = {0}, any = 0, rc;
	char path[DATASET_PATH_MAX];
	struct idx_folder folder;

	if (!at->is_folder)
		return 0;
	rc = find_prefix(at, &folder, e);
	if (rc)
		return rc;
	for (int f = 0; f < FILES; f++)
		any |= found[f] = find_file(&folder, f, path, key);
	if (!any)
		return 0;
	for (int f = 0; f < NEEDED; f++)
		if (!found[f])
			return lacks(&folder, f, e);
	return 1;
}

static int open_array(const void *ctx, enum dataset_part part, int labels,
	struct array **out, struct err *e)
{
	const struct idx_folder *f = ctx;
	const enum file which = 2 * (enum file)part + (enum file)labels;
	char path[DATASET_PATH_MAX];
	int rc;

	if (!find_file(f, which, path, NULL))
		return which < NEEDED ? lacks(f, which, e) : 0;
	rc = idx_open(path, out, e);
	return rc ? rc : 1;
}

static int read_folder(const struct dataset_place *at,
	const struct reading *how, const struct dataset_sink *to, struct err *e)
{
	struct idx_folder folder;
	const struct array_files files = {.open = open_array,
		.ctx = &folder,
		.part_names = part_names,
		.channels_first = 1};
	int rc = find_prefix(at, &folder, e);

	return rc ? rc : array_set_read(&files, how, to, e);
}

const struct dataset_format format_idx = {
	.name = "IDX",
	.files = "train-images-idx3-ubyte, ...",
	.uses = ARRAY_SET_USES,
	.find = find,
	.read = read_folder,
};
