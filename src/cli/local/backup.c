/* backup.c -- writes a data folder into a tar file.
 *
 * Weights are on the disk before the row that names them, and go some time
 * after it.  So they are linked into a folder of ours before the store is
 * copied and once more after it: whatever the copy names is among them,
 * whatever a broker does meanwhile. */
#include "cli/local/backup.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "data/members_write.h"
#include "store/store.h"

#define SUMS_MAX ((size_t)256 << 20)
#define DEPTH_MAX 4

struct making {
	struct members_writer *w;
	struct buf sums;
	struct backup_size *size;
	char work[PATH_MAX]; /* our folder within the data folder */
};

static int join(char out[PATH_MAX], const char *a, const char *b, struct err *e)
{
	if (snprintf(out, PATH_MAX, "%s/%s", a, b) < PATH_MAX)
		return 0;
	return err_set(e, ERR_INVALID, "a path is too long: %.200s", a);
}

/* -- folders -- */

/* Calls `each` for what a folder has but for hidden and passing files; a folder
 * that is not there has nothing. */
static int for_each(const char *folder,
	int (*each)(void *ctx, const char *name, struct err *e), void *ctx,
	struct err *e)
{
	DIR *d = opendir(folder);
	const struct dirent *entry;
	int rc = 0;

	while (d && rc == 0 && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			rc = each(ctx, entry->d_name, e);
	if (d)
		closedir(d);
	return rc;
}

/* A folder that is gone through, and what is done with its files. */
struct walk {
	const char *from, *to; /* `to`: folder or name in the archive */
	int depth;
	int (*file)(void *ctx, const char *from, const char *to, struct err *e);
	void *ctx;
};

static int walk(const struct walk *w, struct err *e);

static int walk_entry(void *ctx, const char *name, struct err *e)
{
	const struct walk *w = ctx;
	char from[PATH_MAX], to[PATH_MAX];
	struct stat s;

	if (join(from, w->from, name, e) || join(to, w->to, name, e))
		return ERR_INVALID;
	if (lstat(from, &s))
		return 0; /* gone meanwhile */
	if (S_ISDIR(s.st_mode) && w->depth < DEPTH_MAX)
		return walk(
			&(struct walk){from, to, w->depth + 1, w->file, w->ctx},
			e);
	return S_ISREG(s.st_mode) ? w->file(w->ctx, from, to, e) : 0;
}

static int walk(const struct walk *w, struct err *e)
{
	return for_each(w->from, walk_entry, (void *)w, e);
}

/* -- the steps -- */

static int link_file(void *ctx, const char *from, const char *to, struct err *e)
{
	char folder[PATH_MAX];

	(void)ctx;
	snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(to, '/') - to),
		to);
	if (file_mkdirs(folder, e))
		return ERR_WORLD;
	if (link(from, to) == 0 || errno == EEXIST || errno == ENOENT)
		return 0;
	return err_set(
		e, ERR_WORLD, "cannot link %.200s: %s", from, strerror(errno));
}

static int link_blobs(
	const struct making *m, const char *data_dir, struct err *e)
{
	char from[PATH_MAX], to[PATH_MAX];

	if (join(from, data_dir, "blobs", e) || join(to, m->work, "blobs", e))
		return ERR_INVALID;
	return walk(&(struct walk){from, to, 0, link_file, NULL}, e);
}

static int add_file(void *ctx, const char *from, const char *to, struct err *e)
{
	struct making *m = ctx;
	char hex[SHA256_HEX_BYTES];
	struct stat s;
	int rc = members_add_file(m->w, to, from, hex, e);

	if (rc == 0 && stat(from, &s) == 0)
		m->size->bytes += s.st_size;
	m->size->files += rc == 0;
	return rc ? rc : buf_printf(&m->sums, e, "%s  %s\n", hex, to);
}

static int add_all(struct making *m, const char *data_dir, int with_datasets,
	struct err *e)
{
	char store[PATH_MAX], blobs[PATH_MAX], sets[PATH_MAX];
	int rc;

	if (join(store, m->work, "nevod.db", e) ||
		join(blobs, m->work, "blobs", e) ||
		join(sets, data_dir, "datasets", e))
		return ERR_INVALID;
	rc = add_file(m, store, "nevod.db", e);
	if (rc == 0)
		rc = walk(&(struct walk){blobs, "blobs", 0, add_file, m}, e);
	if (rc == 0 && with_datasets)
		rc = walk(&(struct walk){sets, "datasets", 0, add_file, m}, e);
	return rc ? rc
		  : members_add_bytes(
			    m->w, "SHA256SUMS", m->sums.data, m->sums.len, e);
}

static int copy_store(
	const struct making *m, const char *data_dir, struct err *e)
{
	char from[PATH_MAX], to[PATH_MAX];

	if (join(from, data_dir, "nevod.db", e) ||
		join(to, m->work, "nevod.db", e))
		return ERR_INVALID;
	if (access(from, F_OK))
		return err_set(e, ERR_NOT_FOUND,
			"there is no store in %.200s: name its folder with "
			"--data-dir",
			data_dir);
	return store_copy(from, to, e);
}

static int make(struct making *m, const char *data_dir, const char *file,
	int with_datasets, struct err *e)
{
	int rc = link_blobs(m, data_dir, e);

	if (rc == 0)
		rc = copy_store(m, data_dir, e);
	if (rc == 0)
		rc = link_blobs(m, data_dir, e);
	if (rc == 0)
		rc = members_create(file, &m->w, e);
	if (rc)
		return rc;
	rc = add_all(m, data_dir, with_datasets, e);
	if (rc == 0)
		return members_keep(m->w, e);
	members_drop(m->w);
	return rc;
}

int backup_make(const char *data_dir, const char *file, int with_datasets,
	struct backup_size *out, struct err *e)
{
	struct making m = {.size = out};
	char lock_name[PATH_MAX];
	int lock, rc;

	*out = (struct backup_size){0, 0};
	if (join(m.work, data_dir, ".backup", e) ||
		join(lock_name, data_dir, ".backup.lock", e))
		return ERR_INVALID;
	if (access(data_dir, W_OK))
		return err_set(e, ERR_NOT_FOUND, "%.200s: %s", data_dir,
			strerror(errno));
	lock = file_lock(lock_name, e);
	if (lock < 0)
		return lock == ERR_CONFLICT
			       ? err_set(e, ERR_CONFLICT,
					 "another backup of %.200s is under "
					 "way",
					 data_dir)
			       : lock;
	/* What one that was killed has left. */
	file_remove_folder(m.work);
	buf_init(&m.sums, SUMS_MAX);
	rc = file_mkdirs(m.work, e);
	if (rc == 0)
		rc = make(&m, data_dir, file, with_datasets, e);
	file_remove_folder(m.work);
	unlink(lock_name);
	close(lock);
	buf_release(&m.sums);
	return rc;
}
