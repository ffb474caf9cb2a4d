/* slots.h -- a worker's slots: each takes a job, runs it in a child process and
 * delivers what came of it, one after the other.
 *
 * Where jobs come from and results go is the worker's matter
 * (dispatch/worker.h). */
#ifndef SERVICE_EVOLUTIONER_SLOTS_H
#define SERVICE_EVOLUTIONER_SLOTS_H

#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "data/dataset.h"
#include "dispatch/worker.h"
#include "wire/job_json.h"

struct slots;

struct slots_options {
	char *const *argv; /* of a child; argv[0] is the executable's path */
	int n;             /* jobs at a time, 1 or more */
	int64_t quiet_ms;  /* a child without progress is ended */
	struct worker *worker;
	/* Finds the prepared data set of a job, or says why it cannot run. */
	int (*prepare)(void *ctx, struct job_doc *job,
		char path[DATASET_PATH_MAX], struct err *e);
	void *ctx;
	const struct log *log;
};

#define SLOTS_QUIET_MS (10 * 60 * 1000)

/* Jobs that this machine should run at a time: one for each core that the
 * process may use, but no more than the memory holds at 1 GiB each, a job's
 * default bound. */
int slots_default(void);

/* Memory of the machine, or of the control group if that is less. */
int64_t slots_memory_mb(void);

/* Starts a thread a slot.  Options are copied; what they point to stays the
 * caller's.  NULL with ERR_WORLD when a thread cannot be started. */
struct slots *slots_new(const struct slots_options *o, struct err *e);

/* Stops the worker, kills what runs and waits for it; takes a fraction of a
 * second.  NULL allowed. */
void slots_free(struct slots *s);

#endif
