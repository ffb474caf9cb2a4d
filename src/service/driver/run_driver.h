/* run_driver.h -- the thread that drives one run. */
#ifndef SERVICE_DRIVER_RUN_DRIVER_H
#define SERVICE_DRIVER_RUN_DRIVER_H

#include "service/driver/driver.h"

/* The body of the thread of a driver whose run is loaded.  Its last act is to
 * close the mailbox, when the run is over or the mailbox says stop. */
void *driver_thread(void *driver);

#endif
