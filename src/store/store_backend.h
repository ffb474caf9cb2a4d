/* store_backend.h -- what a database must do to be a store: the verbs under
 * the queries.
 *
 * The queries (store_runs.c, store_genomes.c, ...) are written once, in the SQL
 * that SQLite and PostgreSQL share: "?" for a parameter, "ON CONFLICT (key) DO
 * UPDATE", "RETURNING".  A backend is a row of verbs and the statements that
 * databases have no common form for.  It lives in files of its own, with its
 * migrations, and is found by its scheme in the table of store.c.
 *
 * Verbs that fail return a code and a sentence as a client may see it: no SQL,
 * no name of a column.  The store above sees to it that one thread at a time
 * uses a connection. */
#ifndef STORE_STORE_BACKEND_H
#define STORE_STORE_BACKEND_H

#include <stdint.h>

#include "base/err.h"
#include "store/store_value.h"

/* The columns of a genome, in the order in which statements must give them. */
#define STORE_GENOME_COLUMNS                                               \
	"id, born, parent_a, parent_b, genome, scored, fitness, failure, " \
	"result, crashes, species, mutations, checksum"

/* A backend's own; each casts them to what it has. */
struct store_database;
struct store_connection;
struct store_statement;

struct store_backend {
	const char *scheme; /* of its URLs, without the colon */

	/* Opens or makes the database that the URL names after its scheme's
	 * colon, brings it to the latest version and, where there is no verb
	 * `lead`, keeps other brokers out.  NULL with ERR_CONFLICT,
	 * ERR_INVALID, ERR_WORLD: see store_open. */
	struct store_database *(*open)(const char *where, struct err *e);
	/* After its last connection. */
	void (*close)(struct store_database *d);

	/* Takes the lead for one that is reached at `url`, once and without
	 * waiting: 0, ERR_CONFLICT when another has it, with who it is,
	 * ERR_WORLD.  NULL: whoever has opened it leads. */
	int (*lead)(struct store_database *d, const char *url, struct err *e);
	/* Whether it had the lead and another has it now. */
	int (*deposed)(struct store_database *d);

	/* A connection to write on, or one that sees the last commit and cannot
	 * write.  NULL with ERR_WORLD. */
	struct store_connection *(*connect)(
		struct store_database *d, int writes, struct err *e);
	void (*disconnect)(struct store_connection *c);

	/* A transaction on the connection that writes.  `commit` is durable
	 * when it returns 0.  After ERR_UNKNOWN it may or may not have
	 * happened; after any other failure it has not.  The caller then rolls
	 * back, which cannot fail and may find nothing to undo. */
	int (*begin)(struct store_connection *c, struct err *e);
	int (*commit)(struct store_connection *c, struct err *e);
	void (*rollback)(struct store_connection *c);

	/* A statement, its parameters given by place from 1 on; texts stay the
	 * caller's until it ends.  A backend whose placeholders are others
	 * rewrites the "?": no literal in our SQL holds one.  On the connection
	 * that writes it fails outside a transaction, also when the database
	 * has ended that by itself.  `*out` is to be ended whatever happens. */
	int (*prepare)(struct store_connection *c, const char *sql,
		struct store_statement **out, struct err *e);
	int (*bind)(struct store_statement *s, int place,
		const struct store_value *v, struct err *e);
	/* The next row: 1, or 0 at the end.  ERR_CONFLICT: the row is there
	 * already; ERR_RANGE: a value is refused or missing; ERR_WORLD.  After
	 * a statement that failed the transaction can only be rolled back. */
	int (*step)(struct store_statement *s, struct err *e);
	/* Runs one that must change a row, and need not wait for it: that it
	 * failed, or changed none (ERR_NOT_FOUND), may be said by a later verb
	 * of the transaction, at the latest by commit.  NULL: none is faster
	 * than step. */
	int (*send)(struct store_statement *s, struct err *e);
	/* The column, by place from 0 on, as v->type; a text lives until the
	 * next step. */
	void (*column)(
		struct store_statement *s, int place, struct store_value *v);
	/* How many rows a statement changed that is at its end. */
	int64_t (*changed)(struct store_statement *s);
	void (*end)(struct store_statement *s); /* NULL allowed */

	/* A genome and its ancestors, as store_lineage: id, run's uuid, before,
	 * limit. */
	const char *lineage;

	/* Statements, ended by NULL, after which the numbers that the database
	 * gives follow those that rows were inserted with; NULL: they do. */
	const char *const *after_numbers;
};

/* The backends; each in a file of its name. */
extern const struct store_backend store_sqlite;
extern const struct store_backend store_postgres;

#endif
