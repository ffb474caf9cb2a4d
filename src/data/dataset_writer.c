/* dataset_writer.c -- writes and hashes (dataset_hash.h) in one pass. */
#include "data/dataset_writer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "data/dataset_cache.h"
#include "data/dataset_hash.h"
#include "data/dataset_manifest.h"
#include "data/dataset_pieces.h"

#define SURE_BYTES ((size_t)256 << 20)
#define READ_AGAIN_BYTES ((size_t)1 << 20) /* one image at least */
#define STATE_MAX 512

struct dataset_writer {
	struct pieces file;
	char state[DATASET_PATH_MAX]; /* the file that says how far we are */
	struct dataset_info info;
	char (*names)[DATASET_NAME_BYTES];
	struct cache_layout at;
	size_t done[DATASET_PARTS]; /* samples written */
	size_t have[DATASET_PARTS]; /* by an earlier writer */
	size_t sure_bytes, unsure;  /* between two points, and since the last */
	struct sha256 *hash;        /* NULL once ended */
	char *cache_dir;
};

int dataset_writer_path(const char *cache_dir, const char *hash,
	char path[DATASET_PATH_MAX], struct err *e)
{
	int n = snprintf(path, DATASET_PATH_MAX, "%s/%s.nds", cache_dir, hash);

	/* Further pieces have longer names. */
	if (n >= DATASET_PATH_MAX - 8)
		return err_set(
			e, ERR_WORLD, "the cache folder's path is too long");
	return 0;
}

/* -- how far it is -- */

/* The set that is written, and how much of it there is.  The same key with
 * other numbers is another set: a file has changed in the same moment. */
static int print_state(const struct dataset_writer *w, char out[STATE_MAX])
{
	const struct dataset_info *d = &w->info;

	return snprintf(out, STATE_MAX,
		"%s %d %d %d %d %zu %zu %zu %zu: %zu %zu %zu\n",
		dataset_dtype_name(d->dtype), d->channels, d->height, d->width,
		d->classes, d->n_train, d->n_test, d->n_validation,
		w->file.piece_bytes, w->done[DATASET_TRAIN],
		w->done[DATASET_TEST], w->done[DATASET_VALIDATION]);
}

/* True if an earlier writer of the same set has left its state. */
static int read_state(struct dataset_writer *w)
{
	char want[STATE_MAX];
	size_t n, done[DATASET_PARTS];
	struct buf b;
	int ok = 0;

	print_state(w, want);
	n = strcspn(want, ":") + 1;
	buf_init(&b, STATE_MAX);
	if (file_read(w->state, &b, NULL) == 0 && b.len > n &&
		memcmp(b.data, want, n) == 0)
		ok = sscanf(b.data + n, "%zu %zu %zu", &done[0], &done[1],
			     &done[2]) == 3;
	buf_release(&b);
	for (int part = 0; part < DATASET_PARTS; part++)
		ok = ok && done[part] <= dataset_count(&w->info, part);
	if (ok)
		memcpy(w->done, done, sizeof done);
	return ok;
}

/* Everything before this moment survives a kill, and a loss of power. */
static int make_sure(struct dataset_writer *w, struct err *e)
{
	char text[STATE_MAX];
	int n = print_state(w, text), rc;

	rc = pieces_sync(&w->file, 0, w->file.bytes, e);
	w->unsure = 0;
	return rc ? rc : file_replace(w->state, text, (size_t)n, e);
}

/* -- begin and end -- */

static int set_paths(struct dataset_writer *w, const char *key, struct err *e)
{
	int n = snprintf(w->file.path, sizeof w->file.path, "%s/new-%s.nds",
		w->cache_dir, key);

	if (n >= (int)sizeof w->file.path)
		return err_set(
			e, ERR_WORLD, "the cache folder's path is too long");
	snprintf(w->state, sizeof w->state, "%s/new-%s.state", w->cache_dir,
		key);
	return 0;
}

/* The hash of what an earlier writer has written. */
static int read_again(
	struct dataset_writer *w, enum dataset_part part, struct err *e)
{
	const size_t image = dataset_image_bytes(&w->info);
	const size_t most = image < READ_AGAIN_BYTES ? READ_AGAIN_BYTES / image
						     : 1;
	uint8_t *pixels = xcalloc(most, image);
	uint16_t *labels = xcalloc(most, sizeof *labels);
	int rc = 0;

	if (w->done[part] > 0)
		dataset_hash_part(w->hash, &w->info, part);
	for (size_t i = 0; rc == 0 && i < w->done[part]; i += most) {
		size_t left = w->done[part] - i, n = left < most ? left : most;
		struct dataset_samples some = {part, n, pixels, labels};

		rc = pieces_read(&w->file, w->at.pixels[part] + i * image,
			pixels, n * image, e);
		if (rc == 0)
			rc = pieces_read(&w->file,
				w->at.labels[part] + i * sizeof *labels, labels,
				n * sizeof *labels, e);
		if (rc == 0)
			dataset_hash_samples(w->hash, &w->info, &some);
	}
	free(pixels);
	free(labels);
	return rc;
}

static int begin(struct dataset_writer *w, struct err *e)
{
	int rc = 0;

	if (!pieces_are_there(&w->file) || !read_state(w)) {
		unlink(w->state);
		return pieces_create(&w->file, e);
	}
	for (int part = 0; rc == 0 && part < DATASET_PARTS; part++)
		rc = read_again(w, part, e);
	memcpy(w->have, w->done, sizeof w->have);
	return rc;
}

