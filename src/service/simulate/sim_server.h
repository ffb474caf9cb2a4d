/* sim_server.h -- the simulated evolutioners as a broker reaches them: each has
 * an address of its own, 127.1.x.y, and all have one port and one server; or by
 * a queue (sim_queue.h).
 *
 * It serves on all addresses of the machine, and so asks for a token. */
#ifndef SERVICE_SIMULATE_SIM_SERVER_H
#define SERVICE_SIMULATE_SIM_SERVER_H

#include "base/log.h"
#include "dispatch/queue_address.h"
#include "service/simulate/sim.h"

struct sim_server;

struct sim_server_options {
	struct sim_options sim;     /* without `ended` and `ctx` */
	const char *broker;         /* that they join */
	struct queue_address queue; /* that they take jobs from, or no URL */
	const char *token;
	const struct log *log;
};

/* Starts the workers, which join the broker.  NULL with ERR_WORLD. */
struct sim_server *sim_server_new(
	const struct sim_server_options *o, struct err *e);

/* Stops them.  NULL allowed. */
void sim_server_free(struct sim_server *s);

/* Their simulation. */
struct sim *sim_server_sim(struct sim_server *s);

#endif
