/* blob_sweep.h -- blobs that nothing names any more are deleted. */
#ifndef SERVICE_DRIVER_BLOB_SWEEP_H
#define SERVICE_DRIVER_BLOB_SWEEP_H

#include "blob/blob.h"
#include "store/store.h"

/* Deletes all blobs but the champions of finished runs and, of runs that are
 * not over, the weights of the members of their generation and those that
 * members still to be trained start from.  Waits until nobody is about to name
 * a blob (blobs_enter).  Nothing is deleted when a run cannot be read, or from
 * when on another broker leads the store, which may name what we do not know
 * of: ERR_INVALID, or the store's errors.  Does nothing before the next one is
 * due (blobs_sweep_due). */
int blob_sweep(struct store *s, struct blobs *b, struct err *e);

#endif
