/* broker_shards.c -- data sets on their way to workers that lack them: what
 * files a set is, and ranges of these.
 *
 * A file is named by its SHA-256, which tells a worker that every byte has
 * arrived; that they are the samples of the hash that was asked for it sees for
 * itself. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "data/dataset_manifest.h"
#include "data/dataset_writer.h"
#include "service/broker/broker.h"

/* What the prepared set of that hash is; the caller releases it. */
static int find_set(struct broker *b, const char *hash,
	char path[DATASET_PATH_MAX], struct manifest *out, struct err *e)
{
	int rc;

	if (!sha256_is_hex(hash))
		return err_set(e, ERR_INVALID,
			"a data set is named by its SHA-256, 64 lower-case "
			"hexadecimal digits");
	if (dataset_writer_path(b->datasets_dir, hash, path, e))
		return ERR_WORLD;
	/* Who asks at once waits for the first, who may have to compute it. */
	pthread_mutex_lock(&b->manifests_lock);
	rc = manifest_load(hash, path, out, e);
	pthread_mutex_unlock(&b->manifests_lock);
	if (rc == ERR_NOT_FOUND)
		return err_set(e, ERR_NOT_FOUND,
			"this broker has no data set of that hash");
	return rc;
}

/* The place of a shard in the manifest; its count if it is not there. */
static size_t find_shard(const struct manifest *m, const char *sha256)
{
	size_t k = 0;

	while (k < m->n && strcmp(m->shards[k].sha256, sha256) != 0)
		k++;
	return k;
}

/* -- handlers -- */

void broker_dataset_manifest(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	char path[DATASET_PATH_MAX];
	struct broker *b = ctx;
	struct manifest m;
	struct err e = {0};

	if (find_set(b, http_param(q, "hash"), path, &m, &e)) {
		broker_reply_failure(b, r, &e);
		return;
	}
	http_reply_json(r, 200, manifest_json(&m));
	manifest_release(&m);
}

static int open_shard(struct broker *b, const struct http_request *q,
	size_t *bytes, struct err *e)
{
	char path[DATASET_PATH_MAX], piece[DATASET_PATH_MAX];
	struct manifest m;
	size_t k;
	int rc = find_set(b, http_param(q, "hash"), path, &m, e);

	if (rc)
		return rc;
	k = find_shard(&m, http_param(q, "sha256"));
	if (k == m.n) {
		rc = err_set(e, ERR_NOT_FOUND,
			"the data set has no shard of that SHA-256 (any more)");
	} else {
		pieces_path(path, k, piece);
		*bytes = m.shards[k].bytes;
		rc = open(piece, O_RDONLY | O_CLOEXEC);
		if (rc < 0)
			rc = err_set(e, ERR_WORLD, "cannot open a data set: %s",
				strerror(errno));
	}
	manifest_release(&m);
	return rc;
}

void broker_dataset_shard(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct broker *b = ctx;
	struct err e = {0};
	size_t bytes = 0;
	int fd = open_shard(b, q, &bytes, &e);

	if (fd < 0)
		broker_reply_failure(b, r, &e);
	else
		http_reply_file(q, r, "application/octet-stream", fd, bytes);
}
