/* store_sqlite_open.c -- a file made into a store: locked, migrated, whole.
 *
 * WAL with synchronous=FULL: a commit has been synced when it returns. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "store/store_sqlite.h"

#define APPLICATION_ID 0x6e65766f /* "nevo" */
#define BUSY_MS 10000

int store_sqlite_exec(sqlite3 *db, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : store_sqlite_error(rc, e);
}

int store_sqlite_connect(const char *path, int flags, const char *pragmas,
	sqlite3 **out, struct err *e)
{
	int rc = sqlite3_open_v2(path, out, flags | SQLITE_OPEN_NOMUTEX, NULL);

	if (rc != SQLITE_OK)
		return store_sqlite_error(rc, e);
	sqlite3_extended_result_codes(*out, 1);
	sqlite3_busy_timeout(*out, BUSY_MS);
	return store_sqlite_exec(*out, pragmas, e);
}

/* The one value that a pragma or a count gives, as text. */
static int read_text(
	sqlite3 *db, const char *sql, char *out, size_t max, struct err *e)
{
	sqlite3_stmt *s = NULL;
	const unsigned char *text = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		text = sqlite3_column_text(s, 0);
	snprintf(out, max, "%s", text ? (const char *)text : "");
	sqlite3_finalize(s);
	return rc == SQLITE_ROW ? 0 : store_sqlite_error(rc, e);
}

static int read_int(sqlite3 *db, const char *sql, int64_t *out, struct err *e)
{
	char text[24];
	int rc = read_text(db, sql, text, sizeof text, e);

	if (rc == 0)
		*out = strtoll(text, NULL, 10);
	return rc;
}

static int apply(sqlite3 *db, int version, struct err *e)
{
	char stamp[100];
	int rc = store_sqlite_exec(db, "BEGIN IMMEDIATE", e);

	if (rc)
		return rc;
	snprintf(stamp, sizeof stamp,
		"PRAGMA application_id = %d; PRAGMA user_version = %d",
		APPLICATION_ID, version + 1);
	rc = store_sqlite_exec(db, store_sqlite_migrations[version], e);
	if (rc == 0)
		rc = store_sqlite_exec(db, stamp, e);
	if (rc == 0)
		rc = store_sqlite_exec(db, "COMMIT", e);
	if (rc)
		store_sqlite_exec(db, "ROLLBACK", NULL);
	return rc;
}

/* Brings an empty or older file to the latest version. */
static int migrate(sqlite3 *db, struct err *e)
{
	int64_t id = 0, version = 0, tables = 0;
	int rc = read_int(db, "PRAGMA application_id", &id, e);

	if (rc == 0)
		rc = read_int(db, "PRAGMA user_version", &version, e);
	if (rc == 0)
		rc = read_int(
			db, "SELECT count(*) FROM sqlite_schema", &tables, e);
	if (rc)
		return rc;
	if (id != APPLICATION_ID && (id || version || tables))
		return err_set(e, ERR_INVALID,
			"the store's file belongs to another program");
	if (version < 0 || version > store_sqlite_migrations_count)
		return err_set(e, ERR_INVALID,
			"the store is of a later version of nevod (%lld; this "
			"one knows %d)",
			(long long)version, store_sqlite_migrations_count);
	for (; rc == 0 && version < store_sqlite_migrations_count; version++)
		rc = apply(db, (int)version, e);
	return rc;
}

/* Only after migrate: a file that is not ours must stay as it is. */
static int use_wal(sqlite3 *db, struct err *e)
{
	char mode[16];
	int rc = read_text(
		db, "PRAGMA journal_mode = WAL", mode, sizeof mode, e);

	if (rc)
		return rc;
	if (strcmp(mode, "wal") != 0)
		return err_set(e, ERR_WORLD,
			"the store's file system cannot share memory, which "
			"SQLite's write-ahead log needs");
	return 0;
}

/* Finds damage now, and not in the middle of a run.  Reads every page once. */
static int check_whole(sqlite3 *db, struct err *e)
{
	char verdict[200];

	if (read_text(db, "PRAGMA quick_check(1)", verdict, sizeof verdict,
		    NULL) == 0 &&
		strcmp(verdict, "ok") == 0)
		return 0;
	return err_set(e, ERR_INVALID,
		"the store's file is damaged; put a copy in its place, or "
		"start with another --data-dir");
}

/* -- the lock file: who has the store, and how many transactions it has -- */

#define LOCK_BYTES 48

struct lock_says {
	char holder[LOCK_BYTES];
	int64_t commits; /* -1: it does not say */
};

static struct lock_says read_lock(const char *lock)
{
	struct lock_says says = {.commits = -1};
	struct buf text;
	char *end;

	buf_init(&text, LOCK_BYTES - 1);
	if (file_read(lock, &text, NULL) == 0 && text.len > 0)
		memcpy(says.holder, text.data, text.len);
	buf_release(&text);
	end = strchr(says.holder, '\n');
	if (end && end[1])
		says.commits = strtoll(end + 1, NULL, 10);
	if (end)
		*end = '\0';
	return says;
}

