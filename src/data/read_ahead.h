/* read_ahead.h -- a thread that brings parts of a mapping into memory before
 * they are read.
 *
 * It changes nothing but when the disk is waited for, and by whom.  Safe from
 * one thread; the mapping must outlive it. */
#ifndef DATA_READ_AHEAD_H
#define DATA_READ_AHEAD_H

#include <stddef.h>

struct read_ahead;

/* NULL where there can be no thread: then everything is read when it is
 * needed. */
struct read_ahead *read_ahead_new(void);

/* These bytes of a mapping will be read soon, after those asked for before; of
 * more than a few that wait, the oldest are forgotten.  NULL is allowed. */
void read_ahead_want(struct read_ahead *r, const void *from, size_t bytes);

/* Ends it, whatever waits.  NULL is allowed. */
void read_ahead_free(struct read_ahead *r);

#endif
