/* driver.h -- a driver's state: the run, its row, its mail. */
#ifndef SERVICE_DRIVER_DRIVER_H
#define SERVICE_DRIVER_DRIVER_H

#include <pthread.h>

#include "base/trace.h"
#include "run/run.h"
#include "service/driver/driver_world.h"
#include "service/driver/mailbox.h"

#define DRIVER_ARENA_MAX ((size_t)1 << 30)

struct driver {
	const struct driver_world *world;
	char uuid[UUID_TEXT_BYTES];
	struct trace trace; /* of which the run is a part */
	pthread_t thread;
	struct mailbox mail;
	struct inbox inbox; /* results into `mail` */
	int users;          /* threads that wait for an answer; the table's */

	/* The driver thread's own. */
	struct run run;
	struct store_run row; /* as last written; its strings in row_mem */
	struct arena row_mem;
	int64_t clock_ms;       /* when row.running_ms was last counted */
	enum run_state counted; /* the state at that time */
	int asking; /* a generation is wanted from the genome service */
	int again;  /* outstanding acts are to be repeated */
	int unsure; /* what failed to be saved may have been saved */
	int sweep;  /* blobs may have lost the last name that they had */
	struct err failure; /* the last that was a genome's own */

	/* For other threads. */
	pthread_mutex_t view_lock; /* guards the two below */
	struct driver_view view;
	int64_t view_since_ms;
};

/* An event, and what the run makes of it. */
struct driver_event {
	struct run_event ev;
	const char *text;         /* of its result, or NULL */
	struct run_commands cmds; /* filled in by driver_steps */
};

#endif
