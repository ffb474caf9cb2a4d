/* callers.h -- who asks, and what the requests of each take.
 *
 * A caller is who shows a token, or else an address, of IPv6 its network of 64
 * bits.  Two things are counted of its requests under way: their bodies, and
 * the bytes beyond them, which are the values made of a body, what a handler
 * takes and the answer until it is sent.  Safe from any thread. */
#ifndef HTTP_CALLERS_H
#define HTTP_CALLERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "http/caller_limits.h"

struct callers;
struct caller;
struct sockaddr;

/* What one request takes, in bytes; as zeroes it takes nothing. */
struct load {
	size_t body, beyond;
};

/* A table without callers, by these limits; 0 is each one's usual value. */
struct callers *callers_new(const struct http_limits *l);
/* After the last has left; NULL allowed. */
void callers_free(struct callers *s);

/* The caller of that address, which may be NULL; to be given back by
 * caller_leave. */
struct caller *caller_of_address(struct callers *s, const struct sockaddr *a);

/* Likewise, the one that shows that token. */
struct caller *caller_of_token(struct callers *s, const char *token);
/* The same once more. */
struct caller *caller_again(struct callers *s, struct caller *c);
/* NULL allowed. */
void caller_leave(struct callers *s, struct caller *c);

/* How many have it and have not left. */
int caller_count(const struct caller *c);

/* `l` takes so much more; it is the load of a request of `c`.  ERR_BUSY, and no
 * change, when that is more than this caller's requests may take, or all: the
 * only request of a caller always has what it needs beyond its body, the only
 * one of all whatever it needs. */
int caller_take(struct callers *s, struct caller *c, struct load *l,
	struct load more, struct err *e);

/* From now on `l` is so much, whatever the limits. */
void caller_set(
	struct callers *s, struct caller *c, struct load *l, struct load now);

/* Counts a request at that monotonic time.  ERR_BUSY when it is one too many:
 * `*wait_ms` is when there will be one more. */
int caller_ask(struct callers *s, struct caller *c, int64_t now_ms,
	int64_t *wait_ms, struct err *e);

/* That the requests of all take now; NULL: 0. */
size_t callers_bytes(struct callers *s);

#endif
