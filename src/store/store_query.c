/* store_query.c -- one statement from start to end. */
#include "store/store_private.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define PAGE_FIRST 16

static int constraint_error(int rc, struct err *e)
{
	if (rc == SQLITE_CONSTRAINT_UNIQUE ||
		rc == SQLITE_CONSTRAINT_PRIMARYKEY)
		return err_set(
			e, ERR_CONFLICT, "the store already has such a row");
	return err_set(
		e, ERR_RANGE, "the store refuses a value, or misses one");
}

/* sqlite3_errstr and not sqlite3_errmsg: a sentence may reach a client, and
 * the latter quotes SQL and names of columns. */
int store_error(int rc, struct err *e)
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
	default:
		return err_set(e, ERR_WORLD, "the store failed: %s (SQLite %d)",
			sqlite3_errstr(rc), rc);
	}
}

static void prepare(struct query *q, const char *sql)
{
	q->parameter = 1;
	q->rc = sqlite3_prepare_v2(q->db, sql, -1, &q->statement, NULL);
}

void query_write(struct query *q, struct store *s, const char *sql)
{
	assert(s->open && pthread_equal(s->writing, pthread_self()));
	*q = (struct query){.db = s->writer};
	/* SQLite may have undone the transaction by itself, as on a full disk:
	 * what is written after that must not commit on its own. */
	if (sqlite3_get_autocommit(s->writer))
		q->rc = SQLITE_ABORT_ROLLBACK;
	else
		prepare(q, sql);
}

void query_read(struct query *q, struct store *s, const char *sql)
{
	pthread_mutex_lock(&s->readers_lock);
	while (s->n_free == 0)
		pthread_cond_wait(&s->reader_free, &s->readers_lock);
	*q = (struct query){.db = s->readers[--s->n_free], .reader_of = s};
	pthread_mutex_unlock(&s->readers_lock);
	prepare(q, sql);
}

void query_put_int(struct query *q, int64_t v)
{
	if (q->rc == SQLITE_OK)
		q->rc = sqlite3_bind_int64(q->statement, q->parameter++, v);
}

void query_put_real(struct query *q, const char *name, double v)
{
	if (!isfinite(v))
		q->not_finite = name;
	else if (q->rc == SQLITE_OK)
		q->rc = sqlite3_bind_double(q->statement, q->parameter++, v);
}

void query_put_text(struct query *q, const char *v)
{
	if (q->rc == SQLITE_OK)
		q->rc = sqlite3_bind_text(
			q->statement, q->parameter++, v, -1, SQLITE_STATIC);
}

int query_next(struct query *q, struct err *e)
{
	if (q->not_finite)
		return err_set(e, ERR_RANGE, "%s must be a finite number",
			q->not_finite);
	if (q->rc == SQLITE_OK || q->rc == SQLITE_ROW)
		q->rc = sqlite3_step(q->statement);
	q->column = 0;
	if (q->rc == SQLITE_ROW)
		return 1;
	return q->rc == SQLITE_DONE ? 0 : store_error(q->rc, e);
}

int64_t query_int(struct query *q)
{
	return sqlite3_column_int64(q->statement, q->column++);
}

double query_real(struct query *q)
{
	return sqlite3_column_double(q->statement, q->column++);
}

static const char *column_text(struct query *q)
{
	return (const char *)sqlite3_column_text(q->statement, q->column++);
}

const char *query_text(struct query *q, struct arena *mem)
{
	const char *text = column_text(q);

	return text ? arena_strdup(mem, text) : NULL;
}

void query_copy(struct query *q, char *out, size_t max)
{
	const char *text = column_text(q);

	snprintf(out, max, "%s", text ? text : "");
}

void query_end(struct query *q)
{
	struct store *s = q->reader_of;

	sqlite3_finalize(q->statement);
	if (!s)
		return;
	pthread_mutex_lock(&s->readers_lock);
	s->readers[s->n_free++] = q->db;
	pthread_cond_signal(&s->reader_free);
	pthread_mutex_unlock(&s->readers_lock);
}

int query_run(struct query *q, struct err *e)
{
	int rc = query_next(q, e);

	assert(rc != 1); /* a statement without rows */
	query_end(q);
	return rc;
}

int query_change(
	struct query *q, const char *what, const char *of, struct err *e)
{
	sqlite3 *db = q->db;
	int rc = query_run(q, e);

	if (rc == 0 && sqlite3_changes(db) == 0)
		return err_set(e, ERR_NOT_FOUND, "there is no %s %s", what, of);
	return rc;
}

/* Doubles at 16, 32, ... elements; what is left behind goes with the arena. */
void *page_slot(struct arena *mem, void *page, size_t n, size_t size)
{
	if (n == 0) {
		page = arena_array(mem, PAGE_FIRST, size);
	} else if (n >= PAGE_FIRST && (n & (n - 1)) == 0) {
		void *larger = arena_array(mem, 2 * n, size);

		page = memcpy(larger, page, n * size);
	}
	return page;
}
