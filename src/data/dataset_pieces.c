/* dataset_pieces.c -- offsets of the whole as offsets of a piece.
 *
 * No descriptor is kept: a piece is opened for each megabyte that is written,
 * which costs nothing beside it, and never made again by that. */
#include "data/dataset_pieces.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

size_t pieces_count(const struct pieces *p)
{
	return (p->bytes + p->piece_bytes - 1) / p->piece_bytes;
}

size_t pieces_size(const struct pieces *p, size_t k)
{
	size_t left = p->bytes - k * p->piece_bytes;

	return left < p->piece_bytes ? left : p->piece_bytes;
}

void pieces_path(const char *path, size_t k, char out[DATASET_PATH_MAX])
{
	if (k == 0)
		snprintf(out, DATASET_PATH_MAX, "%s", path);
	else
		snprintf(out, DATASET_PATH_MAX, "%s.%zu", path, k);
}

static int world(const char *what, struct err *e)
{
	return err_set(e, ERR_WORLD, "cannot %s a data set: %s", what,
		strerror(errno));
}

static int open_piece(const struct pieces *p, size_t k, int flags)
{
	char path[DATASET_PATH_MAX];

	pieces_path(p->path, k, path);
	return open(path, flags | O_CLOEXEC, 0600);
}

static int create_piece(const struct pieces *p, size_t k, struct err *e)
{
	int fd = open_piece(p, k, O_WRONLY | O_CREAT | O_TRUNC), rc = 0;

	if (fd < 0 || ftruncate(fd, (off_t)pieces_size(p, k)))
		rc = world("write", e);
	if (fd >= 0)
		close(fd);
	return rc;
}

int pieces_create(const struct pieces *p, struct err *e)
{
	const size_t n = pieces_count(p);
	int rc = 0;

	if (n > PIECES_MAX)
		return err_set(e, ERR_TOO_BIG,
			"the data set takes %zu GB; at most %zu GB are kept",
			p->bytes >> 30,
			PIECES_MAX * (p->piece_bytes >> 20) >> 10);
	for (size_t k = 0; rc == 0 && k < n; k++)
		rc = create_piece(p, k, e);
	return rc;
}

static int has_size(const struct pieces *p, size_t k)
{
	char path[DATASET_PATH_MAX];
	struct stat st;

	pieces_path(p->path, k, path);
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       (size_t)st.st_size == pieces_size(p, k);
}

int pieces_are_there(const struct pieces *p)
{
	const size_t n = pieces_count(p);
	size_t k = 0;

	while (k < n && has_size(p, k))
		k++;
	return k == n;
}

/* -- bytes -- */

static int write_all(
	int fd, const uint8_t *bytes, size_t n, size_t at, struct err *e)
{
	while (n > 0) {
		ssize_t some = pwrite(fd, bytes, n, (off_t)at);

		if (some < 0 && errno == EINTR)
			continue;
		if (some < 0)
			return world("write", e);
		bytes += some;
		at += (size_t)some;
		n -= (size_t)some;
	}
	return 0;
}

static int read_all(int fd, uint8_t *to, size_t n, size_t at, struct err *e)
{
	while (n > 0) {
		ssize_t some = pread(fd, to, n, (off_t)at);

		if (some < 0 && errno == EINTR)
			continue;
		if (some <= 0)
			return world("read", e);
		to += some;
		at += (size_t)some;
		n -= (size_t)some;
	}
	return 0;
}

/* What of n bytes at an offset lies in the offset's piece. */
static size_t within_piece(const struct pieces *p, size_t offset, size_t n)
{
	size_t left = p->piece_bytes - offset % p->piece_bytes;

	return n < left ? n : left;
}

int pieces_write(const struct pieces *p, size_t offset, const void *bytes,
	size_t n, struct err *e)
{
	const uint8_t *at = bytes;
	int rc = 0;

	while (rc == 0 && n > 0) {
		size_t some = within_piece(p, offset, n);
		int fd = open_piece(p, offset / p->piece_bytes, O_WRONLY);

		if (fd < 0)
			return world("write", e);
		rc = write_all(fd, at, some, offset % p->piece_bytes, e);
		close(fd);
		at += some;
		offset += some;
		n -= some;
	}
	return rc;
}

int pieces_read(const struct pieces *p, size_t offset, void *to, size_t n,
	struct err *e)
{
	uint8_t *at = to;
	int rc = 0;

	while (rc == 0 && n > 0) {
		size_t some = within_piece(p, offset, n);
		int fd = open_piece(p, offset / p->piece_bytes, O_RDONLY);

		if (fd < 0)
			return world("read", e);
		rc = read_all(fd, at, some, offset % p->piece_bytes, e);
		close(fd);
		at += some;
		offset += some;
		n -= some;
	}
	return rc;
}

int pieces_sync(const struct pieces *p, size_t from, size_t to, struct err *e)
{
	int rc = 0;

	for (size_t k = from / p->piece_bytes;
		rc == 0 && k * p->piece_bytes < to; k++) {
		int fd = open_piece(p, k, O_WRONLY);

		if (fd < 0 || fsync(fd))
			rc = world("write", e);
		if (fd >= 0)
			close(fd);
	}
	return rc;
}

/* -- names -- */

int pieces_rename(const struct pieces *p, const char *path, struct err *e)
{
	char from[DATASET_PATH_MAX], to[DATASET_PATH_MAX];

	for (size_t k = pieces_count(p); k-- > 0;) {
		pieces_path(p->path, k, from);
		pieces_path(path, k, to);
		if (rename(from, to))
			return world("keep", e);
	}
	return file_sync_folder(path) ? world("keep", e) : 0;
}

void pieces_remove(const struct pieces *p)
{
	char path[DATASET_PATH_MAX];

	for (size_t k = 0; k < pieces_count(p); k++) {
		pieces_path(p->path, k, path);
		unlink(path);
	}
}

/* -- maps -- */

static int map_piece(
	const struct pieces *p, size_t k, uint8_t *at, struct err *e)
{
	const size_t n = pieces_size(p, k);
	int fd = open_piece(p, k, O_RDONLY), rc = 0;
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND,
			"piece %zu of a prepared data set is missing", k);
	if (fd < 0 || fstat(fd, &st))
		rc = world("open", e);
	else if ((size_t)st.st_size != n)
		rc = err_set(e, ERR_INVALID,
			"piece %zu of a prepared data set has %lld bytes, not "
			"%zu",
			k, (long long)st.st_size, n);
	else if (mmap(at, n, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) ==
		 MAP_FAILED)
		rc = world("map", e);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Room for all of them is reserved first, so that they follow one another. */
const void *pieces_map(const struct pieces *p, struct err *e)
{
	uint8_t *room = mmap(NULL, p->bytes, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int rc = 0;

	if (room == MAP_FAILED) {
		world("map", e);
		return NULL;
	}
	for (size_t k = 0; rc == 0 && k < pieces_count(p); k++)
		rc = map_piece(p, k, room + k * p->piece_bytes, e);
	if (rc == 0)
		return room;
	munmap(room, p->bytes);
	return NULL;
}
