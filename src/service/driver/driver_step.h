/* driver_step.h -- events through the machine, the store and the world. */
#ifndef SERVICE_DRIVER_DRIVER_STEP_H
#define SERVICE_DRIVER_DRIVER_STEP_H

#include "service/driver/driver.h"

/* Takes events in order, commits the writes that they ask for in one
 * transaction, then acts.  Results of one moment share it so; an event after
 * which the run is not as before is the last of it, and *n becomes how many
 * were taken.  Otherwise nothing was: an order that does not fit the state is
 * ERR_CONFLICT; ERR_WORLD or ERR_UNKNOWN when it could not be saved, and the
 * run is again what the store has. */
int driver_steps(struct driver *d, struct driver_event *events, size_t *n,
	struct err *e);

/* One event that is no result. */
int driver_step(struct driver *d, const struct run_event *ev, struct err *e);

#endif
