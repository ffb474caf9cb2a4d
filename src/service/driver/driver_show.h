/* driver_show.h -- what other threads see of a driver: how far its run is, and
 * whom it waits for. */
#ifndef SERVICE_DRIVER_DRIVER_SHOW_H
#define SERVICE_DRIVER_DRIVER_SHOW_H

#include "service/driver/driver.h"

/* The driver waits for `w` of its view, from now on if it did not already;
 * `why` is what went wrong, and leaves the machine (NULL: what it was). */
void driver_wait_for(struct driver *d, struct driver_wait *w, const char *why);

/* It does not wait for that any more. */
void driver_wait_over(struct driver *d, struct driver_wait *w);

/* The data set that it waits for gets on. */
void driver_show_data(struct driver *d, const struct data_progress *p);

/* Shows the run as it is after a step. */
void driver_publish(struct driver *d);

/* How the run stands now; from any thread. */
void driver_view(struct driver *d, struct driver_view *out);

#endif
