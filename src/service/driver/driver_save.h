/* driver_save.h -- a run's writes. */
#ifndef SERVICE_DRIVER_DRIVER_SAVE_H
#define SERVICE_DRIVER_DRIVER_SAVE_H

#include "service/driver/driver.h"

/* Carries out the writes among the commands, and adds the events that tell of
 * them, in one transaction.  `result` and its text belong to SAVE_RESULT.
 * Errors are the store's; nothing is written then, but see ERR_UNKNOWN of
 * store_commit. */
int driver_save(struct driver *d, const struct run_commands *cmds,
	const struct job_result *result, const char *result_text,
	struct err *e);

#endif
