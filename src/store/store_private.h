/* store_private.h -- connections and statements: what the store's files share.
 *
 * A `struct query` is one statement on one connection: started, its parameters
 * put in order, its rows fetched and their columns taken in order, ended.  An
 * error is kept inside until query_next or query_run gives it back, so that the
 * calls in between need no checks. */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H

#include <pthread.h>

#include "store/store.h"
#include "store/store_backend.h"
#include "store/store_sum.h"

#define STORE_READERS 4
#define STORE_ROW_MAX ((size_t)1 << 30) /* bytes of one, read to change it */

struct store {
	const struct store_backend *backend;
	struct store_database *database;
	struct store_connection *writer;
	pthread_mutex_t writer_lock; /* guards all four, begin to commit */
	pthread_t writing;           /* who holds it, while `open` */
	int open;                    /* a transaction is open */
	int failed;                  /* and can only be rolled back */
	_Atomic int64_t commits, failures, commit_us; /* for store_count */

	pthread_mutex_t readers_lock; /* guards the two below */
	pthread_cond_t reader_free;
	struct store_connection *readers[STORE_READERS];
	int n_free; /* readers[0..n_free-1] are free */
};

struct query {
	struct store *store;
	struct store_connection *reader; /* given back at the end, or NULL */
	struct store_statement *statement;
	int parameter, column;          /* next */
	struct store_sum sum;           /* of the row that is put or taken */
	char sum_text[STORE_SUM_BYTES]; /* as it was put */
	struct err why; /* the first failure; code 0: none so far */
};

/* A statement inside the open transaction of this thread. */
void query_write(struct query *q, struct store *s, const char *sql);

/* A statement on a reader's connection, in a snapshot of its own. */
void query_read(struct query *q, struct store *s, const char *sql);

/* The next parameter. */
void query_put_int(struct query *q, int64_t v);

/* Likewise; SIZE_MAX is no limit. */
void query_put_count(struct query *q, size_t n);

/* Likewise; a number that is not finite is refused by its name when the
 * statement runs. */
void query_put_real(struct query *q, const char *name, double v);

/* Likewise; a NULL text is NULL. */
void query_put_text(struct query *q, const char *v);

/* Fetches a row: 1, or 0 at the end, or an error code. */
int query_next(struct query *q, struct err *e);

/* The next column of the row. */
int64_t query_int(struct query *q);

/* Likewise, of a number. */
double query_real(struct query *q);

/* Likewise, of a text, which lives in `mem`; NULL for NULL. */
const char *query_text(struct query *q, struct arena *mem);

/* Copies the next column into out[0..max-1]; "" for NULL. */
void query_copy(struct query *q, char *out, size_t max);

/* From here on what is put, or taken, is summed as the columns of a row of that
 * kind of that run (store_sum.h). */
void query_sum(struct query *q, const char *kind, const char *run);

/* The next parameter is the sum, which ends. */
void query_put_sum(struct query *q);

/* The next column is the sum that the row was written with, and the sum ends.
 * If the row has another now, the query fails: the sentence says that what was
 * formatted, "genome 12", is not as it was written. */
void query_take_sum(struct query *q, const char *what, ...)
	__attribute__((format(printf, 2, 3)));

/* After the columns of a row: 1, or the error code of a sum that was wrong.
 * Lists need no such look, for their next query_next gives the error. */
int query_checked(struct query *q, struct err *e);

/* After the columns of a row of a list that goes on without it: the sentence of
 * a sum that was wrong, in `mem`, or NULL. */
const char *query_pardon(struct query *q, struct arena *mem);

/* Ends the statement. */
void query_end(struct query *q);

/* Runs a statement that gives no rows and ends it: 0 or an error code. */
int query_run(struct query *q, struct err *e);

/* Likewise, and says in `*changed` how many rows it changed. */
int query_count(struct query *q, int64_t *changed, struct err *e);

/* As query_run, for a statement that must change a row: ERR_NOT_FOUND, as in
 * "there is no `what` `of`", when it changed none. */
int query_change(
	struct query *q, const char *what, const char *of, struct err *e);

/* Likewise, when what it changed is of no use to the caller: its failure may
 * come from a later call of the transaction, at the latest from its commit. */
int query_send(
	struct query *q, const char *what, const char *of, struct err *e);

/* Makes room for element n of an array in `mem` whose length nobody knows
 * where it then lies, the elements before n included. */
void *page_slot(struct arena *mem, void *page, size_t n, size_t size);

#endif
