/* csv.h -- lists of flat objects as rows of text, for spreadsheets. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <jansson.h>

#include "base/buf.h"

/* Adds a row of the object's keys, as RFC 4180 has it.  The errors of
 * buf_add. */
int csv_add_head(struct buf *out, const json_t *item, struct err *e);

/* Adds a row with the values that `item` has for the keys of `head`.  A list
 * within a row is its values with blanks between, null is nothing.  Text that a
 * spreadsheet would take for a formula begins with an apostrophe.  The errors
 * of buf_add. */
int csv_add_row(
	struct buf *out, const json_t *head, const json_t *item, struct err *e);

#endif
