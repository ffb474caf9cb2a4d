/* broker_lead.h -- who leads the store: a broker that does not stands by until
 * it may.
 *
 * One that stands by answers what can be read from the store; for all else it
 * names the broker that leads (307), and its /readyz says so.  It takes over
 * when the leader's session has ended or nothing has been heard of it for ten
 * seconds.  A leader that another has followed meanwhile ends its process: it
 * would start anew as a standby. */
#ifndef SERVICE_BROKER_BROKER_LEAD_H
#define SERVICE_BROKER_BROKER_LEAD_H

#include "service/broker/broker.h"

/* Of a broker whose store and blobs are open: leads, or stands by from now on.
 * 0, or the error of what failed. */
int broker_lead_or_stand_by(struct broker *b, struct err *e);

/* It serves at that port: says so where others look, and starts to watch the
 * lead.  Of the service's life. */
void broker_lead_serving(void *broker, int port);

/* Stops to watch.  May be called again. */
void broker_lead_stopping(void *broker);

/* As `elsewhere` of http_options. */
int broker_lead_elsewhere(
	void *broker, const struct http_request *q, struct http_reply *r);

/* 0 where it leads; else ERR_BUSY with who does. */
int broker_lead_ready(struct broker *b, struct err *e);

#endif
