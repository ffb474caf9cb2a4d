/* score_cache.h -- what was trained before in a run is not trained again.
 *
 * The cache is the store's: the rows of committed results, found by the keys of
 * run/run_share.c.  So it outlives the process, grows by one short row a
 * training, takes no memory, and never crosses runs.  Whether something is
 * found changes no digest. */
#ifndef SERVICE_DRIVER_SCORE_CACHE_H
#define SERVICE_DRIVER_SCORE_CACHE_H

#include "service/driver/driver.h"

/* Notes in the open transaction that the genome was trained at the rung by a
 * job of that key.  The store's errors. */
int score_cache_put(struct driver *d, const char *key, int64_t genome, int rung,
	struct err *e);

/* True if the weights that the result names, if any, are there. */
int score_cache_has_weights(struct driver *d, const struct job_result *r);

/* Answers the job of a SUBMIT, by mail to the driver itself, with what a job of
 * its key gave before: as it was, but no time was spent on it.  False, and the
 * job is to be run, where nothing was committed under the key, the child of
 * that job had crashed, the weights that it left are gone, or the store cannot
 * say; that is logged.  Until it is taken a mail holds a result, one for each
 * SUBMIT that is answered. */
int score_cache_answer(struct driver *d, const struct run_command *c);

#endif
