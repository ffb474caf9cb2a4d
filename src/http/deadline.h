/* deadline.h -- connections whose request does not come to its end.
 *
 * libmicrohttpd ends a connection that is silent; one that sends a byte now and
 * then would stay for ever, and its place with it.  So a request line must have
 * come within twice the patience from the start of the connection or the last
 * answer, and the whole request within the patience and a second for every
 * 16 KiB of it.  What takes longer is cut off. */
#ifndef HTTP_DEADLINE_H
#define HTTP_DEADLINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct deadlines;
struct deadline; /* of one connection */

/* Starts to look.  NULL with ERR_WORLD. */
struct deadlines *deadlines_new(int64_t patience_ms, struct err *e);
/* After the last connection; NULL allowed. */
void deadlines_free(struct deadlines *d);

/* A connection begins, and a request line is waited for. */
struct deadline *deadline_open(struct deadlines *d, int fd);
/* It is about to be closed. */
void deadline_close(struct deadlines *d, struct deadline *c);

/* The request line has come. */
void deadline_begin(struct deadline *c);
/* So many bytes of its body have. */
void deadline_bytes(struct deadline *c, size_t n);
/* All of it has: now it is our turn, which has no deadline here. */
void deadline_whole(struct deadline *c);
/* The answer is out, and the next request line is waited for. */
void deadline_answered(struct deadline *c);

#endif
