/* blob_postgres.c -- pieces of 1 MiB in the database of a store, whose
 * migrations make the tables.
 *
 * Whoever leads the store, anybody may store a blob: one that no row names is
 * swept in its time.  Connections are its own, since the store's writer holds
 * its for whole transactions. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "blob/blob_backend.h"
#include "store/store_postgres.h"

#define PIECE_BYTES ((size_t)1 << 20)
#define LINES 4 /* connections at most */
#define NAMES_PAGE "1000"
#define NUMBER_BYTES 24
#define BEGINS                            \
	"SET synchronous_commit = on; "   \
	"SET lock_timeout = '10s'; "      \
	"SET statement_timeout = '60s'; " \
	"SET idle_in_transaction_session_timeout = '10s'"

struct postgres {
	char *url;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t freed;
	PGconn *idle[LINES];
	int n_idle, n_used;
};

/* -- connections -- */

/* A connection that is idle, or none with room for one: the caller makes it. */
static PGconn *wait_for_line(struct postgres *p)
{
	PGconn *db = NULL;

	pthread_mutex_lock(&p->lock);
	while (p->n_used == LINES)
		pthread_cond_wait(&p->freed, &p->lock);
	p->n_used++;
	if (p->n_idle > 0)
		db = p->idle[--p->n_idle];
	pthread_mutex_unlock(&p->lock);
	return db;
}

static void give_line(struct postgres *p, PGconn *db)
{
	const int sound = db && PQstatus(db) == CONNECTION_OK &&
			  PQtransactionStatus(db) == PQTRANS_IDLE;

	if (!sound)
		PQfinish(db);
	pthread_mutex_lock(&p->lock);
	if (sound)
		p->idle[p->n_idle++] = db;
	p->n_used--;
	pthread_cond_signal(&p->freed);
	pthread_mutex_unlock(&p->lock);
}

static PGconn *connect_anew(const struct postgres *p, struct err *e)
{
	PGconn *db = store_postgres_connect(p->url, BEGINS, NULL);

	if (!db)
		err_set(e, ERR_WORLD, "the blobs' database does not answer");
	return db;
}

/* What is done on a connection; may be done again. */
typedef int work_on(PGconn *db, void *ctx, struct err *e);

/* Does it, once more on a new connection when the old one turns out to be lost:
 * the database was started again. */
static int with_line(
	struct postgres *p, work_on *work, void *ctx, struct err *e)
{
	PGconn *db = wait_for_line(p);
	const int was_idle = db != NULL;
	int rc = ERR_WORLD;

	if (!db)
		db = connect_anew(p, e);
	if (db)
		rc = work(db, ctx, e);
	if (rc && was_idle && PQstatus(db) != CONNECTION_OK) {
		PQfinish(db);
		db = connect_anew(p, e);
		rc = db ? work(db, ctx, e) : ERR_WORLD;
	}
	give_line(p, db);
	return rc;
}

/* A statement with parameters in text, but for the one at `bytes_at`, from 0
 * on, which is `n` bytes (-1: none is).  Rows come in binary if that is asked
 * for.  NULL when it failed. */
struct statement {
	const char *sql;
	const char *values[3];
	int n, bytes_at;
	size_t n_bytes;
	int binary;
};

static PGresult *execute(PGconn *db, const struct statement *s, struct err *e)
{
	int lengths[3] = {0}, formats[3] = {0};
	PGresult *r;

	if (s->bytes_at >= 0) {
		lengths[s->bytes_at] = (int)s->n_bytes;
		formats[s->bytes_at] = 1;
	}
	r = PQexecParams(
		db, s->sql, s->n, NULL, s->values, lengths, formats, s->binary);
	if (PQresultStatus(r) == PGRES_TUPLES_OK ||
		PQresultStatus(r) == PGRES_COMMAND_OK)
		return r;
	store_postgres_error(r, e);
	PQclear(r);
	return NULL;
}

static int run(PGconn *db, const struct statement *s, struct err *e)
{
	PGresult *r = execute(db, s, e);

	PQclear(r);
	return r ? 0 : ERR_WORLD;
}

/* -- the place -- */

static int look_for_tables(PGconn *db, void *ctx, struct err *e)
{
	(void)ctx;
	return store_postgres_exec(db, "SELECT 1 FROM blob LIMIT 1", e);
}

