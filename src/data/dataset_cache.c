/* dataset_cache.c -- prepares a data set's cache file.
 *
 * A note `source-<key>` beside the file says which hash the source files had
 * when they had these sizes and times, so that they are unpacked and hashed
 * once.  Both are written under another name and renamed, with the same bytes
 * whoever writes them: processes that prepare at once do not meet. */
#include "data/dataset_cache.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "data/dataset_source.h"

static size_t aligned(size_t n)
{
	return (n + CACHE_ALIGN - 1) / CACHE_ALIGN * CACHE_ALIGN;
}

void cache_layout(const struct cache_header *h, struct cache_layout *out)
{
	size_t image = (size_t)h->channels * (size_t)h->height *
		       (size_t)h->width;
	size_t n[2] = {h->n_train, h->n_test};
	size_t at = aligned(sizeof *h);

	out->names = at;
	at += aligned((size_t)h->classes * DATASET_NAME_BYTES);
	for (int part = 0; part < 2; part++) {
		out->pixels[part] = at;
		at += aligned(n[part] * image);
		out->labels[part] = at;
		at += aligned(n[part] * sizeof(uint16_t));
	}
	out->bytes = at;
}

int cache_header_fits(const struct cache_header *h)
{
	return h->channels >= 1 && h->channels <= DATASET_CHANNELS_MAX &&
	       h->height >= 1 && h->height <= DATASET_SIDE_MAX &&
	       h->width >= 1 && h->width <= DATASET_SIDE_MAX &&
	       h->classes >= 2 && h->classes <= DATASET_CLASSES_MAX &&
	       h->n_train >= 2 && h->n_train <= DATASET_SAMPLES_MAX &&
	       h->n_test >= 1 && h->n_test <= DATASET_SAMPLES_MAX;
}

void cache_check(const struct cache_header *h, const char *names,
	char hex[SHA256_HEX_BYTES])
{
	struct sha256 *sum = sha256_new();

	sha256_add(sum, h, offsetof(struct cache_header, check));
	sha256_add(sum, names, (size_t)h->classes * DATASET_NAME_BYTES);
	sha256_end(sum, hex);
}

static void fill_header(const struct dataset_info *d, struct cache_header *h)
{
	*h = (struct cache_header){
		.magic = CACHE_MAGIC,
		.version = CACHE_VERSION,
		.channels = d->channels,
		.height = d->height,
		.width = d->width,
		.classes = d->classes,
		.n_train = d->n_train,
		.n_test = d->n_test,
	};
	memcpy(h->hash, d->hash, SHA256_HEX_BYTES);
	cache_check(h, d->class_names[0], h->check);
}

static uint16_t *widen(const struct idx *labels)
{
	size_t n = labels->dims[0];
	uint16_t *out = xcalloc(n, sizeof *out);

	for (size_t i = 0; i < n; i++)
		out[i] = labels->values[i];
	return out;
}

/* A piece and, after it, the zeros up to the next one's place. */
static void put_piece(struct iovec *v, const void *bytes, size_t n)
{
	static const char zeros[CACHE_ALIGN];

	v[0] = (struct iovec){(void *)bytes, n};
	v[1] = (struct iovec){(void *)zeros, aligned(n) - n};
}

static int write_cache(const struct samples *s, const char *path, struct err *e)
{
	const struct dataset_info *d = &s->info;
	size_t image = dataset_image_bytes(d);
	uint16_t *labels[2] = {widen(&s->labels[0]), widen(&s->labels[1])};
	struct cache_header h;
	struct iovec v[12];
	int rc;

	fill_header(d, &h);
	put_piece(&v[0], &h, sizeof h);
	put_piece(
		&v[2], d->class_names, (size_t)d->classes * DATASET_NAME_BYTES);
	for (int part = 0; part < 2; part++) {
		size_t n = s->images[part].dims[0];

		put_piece(&v[4 + 4 * part], s->images[part].values, n * image);
		put_piece(&v[6 + 4 * part], labels[part], n * sizeof(uint16_t));
	}
	rc = file_replace_pieces(path, v, 12, e);
	free(labels[0]);
	free(labels[1]);
	return rc;
}

static int cache_path(const char *cache_dir, const char *hash,
	char path[DATASET_PATH_MAX], struct err *e)
{
	int n = snprintf(path, DATASET_PATH_MAX, "%s/%s.nds", cache_dir, hash);

	if (n >= DATASET_PATH_MAX)
		return err_set(
			e, ERR_WORLD, "the cache folder's path is too long");
	return 0;
}

/* True if the note leads to a good cache file.  Anything odd about either
 * means no: preparing again puts both right. */
static int prepared_before(
	const char *note, const char *cache_dir, char path[DATASET_PATH_MAX])
{
	struct buf hash;
	struct dataset *d = NULL;

	buf_init(&hash, SHA256_HEX_BYTES - 1);
	if (file_read(note, &hash, NULL) == 0 && hash.len > 0 &&
		sha256_is_hex(hash.data) &&
		cache_path(cache_dir, hash.data, path, NULL) == 0)
		d = dataset_open(path, NULL);
	buf_release(&hash);
	dataset_close(d);
	return d != NULL;
}

static int prepare(const struct source *source, const char *note,
	const char *cache_dir, char path[DATASET_PATH_MAX], struct err *e)
{
	struct samples *s = xcalloc(1, sizeof *s);
	int rc = source_read(source, s, e);

	if (rc)
		goto free_samples;
	rc = cache_path(cache_dir, s->info.hash, path, e);
	if (rc == 0)
		rc = write_cache(s, path, e);
	if (rc == 0)
		rc = file_replace(note, s->info.hash, SHA256_HEX_BYTES - 1, e);
	samples_release(s);

free_samples:
	free(s);
	return rc;
}

int dataset_prepare(const char *name, const char *cache_dir,
	char path[DATASET_PATH_MAX], struct err *e)
{
	struct source *source = xcalloc(1, sizeof *source);
	char note[DATASET_PATH_MAX + SHA256_HEX_BYTES], found[DATASET_PATH_MAX];
	int rc = source_find(name, DATASET_PACKAGES, source, e);

	if (rc == 0)
		rc = file_mkdirs(cache_dir, e);
	if (rc)
		goto free_source;
	snprintf(note, sizeof note, "%s/source-%s", cache_dir, source->key);
	if (!prepared_before(note, cache_dir, found))
		rc = prepare(source, note, cache_dir, found, e);
	if (rc == 0)
		strcpy(path, found);

free_source:
	free(source);
	return rc;
}
