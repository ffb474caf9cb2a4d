/* slot_run.h -- one job in one slot. */
#ifndef SERVICE_EVOLUTIONER_SLOT_RUN_H
#define SERVICE_EVOLUTIONER_SLOT_RUN_H

#include "service/evolutioner/slots.h"

/* Runs the job in a child, and delivers what came of it to the worker. */
void slot_run(const struct slots_options *o, struct worker_job *job);

#endif
