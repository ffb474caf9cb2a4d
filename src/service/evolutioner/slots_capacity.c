/* slots_capacity.c -- how much this machine can do at a time. */
#include "base/machine.h"
#include "service/evolutioner/slots.h"

#define JOB_MB 1024 /* the default max_job_mb */

int64_t slots_memory_mb(void)
{
	return machine_memory_mb(NULL);
}

int slots_default(void)
{
	int64_t by_memory = slots_memory_mb() / JOB_MB;
	int n = machine_cores();

	if (n > by_memory)
		n = (int)by_memory;
	return n > 0 ? n : 1;
}