static void postgres_close(struct blob_place *place)
{
	struct postgres *p = (struct postgres *)place;

	while (p->n_idle > 0)
		PQfinish(p->idle[--p->n_idle]);
	pthread_cond_destroy(&p->freed);
	pthread_mutex_destroy(&p->lock);
	free(p->url);
	free(p);
}

static struct blob_place *postgres_open(const char *url, struct err *e)
{
	struct postgres *p = xcalloc(1, sizeof *p);

	p->url = xstrdup(url);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->freed, NULL);
	if (with_line(p, look_for_tables, NULL, e) == 0)
		return (struct blob_place *)p;
	if (e)
		err_prefix(e, "the database has no place for blobs");
	postgres_close((struct blob_place *)p);
	return NULL;
}

/* -- in -- */

struct putting {
	const char *name, *bytes;
	size_t n;
};

static int put_piece(
	PGconn *db, const struct putting *p, size_t piece, struct err *e)
{
	const size_t at = piece * PIECE_BYTES, left = p->n - at;
	char number[NUMBER_BYTES];

	snprintf(number, sizeof number, "%zu", piece);
	/* What is there already is not written again. */
	return run(db,
		&(struct statement){
			"INSERT INTO blob_piece (blob, piece, bytes) "
			"VALUES ($1, $2::bigint, $3::bytea) "
			"ON CONFLICT (blob, piece) DO UPDATE "
			"SET bytes = excluded.bytes "
			"WHERE blob_piece.bytes <> excluded.bytes",
			{p->name, number, p->bytes + at}, 3, 2,
			left < PIECE_BYTES ? left : PIECE_BYTES, 0},
		e);
}

static int put_pieces(PGconn *db, const struct putting *p, struct err *e)
{
	const size_t pieces = (p->n + PIECE_BYTES - 1) / PIECE_BYTES;
	char number[NUMBER_BYTES];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < pieces; i++)
		rc = put_piece(db, p, i, e);
	if (rc)
		return rc;
	snprintf(number, sizeof number, "%zu", pieces);
	return run(db,
		&(struct statement){"DELETE FROM blob_piece WHERE blob = $1 "
				    "AND piece >= $2::bigint",
			{p->name, number}, 2, -1, 0, 0},
		e);
}

/* The row of the blob is locked first, so that who stores or removes the same
 * one waits. */
static int put(PGconn *db, void *putting, struct err *e)
{
	const struct putting *p = putting;
	char size[NUMBER_BYTES];
	int rc = store_postgres_exec(db, "BEGIN", e);

	snprintf(size, sizeof size, "%zu", p->n);
	if (rc == 0)
		rc = run(db,
			&(struct statement){
				"INSERT INTO blob (name, size, stored) VALUES "
				"($1, $2::bigint, clock_timestamp()) "
				"ON CONFLICT (name) DO UPDATE SET "
				"size = excluded.size, "
				"stored = excluded.stored",
				{p->name, size}, 2, -1, 0, 0},
			e);
	if (rc == 0)
		rc = put_pieces(db, p, e);
	if (rc == 0)
		rc = store_postgres_exec(db, "COMMIT", e);
	if (rc)
		store_postgres_exec(db, "ROLLBACK", NULL);
	return rc;
}

static int postgres_put(struct blob_place *place, const char *name,
	const void *bytes, size_t n, struct err *e)
{
	struct putting p = {name, bytes, n};

	return with_line((struct postgres *)place, put, &p, e);
}

/* -- out -- */

struct asking {
	const char *name;
	const struct blob_sink *to; /* of reading alone */
	size_t size, got;
};

static int ask_size(PGconn *db, void *asking, struct err *e)
{
	struct asking *a = asking;
	PGresult *r = execute(db,
		&(struct statement){"SELECT size FROM blob WHERE name = $1",
			{a->name}, 1, -1, 0, 0},
		e);
	int rc = 0;

	if (!r)
		return ERR_WORLD;
	if (PQntuples(r) == 1)
		a->size = (size_t)strtoull(PQgetvalue(r, 0, 0), NULL, 10);
	else
		rc = blob_absent(e);
	PQclear(r);
	return rc;
}

static int postgres_size(
	struct blob_place *place, const char *name, size_t *n, struct err *e)
{
	struct asking a = {.name = name};
	int rc = with_line((struct postgres *)place, ask_size, &a, e);

