/* power_disk.c -- the usual disk, and beside it what of each file would have
 * lasted: its bytes at the last sync, and all that was done to it since. */
#include "power_disk.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define SECTOR 512

enum { DATABASE, LOG, FILES };

/* A write of n bytes, or the file cut to the length `at`. */
struct change {
	int64_t at;
	size_t n;
	unsigned char *bytes; /* NULL: cut */
};

struct image {
	unsigned char *bytes;
	size_t n, room;
	struct change *changes; /* since the last sync */
	size_t n_changes;
};

static sqlite3_vfs power, *usual;
static sqlite3_io_methods methods[FILES];
static const sqlite3_io_methods *usual_methods[FILES];
static struct image images[FILES];
static enum power_syncs how;
static int64_t left; /* until the power goes; -1: it does not */
static int gone;

/* -- images -- */

static void resize(struct image *f, size_t n)
{
	if (n >= f->room) {
		f->room = 2 * n + 1;
		f->bytes = xrealloc(f->bytes, f->room);
	}
	if (n > f->n)
		memset(f->bytes + f->n, 0, n - f->n);
	f->n = n;
}

static void write_sectors(struct image *f, const struct change *c,
	int (*lasts)(struct rng *), struct rng *r)
{
	const size_t end = (size_t)c->at + c->n;

	if (end > f->n)
		resize(f, end);
	for (size_t at = 0, n; at < c->n; at += n) {
		const size_t in_sector = ((size_t)c->at + at) % SECTOR;

		n = SECTOR - in_sector;
		if (n > c->n - at)
			n = c->n - at;
		if (lasts(r))
			memcpy(f->bytes + c->at + at, c->bytes + at, n);
	}
}

static int always(struct rng *r)
{
	(void)r;
	return 1;
}

static int perhaps(struct rng *r)
{
	return rng_chance(r, 0.5);
}

static void apply(struct image *f, const struct change *c,
	int (*lasts)(struct rng *), struct rng *r)
{
	if (c->bytes)
		write_sectors(f, c, lasts, r);
	else if ((size_t)c->at < f->n)
		resize(f, (size_t)c->at);
}

static void forget_changes(struct image *f)
{
	for (size_t i = 0; i < f->n_changes; i++)
		free(f->changes[i].bytes);
	free(f->changes);
	f->changes = NULL;
	f->n_changes = 0;
}

static void forget(struct image *f)
{
	forget_changes(f);
	free(f->bytes);
	*f = (struct image){.n = 0};
}

static void sync_image(struct image *f)
{
	for (size_t i = 0; i < f->n_changes; i++)
		apply(f, &f->changes[i], always, NULL);
	forget_changes(f);
}

static void note(struct image *f, int64_t at, const void *bytes, size_t n)
{
	struct change c = {.at = at, .n = n};

	if (bytes)
		c.bytes = memcpy(xcalloc(1, n + 1), bytes, n);
	f->changes = xrealloc(
		f->changes, (f->n_changes + 1) * sizeof *f->changes);
	f->changes[f->n_changes++] = c;
}

/* -- the disk -- */

/* Counts what is done to it.  Whether it is done. */
static int has_power(void)
{
	if (left == 0)
		gone = 1;
	else if (left > 0)
		left--;
	return !gone;
}

static int file_of(const sqlite3_file *f)
{
	return f->pMethods == &methods[LOG] ? LOG : DATABASE;
}

static int power_write(
	sqlite3_file *f, const void *bytes, int n, sqlite3_int64 at)
{
	const int which = file_of(f);

	if (has_power())
		note(&images[which], at, bytes, (size_t)n);
	return usual_methods[which]->xWrite(f, bytes, n, at);
}

static int power_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	const int which = file_of(f);

	if (has_power())
		note(&images[which], size, NULL, 0);
	return usual_methods[which]->xTruncate(f, size);
}

/* Nobody waits for the true disk. */
static int power_sync(sqlite3_file *f, int flags)
{
	(void)flags;
	if (has_power() && how != POWER_SYNCS_LIE)
		sync_image(&images[file_of(f)]);
	return SQLITE_OK;
}

static int power_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f,
	int flags, int *out_flags)
{
	const int which = flags & SQLITE_OPEN_WAL       ? LOG
			  : flags & SQLITE_OPEN_MAIN_DB ? DATABASE
							: FILES;
	int rc = usual->xOpen(usual, name, f, flags, out_flags);

	(void)vfs;
	if (rc != SQLITE_OK || which == FILES)
		return rc;
	usual_methods[which] = f->pMethods;
	methods[which] = *f->pMethods;
	methods[which].iVersion = 2; /* no pages of a mapped file */
	methods[which].xWrite = power_write;
	methods[which].xTruncate = power_truncate;
	methods[which].xSync = power_sync;
	f->pMethods = &methods[which];
	return rc;
}

static int power_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	const char *tail = strrchr(name, '-');

	(void)vfs;
	if (tail && strcmp(tail, "-wal") == 0 && has_power())
		forget(&images[LOG]);
	return usual->xDelete(usual, name, sync);
}

/* -- synchronous=NORMAL, whatever the store says -- */

static int refuse_full(void *ctx, int action, const char *name,
	const char *value, const char *database, const char *trigger)
{
	(void)ctx;
	(void)database;
	(void)trigger;
	return action == SQLITE_PRAGMA && value &&
			       strcmp(name, "synchronous") == 0 &&
			       strcmp(value, "FULL") == 0
		       ? SQLITE_IGNORE
		       : SQLITE_OK;
}

static int make_normal(
	sqlite3 *db, char **why, const struct sqlite3_api_routines *api)
{
	(void)why;
	(void)api;
	if (how != POWER_SYNCS_NORMAL)
		return SQLITE_OK;
	sqlite3_exec(db, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
	return sqlite3_set_authorizer(db, refuse_full, NULL);
}

void power_disk_install(void)
{
	usual = sqlite3_vfs_find(NULL);
	power = *usual;
	power.zName = "power";
	power.xOpen = power_open;
	power.xDelete = power_delete;
	sqlite3_vfs_register(&power, 1);
	sqlite3_auto_extension((void (*)(void))make_normal);
}

void power_disk_begin(enum power_syncs syncs)
{
	how = syncs;
	left = -1;
	gone = 0;
	for (int i = 0; i < FILES; i++)
		forget(&images[i]);
}

void power_disk_go_after(int64_t n)
{
	left = n;
}

int power_disk_is_gone(void)
{
	return gone;
}

/* A third of what was not synced is there, a third is not, a third is torn. */
static void return_file(struct image *f, const char *path, struct rng *r)
{
	FILE *out = fopen(path, "wb");

	for (size_t i = 0; i < f->n_changes; i++) {
		const uint64_t luck = rng_below(r, 3);

		if (luck > 0)
			apply(f, &f->changes[i], luck == 1 ? always : perhaps,
				r);
	}
	forget_changes(f);
	if (!out || fwrite(f->bytes, 1, f->n, out) != f->n || fclose(out))
		abort();
}

void power_disk_return(const char *database, const char *log, struct rng *r)
{
	gone = 1;
	return_file(&images[DATABASE], database, r);
	if (images[LOG].bytes || images[LOG].n_changes)
		return_file(&images[LOG], log, r);
	for (int i = 0; i < FILES; i++)
		forget(&images[i]);
}
