/* drivers.h -- the drivers of all active runs: started, given orders, looked
 * at.  Safe from any thread. */
#ifndef SERVICE_DRIVER_DRIVERS_H
#define SERVICE_DRIVER_DRIVERS_H

#include "service/driver/driver_world.h"

#define DRIVERS_MAX 64 /* active at a time */

struct drivers;

/* A table without drivers; copies the world. */
struct drivers *drivers_new(const struct driver_world *w);

/* Stops all drivers; the runs stay as they are.  Nobody may use the table any
 * more.  NULL allowed. */
void drivers_free(struct drivers *t);

/* Starts the driver of a stored run.  ERR_BUSY when DRIVERS_MAX are active;
 * otherwise as driver_load. */
int drivers_start(struct drivers *t, const char *uuid, struct err *e);

/* ERR_BUSY when no further run can be driven now. */
int drivers_room(struct drivers *t, struct err *e);

/* Hands a person's order to the run's driver and waits until it is committed.
 * ERR_CONFLICT when the state does not allow it, ERR_BUSY when the driver does
 * not get to it in time, ERR_NOT_FOUND when the run is not active, ERR_WORLD or
 * ERR_UNKNOWN when it may not be saved. */
int drivers_order(struct drivers *t, const char *uuid, enum driver_order order,
	struct err *e);

/* False when the run is not active. */
int drivers_look(struct drivers *t, const char *uuid, struct driver_view *out);

/* ERR_WORLD when what a run has come to cannot be saved now. */
int drivers_save(struct drivers *t, struct err *e);

#endif
