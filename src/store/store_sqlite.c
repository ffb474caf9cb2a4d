/* store_sqlite.c -- SQLite as a store: connections, transactions, statements.
 */
#include "store/store_sqlite.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/arena.h"

#define KEPT_MAX 64 /* statements of a connection, beyond those in use */

/* A statement, in use or kept for the next use of the same text: to understand
 * the text takes longer than most statements do. */
struct statement {
	struct connection *of;
	sqlite3_stmt *s;
	struct statement *next; /* kept ones, the last used first */
};

struct connection {
	struct store_sqlite_file *file;
	sqlite3 *db;
	int in_transaction; /* as we see it; SQLite may have ended it */
	struct statement *kept;
	int n_kept;
};

static int constraint_error(int rc, struct err *e)
{
	if (rc == SQLITE_CONSTRAINT_UNIQUE ||
		rc == SQLITE_CONSTRAINT_PRIMARYKEY)
		return err_set(
			e, ERR_CONFLICT, "the store already has such a row");
	return err_set(
		e, ERR_RANGE, "the store refuses a value, or misses one");
}

/* A limit from outside (ulimit -f) looks like a broken disk. */
static int io_error(int rc, struct err *e)
{
	struct rlimit most;

	if (getrlimit(RLIMIT_FSIZE, &most) || most.rlim_cur == RLIM_INFINITY)
		return err_set(e, ERR_WORLD, "the store failed: %s (SQLite %d)",
			sqlite3_errstr(rc), rc);
	return err_set(e, ERR_WORLD,
		"the store failed: %s (SQLite %d); the largest file size that "
		"this process may write is %lld KiB (ulimit -f)",
		sqlite3_errstr(rc), rc, (long long)(most.rlim_cur >> 10));
}

/* sqlite3_errstr and not sqlite3_errmsg: a sentence may reach a client, and
 * the latter quotes SQL and names of columns. */
int store_sqlite_error(int rc, struct err *e)
{
	switch (rc & 0xff) { /* the primary code; the rest is detail */
	case SQLITE_CORRUPT:
		return err_set(e, ERR_WORLD, "the store's file is damaged");
	case SQLITE_NOTADB:
		return err_set(e, ERR_INVALID,
			"the store's file is damaged or no nevod store");
	case SQLITE_CONSTRAINT: return constraint_error(rc, e);
	case SQLITE_FULL:
		return err_set(e, ERR_WORLD,
			"the store cannot write: the disk is full");
	case SQLITE_IOERR: return io_error(rc, e);
	default:
		return err_set(e, ERR_WORLD, "the store failed: %s (SQLite %d)",
			sqlite3_errstr(rc), rc);
	}
}

/* -- connections and transactions -- */

static void sqlite_disconnect(struct store_connection *connection)
{
	struct connection *c = (struct connection *)connection;
	struct statement *t;

	while ((t = c->kept)) {
		c->kept = t->next;
		sqlite3_finalize(t->s);
		free(t);
	}
	sqlite3_close(c->db);
	free(c);
}

static struct store_connection *sqlite_connect(
	struct store_database *d, int writes, struct err *e)
{
	struct store_sqlite_file *f = (struct store_sqlite_file *)d;
	struct connection *c = xcalloc(1, sizeof *c);

	c->file = f;
	if (store_sqlite_connect(f->path, SQLITE_OPEN_READWRITE,
		    writes ? "PRAGMA synchronous = FULL; "
			     "PRAGMA foreign_keys = ON"
			   : "PRAGMA query_only = ON",
		    &c->db, e) == 0)
		return (struct store_connection *)c;
	sqlite_disconnect((struct store_connection *)c);
	return NULL;
}

static int sqlite_begin(struct store_connection *connection, struct err *e)
{
	struct connection *c = (struct connection *)connection;
	int rc = store_sqlite_exec(c->db, "BEGIN IMMEDIATE", e);

	if (rc == 0)
		rc = store_sqlite_is_there(c->file, e);
	if (rc == 0)
		c->in_transaction = 1;
	else if (!sqlite3_get_autocommit(c->db))
		store_sqlite_exec(c->db, "ROLLBACK", NULL);
	return rc;
}

/* SQLite undoes a transaction by itself after some failures, as on a full
 * disk: what is written after that must not commit on its own. */
static int still_open(const struct connection *c, struct err *e)
{
	if (c->in_transaction && sqlite3_get_autocommit(c->db))
		return store_sqlite_error(SQLITE_ABORT_ROLLBACK, e);
	return 0;
}

/* An I/O error may strike when the log already holds the transaction and its
 * mark: this process will not see it, and the next one may. */
static int sqlite_commit(struct store_connection *connection, struct err *e)
{
	struct connection *c = (struct connection *)connection;
	int rc = still_open(c, e);

	if (rc == 0)
		rc = store_sqlite_exec(
			c->db, "UPDATE commit_count SET n = n + 1", e);
	if (rc)
		return rc;
	rc = sqlite3_exec(c->db, "COMMIT", NULL, NULL, NULL);
	if ((rc & 0xff) == SQLITE_IOERR)
		return err_set(e, ERR_UNKNOWN,
			"the store failed at the end of a transaction, which "
			"may be saved or not: %s (SQLite %d)",
			sqlite3_errstr(rc), rc);
	if (rc != SQLITE_OK)
		return store_sqlite_error(rc, e);
	c->in_transaction = 0;
	store_sqlite_committed(c->file);
	return 0;
}

