/* queue_member.h -- an evolutioner that takes its jobs from a queue; data sets
 * and weights come from brokers, which it calls and which never call it. */
#ifndef SERVICE_EVOLUTIONER_QUEUE_MEMBER_H
#define SERVICE_EVOLUTIONER_QUEUE_MEMBER_H

#include "base/err.h"
#include "service/evolutioner/evolutioner_service.h"

struct queue_member;

/* Begins to take jobs from the queue of the evolutioner's options.  NULL with
 * ERR_INVALID or ERR_WORLD. */
struct queue_member *queue_member_new(struct evolutioner *v, struct err *e);

/* A job has ended.  NULL allowed. */
void queue_member_job_ended(struct queue_member *m);

/* Takes no more jobs. */
void queue_member_drain(struct queue_member *m);

/* True when nothing is left to be published. */
int queue_member_settled(struct queue_member *m);

/* Gives back what is here, and takes leave. */
void queue_member_stop(struct queue_member *m);

/* Once it is stopped and no job can end any more.  NULL allowed. */
void queue_member_free(struct queue_member *m);

#endif
