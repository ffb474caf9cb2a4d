/* driver_load.h -- a run back from the store. */
#ifndef SERVICE_DRIVER_DRIVER_LOAD_H
#define SERVICE_DRIVER_DRIVER_LOAD_H

#include "service/driver/driver.h"

/* Rebuilds the run and its row from the store.  ERR_NOT_FOUND, ERR_INVALID when
 * what is stored is no run, ERR_WORLD; the caller releases row_mem in any
 * case, and the run after success. */
int driver_load(struct driver *d, struct err *e);

#endif
