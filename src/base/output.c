/* output.c -- follows links to what is written, and treats that as its kind. */
#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define LINKS_MAX 40

enum kind {
	KIND_NEW,        /* no file yet */
	KIND_FILE,       /* a regular one */
	KIND_STREAM,     /* a device, a FIFO, ... */
	KIND_DESCRIPTOR, /* one of our own */
};

struct target {
	enum kind kind;
	char path[PATH_MAX]; /* after all links */
	int fd;              /* KIND_DESCRIPTOR */
	struct stat st;      /* KIND_FILE */
};

/* The number behind a prefix, or -1. */
static int number_after(const char *path, const char *prefix)
{
	size_t n = strlen(prefix), digits = strspn(path + n, "0123456789");

	if (strncmp(path, prefix, n) != 0 || digits == 0 || digits > 6 ||
		path[n + digits])
		return -1;
	return atoi(path + n);
}

/* A path that means one of our descriptors.  Opening it would not do: of a
 * regular file that makes another position, at its start. */
static int own_descriptor(const char *path)
{
	int fd = number_after(path, "/dev/fd/");

	return fd >= 0 ? fd : number_after(path, "/proc/self/fd/");
}

/* Replaces the path of a link by where it leads. */
static int go_on(char path[PATH_MAX], const char *link)
{
	char *slash = strrchr(path, '/');
	size_t folder = link[0] == '/' || !slash ? 0
						 : (size_t)(slash - path) + 1;

	if (folder + strlen(link) >= PATH_MAX)
		return -1;
	strcpy(path + folder, link);
	return 0;
}

static int follow_links(const char *path, struct target *t)
{
	char link[PATH_MAX];

	if (snprintf(t->path, sizeof t->path, "%s", path) >=
		(int)sizeof t->path)
		return -1;
	for (int i = 0; i < LINKS_MAX; i++) {
		ssize_t n;

		t->fd = own_descriptor(t->path);
		if (t->fd >= 0)
			return 0;
		n = readlink(t->path, link, sizeof link - 1);
		if (n < 0)
			return 0;
		link[n] = '\0';
		if (go_on(t->path, link))
			return -1;
	}
	return -1;
}

static int find_target(const char *path, struct target *t, struct err *e)
{
	if (follow_links(path, t))
		return err_set(e, ERR_INVALID,
			"%s cannot be written: its links lead nowhere", path);
	if (t->fd >= 0)
		t->kind = KIND_DESCRIPTOR;
	else if (stat(t->path, &t->st))
		t->kind = KIND_NEW;
	else if (S_ISDIR(t->st.st_mode))
		return err_set(e, ERR_INVALID,
			"%s is a folder, not a file to write", path);
	else
		t->kind = S_ISREG(t->st.st_mode) ? KIND_FILE : KIND_STREAM;
	return 0;
}

static int folder_is_ours(const struct target *t)
{
	const char *slash = strrchr(t->path, '/');
	char folder[PATH_MAX];

	snprintf(folder, sizeof folder, "%.*s",
		slash ? (int)(slash - t->path) + 1 : 1, slash ? t->path : ".");
	return access(folder, W_OK | X_OK) == 0;
}

static int is_ours(const struct target *t)
{
	int flags;

	if (t->kind == KIND_DESCRIPTOR) {
		flags = fcntl(t->fd, F_GETFL);
		return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
	}
	return t->kind == KIND_NEW || access(t->path, W_OK) == 0;
}

static int check(const char *path, struct target *t, struct err *e)
{
	int rc = find_target(path, t, e);

	if (rc)
		return rc;
	if ((t->kind == KIND_NEW || t->kind == KIND_FILE) && !folder_is_ours(t))
		return err_set(e, ERR_INVALID,
			"%s cannot be written: its folder is not there or not "
			"ours to write to",
			path);
	if (!is_ours(t))
		return err_set(
			e, ERR_INVALID, "%s is not ours to write to", path);
	return 0;
}

int output_check(const char *path, struct err *e)
{
	struct target t;

	return check(path, &t, e);
}

static int cannot_write(const char *path, struct err *e)
{
	return err_set(
		e, ERR_WORLD, "cannot write %s: %s", path, strerror(errno));
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

static int write_stream(
	const char *path, const void *bytes, size_t n, struct err *e)
{
	int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC), failed;

	if (fd < 0)
		return cannot_write(path, e);
	failed = write_all(fd, bytes, n);
	/* Some devices say at the end only that they are full. */
	if (close(fd) || failed)
		return cannot_write(path, e);
	return 0;
}

/* What is new has the old one's owner and mode, where that is allowed; then
 * only the owner may have been meant by bits that lend his rights. */
static int keep_ownership(int fd, const struct stat *old)
{
	mode_t mode = old->st_mode & 07777;

	if (fchown(fd, old->st_uid, old->st_gid))
		mode &= 0777;
	return fchmod(fd, mode);
}

static int write_file(
	const struct target *t, const void *bytes, size_t n, struct err *e)
{
	struct file_draft f;
	int rc = file_draft_open(&f, t->path, 0666, e);

	if (rc)
		return rc;
	rc = file_draft_write(&f, 0, bytes, n, e);
	if (rc == 0 && t->kind == KIND_FILE && keep_ownership(f.fd, &t->st))
		rc = cannot_write(t->path, e);
	if (rc == 0)
		return file_draft_keep(&f, t->path, e);
	file_draft_drop(&f);
	return rc;
}

int output_write(const char *path, const void *bytes, size_t n, struct err *e)
{
	struct target t;
	int rc = check(path, &t, e);

	if (rc)
		return rc;
	if (t.kind == KIND_STREAM)
		return write_stream(t.path, bytes, n, e);
	if (t.kind == KIND_DESCRIPTOR)
		return write_all(t.fd, bytes, n) ? cannot_write(path, e) : 0;
	return write_file(&t, bytes, n, e);
}
