/* nats_link.h -- a connection to NATS, as both ends of the queue use it.
 *
 * It is made in the background, and made again when it breaks. */
#ifndef DISPATCH_NATS_LINK_H
#define DISPATCH_NATS_LINK_H

#include <nats/nats.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "dispatch/queue_address.h"

/* What both ends call things.  Jobs wait in stream JOBS on the subject
 * jobs.normal.KERNELS, for the consumer normal-KERNELS; what came of them in
 * stream RESULTS on results.WORKER.  A worker's calls are requests on
 * workers.WORKER. */
#define NATS_JOBS "JOBS"
#define NATS_RESULTS "RESULTS"
#define NATS_JOBS_SUBJECT "jobs.normal."
#define NATS_JOBS_CONSUMER "normal-"
#define NATS_RESULTS_SUBJECT "results."
#define NATS_WORKERS_SUBJECT "workers."

struct nats_link {
	natsConnection *nc;
	jsCtx *js;
	atomic_int made; /* how often the connection has been there anew */
};

/* Begins to connect.  The link stays where it is until it is closed.
 * ERR_INVALID: no such URL or file; ERR_WORLD.  A server that is not there is
 * no error. */
int nats_link_open(struct nats_link *l, const struct queue_address *a,
	const char *name, struct err *e);

/* Nothing of it may be in use.  One of zeros is allowed. */
void nats_link_close(struct nats_link *l);

/* True while the server answers. */
int nats_link_up(const struct nats_link *l);

/* ERR_WORLD with what the library says: "WHAT: ...". */
int nats_failed(struct err *e, const char *what, natsStatus s, jsErrCode code);

#endif
