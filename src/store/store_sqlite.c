/* store_sqlite.c -- opening, migrating, and the one transaction at a time.
 *
 * WAL with synchronous=FULL: a commit has been synced when it returns.  The
 * writer has a connection of its own under a mutex that is held for the whole
 * transaction; readers have others and see the last commit. */
#include "store/store_private.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define APPLICATION_ID 0x6e65766f /* "nevo" */
#define BUSY_MS 10000

static int run_sql(sqlite3 *db, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : store_error(rc, e);
}

static int read_pragma(
	sqlite3 *db, const char *sql, int64_t *out, struct err *e)
{
	struct query q = {.db = db};
	int rc;

	q.rc = sqlite3_prepare_v2(db, sql, -1, &q.statement, NULL);
	rc = query_next(&q, e);
	if (rc == 1)
		*out = query_int(&q);
	query_end(&q);
	return rc == 1 ? 0 : rc;
}

static int open_connection(const char *path, int flags, const char *pragmas,
	sqlite3 **out, struct err *e)
{
	int rc = sqlite3_open_v2(path, out, flags | SQLITE_OPEN_NOMUTEX, NULL);

	if (rc != SQLITE_OK)
		return store_error(rc, e);
	sqlite3_extended_result_codes(*out, 1);
	sqlite3_busy_timeout(*out, BUSY_MS);
	return run_sql(*out, pragmas, e);
}

static int apply(sqlite3 *db, int version, struct err *e)
{
	char stamp[100];
	int rc = run_sql(db, "BEGIN IMMEDIATE", e);

	if (rc)
		return rc;
	snprintf(stamp, sizeof stamp,
		"PRAGMA application_id = %d; PRAGMA user_version = %d",
		APPLICATION_ID, version + 1);
	rc = run_sql(db, store_migrations[version], e);
	if (rc == 0)
		rc = run_sql(db, stamp, e);
	if (rc == 0)
		rc = run_sql(db, "COMMIT", e);
	if (rc)
		run_sql(db, "ROLLBACK", NULL);
	return rc;
}

/* Brings an empty or older file to the latest version. */
static int migrate(sqlite3 *db, struct err *e)
{
	int64_t id = 0, version = 0, tables = 0;
	int rc = read_pragma(db, "PRAGMA application_id", &id, e);

	if (rc == 0)
		rc = read_pragma(db, "PRAGMA user_version", &version, e);
	if (rc == 0)
		rc = read_pragma(
			db, "SELECT count(*) FROM sqlite_schema", &tables, e);
	if (rc)
		return rc;
	if (id != APPLICATION_ID && (id || version || tables))
		return err_set(e, ERR_INVALID,
			"the store's file belongs to another program");
	if (version < 0 || version > store_migration_count)
		return err_set(e, ERR_INVALID,
			"the store is of a later version of nevod (%lld; this "
			"one knows %d)",
			(long long)version, store_migration_count);
	for (; rc == 0 && version < store_migration_count; version++)
		rc = apply(db, (int)version, e);
	return rc;
}

/* One process has a store; its number is in the lock file, for the sentence. */
static int take_lock(struct store *s, const char *path, struct err *e)
{
	char name[PATH_MAX], holder[24] = "";
	struct buf text;
	int n;

	if (snprintf(name, sizeof name, "%s.lock", path) >= (int)sizeof name)
		return err_set(e, ERR_WORLD, "the store's path is too long");
	s->lock_fd = file_lock(name, e);
	if (s->lock_fd >= 0) {
		n = snprintf(holder, sizeof holder, "%d\n", (int)getpid());
		if (ftruncate(s->lock_fd, 0) ||
			write(s->lock_fd, holder, (size_t)n) != n)
			return err_set(
				e, ERR_WORLD, "the lock cannot be written");
		return 0;
	}
	if (s->lock_fd != ERR_CONFLICT)
		return s->lock_fd;
	buf_init(&text, sizeof holder - 1);
	if (file_read(name, &text, NULL) == 0 && text.len > 0)
		snprintf(holder, sizeof holder, "%.*s",
			(int)strcspn(text.data, "\n"), text.data);
	buf_release(&text);
	return err_set(e, ERR_CONFLICT,
		"another broker uses this data directory (process %s); stop it "
		"or choose another with --data-dir",
		holder[0] ? holder : "unknown");
}

