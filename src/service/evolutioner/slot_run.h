/* slot_run.h -- one job in one slot. */
#ifndef SERVICE_EVOLUTIONER_SLOT_RUN_H
#define SERVICE_EVOLUTIONER_SLOT_RUN_H

#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "data/dataset.h"
#include "dispatch/worker.h"
#include "wire/job_json.h"

/* What every slot works with; all of it outlives the slots. */
struct slot_options {
	char *const *argv; /* of a child; argv[0] is the executable's path */
	int64_t quiet_ms;  /* a child without progress is ended, */
	int64_t idle_ms;   /* and so is one that uses no CPU time */
	struct worker *worker;
	const char *blobs_dir; /* of the weights that jobs start
				* from; NULL: none do */
	/* Finds the prepared data set of a job, or says why it cannot run. */
	int (*prepare)(void *ctx, struct job_doc *job,
		char path[DATASET_PATH_MAX], struct err *e);
	void *ctx;
	const struct log *log;
};

#define SLOT_QUIET_MS (10 * 60 * 1000)
#define SLOT_IDLE_MS (20 * 1000)

/* Runs a job that was taken in a child, and delivers what came of it. */
void slot_run(const struct slot_options *o, struct worker_job *job);

#endif
