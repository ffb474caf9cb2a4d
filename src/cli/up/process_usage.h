/* process_usage.h -- what another process takes, by /proc. */
#ifndef CLI_UP_PROCESS_USAGE_H
#define CLI_UP_PROCESS_USAGE_H

#include <stdint.h>
#include <sys/types.h>

struct process_usage {
	int64_t threads, rss_bytes;
	double cpu_s;
};

/* False when there is no such process. */
int process_look(pid_t pid, struct process_usage *out);

#endif
