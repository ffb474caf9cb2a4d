/* driver_begin.h -- a run that was created when no worker was there. */
#ifndef SERVICE_DRIVER_DRIVER_BEGIN_H
#define SERVICE_DRIVER_DRIVER_BEGIN_H

#include "service/driver/driver.h"

/* True while the run waits for workers to choose by (choice.h). */
int driver_waits_to_begin(const struct driver *d);

/* Tries to choose and to save what was chosen: 0 when the run may begin, or is
 * over because the settings turned out impossible; an error code when it is to
 * be tried again, and the view says why. */
int driver_try_to_begin(struct driver *d);

#endif
