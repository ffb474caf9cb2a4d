/* submission.h -- a run's jobs on their way to dispatch. */
#ifndef SERVICE_DRIVER_SUBMISSION_H
#define SERVICE_DRIVER_SUBMISSION_H

#include "service/driver/driver.h"

/* Submits the jobs of the SUBMIT commands from `c` on, in order, until another
 * kind comes; those whose result the score cache has are answered by it.
 * Returns the command that follows, or NULL.  Texts are written on all cores,
 * some hundreds of jobs at a time, so that the first are out soon. */
const struct run_command *submit_jobs(
	struct driver *d, const struct run_command *c);

#endif
