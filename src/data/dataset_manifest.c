/* dataset_manifest.c -- from JSON, to JSON, from the pieces themselves. */
#include "data/dataset_manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/file.h"

#define FILE_MAX ((size_t)PIECES_MAX * 128)
#define NDS ".nds"

void manifest_release(struct manifest *m)
{
	free(m->shards);
	m->shards = NULL;
}

json_t *manifest_json(const struct manifest *m)
{
	json_t *shards = json_array();

	for (size_t i = 0; i < m->n; i++)
		json_array_append_new(shards,
			json_pack("{s:s, s:I}", "sha256", m->shards[i].sha256,
				"bytes", (json_int_t)m->shards[i].bytes));
	return json_pack("{s:s, s:I, s:o}", "hash", m->hash, "bytes",
		(json_int_t)m->bytes, "shards", shards);
}

static int read_hash(const json_t *v, const char *at, const char *key,
	char out[SHA256_HEX_BYTES], struct err *e)
{
	const char *text;
	int rc = doc_str(v, at, key, 64, 64, &text, e);

	if (rc)
		return rc;
	if (!sha256_is_hex(text))
		return err_at(
			e, ERR_INVALID, at, key, "\"%s\" is no SHA-256", key);
	strcpy(out, text);
	return 0;
}

static int read_shard(
	const json_t *v, size_t i, struct manifest_shard *out, struct err *e)
{
	int64_t bytes;
	char at[40];
	int rc;

	snprintf(at, sizeof at, "/shards/%zu", i);
	if (!json_is_object(v))
		return err_at(e, ERR_INVALID, at, NULL, "a shard is an object");
	rc = read_hash(v, at, "sha256", out->sha256, e);
	if (rc == 0)
		rc = doc_int(v, at, "bytes", 1, INT64_MAX, &bytes, e);
	if (rc == 0)
		out->bytes = (size_t)bytes;
	return rc;
}

/* True if the sizes are those of a whole cut into pieces. */
static int sizes_fit(const struct manifest *m)
{
	const size_t first = m->shards[0].bytes;
	size_t left = m->bytes;

	if (m->n > 1 && first % PIECES_ALIGN != 0)
		return 0;
	for (size_t i = 0; i < m->n; i++) {
		size_t want = i + 1 < m->n ? first : left;

		if (want > first || left < want || m->shards[i].bytes != want)
			return 0;
		left -= want;
	}
	return left == 0;
}

int manifest_read(const json_t *v, struct manifest *out, struct err *e)
{
	struct manifest m = {.n = 0};
	const json_t *list;
	int64_t bytes;
	int rc = read_hash(v, "", "hash", m.hash, e);

	if (rc == 0)
		rc = doc_int(v, "", "bytes", 1, INT64_MAX, &bytes, e);
	if (rc == 0)
		rc = doc_list(v, "", "shards", 1, PIECES_MAX, &list, e);
	if (rc)
		return rc;
	m.bytes = (size_t)bytes;
	m.n = json_array_size(list);
	m.shards = xcalloc(m.n, sizeof *m.shards);
	for (size_t i = 0; rc == 0 && i < m.n; i++)
		rc = read_shard(json_array_get(list, i), i, &m.shards[i], e);
	if (rc == 0 && !sizes_fit(&m))
		rc = err_set(e, ERR_INVALID,
			"the shards of a data set are not the pieces of one "
			"file");
	if (rc)
		manifest_release(&m);
	else
		*out = m;
	return rc;
}

void manifest_pieces(
	const struct manifest *m, const char *path, struct pieces *out)
{
	*out = (struct pieces){
		.bytes = m->bytes, .piece_bytes = m->shards[0].bytes};
	snprintf(out->path, sizeof out->path, "%s", path);
}

/* -- from the pieces -- */

static int hash_piece(const struct pieces *p, size_t k,
	struct manifest_shard *out, struct err *e)
{
	char path[DATASET_PATH_MAX];
	int fd, rc;

	pieces_path(p->path, k, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_WORLD,
			"cannot open a data set: %s", strerror(errno));
	rc = file_sha256(fd, out->sha256, e);
	out->bytes = pieces_size(p, k);
	close(fd);
	return rc;
}

int manifest_compute(const char *hash, const struct pieces *p,
	struct manifest *out, struct err *e)
{
	struct manifest m = {.bytes = p->bytes, .n = pieces_count(p)};
	int rc = 0;

	strcpy(m.hash, hash);
	m.shards = xcalloc(m.n, sizeof *m.shards);
	for (size_t k = 0; rc == 0 && k < m.n; k++)
		rc = hash_piece(p, k, &m.shards[k], e);
	if (rc)
		manifest_release(&m);
	else
		*out = m;
	return rc;
}

/* -- the file -- */

/* `<hash>.nds` has `<hash>.manifest`. */
void manifest_path(const char *path, char out[DATASET_PATH_MAX])
{
	size_t n = strlen(path), ending = strlen(NDS);

	if (n > ending && strcmp(path + n - ending, NDS) == 0)
		n -= ending;
	snprintf(out, DATASET_PATH_MAX, "%.*s.manifest", (int)n, path);
}

int manifest_save(const struct manifest *m, const char *path, struct err *e)
{
	json_t *v = manifest_json(m);
	char *text = json_dumps(v, JSON_COMPACT);
	char file[DATASET_PATH_MAX];
	int rc;

	json_decref(v);
	manifest_path(path, file);
	rc = text ? file_replace(file, text, strlen(text), e)
		  : err_set(e, ERR_WORLD, "out of memory");
	free(text);
	return rc;
}

int manifest_saved(const char *path, struct manifest *out, struct err *e)
{
	char file[DATASET_PATH_MAX];
	json_t *v = NULL;
	struct buf text;
	int rc;

	manifest_path(path, file);
	buf_init(&text, FILE_MAX);
	rc = file_read(file, &text, e);
	if (rc == 0) {
		v = doc_parse(text.data, text.len, e);
		rc = v ? manifest_read(v, out, e) : ERR_INVALID;
	}
	buf_release(&text);
	json_decref(v);
	return rc;
}

static int load_saved(const char *hash, const char *path, struct manifest *out)
{
	struct pieces p;
	int rc = manifest_saved(path, out, NULL);

	if (rc)
		return rc;
	manifest_pieces(out, path, &p);
	if (strcmp(out->hash, hash) == 0 && pieces_are_there(&p))
		return 0;
	manifest_release(out);
	return ERR_INVALID;
}

int manifest_load(
	const char *hash, const char *path, struct manifest *out, struct err *e)
{
	struct pieces p = {.bytes = 0};
	struct stat st;

	if (load_saved(hash, path, out) == 0)
		return 0;
	if (stat(path, &st))
		return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_WORLD,
			"cannot open a data set: %s", strerror(errno));
	/* Before there were manifests, there was one piece. */
	snprintf(p.path, sizeof p.path, "%s", path);
	p.bytes = p.piece_bytes = (size_t)st.st_size;
	if (manifest_compute(hash, &p, out, e))
		return ERR_WORLD;
	manifest_save(out, path, NULL); /* else it is computed again */
	return 0;
}
