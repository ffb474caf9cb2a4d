/* store_query.c -- one statement from start to end. */
#include "store/store_private.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PAGE_FIRST 16

static void start_query(
	struct query *q, struct store_connection *c, const char *sql)
{
	q->parameter = 1;
	q->store->backend->prepare(c, sql, &q->statement, &q->why);
}

void query_write(struct query *q, struct store *s, const char *sql)
{
	assert(s->open && pthread_equal(s->writing, pthread_self()));
	*q = (struct query){.store = s};
	start_query(q, s->writer, sql);
}

void query_read(struct query *q, struct store *s, const char *sql)
{
	pthread_mutex_lock(&s->readers_lock);
	while (s->n_free == 0)
		pthread_cond_wait(&s->reader_free, &s->readers_lock);
	*q = (struct query){.store = s, .reader = s->readers[--s->n_free]};
	pthread_mutex_unlock(&s->readers_lock);
	start_query(q, q->reader, sql);
}

static void put(struct query *q, const struct store_value *v)
{
	if (q->sum.hash)
		store_sum_add(&q->sum, v);
	if (q->why.code == 0)
		q->store->backend->bind(
			q->statement, q->parameter++, v, &q->why);
}

void query_put_int(struct query *q, int64_t v)
{
	put(q, &(struct store_value){.type = STORE_INT, .integer = v});
}

void query_put_count(struct query *q, size_t n)
{
	query_put_int(q, n < INT64_MAX ? (int64_t)n : INT64_MAX);
}

void query_put_real(struct query *q, const char *name, double v)
{
	if (isfinite(v))
		put(q, &(struct store_value){.type = STORE_REAL, .real = v});
	else if (q->why.code == 0)
		err_set(&q->why, ERR_RANGE, "%s must be a finite number", name);
}

void query_put_text(struct query *q, const char *v)
{
	put(q, &(struct store_value){.type = STORE_TEXT, .text = v});
}

/* By that verb, unless the query has failed already.  What fails of those that
 * write ends their transaction. */
static int run(struct query *q,
	int (*verb)(struct store_statement *s, struct err *e), struct err *e)
{
	int rc = q->why.code;

	if (rc == 0)
		rc = verb(q->statement, e);
	else if (e)
		*e = q->why;
	if (rc < 0 && !q->reader)
		q->store->failed = 1;
	return rc;
}

int query_next(struct query *q, struct err *e)
{
	q->column = 0;
	return run(q, q->store->backend->step, e);
}

static struct store_value take(struct query *q, enum store_type type)
{
	struct store_value v = {.type = type};

	q->store->backend->column(q->statement, q->column++, &v);
	if (q->sum.hash)
		store_sum_add(&q->sum, &v);
	return v;
}

int64_t query_int(struct query *q)
{
	return take(q, STORE_INT).integer;
}

double query_real(struct query *q)
{
	return take(q, STORE_REAL).real;
}

const char *query_text(struct query *q, struct arena *mem)
{
	const char *text = take(q, STORE_TEXT).text;

	return text ? arena_strdup(mem, text) : NULL;
}

void query_copy(struct query *q, char *out, size_t max)
{
	const char *text = take(q, STORE_TEXT).text;

	snprintf(out, max, "%s", text ? text : "");
}

void query_sum(struct query *q, const char *kind, const char *run)
{
	store_sum_begin(&q->sum, kind, run);
}

/* Bound as it is put: SQLite keeps no copy, so the text stays in the query. */
void query_put_sum(struct query *q)
{
	store_sum_end(&q->sum, q->sum_text);
	query_put_text(q, q->sum_text);
}

void query_take_sum(struct query *q, const char *what, ...)
{
	char sum[STORE_SUM_BYTES], name[120];
	const char *written;
	va_list ap;

	store_sum_end(&q->sum, sum);
	written = take(q, STORE_TEXT).text;
	if (q->why.code || (written && strcmp(written, sum) == 0))
		return;
	va_start(ap, what);
	vsnprintf(name, sizeof name, what, ap);
	va_end(ap);
	err_set(&q->why, ERR_DAMAGED,
		"the store is damaged: %s is not as it was written; put a "
		"backup of the store in its place",
		name);
}

int query_checked(struct query *q, struct err *e)
{
	if (q->why.code && e)
		*e = q->why;
	return q->why.code ? q->why.code : 1;
}

const char *query_pardon(struct query *q, struct arena *mem)
{
	if (q->why.code != ERR_DAMAGED)
		return NULL;
	q->why.code = 0;
	return arena_strdup(mem, q->why.text);
}

void query_end(struct query *q)
{
	struct store *s = q->store;

	s->backend->end(q->statement);
	if (!q->reader)
		return;
	pthread_mutex_lock(&s->readers_lock);
	s->readers[s->n_free++] = q->reader;
	pthread_cond_signal(&s->reader_free);
	pthread_mutex_unlock(&s->readers_lock);
}

int query_count(struct query *q, int64_t *changed, struct err *e)
{
	int rc = query_next(q, e);

	assert(rc != 1); /* a statement without rows */
	if (rc == 0)
		*changed = q->store->backend->changed(q->statement);
	query_end(q);
	return rc;
}

int query_run(struct query *q, struct err *e)
{
	int64_t changed;

	return query_count(q, &changed, e);
}

int query_change(
	struct query *q, const char *what, const char *of, struct err *e)
{
	int64_t changed;
	int rc = query_count(q, &changed, e);

	if (rc || changed)
		return rc;
	q->store->failed = 1;
	return err_set(e, ERR_NOT_FOUND, "there is no %s %s", what, of);
}

int query_send(struct query *q, const char *what, const char *of, struct err *e)
{
	int rc;

	if (!q->store->backend->send)
		return query_change(q, what, of, e);
	rc = run(q, q->store->backend->send, e);
	query_end(q);
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
