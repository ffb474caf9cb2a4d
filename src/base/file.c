/* file.c -- POSIX calls with the retries they need. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static int world(struct err *e, const char *what, const char *path)
{
	return err_set(
		e, ERR_WORLD, "cannot %s %s: %s", what, path, strerror(errno));
}

static int read_all(int fd, const char *path, struct buf *out, struct err *e)
{
	char chunk[65536];
	ssize_t n;
	int rc = 0;

	while (rc == 0 && (n = read(fd, chunk, sizeof chunk)) != 0) {
		if (n > 0)
			rc = buf_add(out, chunk, (size_t)n, e);
		else if (errno != EINTR)
			rc = world(e, "read", path);
	}
	return rc;
}

int file_read(const char *path, struct buf *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0 && errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND, "there is no file %s", path);
	if (fd < 0)
		return world(e, "open", path);
	rc = read_all(fd, path, out, e);
	close(fd);
	return rc;
}

/* -1 with errno, ELOOP for what is no regular file. */
static int open_inside(const char *folder, const char *name)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), fd, why;
	struct stat st;

	if (at < 0)
		return -1;
	fd = openat(at, name, flags);
	why = errno;
	close(at);
	if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode))) {
		close(fd);
		fd = -1;
		why = ELOOP;
	}
	errno = why;
	return fd;
}

int file_read_inside(
	const char *folder, const char *name, struct buf *out, struct err *e)
{
	int fd = open_inside(folder, name), rc;

	if (fd < 0 && (errno == ELOOP || errno == ENXIO)) /* ENXIO: a socket */
		return err_set(e, ERR_INVALID,
			"%s is no regular file of its folder", name);
	if (fd < 0 && errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND, "there is no file %s", name);
	if (fd < 0)
		return world(e, "open", name);
	rc = read_all(fd, name, out, e);
	close(fd);
	return rc;
}

int file_sync_folder(const char *path)
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

/* A name that nobody else takes; the umask is applied, as mkstemp does not. */
static int create_beside(struct file_draft *f, mode_t mode)
{
	uint64_t bits;
	int fd;

	do {
		if (getrandom(&bits, sizeof bits, 0) != sizeof bits)
			return -1;
		snprintf(f->name, sizeof f->name, "%s.%08x", f->path,
			(unsigned)bits);
		fd = open(f->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	} while (fd < 0 && errno == EEXIST);
	return fd;
}

int file_draft_open(
	struct file_draft *f, const char *path, mode_t mode, struct err *e)
{
	f->fd = -1;
	if (snprintf(f->path, sizeof f->path, "%s", path) >=
		(int)sizeof f->path)
		return err_set(e, ERR_WORLD, "the path is too long: %s", path);
	f->fd = create_beside(f, mode);
	return f->fd < 0 ? world(e, "create", path) : 0;
}

int file_draft_write(struct file_draft *f, size_t offset, const void *bytes,
	size_t n, struct err *e)
{
	const char *p = bytes;

	while (n > 0) {
		ssize_t w = pwrite(f->fd, p, n, (off_t)offset);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return world(e, "write", f->path);
		p += w;
		offset += (size_t)w;
		n -= (size_t)w;
	}
	return 0;
}

int file_draft_resize(struct file_draft *f, size_t n, struct err *e)
{
	return ftruncate(f->fd, (off_t)n) ? world(e, "write", f->path) : 0;
}

int file_draft_keep(struct file_draft *f, const char *path, struct err *e)
{
	int rc = 0;

	if (fsync(f->fd))
		rc = world(e, "write", path);
	else if (rename(f->name, path) || file_sync_folder(path))
		rc = world(e, "replace", path);
	if (rc) {
		file_draft_drop(f);
		return rc;
	}
	close(f->fd);
	f->fd = -1;
	return 0;
}

void file_draft_drop(struct file_draft *f)
{
	if (f->fd < 0)
		return;
	close(f->fd);
	unlink(f->name);
	f->fd = -1;
}

int file_replace_pieces(
	const char *path, const struct iovec *pieces, int n, struct err *e)
{
	struct file_draft f;
	size_t at = 0;
	int rc = file_draft_open(&f, path, 0600, e);

	if (rc)
		return rc;
	for (int i = 0; rc == 0 && i < n; i++) {
		rc = file_draft_write(
			&f, at, pieces[i].iov_base, pieces[i].iov_len, e);
		at += pieces[i].iov_len;
	}
	if (rc == 0)
		return file_draft_keep(&f, path, e);
	file_draft_drop(&f);
	return rc;
}

int file_replace(const char *path, const void *bytes, size_t n, struct err *e)
{
	struct iovec whole = {(void *)bytes, n};

	return file_replace_pieces(path, &whole, 1, e);
}

void file_remove_folder(const char *path)
{
	char file[PATH_MAX];
	const struct dirent *entry;
	DIR *d = opendir(path);

	while (d && (entry = readdir(d))) {
		if (strcmp(entry->d_name, ".") == 0 ||
			strcmp(entry->d_name, "..") == 0 ||
			snprintf(file, sizeof file, "%s/%s", path,
				entry->d_name) >= (int)sizeof file)
			continue;
		if (unlink(file) && errno == EISDIR)
			file_remove_folder(file);
	}
	if (d)
		closedir(d);
	rmdir(path);
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

int file_sha256(int fd, char hex[SHA256_HEX_BYTES], struct err *e)
{
	struct sha256 *sum = sha256_new();
	char block[65536];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, block, sizeof block, at)) > 0 ||
		(n < 0 && errno == EINTR)) {
		if (n > 0)
			sha256_add(sum, block, (size_t)n);
		at += n > 0 ? n : 0;
	}
	sha256_end(sum, hex);
	if (n < 0)
		return err_set(e, ERR_WORLD, "cannot read a file: %s",
			strerror(errno));
	return 0;
}
