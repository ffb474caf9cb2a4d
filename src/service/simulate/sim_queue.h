/* sim_queue.h -- the simulated evolutioners on a queue: each takes its jobs
 * from there by a connection of its own, as a real one does. */
#ifndef SERVICE_SIMULATE_SIM_QUEUE_H
#define SERVICE_SIMULATE_SIM_QUEUE_H

#include "base/log.h"
#include "dispatch/queue_address.h"
#include "service/simulate/sim.h"

struct sim_queue;

struct sim_queue_options {
	struct queue_address at;
	int workers;        /* of the simulation */
	const char *broker; /* that weights are brought to */
	const char *token;
	const struct log *log;
};

/* Starts the workers of the simulation, which outlives them.  NULL with
 * ERR_INVALID or ERR_WORLD. */
struct sim_queue *sim_queue_new(
	const struct sim_queue_options *o, struct sim *s, struct err *e);

/* A job of worker i has ended.  NULL allowed. */
void sim_queue_ended(struct sim_queue *q, int i);

/* Stops them.  NULL allowed. */
void sim_queue_stop(struct sim_queue *q);

/* Once no job can end any more.  NULL allowed. */
void sim_queue_free(struct sim_queue *q);

#endif
