/* blob.c -- ab/cdef...: the first byte of the hash names a folder. */
#include "blob/blob.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"

#define PIECE_BYTES 65536

struct blobs {
	char *dir;
	pthread_rwlock_t lock; /* shared by those who entered */
};

static int sync_folder(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int failed = fd < 0 || fsync(fd) != 0;
	int cause = errno;

	if (fd >= 0)
		close(fd);
	if (failed)
		return err_set(e, ERR_WORLD,
			"cannot sync a folder of blobs: %s", strerror(cause));
	return 0;
}

struct blobs *blobs_open(const char *dir, struct err *e)
{
	struct blobs *b;

	if (strlen(dir) > PATH_MAX - 100) {
		err_set(e, ERR_WORLD, "the blobs' folder has too long a path");
		return NULL;
	}
	if (file_mkdirs(dir, e) || sync_folder(dir, e))
		return NULL;
	b = xcalloc(1, sizeof *b);
	b->dir = xstrdup(dir);
	pthread_rwlock_init(&b->lock, NULL);
	return b;
}

void blobs_close(struct blobs *b)
{
	if (!b)
		return;
	pthread_rwlock_destroy(&b->lock);
	free(b->dir);
	free(b);
}

/* The path of a blob, or of its folder when `name` ends after two digits. */
static void path_of(
	const struct blobs *b, const char *name, int whole, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%.2s%s%s", b->dir, name, whole ? "/" : "",
		whole ? name + 2 : "");
}

/* What is there is only as good as its hash: a damaged blob heals when it is
 * stored again. */
static int is_whole(struct blobs *b, const char *name, size_t n)
{
	struct buf there;
	int rc;

	buf_init(&there, n);
	rc = blob_get(b, name, &there, NULL);
	buf_release(&there);
	return rc == 0;
}

int blob_put(struct blobs *b, const void *bytes, size_t n,
	char name[SHA256_HEX_BYTES], struct err *e)
{
	char hash[SHA256_HEX_BYTES], folder[PATH_MAX], path[PATH_MAX];
	int rc;

	sha256_of(bytes, n, hash);
	path_of(b, hash, 0, folder);
	path_of(b, hash, 1, path);
	rc = file_mkdirs(folder, e);
	if (rc == 0 && !is_whole(b, hash, n))
		rc = file_replace(path, bytes, n, e);
	/* Also for a blob that was there: another thread may have stored it a
	 * moment ago and not have come to its own sync. */
	if (rc == 0)
		rc = sync_folder(folder, e);
	if (rc == 0)
		rc = sync_folder(b->dir, e);
	if (rc == 0)
		memcpy(name, hash, sizeof hash);
	return rc;
}

static int damaged(const char *name, struct err *e)
{
	return err_set(e, ERR_WORLD, "the blob %s is damaged on disk", name);
}

static int read_checked(
	const char *path, const char *name, struct buf *out, struct err *e)
{
	char found[SHA256_HEX_BYTES];
	size_t before = out->len;
	int rc = file_read(path, out, e);

	if (rc == ERR_NOT_FOUND) /* without the path */
		return err_set(e, ERR_NOT_FOUND, "there is no such blob");
	if (rc)
		return rc;
	sha256_of(
		out->data ? out->data + before : "", out->len - before, found);
	return strcmp(found, name) == 0 ? 0 : damaged(name, e);
}

int blob_get(struct blobs *b, const char *name, struct buf *out, struct err *e)
{
	size_t before = out->len;
	char path[PATH_MAX];
	int rc;

	/* Nothing but 64 hex digits becomes a path. */
	if (!sha256_is_hex(name))
		return err_set(e, ERR_NOT_FOUND, "there is no such blob");
	path_of(b, name, 1, path);
	rc = read_checked(path, name, out, e);
	if (rc && out->data) {
		out->len = before; /* a failed call adds nothing */
		out->data[before] = '\0';
	}
	return rc;
}

