/* bench_data.c -- random images as IDX files, so that they take the way of all
 * data: checked, unpacked into the cache, mapped. */
#include "cli/local/bench_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/rng.h"

#define RANDOM_IMAGES 6400
#define RANDOM_BYTES ((size_t)32 << 20) /* about as many pixels at most */
#define RANDOM_TEST_IMAGES 100
#define RANDOM_SEED 1
#define LABELS_MAX 256 /* of an IDX file of bytes */

/* The random set, before it is written. */
struct random_set {
	struct shape shape;
	int classes;
	size_t train, test; /* images */
	char folder[DATASET_PATH_MAX];
};

static size_t image_bytes(const struct shape *s)
{
	return (size_t)s->channels * (size_t)s->height * (size_t)s->width;
}

static void put_u32(uint8_t *at, size_t x)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(x >> (24 - 8 * i));
}

/* Writes folder/name: the header of an IDX file of bytes, then the values. */
static int write_idx(const struct random_set *r, const char *name,
	const size_t *dims, int rank, const uint8_t *values, size_t n,
	struct err *e)
{
	uint8_t header[4 + 4 * 4] = {0, 0, 8, (uint8_t)rank};
	struct iovec pieces[2] = {
		{header, 4 + 4 * (size_t)rank}, {(void *)values, n}};
	char path[DATASET_PATH_MAX + 32];

	for (int i = 0; i < rank; i++)
		put_u32(header + 4 + 4 * i, dims[i]);
	snprintf(path, sizeof path, "%s/%s", r->folder, name);
	return file_replace_pieces(path, pieces, 2, e);
}

static int write_images(const struct random_set *r, const char *name, size_t n,
	struct rng *rng, struct err *e)
{
	const struct shape *s = &r->shape;
	size_t dims[4] = {
		n, (size_t)s->channels, (size_t)s->height, (size_t)s->width};
	size_t bytes = n * image_bytes(s);
	uint8_t *pixels = xcalloc(bytes, 1);
	int rc;

	for (size_t i = 0; i < bytes; i++)
		pixels[i] = (uint8_t)rng_below(rng, 256);
	rc = write_idx(r, name, dims, 4, pixels, bytes, e);
	free(pixels);
	return rc;
}

static int write_labels(
	const struct random_set *r, const char *name, size_t n, struct err *e)
{
	uint8_t *labels = xcalloc(n, 1);
	int rc;

	for (size_t i = 0; i < n; i++)
		labels[i] = (uint8_t)(i % (size_t)r->classes);
	rc = write_idx(r, name, &n, 1, labels, n, e);
	free(labels);
	return rc;
}

/* The training labels come last: where they are, the set is complete. */
#define LAST_FILE "train-labels-idx1-ubyte"

static int write_set(const struct random_set *r, struct err *e)
{
	char last[DATASET_PATH_MAX + 32];
	struct stat st;
	struct rng rng;
	int rc;

	snprintf(last, sizeof last, "%s/%s", r->folder, LAST_FILE);
	if (stat(last, &st) == 0)
		return 0;
	rng_stream(&rng, RANDOM_SEED, 0, 0);
	rc = file_mkdirs(r->folder, e);
	if (rc == 0)
		rc = write_images(
			r, "train-images-idx4-ubyte", r->train, &rng, e);
	if (rc == 0)
		rc = write_images(
			r, "t10k-images-idx4-ubyte", r->test, &rng, e);
	if (rc == 0)
		rc = write_labels(r, "t10k-labels-idx1-ubyte", r->test, e);
	if (rc == 0)
		rc = write_labels(r, LAST_FILE, r->train, e);
	return rc;
}

/* Enough for a full batch, and for every class to be there. */
static size_t random_count(const struct shape *s, int classes, int batch)
{
	size_t n = RANDOM_BYTES / image_bytes(s);
	size_t least = (size_t)(batch > classes ? batch : classes);

	if (n > RANDOM_IMAGES)
		n = RANDOM_IMAGES;
	return n < least ? least : n;
}

static int prepare_random(const struct shape *images, int classes, int batch,
	const char *cache_dir, char path[DATASET_PATH_MAX], struct err *e)
{
	struct random_set r = {
		.shape = *images,
		.classes = classes,
		.train = random_count(images, classes, batch),
		.test = RANDOM_TEST_IMAGES,
	};
	/* Their sizes may look like anything. */
	const struct reading how = {.layout = READING_NCHW};
	const struct dataset_order order = {.name = r.folder, .how = &how};
	int n = snprintf(r.folder, sizeof r.folder, "%s/random-%dx%dx%d-%d-%zu",
		cache_dir, images->channels, images->height, images->width,
		classes, r.train);

	if (classes > LABELS_MAX)
		return err_set(e, ERR_RANGE,
			"%d classes, but random images have at most %d",
			classes, LABELS_MAX);
	if (n >= (int)sizeof r.folder)
		return err_set(
			e, ERR_INVALID, "the data folder's path is too long");
	if (write_set(&r, e))
		return e->code;
	return dataset_order(&order, cache_dir, path, e);
}

static int is_fashion(const struct shape *s, int classes)
{
	return s->channels == 1 && s->height == 28 && s->width == 28 &&
	       classes == 10;
}

struct dataset *bench_data_open(const struct shape *images, int classes,
	int batch, const char *cache_dir, struct err *e)
{
	char path[DATASET_PATH_MAX];
	int rc = file_mkdirs(cache_dir, e);

	if (rc == 0 && is_fashion(images, classes))
		rc = dataset_prepare(DATASET_DEFAULT, cache_dir, path, e);
	else if (rc == 0)
		rc = prepare_random(images, classes, batch, cache_dir, path, e);
	return rc ? NULL : dataset_open(path, e);
}
