/* driver_begin.h -- a run that was created before its data set was ready, or
 * when no worker was there. */
#ifndef SERVICE_DRIVER_DRIVER_BEGIN_H
#define SERVICE_DRIVER_DRIVER_BEGIN_H

#include "service/driver/driver.h"

/* True while the run waits for its data set (data_choice.h), or for workers to
 * choose by (choice.h). */
int driver_waits_to_begin(const struct driver *d);

/* Makes the set ready, until there is an order or the driver is to stop; tries
 * to choose, and saves what was chosen: 0 when the run may begin, or is over
 * because the set is none or the settings turned out impossible; an error code
 * when it is to be tried again, and the view says why. */
int driver_try_to_begin(struct driver *d);

#endif
