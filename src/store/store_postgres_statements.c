/* store_postgres_statements.c -- statements on PostgreSQL.
 *
 * A statement runs when its first row is asked for, and all its rows are there
 * then: the queries above ask for pages.  What is sent goes out in libpq's
 * pipeline mode, behind what was sent before it, and nobody waits: the answers
 * are read together with that of the next statement that is asked for rows, or
 * before the commit.  A transaction so waits for its questions alone, not for
 * every row that it writes. */
#include "store/store_postgres.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define PLACES_MAX 32
#define NUMBER_BYTES 32
#define NAME_BYTES 16
#define SENT_MAX 256 /* whose answers fit any socket's buffer */

/* Types by their object identifiers, which no version changes. */
#define OID_INT8 20
#define OID_TEXT 25
#define OID_FLOAT8 701

struct statement {
	struct store_postgres_connection *of;
	char *sql;
	int n; /* places that are bound */
	Oid types[PLACES_MAX];
	const char *values[PLACES_MAX];
	char numbers[PLACES_MAX][NUMBER_BYTES];
	PGresult *result; /* NULL: it has not run */
	int row;
};

/* -- answers -- */

static int is_done(const PGresult *r)
{
	return PQresultStatus(r) == PGRES_COMMAND_OK ||
	       PQresultStatus(r) == PGRES_TUPLES_OK;
}

/* Of a statement that was sent: it must have changed a row.  What follows one
 * that failed was not run: the first failure tells. */
static int judge(PGresult *r, struct err *e)
{
	if (!is_done(r))
		return store_postgres_error(r, e);
	if (strcmp(PQcmdTuples(r), "0") == 0)
		return err_set(e, ERR_NOT_FOUND,
			"there is no such row in the store to change, or none "
			"that a new one belongs to");
	return 0;
}

/* The next answer, which its end follows. */
static PGresult *read_answer(struct store_postgres_connection *c)
{
	PGresult *r = PQgetResult(c->db);

	if (r && PQresultStatus(r) != PGRES_PIPELINE_SYNC)
		PQclear(PQgetResult(c->db));
	return r;
}

int store_postgres_settle(
	struct store_postgres_connection *c, PGresult **last, struct err *e)
{
	int rc = 0;

	if (c->sent == 0)
		return 0;
	if (!PQpipelineSync(c->db))
		rc = store_postgres_error(NULL, e);
	for (; c->sent > 0; c->sent--) {
		PGresult *r = read_answer(c);

		if (rc == 0 && (c->sent > 1 || !last))
			rc = judge(r, e);
		if (c->sent == 1 && last)
			*last = r;
		else
			PQclear(r);
	}
	PQclear(read_answer(c));
	PQexitPipelineMode(c->db);
	return rc;
}

int store_postgres_usable(const struct store_postgres_connection *c)
{
	return PQstatus(c->db) == CONNECTION_OK &&
	       PQpipelineStatus(c->db) == PQ_PIPELINE_OFF;
}

/* -- statements -- */

static int is_lost(const struct store_postgres_connection *c)
{
	return c->writes && c->sent == 0 &&
	       PQtransactionStatus(c->db) != PQTRANS_INTRANS;
}

int store_postgres_prepare(struct store_connection *connection, const char *sql,
	struct store_statement **out, struct err *e)
{
	struct store_postgres_connection *c =
		(struct store_postgres_connection *)connection;
	struct statement *s;

	*out = NULL;
	if (is_lost(c))
		return err_set(e, ERR_WORLD,
			"the store's database has undone a transaction");
	s = xcalloc(1, sizeof *s);
	s->of = c;
	s->sql = xstrdup(sql);
	s->row = -1;
	*out = (struct store_statement *)s;
	return 0;
}

int store_postgres_bind(struct store_statement *statement, int place,
	const struct store_value *v, struct err *e)
{
	struct statement *s = (struct statement *)statement;
	const int i = place - 1;

	(void)e;
	assert(i >= 0 && i < PLACES_MAX);
	if (place > s->n)
		s->n = place;
	s->values[i] = s->numbers[i];
	switch (v->type) {
	case STORE_INT:
		s->types[i] = OID_INT8;
		snprintf(s->numbers[i], NUMBER_BYTES, "%lld",
			(long long)v->integer);
		break;
	case STORE_REAL:
		s->types[i] = OID_FLOAT8;
		snprintf(s->numbers[i], NUMBER_BYTES, "%.17g", v->real);
		break;
	case STORE_TEXT:
		s->types[i] = OID_TEXT;
		s->values[i] = v->text;
		break;
	}
	return 0;
}

