/* store_sum.h -- the checksum of a row: what was written is what is read.
 *
 * SQLite checks the form of its pages and not what is in them: a digit that a
 * disk or a hand has changed reads back as another digit, and the run goes on
 * with it.  So each row that a run's digest or state follows from has the first
 * 16 hex digits of a SHA-256 beside it, over the kind of the row, the run that
 * it is of and its columns in order, so that neither a value nor a whole row
 * can take another's place.  It is kept by the queries (store_private.h) and
 * guards against damage, not against somebody who means it. */
#ifndef STORE_STORE_SUM_H
#define STORE_STORE_SUM_H

#include "base/hash.h"
#include "store/store_value.h"

#define STORE_SUM_BYTES 17 /* 16 lower-case digits and a NUL */

struct store_sum {
	struct sha256 *hash; /* NULL: nothing is being summed */
};

/* Begins the sum of a row of that kind ("genome") of the run with that uuid; a
 * run's own row is of run "".  To be ended. */
void store_sum_begin(struct store_sum *s, const char *kind, const char *run);

/* Adds the row's next column: its type and its value, so that the columns
 * cannot run into each other.  The zeros of both signs are one, as a database
 * may make them. */
void store_sum_add(struct store_sum *s, const struct store_value *v);

/* Writes the sum; nothing is summed any more. */
void store_sum_end(struct store_sum *s, char out[STORE_SUM_BYTES]);

#endif