static int sign_lock(
	const struct store_sqlite_file *f, int64_t commits, struct err *e)
{
	char text[LOCK_BYTES];
	int n = snprintf(text, sizeof text, "%d\n", (int)getpid());

	if (commits >= 0)
		n += snprintf(text + n, sizeof text - (size_t)n, "%lld\n",
			(long long)commits);
	if (pwrite(f->lock_fd, text, (size_t)n, 0) != n ||
		ftruncate(f->lock_fd, n))
		return err_set(e, ERR_WORLD, "the lock cannot be written");
	return 0;
}

/* One process has a store. */
static int take_lock(
	struct store_sqlite_file *f, const char *name, struct err *e)
{
	struct lock_says says;

	f->lock_fd = file_lock(name, e);
	if (f->lock_fd < 0 && f->lock_fd != ERR_CONFLICT)
		return f->lock_fd;
	says = read_lock(name);
	f->commits = says.commits;
	if (f->lock_fd >= 0)
		return sign_lock(f, f->commits, e);
	return err_set(e, ERR_CONFLICT,
		"another broker uses this data directory (process %s); stop it "
		"or choose another with --data-dir",
		says.holder[0] ? says.holder : "unknown");
}

/* It is not synced: after a power cut the store may have more than it says, but
 * never fewer. */
void store_sqlite_committed(struct store_sqlite_file *f)
{
	sign_lock(f, ++f->commits, NULL);
}

/* SQLite takes a file without its log for all that there is. */
static int check_commits(struct store_sqlite_file *f, sqlite3 *db,
	const char *lock, struct err *e)
{
	int64_t found = 0;
	int rc = read_int(db, "SELECT n FROM commit_count", &found, e);

	if (rc == 0 && found < f->commits)
		return err_set(e, ERR_INVALID,
			"the store lacks the last %lld transactions that it "
			"had: its log (%.120s-wal) was removed, or an older "
			"copy put in its place; put back what it was, or "
			"remove %.120s to go on with what there is",
			(long long)(f->commits - found), f->path, lock);
	if (rc == 0)
		f->commits = found;
	return rc;
}

/* On a connection of its own, so that those to come find a store. */
static int make_ready(
	struct store_sqlite_file *f, const char *lock, struct err *e)
{
	sqlite3 *db = NULL;
	int rc = store_sqlite_connect(f->path,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		"PRAGMA synchronous = FULL", &db, e);

	if (rc == 0)
		rc = store_sqlite_add_sum(db, e);
	if (rc == 0)
		rc = migrate(db, e);
	if (rc == 0)
		rc = use_wal(db, e);
	if (rc == 0)
		rc = check_whole(db, e);
	if (rc == 0)
		rc = check_commits(f, db, lock, e);
	sqlite3_close(db);
	return rc;
}

static int remember(struct store_sqlite_file *f, struct err *e)
{
	struct stat now;

	if (stat(f->path, &now))
		return err_set(e, ERR_WORLD, "cannot look at the store: %s",
			strerror(errno));
	f->device = now.st_dev;
	f->inode = now.st_ino;
	return 0;
}

int store_sqlite_is_there(const struct store_sqlite_file *f, struct err *e)
{
	char log[PATH_MAX];
	struct stat now;

	snprintf(log, sizeof log, "%s-wal", f->path);
	if (stat(f->path, &now) == 0 && now.st_dev == f->device &&
		now.st_ino == f->inode && access(log, F_OK) == 0)
		return 0;
	return err_set(e, ERR_WORLD,
		"the store's files were removed or replaced under the broker: "
		"put them back, or stop it");
}

struct store_database *store_sqlite_open(const char *path, struct err *e)
{
	struct store_sqlite_file *f;
	char lock[PATH_MAX];

	/* SQLite's names for databases that are no files. */
	if (!path[0] || strcmp(path, ":memory:") == 0) {
		err_set(e, ERR_INVALID, "the store must be a file");
		return NULL;
	}
	if (snprintf(lock, sizeof lock, "%s.lock", path) >= (int)sizeof lock) {
		err_set(e, ERR_WORLD, "the store's path is too long");
		return NULL;
	}
	f = xcalloc(1, sizeof *f);
	f->lock_fd = -1;
	f->path = xstrdup(path);
	if (take_lock(f, lock, e) == 0 && make_ready(f, lock, e) == 0 &&
		remember(f, e) == 0) {
		/* One that a former nevod has left open to others. */
		chmod(path, S_IRUSR | S_IWUSR);
		return (struct store_database *)f;
	}
	store_sqlite_close((struct store_database *)f);
	return NULL;
}

void store_sqlite_close(struct store_database *d)
{
	struct store_sqlite_file *f = (struct store_sqlite_file *)d;

	if (f->lock_fd >= 0)
		close(f->lock_fd);
	free(f->path);
	free(f);
}
