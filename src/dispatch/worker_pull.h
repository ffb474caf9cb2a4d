/* worker_pull.h -- a worker's side of pulling: the reports that it brings a
 * broker, and the orders that it takes along.
 *
 * Reports and orders are counted, since calls may overtake each other and
 * answers be lost (dispatch_http_pull.c).  One for each broker; safe from any
 * thread. */
#ifndef DISPATCH_WORKER_PULL_H
#define DISPATCH_WORKER_PULL_H

#include <jansson.h>

#include "base/err.h"
#include "dispatch/worker_orders.h"

struct worker_pull;

/* Without orders yet.  Copies the clerk. */
struct worker_pull *worker_pull_new(const struct worker_clerk *c);

/* NULL allowed. */
void worker_pull_free(struct worker_pull *p);

/* The next report, on the jobs that the latest orders name; a new reference. */
json_t *worker_pull_report(struct worker_pull *p);

/* Does what the orders say.  ERR_INVALID: they are none. */
int worker_pull_orders(
	struct worker_pull *p, const json_t *orders, struct err *e);

#endif
