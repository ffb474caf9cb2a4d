/* sim_services.h -- a broker and a genome service of a simulation's own. */
#ifndef CLI_UP_SIM_SERVICES_H
#define CLI_UP_SIM_SERVICES_H

#include "cli/client/broker_client.h"
#include "cli/up/sim_place.h"
#include "cli/up/spawn.h"

struct sim_services {
	const char *queue, *store; /* the broker's, or NULL */
	struct child broker, genome;
	struct broker_client client;
};

/* Starts both on free ports, with all that they keep in the place; `queue` and
 * `store` are set.  ERR_WORLD; then nothing is left running. */
int sim_services_start(
	struct sim_services *s, const struct sim_place *p, struct err *e);

/* Stops both and waits for their ends. */
void sim_services_stop(struct sim_services *s);

#endif
