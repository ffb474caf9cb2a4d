/* nats_link.h -- a connection to NATS, as both ends of the queue use it.
 *
 * It is made in the background, and made again when it breaks.  Messages that a
 * stream has delivered are known by their receipts: to answer one is to publish
 * to it, so that no message outlives the call that fetched it. */
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

#define NATS_RECEIPT_BYTES 256
#define NATS_MESSAGE_ID_BYTES 256

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

/* -- streams -- */

struct nats_publication {
	const char *subject, *body;
	size_t n;
	char id[NATS_MESSAGE_ID_BYTES]; /* a second one is dropped */
	uint64_t seq;   /* the stream's number for it; 0: not stored, */
	struct err why; /* for that reason */
};

/* Publishes them all and then waits for what the streams say. */
void nats_publish(struct nats_link *l, struct nats_publication *list, size_t n);

/* What a fetched message came with. */
struct nats_receipt {
	char to[NATS_RECEIPT_BYTES];
	uint64_t seq;      /* in its stream */
	int64_t delivered; /* how often, this time included */
};

/* ERR_INVALID: it comes from no stream. */
int nats_receipt_of(natsMsg *m, struct nats_receipt *out, struct err *e);

/* The message is done with; ... */
void nats_done(struct nats_link *l, const struct nats_receipt *r);
/* ... is to be delivered again, after a while; ... */
void nats_again(
	struct nats_link *l, const struct nats_receipt *r, int64_t delay_ms);
/* ... is being worked on. */
void nats_working(struct nats_link *l, const struct nats_receipt *r);

#endif