struct dataset_writer *dataset_writer_new(
	const struct dataset_writer_options *o, const struct dataset_info *d,
	struct err *e)
{
	struct dataset_writer *w = xcalloc(1, sizeof *w);
	int rc;

	assert(dataset_info_check(d, NULL) == 0 && d->class_names);
	w->cache_dir = xstrdup(o->cache_dir);
	w->info = *d;
	w->names = xcalloc((size_t)d->classes, sizeof *w->names);
	memcpy(w->names, d->class_names, (size_t)d->classes * sizeof *w->names);
	w->info.class_names = (const char(*)[DATASET_NAME_BYTES])w->names;
	w->hash = sha256_new();
	w->sure_bytes = o->sure_bytes ? o->sure_bytes : SURE_BYTES;
	cache_layout(d, &w->at);
	w->file.bytes = w->at.bytes;
	w->file.piece_bytes = o->piece_bytes ? o->piece_bytes : PIECES_BYTES;
	rc = set_paths(w, o->key, e);
	if (rc == 0)
		rc = begin(w, e);
	if (rc == 0)
		return w;
	dataset_writer_free(w, 0);
	return NULL;
}

const size_t *dataset_writer_have(const struct dataset_writer *w)
{
	return w->have;
}

void dataset_writer_free(struct dataset_writer *w, int keep)
{
	char unused[SHA256_HEX_BYTES];

	if (!w)
		return;
	if (w->hash) {
		sha256_end(w->hash, unused);
		if (!keep) {
			pieces_remove(&w->file);
			unlink(w->state);
		}
	}
	free(w->names);
	free(w->cache_dir);
	free(w);
}

/* -- samples -- */

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

/* Files may change between the look that counts and the pass that reads. */
static int check_place(const struct dataset_writer *w,
	const struct dataset_samples *s, struct err *e)
{
	int fits = s->n <= dataset_count(&w->info, s->part) - w->done[s->part];

	for (int part = 0; part < DATASET_PARTS; part++) {
		size_t all = dataset_count(&w->info, part);

		if (part < (int)s->part)
			fits = fits && w->done[part] == all;
		if (part > (int)s->part)
			fits = fits && w->done[part] == 0;
	}
	if (fits)
		return 0;
	return err_set(e, ERR_INVALID, "the files change while they are read");
}

static int write_samples(struct dataset_writer *w,
	const struct dataset_samples *s, struct err *e)
{
	const size_t image = dataset_image_bytes(&w->info);
	const size_t done = w->done[s->part];
	int rc = pieces_write(&w->file, w->at.pixels[s->part] + done * image,
		s->pixels, s->n * image, e);

	return rc ? rc
		  : pieces_write(&w->file,
			    w->at.labels[s->part] + done * sizeof *s->labels,
			    s->labels, s->n * sizeof *s->labels, e);
}

int dataset_writer_add(struct dataset_writer *w,
	const struct dataset_samples *s, struct err *e)
{
	int rc = check_labels(w, s, e);

	if (rc == 0)
		rc = check_place(w, s, e);
	if (rc)
		return rc;
	if (w->done[s->part] == 0)
		dataset_hash_part(w->hash, &w->info, s->part);
	dataset_hash_samples(w->hash, &w->info, s);
	rc = write_samples(w, s, e);
	w->done[s->part] += s->n;
	w->unsure += s->n * dataset_image_bytes(&w->info);
	return rc || w->unsure < w->sure_bytes ? rc : make_sure(w, e);
}

/* Header and names; all is on the disk then. */
static int finish(struct dataset_writer *w, struct err *e)
{
	struct cache_header h;
	int rc;

	cache_header_write(&w->info, &h);
	rc = pieces_write(&w->file, 0, &h, cache_header_bytes(&h), e);
	if (rc == 0)
		rc = pieces_write(&w->file, w->at.names, w->names,
			(size_t)w->info.classes * sizeof *w->names, e);
	return rc ? rc : pieces_sync(&w->file, 0, w->file.bytes, e);
}

/* The manifest goes first: where the set is, it is known what it should be. */
static int keep(struct dataset_writer *w, const char *path, struct err *e)
{
	struct manifest m;
	int rc = manifest_compute(w->info.hash, &w->file, &m, e);

	if (rc)
		return rc;
	rc = manifest_save(&m, path, e);
	manifest_release(&m);
	return rc ? rc : pieces_rename(&w->file, path, e);
}

static int is_complete(const struct dataset_writer *w)
{
	for (int part = 0; part < DATASET_PARTS; part++)
		if (w->done[part] != dataset_count(&w->info, part))
			return 0;
	return 1;
}

int dataset_writer_end(struct dataset_writer *w, char path[DATASET_PATH_MAX],
	char hash[SHA256_HEX_BYTES], struct err *e)
{
	char made[DATASET_PATH_MAX];
	int rc;

	if (!is_complete(w))
		return err_set(
			e, ERR_INVALID, "the files change while they are read");
	sha256_end(w->hash, w->info.hash);
	w->hash = NULL;
	rc = dataset_writer_path(w->cache_dir, w->info.hash, made, e);
	if (rc == 0)
		rc = finish(w, e);
	if (rc == 0)
		rc = keep(w, made, e);
	if (rc)
		pieces_remove(&w->file);
	unlink(w->state);
	if (rc == 0) {
		strcpy(path, made);
		memcpy(hash, w->info.hash, SHA256_HEX_BYTES);
	}
	return rc;
}
