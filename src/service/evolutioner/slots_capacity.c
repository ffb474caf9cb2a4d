/* slots_capacity.c -- how much this machine can do at a time. */
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "service/evolutioner/slots.h"

#define JOB_MB 1024 /* the default max_job_mb */
#define MIB ((int64_t)1 << 20)
#define CGROUP_LIMIT "/sys/fs/cgroup/memory.max"

/* In a container; INT64_MAX without a limit ("max", or no such file). */
static int64_t cgroup_mb(void)
{
	struct buf text;
	int64_t mb = INT64_MAX;

	buf_init(&text, 64);
	if (file_read(CGROUP_LIMIT, &text, NULL) == 0 && text.len > 0 &&
		text.data[0] != 'm')
		mb = strtoll(text.data, NULL, 10) / MIB;
	buf_release(&text);
	return mb;
}

int64_t slots_memory_mb(void)
{
	int64_t machine = (int64_t)sysconf(_SC_PHYS_PAGES) *
			  (int64_t)sysconf(_SC_PAGESIZE) / MIB;
	int64_t group = cgroup_mb();

	return group < machine ? group : machine;
}

int slots_default(void)
{
	int64_t by_memory = slots_memory_mb() / JOB_MB;
	cpu_set_t cores;
	int n = 1;

	if (sched_getaffinity(0, sizeof cores, &cores) == 0)
		n = CPU_COUNT(&cores);
	if (n > by_memory)
		n = (int)by_memory;
	return n > 0 ? n : 1;
}
