/* loop.h -- many HTTP requests at a time on one thread.
 *
 * The loop's thread does three things in turn: it waits for sockets, tells of
 * the calls that have ended, and calls its owner's `turn`, which starts new
 * ones.  http_loop_call and http_loop_drop are for that thread alone; what it
 * calls must not wait. */
#ifndef HTTP_LOOP_H
#define HTTP_LOOP_H

#include <stdint.h>

#include "http/client.h"

struct http_loop;
struct http_flight; /* a call that has not ended */

/* How a call has ended: with an answer, which the function may empty and which
 * is released after it, or with an error and status 0. */
typedef void http_landed(void *ctx, struct http_answer *a, const struct err *e);

/* What the owner has to do now; returns when it wants to be called again, by
 * the monotonic clock, at the latest.  It is called after every wait. */
typedef int64_t http_turn(void *ctx);

/* A loop without a thread.  NULL with ERR_WORLD. */
struct http_loop *http_loop_new(http_turn *turn, void *ctx, struct err *e);

/* Starts the thread, once.  ERR_WORLD. */
int http_loop_start(struct http_loop *l, struct err *e);

/* `turn` is called soon.  Safe from any thread. */
void http_loop_wake(struct http_loop *l);

/* Stops the thread; calls that have not ended are given up and not told of.
 * NULL allowed. */
void http_loop_free(struct http_loop *l);

/* Starts a call.  What it points to is copied, but text and bytes must live
 * until it has landed or is dropped; json, lines and cancelled are not for
 * here.  Connections are kept for later calls. */
struct http_flight *http_loop_call(struct http_loop *l,
	const struct http_call *c, http_landed *landed, void *ctx);

/* Gives the call up, which is not told of. */
void http_loop_drop(struct http_loop *l, struct http_flight *f);

#endif
