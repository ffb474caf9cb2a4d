/* file.c -- POSIX calls with the retries they need. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int world(struct err *e, const char *what, const char *path)
{
	return err_set(
		e, ERR_WORLD, "cannot %s %s: %s", what, path, strerror(errno));
}

int file_read(const char *path, struct buf *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	char chunk[65536];
	ssize_t n;

	if (fd < 0 && errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND, "there is no file %s", path);
	if (fd < 0)
		return world(e, "open", path);
	while (rc == 0 && (n = read(fd, chunk, sizeof chunk)) != 0) {
		if (n > 0)
			rc = buf_add(out, chunk, (size_t)n, e);
		else if (errno != EINTR)
			rc = world(e, "read", path);
	}
	close(fd);
	return rc;
}

static int write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -1;
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

static int sync_folder(const char *path)
{
	char folder[PATH_MAX];
	char *slash;
	int fd, rc;

	snprintf(folder, sizeof folder, "%s", path);
	slash = strrchr(folder, '/');
	if (!slash)
		strcpy(folder, ".");
	else
		slash[slash == folder] = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	rc = fsync(fd);
	close(fd);
	return rc;
}

static int write_pieces(int fd, const struct iovec *pieces, int n)
{
	for (int i = 0; i < n; i++)
		if (write_all(fd, pieces[i].iov_base, pieces[i].iov_len))
			return -1;
	return 0;
}

int file_replace_pieces(
	const char *path, const struct iovec *pieces, int n, struct err *e)
{
	char tmp[PATH_MAX];
	int fd;

	if (snprintf(tmp, sizeof tmp, "%s.XXXXXX", path) >= (int)sizeof tmp)
		return err_set(e, ERR_WORLD, "the path is too long: %s", path);
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return world(e, "create", path);
	if (write_pieces(fd, pieces, n) || fsync(fd)) {
		world(e, "write", path);
		close(fd);
		goto unlink_tmp;
	}
	close(fd);
	if (rename(tmp, path) || sync_folder(path)) {
		world(e, "replace", path);
		goto unlink_tmp;
	}
	return 0;

unlink_tmp:
	unlink(tmp);
	return ERR_WORLD;
}

int file_replace(const char *path, const void *bytes, size_t n, struct err *e)
{
	struct iovec whole = {(void *)bytes, n};

	return file_replace_pieces(path, &whole, 1, e);
}

int file_mkdirs(const char *path, struct err *e)
{
	char p[PATH_MAX];

	if (snprintf(p, sizeof p, "%s", path) >= (int)sizeof p)
		return err_set(e, ERR_WORLD, "the path is too long: %s", path);
	for (char *s = p; *s; s++) {
		if (*s != '/' || s == p)
			continue;
		*s = '\0';
		if (mkdir(p, 0700) && errno != EEXIST)
			return world(e, "create", p);
		*s = '/';
	}
	if (mkdir(p, 0700) && errno != EEXIST)
		return world(e, "create", p);
	return 0;
}

int file_lock(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), rc;

	if (fd < 0)
		return world(e, "open", path);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	if (errno == EWOULDBLOCK)
		rc = err_set(e, ERR_CONFLICT, "another process holds %s", path);
	else
		rc = world(e, "lock", path);
	close(fd);
	return rc;
}