	if (rc == 0)
		*n = a.size;
	return rc;
}

/* The piece that begins where reading has come to. */
static int read_piece(PGconn *db, struct asking *a, struct err *e)
{
	const size_t left = a->size - a->got;
	const size_t n = left < PIECE_BYTES ? left : PIECE_BYTES;
	char number[NUMBER_BYTES];
	PGresult *r;
	int rc;

	snprintf(number, sizeof number, "%zu", a->got / PIECE_BYTES);
	r = execute(db,
		&(struct statement){"SELECT bytes FROM blob_piece "
				    "WHERE blob = $1 AND piece = $2::bigint",
			{a->name, number}, 2, -1, 0, 1},
		e);
	if (!r)
		return ERR_WORLD;
	if (PQntuples(r) == 1 && (size_t)PQgetlength(r, 0, 0) == n) {
		rc = a->to->take(a->to->ctx, PQgetvalue(r, 0, 0), n, e);
		a->got += n;
	} else {
		rc = err_set(
			e, ERR_WORLD, "the blob %s lacks a piece", a->name);
	}
	PQclear(r);
	return rc;
}

/* Begun again on another connection it goes on where it was. */
static int read_pieces(PGconn *db, void *asking, struct err *e)
{
	struct asking *a = asking;
	int rc = ask_size(db, a, e);

	while (rc == 0 && a->got < a->size)
		rc = read_piece(db, a, e);
	return rc;
}

static int postgres_read(struct blob_place *place, const char *name,
	const struct blob_sink *to, struct err *e)
{
	struct asking a = {.name = name, .to = to};

	return with_line((struct postgres *)place, read_pieces, &a, e);
}

/* -- all of them -- */

struct paging {
	char after[SHA256_HEX_BYTES];
	int64_t age_s;
	PGresult *page;
};

static int next_page(PGconn *db, void *paging, struct err *e)
{
	struct paging *p = paging;
	char age[NUMBER_BYTES];

	snprintf(age, sizeof age, "%lld", (long long)p->age_s);
	p->page = execute(db,
		&(struct statement){"SELECT name FROM blob WHERE name > $1 AND "
				    "stored <= clock_timestamp() - "
				    "make_interval(secs => $2::bigint) "
				    "ORDER BY name LIMIT " NAMES_PAGE,
			{p->after, age}, 2, -1, 0, 0},
		e);
	return p->page ? 0 : ERR_WORLD;
}

static int tell_page(
	struct paging *p, const struct blob_told *told, struct err *e)
{
	int rc = 0;

	for (int i = 0; rc == 0 && i < PQntuples(p->page); i++) {
		snprintf(p->after, sizeof p->after, "%s",
			PQgetvalue(p->page, i, 0));
		rc = told->one(told->ctx, p->after, e);
	}
	return rc;
}

/* The connection is given back before others are told, who may want one. */
static int postgres_each(struct blob_place *place, int64_t age_s,
	const struct blob_told *told, struct err *e)
{
	struct paging p = {.age_s = age_s};
	int rc, rows;

	do {
		rc = with_line((struct postgres *)place, next_page, &p, e);
		if (rc)
			return rc;
		rows = PQntuples(p.page);
		rc = tell_page(&p, told, e);
		PQclear(p.page);
	} while (rc == 0 && rows > 0);
	return rc;
}

struct removing {
	const char *name;
	int64_t age_s;
};

static int remove_row(PGconn *db, void *removing, struct err *e)
{
	const struct removing *r = removing;
	char age[NUMBER_BYTES];

	snprintf(age, sizeof age, "%lld", (long long)r->age_s);
	return run(db,
		&(struct statement){"DELETE FROM blob WHERE name = $1 AND "
				    "stored <= clock_timestamp() - "
				    "make_interval(secs => $2::bigint)",
			{r->name, age}, 2, -1, 0, 0},
		e);
}

static int postgres_remove(struct blob_place *place, const char *name,
	int64_t age_s, struct err *e)
{
	struct removing r = {name, age_s};

	return with_line((struct postgres *)place, remove_row, &r, e);
}

const struct blob_backend blob_postgres = {
	.scheme = "postgresql",
	.open = postgres_open,
	.close = postgres_close,
	.put = postgres_put,
	.read = postgres_read,
	.size = postgres_size,
	.each = postgres_each,
	.remove = postgres_remove,
};
