/* slots_private.h -- a job and its table, as slots.c and slot_run.c see them.
 *
 * A thread for each running job (slot_run.c) owns its child; the table's lock
 * guards the jobs and is never held while a child is started, heard or waited
 * for.  A job that is queued or running is removed by nobody, so its thread may
 * keep a pointer to it. */
#ifndef SERVICE_EVOLUTIONER_SLOTS_PRIVATE_H
#define SERVICE_EVOLUTIONER_SLOTS_PRIVATE_H

#include <pthread.h>

#include "service/evolutioner/slots.h"

struct slot_job {
	struct slot_job *next; /* newest first */
	struct slots *slots;
	struct job_doc doc;
	char *body;  /* canonical, to tell the same job from another */
	char *input; /* the child's line */
	struct slot_status status;
	char *weights;
	size_t n_weights;
	int cancelled;
	int64_t asked_ms, ended_ms; /* monotonic */
};

struct slots {
	struct slots_options o;
	pthread_mutex_t lock;   /* guards what follows */
	pthread_cond_t changed; /* a job ended or was cancelled */
	struct slot_job *jobs;
	int n_running;
	int64_t used_mb; /* bounds of the running jobs together */
	int stopping;
};

/* The body of a running job's thread: runs its child, notes what came of it and
 * gives the slot back. */
void *slot_run(void *job);

#endif
