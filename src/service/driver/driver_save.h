/* driver_save.h -- a run's writes. */
#ifndef SERVICE_DRIVER_DRIVER_SAVE_H
#define SERVICE_DRIVER_DRIVER_SAVE_H

#include "service/driver/driver.h"

/* True if any of the events asks for a write. */
int driver_saves(const struct driver_event *events, size_t n);

/* Carries out the writes that the events ask for, and adds the events that tell
 * of them, in one transaction.  Errors are the store's; nothing is written
 * then, but see ERR_UNKNOWN of store_commit. */
int driver_save(struct driver *d, const struct driver_event *events, size_t n,
	struct err *e);

#endif
