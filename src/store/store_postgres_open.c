/* store_postgres_open.c -- a database made into a store: reached, migrated,
 * led. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/store_postgres.h"

#define SCHEME "postgresql:"
#define CONNECT_S "5"
#define MIGRATION_LOCK "7205759403792" /* any number, the same for all */

static void say_nothing(void *ctx, const char *message)
{
	(void)ctx;
	(void)message;
}

/* libpq's sentence is for the person who gave the URL, who reads it at the
 * start: it names host and user. */
static int not_reached(PGconn *db, struct err *e)
{
	char why[300];

	snprintf(why, sizeof why, "%s", db ? PQerrorMessage(db) : "no memory");
	why[strcspn(why, "\n")] = '\0';
	return err_set(
		e, ERR_WORLD, "the store's database is not reached: %s", why);
}

PGconn *store_postgres_connect(
	const char *url, const char *settings, struct err *e)
{
	/* What the URL says itself comes later, and counts. */
	static const char *const keys[] = {"application_name",
		"connect_timeout", "tcp_user_timeout", "client_encoding",
		"dbname", NULL};
	const char *const values[] = {
		"nevod", CONNECT_S, "10000", "UTF8", url, NULL};
	PGconn *db = PQconnectdbParams(keys, values, 1);

	if (!db || PQstatus(db) != CONNECTION_OK) {
		not_reached(db, e);
		PQfinish(db);
		return NULL;
	}
	PQsetNoticeProcessor(db, say_nothing, NULL);
	if (store_postgres_exec(db, settings, e) == 0)
		return db;
	PQfinish(db);
	return NULL;
}

int store_postgres_exec(PGconn *db, const char *sql, struct err *e)
{
	PGresult *r = PQexec(db, sql);
	const ExecStatusType status = PQresultStatus(r);
	int rc = 0;

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
		status != PGRES_EMPTY_QUERY)
		rc = store_postgres_error(r, e);
	PQclear(r);
	return rc;
}

/* -- migrations -- */

static int read_number(PGconn *db, const char *sql, int64_t *out, struct err *e)
{
	PGresult *r = PQexec(db, sql);
	int rc = 0;

	if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) != 1)
		rc = store_postgres_error(r, e);
	else
		*out = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
	PQclear(r);
	return rc;
}

static int apply(PGconn *db, int version, struct err *e)
{
	char stamp[80];
	int rc = store_postgres_exec(db, store_postgres_migrations[version], e);

	snprintf(stamp, sizeof stamp, "UPDATE nevod SET version = %d",
		version + 1);
	return rc ? rc : store_postgres_exec(db, stamp, e);
}

/* In one transaction, which brokers that start at once have one by one. */
static int migrate(PGconn *db, struct err *e)
{
	int64_t version = 0;
	int rc = store_postgres_exec(db,
		"BEGIN; SELECT pg_advisory_xact_lock(" MIGRATION_LOCK "); "
		"CREATE TABLE IF NOT EXISTS nevod (version BIGINT NOT NULL); "
		"INSERT INTO nevod SELECT 0 WHERE NOT EXISTS "
		"(SELECT 1 FROM nevod)",
		e);

	if (rc == 0)
		rc = read_number(db, "SELECT version FROM nevod", &version, e);
	if (rc == 0 && version > store_postgres_migrations_count)
		rc = err_set(e, ERR_INVALID,
			"the store is of a later version of nevod (%lld; this "
			"one knows %d)",
			(long long)version, store_postgres_migrations_count);
	for (; rc == 0 && version < store_postgres_migrations_count; version++)
		rc = apply(db, (int)version, e);
	return rc ? rc : store_postgres_exec(db, "COMMIT", e);
}

/* Texts are UTF-8 wherever they are kept. */
static int check_encoding(PGconn *db, struct err *e)
{
	int64_t fits = 0;
	int rc = read_number(db,
		"SELECT CASE current_setting('server_encoding') "
		"WHEN 'UTF8' THEN 1 ELSE 0 END",
		&fits, e);

	if (rc || fits)
		return rc;
	return err_set(e, ERR_INVALID,
		"the store's database is not in UTF-8: make it with "
		"CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0");
}

static int make_ready(const char *url, struct err *e)
{
	PGconn *db = store_postgres_connect(url, "", e);
	int rc;

	if (!db)
		return ERR_WORLD;
	rc = check_encoding(db, e);
	if (rc == 0)
		rc = migrate(db, e);
	PQfinish(db);
	return rc;
}

struct store_database *store_postgres_open(const char *where, struct err *e)
{
	struct store_postgres_database *d = xcalloc(1, sizeof *d);
	const size_t n = strlen(SCHEME) + strlen(where) + 1;

	d->url = xcalloc(1, n);
	snprintf(d->url, n, "%s%s", SCHEME, where);
	if (make_ready(d->url, e) == 0)
		return (struct store_database *)d;
	store_postgres_close((struct store_database *)d);
	return NULL;
}

void store_postgres_close(struct store_database *database)
{
	struct store_postgres_database *d = (struct store_postgres_database *)
		database;

	store_postgres_follow(&d->lease);
	free(d->url);
	free(d);
}
