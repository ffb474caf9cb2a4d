/* puller.h -- an evolutioner that calls its brokers and is never called: it may
 * be behind NAT or a firewall that lets nothing in.
 *
 * Two threads a broker: one brings a report and waits at the broker for orders,
 * the other brings what has ended at once.  A broker that is not there is tried
 * again. */
#ifndef SERVICE_EVOLUTIONER_PULLER_H
#define SERVICE_EVOLUTIONER_PULLER_H

#include "base/err.h"
#include "service/evolutioner/evolutioner_service.h"

struct puller;

/* Starts to call all brokers of the evolutioner's options.  NULL with
 * ERR_WORLD. */
struct puller *puller_new(struct evolutioner *v, struct err *e);

/* A job has ended.  NULL allowed. */
void puller_job_ended(struct puller *p);

/* Says from now on that no more jobs are taken. */
void puller_drain(struct puller *p);

/* Takes leave of the brokers that are there and calls them no more. */
void puller_stop(struct puller *p);

/* Once it is stopped and no job can end any more.  NULL allowed. */
void puller_free(struct puller *p);

#endif
