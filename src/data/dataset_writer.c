/* dataset_writer.c -- writes and hashes in one pass.
 *
 * The hash is of what the samples are, not of what they are called.  It is
 * over, for train and then test, a line "N C H W dtype classes" and each sample
 * in the data set's order: its pixels (C,H,W) and its label in two bytes, the
 * lower first. */
#include "data/dataset_writer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "data/dataset_cache.h"

struct dataset_writer {
	struct file_draft file;
	struct dataset_info info;
	struct cache_layout at;
	size_t done[DATASET_PARTS]; /* samples written */
	struct sha256 *hash;        /* NULL once ended */
	char *cache_dir;
};

int dataset_writer_path(const char *cache_dir, const char *hash,
	char path[DATASET_PATH_MAX], struct err *e)
{
	int n = snprintf(path, DATASET_PATH_MAX, "%s/%s.nds", cache_dir, hash);

	if (n >= DATASET_PATH_MAX)
		return err_set(
			e, ERR_WORLD, "the cache folder's path is too long");
	return 0;
}

struct dataset_writer *dataset_writer_new(
	const char *cache_dir, const struct dataset_info *d, struct err *e)
{
	struct dataset_writer *w;
	char path[DATASET_PATH_MAX];

	assert(dataset_info_check(d, NULL) == 0);
	if (dataset_writer_path(cache_dir, "new", path, e))
		return NULL;
	w = xcalloc(1, sizeof *w);
	if (file_draft_open(&w->file, path, 0600, e)) {
		free(w);
		return NULL;
	}
	w->info = *d;
	w->hash = sha256_new();
	w->cache_dir = xstrdup(cache_dir);
	cache_layout(d, &w->at);
	return w;
}

void dataset_writer_free(struct dataset_writer *w)
{
	char unused[SHA256_HEX_BYTES];

	if (!w)
		return;
	if (w->hash)
		sha256_end(w->hash, unused);
	file_draft_drop(&w->file);
	free(w->cache_dir);
	free(w);
}

static int check_labels(const struct dataset_writer *w,
	const struct dataset_samples *s, struct err *e)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->labels[i] >= w->info.classes)
			return err_set(e, ERR_INVALID,
				"a label is %d, but there are %d classes",
				s->labels[i], w->info.classes);
	return 0;
}

/* The line that a part begins with. */
static void hash_part(struct dataset_writer *w, enum dataset_part part)
{
	const struct dataset_info *d = &w->info;
	char line[96];
	int n = snprintf(line, sizeof line, "%zu %d %d %d %s %d\n",
		dataset_count(d, part), d->channels, d->height, d->width,
		dataset_dtype_name(d->dtype), d->classes);

	sha256_add(w->hash, line, (size_t)n);
}

static void hash_samples(
	struct dataset_writer *w, const struct dataset_samples *s)
{
	size_t image = dataset_image_bytes(&w->info);
	const uint8_t *pixels = s->pixels;

	for (size_t i = 0; i < s->n; i++) {
		uint8_t label[2] = {(uint8_t)(s->labels[i] & 0xff),
			(uint8_t)(s->labels[i] >> 8)};

		sha256_add(w->hash, pixels + i * image, image);
		sha256_add(w->hash, label, sizeof label);
	}
}

int dataset_writer_add(struct dataset_writer *w,
	const struct dataset_samples *s, struct err *e)
{
	size_t image = dataset_image_bytes(&w->info);
	size_t done = w->done[s->part];
	int rc = check_labels(w, s, e);

	assert(s->n <= dataset_count(&w->info, s->part) - done);
	assert(s->part == DATASET_TEST || w->done[DATASET_TEST] == 0);
	if (rc)
		return rc;
	if (done == 0)
		hash_part(w, s->part);
	hash_samples(w, s);
	w->done[s->part] += s->n;
	rc = file_draft_write(&w->file, w->at.pixels[s->part] + done * image,
		s->pixels, s->n * image, e);
	return rc ? rc
		  : file_draft_write(&w->file,
			    w->at.labels[s->part] + done * sizeof *s->labels,
			    s->labels, s->n * sizeof *s->labels, e);
}

/* Header, names, and the zeros behind the last label. */
static int finish(struct dataset_writer *w, struct err *e)
{
	struct cache_header h;
	int rc;

	cache_header_write(&w->info, &h);
	rc = file_draft_write(&w->file, 0, &h, sizeof h, e);
	if (rc == 0)
		rc = file_draft_write(&w->file, w->at.names,
			w->info.class_names,
			(size_t)w->info.classes * DATASET_NAME_BYTES, e);
	return rc ? rc : file_draft_resize(&w->file, w->at.bytes, e);
}

int dataset_writer_end(struct dataset_writer *w, char path[DATASET_PATH_MAX],
	char hash[SHA256_HEX_BYTES], struct err *e)
{
	int rc;

	assert(w->done[DATASET_TRAIN] == w->info.n_train &&
		w->done[DATASET_TEST] == w->info.n_test);
	sha256_end(w->hash, w->info.hash);
	w->hash = NULL;
	rc = dataset_writer_path(w->cache_dir, w->info.hash, path, e);
	if (rc == 0)
		rc = finish(w, e);
	if (rc == 0)
		rc = file_draft_keep(&w->file, path, e);
	if (rc == 0)
		memcpy(hash, w->info.hash, SHA256_HEX_BYTES);
	return rc;
}
