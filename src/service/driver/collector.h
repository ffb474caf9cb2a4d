/* collector.h -- the thread that takes results from dispatch and hands each to
 * whoever waits for it, by the uuid that a job's id starts with. */
#ifndef SERVICE_DRIVER_COLLECTOR_H
#define SERVICE_DRIVER_COLLECTOR_H

#include "base/err.h"
#include "base/uuid.h"
#include "dispatch/dispatch.h"
#include "service/driver/mailbox.h"

struct collector;

/* Somebody who waits for the results of jobs of one uuid. */
struct inbox {
	char uuid[UUID_TEXT_BYTES];
	struct mailbox *mail;
	struct inbox *next; /* the collector's */
};

/* Starts the thread.  NULL with ERR_WORLD. */
struct collector *collector_new(struct dispatch *d, struct err *e);

/* Stops it.  NULL allowed. */
void collector_free(struct collector *c);

/* From here on, until collector_leave has returned, results of the inbox's uuid
 * are put into its mail.  Results that nobody waits for are done. */
void collector_join(struct collector *c, struct inbox *in);

/* The inbox gets no more. */
void collector_leave(struct collector *c, const struct inbox *in);

#endif