/* With "$1", "$2" for "?"; to be freed. */
static char *with_numbers(const char *sql)
{
	char *out = xcalloc(1, strlen(sql) + 3 * PLACES_MAX + 1), *to = out;
	int n = 0;

	for (; *sql; sql++)
		if (*sql == '?')
			to += sprintf(to, "$%d", ++n);
		else
			*to++ = *sql;
	assert(n <= PLACES_MAX);
	return out;
}

/* Prepares the statement, whose text is new to the connection. */
static int prepare(
	struct store_postgres_connection *c, const struct statement *s)
{
	char name[NAME_BYTES], *sql = with_numbers(s->sql);
	PGresult *r;
	int made;

	snprintf(name, sizeof name, "s%d", c->n_kept);
	r = PQprepare(c->db, name, sql, s->n, s->types);
	made = PQresultStatus(r) == PGRES_COMMAND_OK;
	PQclear(r);
	free(sql);
	if (made)
		c->kept[c->n_kept++] = xstrdup(s->sql);
	return made;
}

static int find_kept(const struct store_postgres_connection *c, const char *sql)
{
	int i = c->n_kept - 1;

	while (i >= 0 && strcmp(c->kept[i], sql) != 0)
		i--;
	return i;
}

/* The number of the prepared statement of that text in `*number`; -1: there is
 * none, or no room for one more.  A text has the same types whenever it is
 * used.  Fails with what was sent before. */
static int keep(const struct statement *s, int *number, struct err *e)
{
	struct store_postgres_connection *c = s->of;
	int rc = 0;

	*number = find_kept(c, s->sql);
	if (*number >= 0 || c->n_kept == STORE_POSTGRES_KEPT_MAX)
		return 0;
	rc = store_postgres_settle(c, NULL, e);
	if (rc == 0 && prepare(c, s))
		*number = c->n_kept - 1;
	return rc;
}

/* Sends it behind what was sent before, and waits for nothing. */
static int send_out(const struct statement *s, struct err *e)
{
	struct store_postgres_connection *c = s->of;
	char name[NAME_BYTES], *sql = NULL;
	int number, sent, rc = keep(s, &number, e);

	if (rc)
		return rc;
	PQenterPipelineMode(c->db);
	if (number >= 0) {
		snprintf(name, sizeof name, "s%d", number);
		sent = PQsendQueryPrepared(
			c->db, name, s->n, s->values, NULL, NULL, 0);
	} else {
		sql = with_numbers(s->sql);
		sent = PQsendQueryParams(
			c->db, sql, s->n, s->types, s->values, NULL, NULL, 0);
	}
	free(sql);
	c->sent += sent;
	if (c->sent == 0)
		PQexitPipelineMode(c->db);
	return sent ? 0 : store_postgres_error(NULL, e);
}

/* Runs it and waits for its rows. */
static int ask(struct statement *s, struct err *e)
{
	int rc = send_out(s, e);

	if (rc == 0)
		rc = store_postgres_settle(s->of, &s->result, e);
	if (rc == 0 && !is_done(s->result))
		rc = store_postgres_error(s->result, e);
	return rc;
}

static int run(struct statement *s, struct err *e)
{
	struct store_postgres_connection *c = s->of;
	int rc = ask(s, e);

	/* A read may be done twice: the database was started again. */
	if (rc && !c->writes && !store_postgres_usable(c)) {
		PQclear(s->result);
		s->result = NULL;
		rc = store_postgres_reconnect(c, e);
		if (rc == 0)
			rc = ask(s, e);
	}
	return rc;
}

int store_postgres_send(struct store_statement *statement, struct err *e)
{
	struct statement *s = (struct statement *)statement;
	int rc = send_out(s, e);

	return rc || s->of->sent < SENT_MAX
		       ? rc
		       : store_postgres_settle(s->of, NULL, e);
}

int store_postgres_step(struct store_statement *statement, struct err *e)
{
	struct statement *s = (struct statement *)statement;
	int rc = s->result ? 0 : run(s, e);

	return rc ? rc : ++s->row < PQntuples(s->result);
}

void store_postgres_column(
	struct store_statement *statement, int place, struct store_value *v)
{
	const struct statement *s = (const struct statement *)statement;
	const char *text = PQgetvalue(s->result, s->row, place);

	switch (v->type) {
	case STORE_INT: v->integer = strtoll(text, NULL, 10); break;
	case STORE_REAL: v->real = strtod(text, NULL); break;
	case STORE_TEXT:
		v->text = PQgetisnull(s->result, s->row, place) ? NULL : text;
		break;
	}
}

int64_t store_postgres_changed(struct store_statement *statement)
{
	const struct statement *s = (const struct statement *)statement;

	return strtoll(PQcmdTuples(s->result), NULL, 10);
}

void store_postgres_end(struct store_statement *statement)
{
	struct statement *s = (struct statement *)statement;

	if (!s)
		return;
	PQclear(s->result);
	free(s->sql);
	free(s);
}
