/* worker_orders.h -- a worker's side of an exchange: it does what a broker's
 * orders say and reports on the jobs that they name.
 *
 * The documents are those of dispatch_http_orders.c, whoever calls whom. */
#ifndef DISPATCH_WORKER_ORDERS_H
#define DISPATCH_WORKER_ORDERS_H

#include <jansson.h>

#include "base/err.h"
#include "dispatch/worker.h"

struct worker_clerk {
	struct worker *worker; /* a worker_push */
	/* Checks a job document and offers it to the worker; errors as
	 * worker_push_offer, and ERR_NOT_FOUND: a blob is missing. */
	int (*offer)(void *ctx, const json_t *job, struct err *e);
	void *ctx;
};

/* Forgets, cancels and takes what the orders name.  Jobs that are not taken are
 * in `*refused`, a list of statuses, whose reference is the caller's, or NULL.
 * ERR_INVALID for orders that are none; then nothing was done. */
int worker_orders_do(const struct worker_clerk *c, const json_t *orders,
	json_t **refused, struct err *e);

/* How long the broker would wait for news. */
int64_t worker_orders_wait_ms(const json_t *orders);

/* True if a job that the orders name has something to tell: it has ended, or is
 * not here. */
int worker_orders_news(const struct worker_clerk *c, const json_t *orders);

/* The report on the jobs that the orders name; `refused` are statuses of those
 * that were not taken, or NULL.  A new reference. */
json_t *worker_orders_report(const struct worker_clerk *c, const json_t *orders,
	const json_t *refused);

/* The status of a job as documents have it; takes over st->result. */
json_t *worker_status_document(const char *id, struct worker_status *st);

#endif
