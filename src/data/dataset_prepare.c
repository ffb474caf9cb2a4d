/* dataset_prepare.c -- a data set's samples, from its folder into the cache.
 *
 * A note `source-<key>` beside the cache file says which hash the source files
 * had when they had these sizes and times, so that they are unpacked and hashed
 * once.  Both are written under another name and renamed, with the same bytes
 * whoever writes them: processes that prepare at once do not meet. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "data/dataset.h"
#include "data/dataset_source.h"
#include "data/dataset_writer.h"

/* A set on its way from its format to the writer. */
struct transfer {
	const struct source *source;
	const char *cache_dir;
	struct dataset_writer *writer; /* NULL before the announcement */
};

static int announce(void *ctx, const struct dataset_info *d, struct err *e)
{
	struct transfer *t = ctx;
	struct dataset_info *named;
	int rc = dataset_info_check(d, e);

	if (rc)
		return rc;
	named = xcalloc(1, sizeof *named);
	*named = *d;
	rc = source_name_classes(t->source, named, e);
	if (rc == 0) {
		t->writer = dataset_writer_new(t->cache_dir, named, e);
		rc = t->writer ? 0 : ERR_WORLD;
	}
	free(named);
	return rc;
}

static int add(void *ctx, const struct dataset_samples *s, struct err *e)
{
	struct transfer *t = ctx;

	return dataset_writer_add(t->writer, s, e);
}

static int prepare_source(const struct source *source, const char *note,
	const char *cache_dir, char path[DATASET_PATH_MAX], struct err *e)
{
	struct transfer t = {source, cache_dir, NULL};
	const struct dataset_sink sink = {announce, add, &t};
	char hash[SHA256_HEX_BYTES];
	int rc = source->format->read(source->folder, &sink, e);

	if (rc == 0)
		rc = dataset_writer_end(t.writer, path, hash, e);
	if (rc == 0)
		rc = file_replace(note, hash, SHA256_HEX_BYTES - 1, e);
	dataset_writer_free(t.writer);
	return rc;
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
		dataset_writer_path(cache_dir, hash.data, path, NULL) == 0)
		d = dataset_open(path, NULL);
	buf_release(&hash);
	dataset_close(d);
	return d != NULL;
}

int dataset_exists(const char *name, struct err *e)
{
	struct source source;

	return source_find(name, DATASET_PACKAGES, &source, e);
}

int dataset_prepare(const char *name, const char *cache_dir,
	char path[DATASET_PATH_MAX], struct err *e)
{
	char note[DATASET_PATH_MAX + SHA256_HEX_BYTES], found[DATASET_PATH_MAX];
	struct source source;
	int rc = source_find(name, DATASET_PACKAGES, &source, e);

	if (rc == 0)
		rc = file_mkdirs(cache_dir, e);
	if (rc)
		return rc;
	snprintf(note, sizeof note, "%s/source-%s", cache_dir, source.key);
	if (!prepared_before(note, cache_dir, found))
		rc = prepare_source(&source, note, cache_dir, found, e);
	if (rc == 0)
		strcpy(path, found);
	return rc;
}

const char *const *dataset_known(void)
{
	return source_known();
}
