/* store_postgres.c -- PostgreSQL as a store: connections and transactions. */
#include "store/store_postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define WRITES                            \
	"SET synchronous_commit = on; "   \
	"SET lock_timeout = '10s'; "      \
	"SET statement_timeout = '60s'; " \
	"SET idle_in_transaction_session_timeout = '10s'"
#define READS                                      \
	"SET default_transaction_read_only = on; " \
	"SET statement_timeout = '60s'"

/* -- errors -- */

/* The code alone: the sentence of the database quotes SQL, names of columns
 * and values, and ours may reach a client. */
int store_postgres_error(const PGresult *r, struct err *e)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	if (!state || strncmp(state, "57P", 3) == 0)
		return err_set(
			e, ERR_WORLD, "the store's database does not answer");
	if (strcmp(state, "23505") == 0)
		return err_set(
			e, ERR_CONFLICT, "the store already has such a row");
	if (strncmp(state, "22", 2) == 0 || strncmp(state, "23", 2) == 0)
		return err_set(e, ERR_RANGE,
			"the store refuses a value, or misses one");
	if (strcmp(state, "53100") == 0)
		return err_set(e, ERR_WORLD,
			"the store cannot write: the database's disk is full");
	return err_set(
		e, ERR_WORLD, "the store failed (PostgreSQL %.5s)", state);
}

/* -- connections -- */

static void forget_kept(struct store_postgres_connection *c)
{
	while (c->n_kept > 0)
		free(c->kept[--c->n_kept]);
}

static void postgres_disconnect(struct store_connection *connection)
{
	struct store_postgres_connection *c =
		(struct store_postgres_connection *)connection;

	forget_kept(c);
	PQfinish(c->db);
	free(c);
}

int store_postgres_reconnect(struct store_postgres_connection *c, struct err *e)
{
	PGconn *db = store_postgres_connect(
		c->of->url, c->writes ? WRITES : READS, e);

	if (!db)
		return err_set(
			e, ERR_WORLD, "the store's database does not answer");
	forget_kept(c);
	PQfinish(c->db);
	c->db = db;
	return 0;
}

static struct store_connection *postgres_connect(
	struct store_database *d, int writes, struct err *e)
{
	struct store_postgres_connection *c = xcalloc(1, sizeof *c);

	c->of = (struct store_postgres_database *)d;
	c->writes = writes;
	c->db = store_postgres_connect(c->of->url, writes ? WRITES : READS, e);
	if (c->db)
		return (struct store_connection *)c;
	free(c);
	return NULL;
}

/* -- transactions -- */

/* The row stays locked until the transaction ends: nobody takes over meanwhile.
 */
static PGresult *begin_as_leader(struct store_postgres_connection *c)
{
	char sql[120];

	snprintf(sql, sizeof sql,
		"BEGIN; SELECT epoch FROM leader WHERE epoch = %lld FOR SHARE",
		(long long)c->of->lease.epoch);
	return PQexec(c->db, sql);
}

static void postgres_rollback(struct store_connection *connection)
{
	struct store_postgres_connection *c =
		(struct store_postgres_connection *)connection;

	store_postgres_settle(c, NULL, NULL);
	if (PQtransactionStatus(c->db) != PQTRANS_IDLE)
		store_postgres_exec(c->db, "ROLLBACK", NULL);
}

static int postgres_begin(struct store_connection *connection, struct err *e)
{
	struct store_postgres_connection *c =
		(struct store_postgres_connection *)connection;
	PGresult *r;
	int rc = 0;

	if (!c->of->lease.epoch)
		return err_set(e, ERR_CONFLICT,
			"this broker stands by: another leads the store");
	r = begin_as_leader(c);

	/* Nothing has happened yet that could happen twice. */
	if (!store_postgres_usable(c)) {
		PQclear(r);
		rc = store_postgres_reconnect(c, e);
		if (rc)
			return rc;
		r = begin_as_leader(c);
	}
	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		rc = store_postgres_error(r, e);
	else if (PQntuples(r) != 1) {
		c->of->lease.lost = 1;
		rc = err_set(e, ERR_WORLD,
			"another broker leads the store now: stop this one");
	}
	PQclear(r);
	if (rc)
		postgres_rollback(connection);
	return rc;
}

static int postgres_commit(struct store_connection *connection, struct err *e)
{
	struct store_postgres_connection *c =
		(struct store_postgres_connection *)connection;
	int rc = store_postgres_settle(c, NULL, e);
	PGresult *r;

	if (rc)
		return rc;
	r = PQexec(c->db, "COMMIT");
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		rc = PQresultErrorField(r, PG_DIAG_SQLSTATE) &&
				     PQstatus(c->db) == CONNECTION_OK
			     ? store_postgres_error(r, e)
			     : err_set(e, ERR_UNKNOWN,
				       "the store's database went away at the "
				       "end of a transaction, which may be "
				       "saved or not");
	else if (strcmp(PQcmdStatus(r), "COMMIT") != 0)
		rc = err_set(e, ERR_WORLD,
			"the store's database has undone a transaction");
	PQclear(r);
	return rc;
}

#define FOLLOW(table)                                                   \
	"SELECT setval(pg_get_serial_sequence('" table "', 'number'), " \
	"(SELECT COALESCE(MAX(number), 0) + 1 FROM " table "), false)"

static const char *const after_numbers[] = {
	FOLLOW("run"), FOLLOW("population"), NULL};

const struct store_backend store_postgres = {
	.scheme = "postgresql",
	.open = store_postgres_open,
	.close = store_postgres_close,
	.lead = store_postgres_lead,
	.deposed = store_postgres_deposed,
	.connect = postgres_connect,
	.disconnect = postgres_disconnect,
	.begin = postgres_begin,
	.commit = postgres_commit,
	.rollback = postgres_rollback,
	.prepare = store_postgres_prepare,
	.bind = store_postgres_bind,
	.step = store_postgres_step,
	.send = store_postgres_send,
	.column = store_postgres_column,
	.changed = store_postgres_changed,
	.end = store_postgres_end,

	/* UNION lets nobody in twice; -1, no parent, is nobody's id. */
	.lineage = "WITH RECURSIVE line (run, id) AS ("
		   "SELECT number, ? FROM run WHERE uuid = ? "
		   "UNION SELECT line.run, parent.id FROM line "
		   "JOIN genome USING (run, id) CROSS JOIN LATERAL "
		   "(VALUES (parent_a), (parent_b)) AS parent (id)) "
		   "SELECT " STORE_GENOME_COLUMNS
		   " FROM line JOIN genome USING (run, id) "
		   "WHERE id < ? ORDER BY id DESC LIMIT ?",
	.after_numbers = after_numbers,
};
