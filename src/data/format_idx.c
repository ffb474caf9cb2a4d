/* format_idx.c -- images in files of their own, labels in others.
 *
 * The labels come first, all of them: the largest one says how many classes
 * there are.  The images follow a piece at a time. */
#include "data/format_idx.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "data/idx.h"

#define PIECE_BYTES ((size_t)1 << 20) /* of pixels; one image at least */
#define SPELLINGS 4
#define FILE_NAME_MAX 40

enum file { TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS, FILES };

/* The spellings in use for each file; the first that exists counts. */
static const char *const spellings[FILES][SPELLINGS] = {
	[TRAIN_IMAGES] = {"train-images-idx3-ubyte", "train-images.idx3-ubyte",
		"train-images-idx4-ubyte", "train-images.idx4-ubyte"},
	[TRAIN_LABELS] = {"train-labels-idx1-ubyte", "train-labels.idx1-ubyte"},
	[TEST_IMAGES] = {"t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte",
		"t10k-images-idx4-ubyte", "t10k-images.idx4-ubyte"},
	[TEST_LABELS] = {"t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte"},
};

static const char *const part_name[DATASET_PARTS] = {"train", "t10k"};

static const enum file images_of[] = {TRAIN_IMAGES, TEST_IMAGES};
static const enum file labels_of[] = {TRAIN_LABELS, TEST_LABELS};

static int find_file(const char *folder, enum file which,
	char path[DATASET_PATH_MAX], struct sha256 *key)
{
	char name[FILE_NAME_MAX];

	for (int i = 0; i < SPELLINGS && spellings[which][i]; i++) {
		const char *plain = spellings[which][i];

		if (dataset_file(folder, plain, path, key))
			return 1;
		snprintf(name, sizeof name, "%s.gz", plain);
		if (dataset_file(folder, name, path, key))
			return 1;
	}
	return 0;
}

static int lacks(enum file which, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND,
		"the data set's folder has no %s, plain or .gz",
		spellings[which][0]);
}

static int find(const char *folder, struct sha256 *key, struct err *e)
{
	int found = 0, missing = FILES;
	char path[DATASET_PATH_MAX];

	for (int f = 0; f < FILES; f++) {
		if (find_file(folder, f, path, key))
			found++;
		else if (missing == FILES)
			missing = f;
	}
	if (found == 0)
		return 0;
	return found == FILES ? 1 : lacks(missing, e);
}

/* A folder that is being read. */
struct idx_set {
	struct idx labels[DATASET_PARTS];
	struct idx_reader *images[DATASET_PARTS];
	struct dataset_info info;
	const struct dataset_sink *to;

	/* The piece that is handed over. */
	uint8_t *pixels;
	uint16_t *piece_labels;
};

static int open_part(
	struct idx_set *s, const char *folder, int part, struct err *e)
{
	char path[DATASET_PATH_MAX];
	int rc;

	if (!find_file(folder, images_of[part], path, NULL))
		return lacks(images_of[part], e);
	rc = idx_open(path, &s->images[part], e);
	if (rc)
		return rc;
	if (!find_file(folder, labels_of[part], path, NULL))
		return lacks(labels_of[part], e);
	return idx_read(path, &s->labels[part], e);
}

static void close_parts(struct idx_set *s)
{
	for (int part = 0; part < DATASET_PARTS; part++) {
		idx_close(s->images[part]);
		idx_release(&s->labels[part]);
	}
}

static int check_part(const struct idx_set *s, int part,
	struct idx_images *shape, struct err *e)
{
	const struct idx_sizes *images = idx_sizes(s->images[part]);
	const struct idx_sizes *labels = &s->labels[part].sizes;
	const char *name = part_name[part];
	char what[32];

