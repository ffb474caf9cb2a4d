/* blob_folder.c -- ab/cdef...: the first byte of the hash names a folder. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "blob/blob_backend.h"

#define SCHEME "folder:"
#define PIECE_BYTES 65536

struct folder {
	char *dir;
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

static struct blob_place *folder_open(const char *url, struct err *e)
{
	const size_t scheme = strlen(SCHEME);
	const char *dir = strncmp(url, SCHEME, scheme) ? url : url + scheme;
	struct folder *f;

	if (!dir[0]) {
		err_set(e, ERR_INVALID, "the blobs' folder has no name");
		return NULL;
	}
	if (strlen(dir) > PATH_MAX - 100) {
		err_set(e, ERR_WORLD, "the blobs' folder has too long a path");
		return NULL;
	}
	if (file_mkdirs(dir, e) || sync_folder(dir, e))
		return NULL;
	f = xcalloc(1, sizeof *f);
	f->dir = xstrdup(dir);
	return (struct blob_place *)f;
}

static void folder_close(struct blob_place *place)
{
	struct folder *f = (struct folder *)place;

	free(f->dir);
	free(f);
}

/* The path of a blob, or of its folder when `whole` is 0. */
static void path_of(const struct folder *f, const char *name, int whole,
	char path[PATH_MAX])
{
	if (snprintf(path, PATH_MAX, "%s/%.2s%s%s", f->dir, name,
		    whole ? "/" : "", whole ? name + 2 : "") >= PATH_MAX)
		path[0] = '\0'; /* of no file */
}

/* -- in -- */

/* What is there is only as good as its hash: a damaged blob heals when it is
 * stored again. */
static int is_whole(const char *path, const char *name, size_t n)
{
	char found[SHA256_HEX_BYTES];
	struct buf there;
	int same;

	buf_init(&there, n);
	same = file_read(path, &there, NULL) == 0 && there.len == n;
	if (same)
		sha256_of(there.data ? there.data : "", n, found);
	buf_release(&there);
	return same && strcmp(found, name) == 0;
}

static int folder_put(struct blob_place *place, const char *name,
	const void *bytes, size_t n, struct err *e)
{
	struct folder *f = (struct folder *)place;
	char folder[PATH_MAX], path[PATH_MAX];
	int rc;

	path_of(f, name, 0, folder);
	path_of(f, name, 1, path);
	rc = file_mkdirs(folder, e);
	/* One that was there is young again. */
	if (rc == 0 && !(is_whole(path, name, n) &&
			       utimensat(AT_FDCWD, path, NULL, 0) == 0))
		rc = file_replace(path, bytes, n, e);
	/* Also for a blob that was there: another thread may have stored it a
	 * moment ago and not have come to its own sync. */
	if (rc == 0)
		rc = sync_folder(folder, e);
	return rc ? rc : sync_folder(f->dir, e);
}

/* -- out -- */

static int folder_file(
	struct blob_place *place, const char *name, int *fd, struct err *e)
{
	char path[PATH_MAX];

	path_of((struct folder *)place, name, 1, path);
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (*fd >= 0)
		return 0;
	if (errno == ENOENT) /* without the path */
		return blob_absent(e);
	return err_set(e, ERR_WORLD, "cannot open the blob %s: %s", name,
		strerror(errno));
}

static int folder_read(struct blob_place *place, const char *name,
	const struct blob_sink *to, struct err *e)
{
	char piece[PIECE_BYTES];
	ssize_t got = 0;
	int fd, rc = folder_file(place, name, &fd, e);

	if (rc)
		return rc;
	while (rc == 0 && (got = read(fd, piece, sizeof piece)) > 0)
		rc = to->take(to->ctx, piece, (size_t)got, e);
	if (rc == 0 && got < 0)
		rc = err_set(e, ERR_WORLD, "cannot read the blob %s: %s", name,
			strerror(errno));
	close(fd);
	return rc;
}

static int folder_size(
	struct blob_place *place, const char *name, size_t *n, struct err *e)
{
	char path[PATH_MAX];
	struct stat st;

	path_of((struct folder *)place, name, 1, path);
	if (stat(path, &st) == 0) {
		*n = (size_t)st.st_size;
		return 0;
	}
	if (errno == ENOENT)
		return blob_absent(e);
	return err_set(e, ERR_WORLD, "cannot look at the blob %s: %s", name,
		strerror(errno));
}

/* -- all of them -- */

static int is_of_age(const char *path, int64_t age_s)
{
	struct stat st;

	return age_s == 0 ||
	       (stat(path, &st) == 0 && time(NULL) - st.st_mtime >= age_s);
}

static int tell_folder(const struct folder *f, const char *first, int64_t age_s,
	const struct blob_told *told, struct err *e)
{
	char folder[PATH_MAX], path[PATH_MAX], name[NAME_MAX + 4];
	const struct dirent *entry;
	DIR *d;
	int rc = 0;

	path_of(f, first, 0, folder);
	d = opendir(folder);
	while (d && rc == 0 && (entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s%s", first, entry->d_name);
		path_of(f, name, 1, path);
		if (is_of_age(path, age_s))
			rc = told->one(told->ctx, name, e);
	}
	if (d)
		closedir(d);
	return rc;
}

static int folder_each(struct blob_place *place, int64_t age_s,
	const struct blob_told *told, struct err *e)
{
	int rc = 0;

	for (int i = 0; i < 256 && rc == 0; i++) {
		char first[3];

		snprintf(first, sizeof first, "%02x", (unsigned)i);
		rc = tell_folder((struct folder *)place, first, age_s, told, e);
	}
	return rc;
}

static int folder_remove(struct blob_place *place, const char *name,
	int64_t age_s, struct err *e)
{
	char path[PATH_MAX];

	path_of((struct folder *)place, name, 1, path);
	if (!is_of_age(path, age_s) || unlink(path) == 0 || errno == ENOENT)
		return 0;
	return err_set(
		e, ERR_WORLD, "cannot remove a blob: %s", strerror(errno));
}

const struct blob_backend blob_folder = {
	.scheme = "folder",
	.open = folder_open,
	.close = folder_close,
	.put = folder_put,
	.read = folder_read,
	.size = folder_size,
	.file = folder_file,
	.each = folder_each,
	.remove = folder_remove,
};