static void sqlite_rollback(struct store_connection *connection)
{
	struct connection *c = (struct connection *)connection;

	if (!sqlite3_get_autocommit(c->db))
		store_sqlite_exec(c->db, "ROLLBACK", NULL);
	c->in_transaction = 0;
}

/* -- statements -- */

/* Takes the one of that text from those that are kept, or NULL. */
static struct statement *take_kept(struct connection *c, const char *sql)
{
	struct statement **at = &c->kept, *t;

	while ((t = *at) && strcmp(sqlite3_sql(t->s), sql) != 0)
		at = &t->next;
	if (t) {
		*at = t->next;
		c->n_kept--;
	}
	return t;
}

static struct statement *new_statement(struct connection *c)
{
	struct statement *t = xcalloc(1, sizeof *t);

	t->of = c;
	return t;
}

static int sqlite_prepare(struct store_connection *connection, const char *sql,
	struct store_statement **out, struct err *e)
{
	struct connection *c = (struct connection *)connection;
	struct statement *t;
	int rc = still_open(c, e);

	*out = NULL;
	if (rc)
		return rc;
	t = take_kept(c, sql);
	if (!t) {
		t = new_statement(c);
		rc = sqlite3_prepare_v3(
			c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &t->s, NULL);
	}
	*out = (struct store_statement *)t;
	return rc == SQLITE_OK ? 0 : store_sqlite_error(rc, e);
}

static sqlite3_stmt *own(struct store_statement *s)
{
	return ((struct statement *)s)->s;
}

static int bind_value(sqlite3_stmt *s, int place, const struct store_value *v)
{
	switch (v->type) {
	case STORE_INT: return sqlite3_bind_int64(s, place, v->integer);
	case STORE_REAL: return sqlite3_bind_double(s, place, v->real);
	default: return sqlite3_bind_text(s, place, v->text, -1, SQLITE_STATIC);
	}
}

static int sqlite_bind(struct store_statement *s, int place,
	const struct store_value *v, struct err *e)
{
	int rc = bind_value(own(s), place, v);

	return rc == SQLITE_OK ? 0 : store_sqlite_error(rc, e);
}

static int sqlite_step(struct store_statement *s, struct err *e)
{
	int rc = sqlite3_step(own(s));

	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : store_sqlite_error(rc, e);
}

static void sqlite_column(
	struct store_statement *statement, int place, struct store_value *v)
{
	sqlite3_stmt *s = own(statement);

	switch (v->type) {
	case STORE_INT: v->integer = sqlite3_column_int64(s, place); break;
	case STORE_REAL: v->real = sqlite3_column_double(s, place); break;
	case STORE_TEXT:
		v->text = (const char *)sqlite3_column_text(s, place);
		break;
	}
}

static int64_t sqlite_changed(struct store_statement *s)
{
	return sqlite3_changes(sqlite3_db_handle(own(s)));
}

/* One that is kept holds no lock, nor a place of what was bound to it. */
static void sqlite_end(struct store_statement *statement)
{
	struct statement *t = (struct statement *)statement;

	if (!t)
		return;
	if (!t->s || t->of->n_kept == KEPT_MAX) {
		sqlite3_finalize(t->s);
		free(t);
		return;
	}
	sqlite3_reset(t->s);
	sqlite3_clear_bindings(t->s);
	t->next = t->of->kept;
	t->of->kept = t;
	t->of->n_kept++;
}

const struct store_backend store_sqlite = {
	.scheme = "sqlite",
	.open = store_sqlite_open,
	.close = store_sqlite_close,
	.connect = sqlite_connect,
	.disconnect = sqlite_disconnect,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.prepare = sqlite_prepare,
	.bind = sqlite_bind,
	.step = sqlite_step,
	.column = sqlite_column,
	.changed = sqlite_changed,
	.end = sqlite_end,

	/* The walk goes on from the highest id that it has met, and parents are
	 * lower: the line comes one by one, in the order of the page, and ends
	 * with it.  UNION lets nobody in twice; -1, no parent, is nobody's id.
	 * CROSS JOIN makes SQLite follow the line, where it may else go through
	 * the run, and LIMIT -1, which is none, keeps it from dropping the
	 * ORDER BY of what is joined. */
	.lineage = "WITH RECURSIVE line (run, id) AS ("
		   "SELECT number, ? FROM run WHERE uuid = ? "
		   "UNION SELECT run, parent_a FROM line CROSS JOIN genome "
		   "INDEXED BY genome_parents USING (run, id) "
		   "UNION SELECT run, parent_b FROM line CROSS JOIN genome "
		   "INDEXED BY genome_parents USING (run, id) "
		   "ORDER BY 2 DESC LIMIT -1) "
		   "SELECT " STORE_GENOME_COLUMNS
		   " FROM line CROSS JOIN genome "
		   "USING (run, id) WHERE id < ? LIMIT ?",
};
