/* restore.c -- a data folder of a backup: unpacked beside its place, checked
 * whole, and only then given its name. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "cli/local/backup.h"
#include "data/members.h"
#include "store/store.h"

#define SUMS_MAX ((size_t)256 << 20)
#define PIECE_BYTES ((size_t)1 << 20)

struct restoring {
	struct members *from;
	char work[PATH_MAX];
	struct buf sums; /* of what was unpacked, as SHA256SUMS has them */
	int complete;    /* SHA256SUMS has come and is the same */
	struct backup_size *size;
};

/* -- names -- */

/* A name that a backup has: no part of it leads elsewhere. */
static int is_ours(const char *name)
{
	if (strcmp(name, "nevod.db") == 0)
		return 1;
	if (strncmp(name, "blobs/", 6) != 0 &&
		strncmp(name, "datasets/", 9) != 0)
		return 0;
	for (const char *part = name; part; part = strchr(part, '/')) {
		part += *part == '/';
		if (*part == '.' || *part == '/' || *part == '\0')
			return 0;
	}
	return strlen(name) < NAME_MAX && !strchr(name, '\n');
}

/* -- one member -- */

static int copy(struct restoring *r, int fd, struct sha256 *sum, struct err *e)
{
	uint64_t left = members_bytes(r->from);
	char *piece = xcalloc(PIECE_BYTES, 1);
	int rc = 0;

	while (rc == 0 && left > 0) {
		size_t n = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;

		rc = members_read_on(r->from, piece, n, e);
		if (rc == 0 && write(fd, piece, n) != (ssize_t)n)
			rc = err_set(e, ERR_WORLD, "cannot write: %s",
				strerror(errno));
		if (rc == 0)
			sha256_add(sum, piece, n);
		left -= n;
	}
	free(piece);
	return rc;
}

static int unpack(struct restoring *r, const char *name, struct err *e)
{
	char path[PATH_MAX], folder[PATH_MAX], hex[SHA256_HEX_BYTES];
	struct sha256 *sum;
	int fd, rc;

	if (snprintf(path, sizeof path, "%s/%s", r->work, name) >=
		(int)sizeof path)
		return err_set(
			e, ERR_INVALID, "a path is too long: %.100s", name);
	snprintf(folder, sizeof folder, "%.*s",
		(int)(strrchr(path, '/') - path), path);
	if (file_mkdirs(folder, e))
		return ERR_WORLD;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(e, errno == EEXIST ? ERR_INVALID : ERR_WORLD,
			"cannot write %.200s: %s", path, strerror(errno));
	sum = sha256_new();
	rc = copy(r, fd, sum, e);
	if (rc == 0 && fsync(fd))
		rc = err_set(e, ERR_WORLD, "cannot sync: %s", strerror(errno));
	sha256_end(sum, hex);
	close(fd);
	r->size->files++;
	r->size->bytes += (int64_t)members_bytes(r->from);
	return rc ? rc : buf_printf(&r->sums, e, "%s  %s\n", hex, name);
}

/* The last member: what all the others must be. */
static int compare(struct restoring *r, struct err *e)
{
	size_t n = (size_t)members_bytes(r->from);
	char *sums;
	int rc;

	if (n != r->sums.len)
		return err_set(e, ERR_INVALID,
			"the backup does not have the files that it lists");
	sums = xcalloc(n + 1, 1);
	rc = members_read(r->from, sums, n, e);
	if (rc == 0 && memcmp(sums, r->sums.data, n) != 0)
		rc = err_set(e, ERR_INVALID,
			"the backup is damaged: its files are not as they "
			"were written");
	free(sums);
	r->complete = rc == 0;
	return rc;
}

static int take(struct restoring *r, struct err *e)
{
	const char *name = members_name(r->from);

	if (r->complete)
		return err_set(e, ERR_INVALID,
			"the backup has something after its end");
	if (strcmp(name, "SHA256SUMS") == 0)
		return compare(r, e);
	if (!is_ours(name))
		return err_set(e, ERR_INVALID,
			"this is no backup of nevod: it holds %.100s", name);
	return unpack(r, name, e);
}

/* -- the whole -- */

/* Opened as a broker does it, so it is one that a broker can use. */
static int check_store(const struct restoring *r, struct err *e)
{
	char path[PATH_MAX + 16];
	struct store *s;

	snprintf(path, sizeof path, "%s/nevod.db", r->work);
	if (access(path, F_OK))
		return err_set(e, ERR_INVALID, "the backup has no store");
	s = store_open(path, e);
	if (!s)
		return ERR_INVALID;
	store_close(s);
	snprintf(path, sizeof path, "%s/nevod.db.lock", r->work);
	unlink(path);
	return 0;
}

static int unpack_all(struct restoring *r, struct err *e)
{
	int rc;

	while ((rc = members_next(r->from, e)) == 1)
		if ((rc = take(r, e)))
			return rc;
	if (rc == 0 && !r->complete)
		rc = err_set(e, ERR_INVALID, "the backup is cut short");
	return rc ? rc : check_store(r, e);
}

static int is_taken(const char *data_dir, struct err *e)
{
	return err_set(e, ERR_CONFLICT,
		"%.200s is there and not empty: give another with --data-dir",
		data_dir);
}

static int put_in_place(
	const struct restoring *r, const char *data_dir, struct err *e)
{
	/* An empty folder gives way; any other does not. */
	if (rename(r->work, data_dir) == 0)
		return file_sync_folder(data_dir) == 0
			       ? 0
			       : err_set(e, ERR_WORLD, "cannot sync: %s",
					 strerror(errno));
	if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
		return is_taken(data_dir, e);
	return err_set(e, ERR_WORLD, "cannot make %.200s: %s", data_dir,
		strerror(errno));
}

int backup_restore(const char *file, const char *data_dir,
	struct backup_size *out, struct err *e)
{
	struct restoring r = {.size = out};
	char parent[PATH_MAX];
	int rc;

	*out = (struct backup_size){0, 0};
	if (rmdir(data_dir) && errno != ENOENT)
		return is_taken(data_dir, e);
	if (snprintf(r.work, sizeof r.work, "%s.restore-XXXXXX", data_dir) >=
		(int)sizeof r.work)
		return err_set(e, ERR_INVALID, "the folder's path is too long");
	snprintf(parent, sizeof parent, "%.*s",
		(int)(strrchr(data_dir, '/') - data_dir), data_dir);
	if (*parent && file_mkdirs(parent, e))
		return ERR_WORLD;
	rc = members_open(file, MEMBERS_TAR, &r.from, e);
	if (rc)
		return rc;
	buf_init(&r.sums, SUMS_MAX);
	if (!mkdtemp(r.work))
		rc = err_set(e, ERR_WORLD, "cannot make %.200s: %s", r.work,
			strerror(errno));
	if (rc == 0)
		rc = unpack_all(&r, e);
	if (rc == 0)
		rc = put_in_place(&r, data_dir, e);
	if (rc)
		file_remove_folder(r.work);
	buf_release(&r.sums);
	members_close(r.from);
	return rc;
}
