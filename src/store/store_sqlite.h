/* store_sqlite.h -- what the files of the SQLite store share. */
#ifndef STORE_STORE_SQLITE_H
#define STORE_STORE_SQLITE_H

#include <sqlite3.h>
#include <sys/types.h>

#include "store/store_backend.h"

/* From migrations/sqlite/, in order. */
extern const char *const store_sqlite_migrations[];
extern const int store_sqlite_migrations_count;

/* The database: its file, and the lock that keeps other brokers out. */
struct store_sqlite_file {
	int lock_fd; /* held for the life of the store */
	/* Transactions that it has; the lock file says it too, so that a start
	 * misses those of a log that was removed. */
	int64_t commits;
	char *path;
	dev_t device; /* of the file that was opened, ... */
	ino_t inode;  /* ... whatever has its name by now */
};

/* 0 while the file and its log have their names; ERR_WORLD when somebody has
 * removed or replaced one: what is written then is lost with it. */
int store_sqlite_is_there(const struct store_sqlite_file *f, struct err *e);

/* One transaction more has been committed. */
void store_sqlite_committed(struct store_sqlite_file *f);

/* The verb `open` (store_sqlite_open.c). */
struct store_database *store_sqlite_open(const char *path, struct err *e);

/* The verb `close`. */
void store_sqlite_close(struct store_database *d);

/* Opens a connection to the file and runs `pragmas` on it.  `*out` is to be
 * closed also after a failure. */
int store_sqlite_connect(const char *path, int flags, const char *pragmas,
	sqlite3 **out, struct err *e);

/* Runs statements without parameters or rows. */
int store_sqlite_exec(sqlite3 *db, const char *sql, struct err *e);

/* Gives the connection's SQL the function row_sum(kind, run, column, ...),
 * which is store_sum.h's sum of a row. */
int store_sqlite_add_sum(sqlite3 *db, struct err *e);

/* The error of a SQLite result code. */
int store_sqlite_error(int rc, struct err *e);

#endif