	if (images->rank < 3)
		return err_set(e, ERR_INVALID,
			"the %s images have %d dimensions, not 3 (N,H,W) or 4 "
			"(N,C,H,W)",
			name, images->rank);
	if (labels->rank != 1)
		return err_set(e, ERR_INVALID,
			"the %s labels have %d dimensions, not 1", name,
			labels->rank);
	if (images->dims[0] != labels->dims[0])
		return err_set(e, ERR_INVALID,
			"the %s part has %zu images but %zu labels", name,
			images->dims[0], labels->dims[0]);
	snprintf(what, sizeof what, "the %s images", name);
	return idx_images(images, what, shape, e);
}

/* One more than the largest label of both parts. */
static int count_classes(const struct idx_set *s)
{
	int most = 0;

	for (int part = 0; part < DATASET_PARTS; part++) {
		const struct idx *labels = &s->labels[part];

		for (size_t i = 0; i < labels->sizes.dims[0]; i++)
			if (labels->values[i] > most)
				most = labels->values[i];
	}
	return most + 1;
}

static int look(struct idx_set *s, struct err *e)
{
	struct idx_images train, test;
	int rc = check_part(s, DATASET_TRAIN, &train, e);

	if (rc == 0)
		rc = check_part(s, DATASET_TEST, &test, e);
	if (rc)
		return rc;
	if (train.channels != test.channels || train.height != test.height ||
		train.width != test.width)
		return err_set(e, ERR_INVALID,
			"the train images are %dx%dx%d but the t10k images "
			"%dx%dx%d",
			train.channels, train.height, train.width,
			test.channels, test.height, test.width);
	s->info.dtype = DATASET_UINT8;
	s->info.channels = train.channels;
	s->info.height = train.height;
	s->info.width = train.width;
	s->info.classes = count_classes(s);
	s->info.n_train = train.n;
	s->info.n_test = test.n;
	return 0;
}

/* Hands over a part's next n samples, the first being number `at`. */
static int hand_over(struct idx_set *s, enum dataset_part part, size_t at,
	size_t n, struct err *e)
{
	const struct dataset_samples some = {
		part, n, s->pixels, s->piece_labels};
	size_t bytes = n * dataset_image_bytes(&s->info);
	int rc = idx_next(s->images[part], s->pixels, bytes, e);

	for (size_t i = 0; i < n; i++)
		s->piece_labels[i] = s->labels[part].values[at + i];
	return rc ? rc : s->to->add(s->to->ctx, &some, e);
}

static int copy_part(
	struct idx_set *s, enum dataset_part part, size_t most, struct err *e)
{
	size_t n = dataset_count(&s->info, part);
	int rc = 0;

	for (size_t at = 0; rc == 0 && at < n; at += most)
		rc = hand_over(s, part, at, n - at < most ? n - at : most, e);
	return rc;
}

/* The sizes have been announced, and are within their limits. */
static int copy_parts(struct idx_set *s, struct err *e)
{
	size_t image = dataset_image_bytes(&s->info);
	size_t most = image < PIECE_BYTES ? PIECE_BYTES / image : 1;
	int rc;

	s->pixels = xcalloc(most, image);
	s->piece_labels = xcalloc(most, sizeof *s->piece_labels);
	rc = copy_part(s, DATASET_TRAIN, most, e);
	if (rc == 0)
		rc = copy_part(s, DATASET_TEST, most, e);
	free(s->pixels);
	free(s->piece_labels);
	return rc;
}

static int read_folder(
	const char *folder, const struct dataset_sink *to, struct err *e)
{
	struct idx_set *s = xcalloc(1, sizeof *s);
	int rc;

	s->to = to;
	rc = open_part(s, folder, DATASET_TRAIN, e);
	if (rc == 0)
		rc = open_part(s, folder, DATASET_TEST, e);
	if (rc == 0)
		rc = look(s, e);
	if (rc == 0)
		rc = to->announce(to->ctx, &s->info, e);
	if (rc == 0)
		rc = copy_parts(s, e);
	close_parts(s);
	free(s);
	return rc;
}

const struct dataset_format format_idx = {
	.name = "IDX",
	.files = "train-images-idx3-ubyte, train-labels-idx1-ubyte and the "
		 "same of t10k, plain or .gz",
	.find = find,
	.read = read_folder,
};
