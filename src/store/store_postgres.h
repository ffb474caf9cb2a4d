/* store_postgres.h -- what the files of the PostgreSQL store share. */
#ifndef STORE_STORE_POSTGRES_H
#define STORE_STORE_POSTGRES_H

#include <libpq-fe.h>
#include <pthread.h>

#include "store/store_backend.h"

/* From migrations/postgres/, in order. */
extern const char *const store_postgres_migrations[];
extern const int store_postgres_migrations_count;

/* The lead over a database: one broker has it, and keeps it by saying so every
 * few seconds (store_postgres_lease.c). */
struct store_postgres_lease {
	PGconn *db;            /* its own, used by one thread at a time */
	_Atomic int64_t epoch; /* of this holder; 0: it has none yet */
	_Atomic int lost;      /* another has taken it */
	int64_t grace_ms;   /* until then a session that ended says nothing */
	int locked;         /* the lock that ends with the session is its */
	pthread_t renewing; /* while epoch is not 0 */
	pthread_mutex_t lock;
	pthread_cond_t told; /* that it is over */
	int over;
};

struct store_postgres_database {
	char *url; /* as libpq takes it */
	struct store_postgres_lease lease;
};

/* The verb `open` (store_postgres_open.c). */
struct store_database *store_postgres_open(const char *where, struct err *e);

/* The verb `close`. */
void store_postgres_close(struct store_database *d);

/* A connection to the database, to be ended by PQfinish, or NULL with
 * ERR_WORLD.  `settings` are statements that it begins with. */
PGconn *store_postgres_connect(
	const char *url, const char *settings, struct err *e);

/* Runs statements without parameters, whose rows nobody wants. */
int store_postgres_exec(PGconn *db, const char *sql, struct err *e);

/* The error of a result, or of a connection that gave none (NULL). */
int store_postgres_error(const PGresult *r, struct err *e);

/* The verb `lead`: takes the lead and starts to keep it. */
int store_postgres_lead(
	struct store_database *d, const char *url, struct err *e);

/* The verb `deposed`. */
int store_postgres_deposed(struct store_database *d);

/* Gives it back, so that another broker need not wait. */
void store_postgres_follow(struct store_postgres_lease *l);

/* -- connections (store_postgres.c) -- */

#define STORE_POSTGRES_KEPT_MAX 128 /* prepared statements of a connection */

struct store_postgres_connection {
	struct store_postgres_database *of;
	PGconn *db;
	int writes;
	char *kept[STORE_POSTGRES_KEPT_MAX]; /* texts; number i is prepared as
						"s<i>" */
	int n_kept;
	int sent; /* statements whose answers are not read yet */
};

/* Connects anew; the old connection is kept until there is another. */
int store_postgres_reconnect(
	struct store_postgres_connection *c, struct err *e);

/* -- statements (store_postgres_statements.c) -- */

/* Reads the answers of all that was sent: 0, or the first failure.  With `last`
 * the last one's is the caller's, and not judged. */
int store_postgres_settle(
	struct store_postgres_connection *c, PGresult **last, struct err *e);

/* False of one that is lost, or broke off between a question and its answer. */
int store_postgres_usable(const struct store_postgres_connection *c);

/* The verb `prepare`. */
int store_postgres_prepare(struct store_connection *connection, const char *sql,
	struct store_statement **out, struct err *e);

/* The verb `bind`. */
int store_postgres_bind(struct store_statement *statement, int place,
	const struct store_value *v, struct err *e);

/* The verb `step`. */
int store_postgres_step(struct store_statement *statement, struct err *e);

/* The verb `send`. */
int store_postgres_send(struct store_statement *statement, struct err *e);

/* The verb `column`. */
void store_postgres_column(
	struct store_statement *statement, int place, struct store_value *v);

/* The verb `changed`. */
int64_t store_postgres_changed(struct store_statement *statement);

/* The verb `end`. */
void store_postgres_end(struct store_statement *statement);

#endif
