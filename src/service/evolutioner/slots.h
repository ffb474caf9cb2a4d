/* slots.h -- a worker's slots: each takes a job, runs it in a child process and
 * delivers what came of it, one after the other.
 *
 * Where jobs come from and results go is the worker's matter
 * (dispatch/worker.h). */
#ifndef SERVICE_EVOLUTIONER_SLOTS_H
#define SERVICE_EVOLUTIONER_SLOTS_H

#include <stdint.h>

#include "service/evolutioner/slot_run.h"

struct slots;

/* Jobs that this machine should run at a time: one for each core that the
 * process may use, but no more than the memory holds at 1 GiB each, a job's
 * default bound. */
int slots_default(void);

/* Memory of the machine, or of the control group if that is less. */
int64_t slots_memory_mb(void);

/* Starts `n` slots, a thread each; copies the options.  NULL with ERR_WORLD
 * when a thread cannot be started. */
struct slots *slots_new(int n, const struct slot_options *o, struct err *e);

/* Stops the worker, kills what runs and waits for it; takes a fraction of a
 * second.  NULL allowed. */
void slots_free(struct slots *s);

#endif
