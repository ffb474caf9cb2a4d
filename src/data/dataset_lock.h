/* dataset_lock.h -- of one set there is one who prepares it. */
#ifndef DATA_DATASET_LOCK_H
#define DATA_DATASET_LOCK_H

#include "base/err.h"

/* Waits until nobody holds the lock `path`, and takes it: a descriptor for
 * dataset_unlock.  `stop` (NULL: never) is asked meanwhile, and true ends the
 * waiting with ERR_CANCELLED.  ERR_WORLD.  A holder that dies gives it back. */
int dataset_lock(
	const char *path, int (*stop)(void *ctx), void *ctx, struct err *e);

/* Gives it back, and removes its file. */
void dataset_unlock(const char *path, int fd);

#endif
