/* canonical.h -- JSON in the one form that is hashed and stored: RFC 8785.
 *
 * Members sorted by UTF-16 code units, no white space, numbers as ECMAScript
 * prints a double.  Two documents with the same content have the same bytes. */
#ifndef BASE_CANONICAL_H
#define BASE_CANONICAL_H

#include <jansson.h>

#include "base/buf.h"

/* Appends the canonical text of `v`.  Integers beyond 2^53 and numbers that
 * are not finite cannot be said: ERR_RANGE.  ERR_TOO_BIG as buf_add. */
int canonical_add(struct buf *out, const json_t *v, struct err *e);

/* The canonical text, to be freed with free(); NULL with `e` on failure. */
char *canonical_text(const json_t *v, struct err *e);

/* The same with members in the order in which they were added: for answers
 * that people and existing clients read.  (jansson prints 0.28 as
 * 0.28000000000000003.) */
char *canonical_text_as_added(const json_t *v, struct err *e);

/* Writes a finite double as ECMAScript's Number::toString does. */
#define CANONICAL_NUMBER_BYTES 32
void canonical_number(double x, char out[CANONICAL_NUMBER_BYTES]);

#endif
