/* machine.h -- what this process may take of the machine: the least of what it
 * has and of what control groups (version 1 and 2) and limits allow. */
#ifndef BASE_MACHINE_H
#define BASE_MACHINE_H

#include <stdint.h>

/* Memory in MiB: of the machine, of the control groups that we are in, of the
 * limits on address space and data.  `*why` (may be NULL) says which is least:
 * "the machine", "a control group" or "ulimit". */
int64_t machine_memory_mb(const char **why);

/* Cores that we may run on; at least 1. */
int machine_cores(void);

#endif
