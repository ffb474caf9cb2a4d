/* nats_inbox.h -- messages of a subject, waited for by the monotonic clock.
 *
 * The library's own waits are by the wall clock: where that is set back, they
 * last as much longer. */
#ifndef DISPATCH_NATS_INBOX_H
#define DISPATCH_NATS_INBOX_H

#include <stdint.h>

#include "dispatch/nats_link.h"

struct nats_inbox;

/* Messages to that subject; NULL: to one that nobody else has.  NULL with
 * ERR_WORLD. */
struct nats_inbox *nats_inbox_open(
	struct nats_link *l, const char *subject, struct err *e);

/* Messages that were not taken are dropped.  NULL allowed. */
void nats_inbox_close(struct nats_inbox *i);

/* What it is subscribed to. */
const char *nats_inbox_subject(const struct nats_inbox *i);

/* The next message, which the caller ends with natsMsg_Destroy; NULL: none came
 * within that time. */
natsMsg *nats_inbox_take(struct nats_inbox *i, int64_t wait_ms);

/* What answers that request; NULL: nothing does within that time, or nobody
 * listens there. */
natsMsg *nats_ask(struct nats_link *l, const char *subject, const char *text,
	int64_t wait_ms);

#endif
