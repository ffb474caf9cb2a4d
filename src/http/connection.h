/* connection.h -- connections that are open, and those that have to go.
 *
 * libmicrohttpd ends a connection that is silent; one that sends a byte now and
 * then would stay for ever, and its place with it.  So a request line must have
 * come within twice the patience from the start of the connection or the last
 * answer, and the whole request within the patience and a second for every
 * 16 KiB of it.  What takes longer is cut off.
 *
 * Nor may many connections keep out who comes after them.  When there are
 * `most`, one goes that we wait for, its request or that it reads: of the
 * caller that has the most, the one that has kept us waiting longest.  A
 * connection that has shown a token stays. */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "http/callers.h"

struct connections;
struct connection;

/* Starts to look.  NULL with ERR_WORLD. */
struct connections *connections_new(
	int64_t patience_ms, size_t most, struct err *e);
/* After the last connection; NULL allowed. */
void connections_free(struct connections *s);

/* A connection of that caller, who outlives it, begins, and a request line is
 * waited for. */
struct connection *connection_open(
	struct connections *s, int fd, struct caller *from);
/* It is about to be closed; who it was from. */
struct caller *connection_close(struct connections *s, struct connection *c);
/* Whose address it comes from. */
struct caller *connection_from(const struct connection *c);

/* The request line has come. */
void connection_begin(struct connection *c);
/* A token of ours has. */
void connection_known(struct connection *c);
/* So many bytes of its body have. */
void connection_bytes(struct connection *c, size_t n);
/* All of it has: now it is our turn, which has no deadline here. */
void connection_whole(struct connection *c);
/* The answer is on its way, as fast as it is read. */
void connection_answer(struct connection *c);
/* It is out, and the next request line is waited for. */
void connection_answered(struct connection *c);

/* How many were cut off so far: late, or for room; NULL: none. */
void connections_cut(struct connections *s, uint64_t *late, uint64_t *room);

#endif
