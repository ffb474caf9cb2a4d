/* driver_results.h -- results that came by mail. */
#ifndef SERVICE_DRIVER_DRIVER_RESULTS_H
#define SERVICE_DRIVER_DRIVER_RESULTS_H

#include "service/driver/driver.h"

/* Hands the result, and those that wait behind it, to the run; the first is
 * still the caller's.  True if any was used.  A result is said to be done when
 * it is in the store, or can never be: what the world kept from the store comes
 * again, and d->again is set. */
int driver_take_results(struct driver *d, const struct mail *first);

#endif
