/* later.h -- what waits for a moment or for news, without a thread.
 *
 * One thread, the clock, hands over to the hands (hands.h) what has come due,
 * and watches whether these get on. */
#ifndef HTTP_LATER_H
#define HTTP_LATER_H

#include <stdint.h>

#include "base/err.h"
#include "http/hands.h"
#include "http/news.h"

struct later;

/* What can wait; its owner's, and in one place at a time. */
struct waiter {
	struct task task; /* first: it is given to the hands */
	uint64_t topic;   /* that it waits for, or 0 */
	int64_t due_ms;   /* monotonic */
	struct waiter *next, **at;
};

/* Starts the clock.  `n` may be NULL.  NULL with ERR_WORLD. */
struct later *later_new(struct hands *h, struct http_news *n, struct err *e);

/* A ticket, to be drawn before one looks at what one may wait for. */
uint64_t later_ticket(struct later *l);

/* Gives the waiter to the hands at w->due_ms, or when there is news of its
 * topic: at once if there has been since the ticket was drawn.  From here on
 * it is not the caller's. */
void later_wait(struct later *l, struct waiter *w, uint64_t ticket);

/* Gives all that wait to the hands now. */
void later_hurry(struct later *l);

/* Stops the clock and gives what waits to the hands; who comes after that does
 * not wait. */
void later_stop(struct later *l);

/* Frees what was stopped.  NULL allowed. */
void later_free(struct later *l);

#endif
