/* driver_admit.h -- a result on its way to the run. */
#ifndef SERVICE_DRIVER_DRIVER_ADMIT_H
#define SERVICE_DRIVER_DRIVER_ADMIT_H

#include "service/driver/driver.h"
#include "wire/job_json.h"

#define DRIVER_CRASHES_MAX 3 /* of a genome's child, until it is to blame */

/* Readies what lasts: the weights are a blob before a row may name them, and a
 * crash is counted; one too many becomes the genome's failure in *res.  The
 * caller has entered the blobs.  0: the run may have it.  ERR_BUSY: the job is
 * to be run again.  ERR_INVALID: it is not a result of that mail.
 * ERR_WORLD. */
int driver_admit(struct driver *d, const struct mail *m, struct job_result *res,
	struct err *e);

#endif