/* Reads all of it once, and goes back to its beginning. */
static int check_file(int fd, const char *name, size_t *n, struct err *e)
{
	struct sha256 *hash = sha256_new();
	char found[SHA256_HEX_BYTES], piece[PIECE_BYTES];
	ssize_t got;

	*n = 0;
	while ((got = read(fd, piece, sizeof piece)) > 0) {
		sha256_add(hash, piece, (size_t)got);
		*n += (size_t)got;
	}
	sha256_end(hash, found);
	if (got < 0 || lseek(fd, 0, SEEK_SET) != 0)
		return err_set(e, ERR_WORLD, "cannot read the blob %s: %s",
			name, strerror(errno));
	return strcmp(found, name) == 0 ? 0 : damaged(name, e);
}

int blob_file(
	struct blobs *b, const char *name, int *fd, size_t *n, struct err *e)
{
	char path[PATH_MAX];
	int opened = -1, rc;

	errno = ENOENT;
	if (sha256_is_hex(name)) {
		path_of(b, name, 1, path);
		opened = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	}
	if (opened < 0 && errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND, "there is no such blob");
	if (opened < 0)
		return err_set(e, ERR_WORLD, "cannot open the blob %s: %s",
			name, strerror(errno));
	rc = check_file(opened, name, n, e);
	if (rc)
		close(opened);
	else
		*fd = opened;
	return rc;
}

int blob_size(struct blobs *b, const char *name, size_t *n, struct err *e)
{
	char path[PATH_MAX];
	struct stat st;

	if (!sha256_is_hex(name))
		return err_set(e, ERR_NOT_FOUND, "there is no such blob");
	path_of(b, name, 1, path);
	if (stat(path, &st) == 0) {
		*n = (size_t)st.st_size;
		return 0;
	}
	if (errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND, "there is no such blob");
	return err_set(e, ERR_WORLD, "cannot look at the blob %s: %s", name,
		strerror(errno));
}

/* -- who names blobs, and what nothing names -- */

void blobs_enter(struct blobs *b)
{
	pthread_rwlock_rdlock(&b->lock);
}

void blobs_leave(struct blobs *b)
{
	pthread_rwlock_unlock(&b->lock);
}

void blobs_alone(struct blobs *b)
{
	pthread_rwlock_wrlock(&b->lock);
}

/* Whose files are to stay. */
struct sweep {
	int (*named)(void *ctx, const char *name);
	void *ctx;
};

/* The file `rest` in the folder of the hashes that begin with `first`. */
static int sweep_file(const struct sweep *s, const char *folder,
	const char *first, const char *rest, struct err *e)
{
	char name[NAME_MAX + 4], path[PATH_MAX];

	snprintf(name, sizeof name, "%s%s", first, rest);
	if (sha256_is_hex(name) && s->named(s->ctx, name))
		return 0;
	if (snprintf(path, sizeof path, "%s/%s", folder, rest) >=
		(int)sizeof path)
		return 0;
	if (unlink(path) == 0 || errno == ENOENT)
		return 0;
	return err_set(
		e, ERR_WORLD, "cannot remove a blob: %s", strerror(errno));
}

static int sweep_folder(const struct sweep *s, const char *folder,
	const char *first, struct err *e)
{
	DIR *d = opendir(folder);
	const struct dirent *entry;
	int rc = 0;

	while (d && rc == 0 && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			rc = sweep_file(s, folder, first, entry->d_name, e);
	if (d)
		closedir(d);
	return rc;
}

int blobs_sweep(struct blobs *b, int (*named)(void *ctx, const char *name),
	void *ctx, struct err *e)
{
	const struct sweep s = {named, ctx};
	int rc = 0;

	for (int i = 0; i < 256 && rc == 0; i++) {
		char first[3], folder[PATH_MAX];

		snprintf(first, sizeof first, "%02x", (unsigned)i);
		path_of(b, first, 0, folder);
		rc = sweep_folder(&s, folder, first, e);
	}
	return rc;
}
