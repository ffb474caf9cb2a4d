/* nats_stream.h -- what is published to JetStream's streams, and fetched from
 * them.
 *
 * Messages that a stream has delivered are known by their receipts: to answer
 * one is to publish to it, so that no message outlives what fetched it. */
#ifndef DISPATCH_NATS_STREAM_H
#define DISPATCH_NATS_STREAM_H

#include "dispatch/nats_inbox.h"

#define NATS_RECEIPT_BYTES 256
#define NATS_MESSAGE_ID_BYTES 256

struct nats_publication {
	const char *subject, *body;
	size_t n;
	char id[NATS_MESSAGE_ID_BYTES]; /* a second one is dropped */
	uint64_t seq;   /* the stream's number for it; 0: not stored, */
	struct err why; /* for that reason */
};

/* Publishes them all and then waits for what the streams say. */
void nats_publish(struct nats_link *l, struct nats_publication *list, size_t n);

/* Asks a consumer for messages, which come to the inbox, and takes them: up to
 * `most` of them, as many as are there, or as come within that time.  How many;
 * below 0: the consumer is gone, or was not asked. */
int nats_fetch(struct nats_link *l, struct nats_inbox *i, const char *stream,
	const char *consumer, int most, int64_t wait_ms, natsMsg **out);

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
