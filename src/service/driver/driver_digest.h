/* driver_digest.h -- the digest of a run that ends. */
#ifndef SERVICE_DRIVER_DRIVER_DIGEST_H
#define SERVICE_DRIVER_DRIVER_DIGEST_H

#include "service/driver/driver.h"

/* Of every genome that was ever scored, in the order of ids: those that the
 * store has, the present generation as the driver has it.  Within a
 * transaction.  Errors are the store's. */
int driver_digest(struct driver *d, char out[SHA256_HEX_BYTES], struct err *e);

#endif
