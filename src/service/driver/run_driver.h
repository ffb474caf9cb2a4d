/* run_driver.h -- the parts of a driver: its mailbox, its state, its saving.
 * Only run_driver.c, driver_load.c, driver_save.c, drivers.c and mailbox.c
 * include it. */
#ifndef SERVICE_DRIVER_RUN_DRIVER_H
#define SERVICE_DRIVER_RUN_DRIVER_H

#include <pthread.h>

#include "run/run.h"
#include "service/broker/broker.h"
#include "service/driver/collector.h"
#include "service/driver/mailbox.h"

#define DRIVER_CRASHES_MAX 3

struct driver {
	struct broker *broker;
	char uuid[UUID_TEXT_BYTES];
	pthread_t thread;
	struct mailbox mail;
	struct inbox inbox; /* results into `mail` */
	int users; /* threads that wait for an answer; under runs_lock */

	/* The driver thread's own. */
	struct run run;
	struct store_run row; /* as last written; its strings in row_mem */
	struct arena row_mem;
	int64_t clock_ms;       /* when row.running_ms was last counted */
	enum run_state counted; /* the state at that time */
	int asking; /* a generation is wanted from the genome service */
	int again;  /* outstanding acts are to be repeated */

	/* For other threads. */
	pthread_mutex_t view_lock; /* guards the two below */
	struct driver_view view;
	int64_t view_since_ms;
};

void *driver_thread(void *driver);
void driver_view(struct driver *d, struct driver_view *out);

/* Carries out the writes among the commands, and adds the events that tell of
 * them, in one transaction.  `result` and its text belong to SAVE_RESULT. */
int driver_save(struct driver *d, const struct run_commands *cmds,
	const struct job_result *result, const char *result_text,
	struct err *e);

/* Rebuilds the run from the store. */
int driver_load(struct driver *d, struct err *e);

#endif
