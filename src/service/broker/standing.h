/* standing.h -- how a run stands at the moment: what its driver and dispatch
 * know of it, and what keeps it from getting on. */
#ifndef SERVICE_BROKER_STANDING_H
#define SERVICE_BROKER_STANDING_H

#include "service/broker/broker.h"

struct standing {
	struct driver_view view;   /* zeros without a driver */
	struct dispatch_load load; /* likewise */
	struct err trouble;        /* of run_trouble.h; code 0: there is none */
	struct err waiting;        /* likewise */
};

/* Looks at the run with that uuid, which is pinned to `kernels`.  One that is
 * over has nothing but zeros. */
void standing_look(struct broker *b, const char *uuid, enum run_state state,
	const char *kernels, struct standing *out);

#endif