/* Only after migrate: a file that is not ours must stay as it is. */
static int use_wal(sqlite3 *db, struct err *e)
{
	struct query q = {.db = db};
	char mode[16] = "";
	int rc;

	q.rc = sqlite3_prepare_v2(
		db, "PRAGMA journal_mode = WAL", -1, &q.statement, NULL);
	rc = query_next(&q, e);
	if (rc == 1)
		query_copy(&q, mode, sizeof mode);
	query_end(&q);
	if (rc < 0)
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
	struct query q = {.db = db};
	char verdict[200] = "";
	int rc;

	q.rc = sqlite3_prepare_v2(
		db, "PRAGMA quick_check(1)", -1, &q.statement, NULL);
	rc = query_next(&q, NULL);
	if (rc == 1)
		query_copy(&q, verdict, sizeof verdict);
	query_end(&q);
	if (rc == 1 && strcmp(verdict, "ok") == 0)
		return 0;
	return err_set(e, ERR_INVALID,
		"the store's file is damaged; put a copy in its place, or "
		"start with another --data-dir");
}

static int open_all(struct store *s, const char *path, struct err *e)
{
	int rc;

	/* SQLite's names for databases that are no files. */
	if (!path[0] || strcmp(path, ":memory:") == 0)
		return err_set(e, ERR_INVALID, "the store must be a file");
	rc = take_lock(s, path, e);
	if (rc == 0)
		rc = open_connection(path,
			SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			"PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON",
			&s->writer, e);
	if (rc == 0)
		rc = migrate(s->writer, e);
	if (rc == 0)
		rc = use_wal(s->writer, e);
	if (rc == 0)
		rc = check_whole(s->writer, e);
	while (rc == 0 && s->n_free < STORE_READERS)
		rc = open_connection(path, SQLITE_OPEN_READWRITE,
			"PRAGMA query_only = ON", &s->readers[s->n_free++], e);
	return rc;
}

/* Checks for errors, so that store_begin within a transaction is an assertion
 * and not a deadlock. */
static void init_writer_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
}

struct store *store_open(const char *path, struct err *e)
{
	struct store *s = xcalloc(1, sizeof *s);

	s->lock_fd = -1;
	init_writer_lock(&s->writer_lock);
	pthread_mutex_init(&s->readers_lock, NULL);
	pthread_cond_init(&s->reader_free, NULL);
	if (open_all(s, path, e)) {
		store_close(s);
		return NULL;
	}
	return s;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (int i = 0; i < STORE_READERS; i++)
		sqlite3_close(s->readers[i]);
	sqlite3_close(s->writer);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	pthread_cond_destroy(&s->reader_free);
	pthread_mutex_destroy(&s->readers_lock);
	pthread_mutex_destroy(&s->writer_lock);
	free(s);
}

/* The one lock that is held across I/O: SQLite has one writer, and to wait for
 * it here needs no polling. */
int store_begin(struct store *s, struct err *e)
{
	int rc = pthread_mutex_lock(&s->writer_lock);

	assert(rc == 0); /* this thread has a transaction already */
	rc = run_sql(s->writer, "BEGIN IMMEDIATE", e);
	if (rc) {
		pthread_mutex_unlock(&s->writer_lock);
		return rc;
	}
	s->writing = pthread_self();
	s->open = 1;
	return 0;
}

void store_rollback(struct store *s)
{
	assert(s->open && pthread_equal(s->writing, pthread_self()));
	/* SQLite has rolled back already after some failures. */
	if (!sqlite3_get_autocommit(s->writer))
		run_sql(s->writer, "ROLLBACK", NULL);
	s->open = 0;
	pthread_mutex_unlock(&s->writer_lock);
}

int store_commit(struct store *s, struct err *e)
{
	int rc;

	assert(s->open && pthread_equal(s->writing, pthread_self()));
	if (sqlite3_get_autocommit(s->writer))
		rc = store_error(SQLITE_ABORT_ROLLBACK, e);
	else
		rc = run_sql(s->writer, "COMMIT", e);
	if (rc) {
		store_rollback(s);
		return rc;
	}
	s->open = 0;
	pthread_mutex_unlock(&s->writer_lock);
	return 0;
}
