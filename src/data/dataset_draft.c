/* dataset_draft.c -- files that grow. */
#include "data/dataset_draft.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "data/dataset.h"
#include "data/dataset_writer.h"

int dataset_draft_init(struct dataset_draft *d, const char *cache_dir,
	const char *prefix, const struct manifest *m, struct err *e)
{
	char path[DATASET_PATH_MAX];

	if (snprintf(path, sizeof path, "%s/%s-%s.nds", cache_dir, prefix,
		    m->hash) >= (int)sizeof d->pieces.path)
		return err_set(e, ERR_WORLD, "the cache's path is too long");
	*d = (struct dataset_draft){.manifest = m, .cache_dir = cache_dir};
	manifest_pieces(m, path, &d->pieces);
	return 0;
}

/* One that is too long is another's. */
size_t dataset_draft_has(const struct dataset_draft *d, size_t k)
{
	char path[DATASET_PATH_MAX];
	struct stat st;

	pieces_path(d->pieces.path, k, path);
	if (stat(path, &st) || st.st_size < 0 ||
		(size_t)st.st_size > d->manifest->shards[k].bytes)
		return 0;
	return (size_t)st.st_size;
}

static int cannot_write(struct err *e)
{
	return err_set(
		e, ERR_WORLD, "cannot write a data set: %s", strerror(errno));
}

static int write_all(
	int fd, const char *bytes, size_t n, size_t at, struct err *e)
{
	while (n > 0) {
		ssize_t some = pwrite(fd, bytes, n, (off_t)at);

		if (some < 0 && errno == EINTR)
			continue;
		if (some <= 0)
			return cannot_write(e);
		bytes += some;
		at += (size_t)some;
		n -= (size_t)some;
	}
	return 0;
}

int dataset_draft_write(const struct dataset_draft *d, size_t k, size_t at,
	const char *bytes, size_t n, struct err *e)
{
	char path[DATASET_PATH_MAX];
	int fd, rc;

	pieces_path(d->pieces.path, k, path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return cannot_write(e);
	rc = at == 0 && ftruncate(fd, 0) ? cannot_write(e)
					 : write_all(fd, bytes, n, at, e);
	close(fd);
	return rc;
}

static int check_bytes(int fd, const struct manifest_shard *want, struct err *e)
{
	char found[SHA256_HEX_BYTES];
	struct stat st;
	int rc;

	if (fstat(fd, &st) || (size_t)st.st_size != want->bytes)
		return err_set(e, ERR_WORLD, "a data set is cut short");
	if (fsync(fd))
		return cannot_write(e);
	rc = file_sha256(fd, found, e);
	if (rc || strcmp(found, want->sha256) == 0)
		return rc;
	return err_set(
		e, ERR_WORLD, "a data set did not arrive as it was sent");
}

int dataset_draft_check(const struct dataset_draft *d, size_t k, struct err *e)
{
	char path[DATASET_PATH_MAX];
	int fd, rc;

	pieces_path(d->pieces.path, k, path);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, ERR_WORLD, "cannot open a data set: %s",
			strerror(errno));
	rc = check_bytes(fd, &d->manifest->shards[k], e);
	if (rc)
		unlink(path); /* all of it is asked for again */
	close(fd);
	return rc;
}

static int check_samples(const struct dataset_draft *d, struct err *e)
{
	struct dataset *set = dataset_open(d->pieces.path, e);
	int rc;

	if (!set)
		return ERR_INVALID;
	if (strcmp(dataset_info(set)->hash, d->manifest->hash) != 0)
		rc = err_set(e, ERR_INVALID,
			"what arrived is another data set than its hash says");
	else
		rc = dataset_verify(set, e);
	dataset_close(set);
	return rc;
}

int dataset_draft_keep(const struct dataset_draft *d, struct err *e)
{
	char path[DATASET_PATH_MAX];
	int rc = check_samples(d, e);

	if (rc) {
		pieces_remove(&d->pieces);
		return rc;
	}
	rc = dataset_writer_path(d->cache_dir, d->manifest->hash, path, e);
	if (rc == 0)
		rc = manifest_save(d->manifest, path, e);
	return rc ? rc : pieces_rename(&d->pieces, path, e);
}
