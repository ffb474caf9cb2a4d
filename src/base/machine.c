/* machine.c -- limits as Linux tells them. */
#include "base/machine.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define MIB ((int64_t)1 << 20)
#define LINE_BYTES 4096

/* -- control groups -- */

/* The number in a file; INT64_MAX without one ("max", no such file). */
static int64_t read_number(const char *path)
{
	FILE *f = fopen(path, "re");
	char text[32] = "";
	int64_t n;

	if (!f)
		return INT64_MAX;
	if (!fgets(text, sizeof text, f))
		text[0] = '\0';
	fclose(f);
	n = text[0] >= '0' && text[0] <= '9' ? strtoll(text, NULL, 10) : 0;
	return n > 0 ? n : INT64_MAX;
}

/* The least of a group's limit and of those above it. */
static int64_t least_above(const char *mount, char *group, const char *file)
{
	int64_t least = INT64_MAX;
	char path[PATH_MAX];
	char *end;

	for (;;) {
		int64_t n;

		snprintf(path, sizeof path, "%s%s/%s", mount, group, file);
		n = read_number(path);
		least = n < least ? n : least;
		end = strrchr(group, '/');
		if (!end)
			return least;
		*end = '\0';
	}
}

static int has_controller(const char *list, const char *name)
{
	const size_t n = strlen(name);

	for (const char *at = list; (at = strstr(at, name)); at += n)
		if ((at == list || at[-1] == ',') &&
			(at[n] == '\0' || at[n] == ','))
			return 1;
	return 0;
}

/* A line of /proc/self/cgroup, NUMBER:CONTROLLERS:PATH. */
static int64_t limit_of(char *line)
{
	char *list = strchr(line, ':'), *group;

	group = list ? strchr(list + 1, ':') : NULL;
	if (!group)
		return INT64_MAX;
	*group++ = '\0';
	group[strcspn(group, "\n")] = '\0';
	if (strcmp(group, "/") == 0)
		*group = '\0';
	if (list[1] == '\0')
		return least_above("/sys/fs/cgroup", group, "memory.max");
	if (has_controller(list + 1, "memory"))
		return least_above("/sys/fs/cgroup/memory", group,
			"memory.limit_in_bytes");
	return INT64_MAX;
}

static int64_t cgroup_bytes(void)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	int64_t least = read_number("/sys/fs/cgroup/memory.max"), n;
	char line[LINE_BYTES];

	while (f && fgets(line, sizeof line, f)) {
		n = limit_of(line);
		least = n < least ? n : least;
	}
	if (f)
		fclose(f);
	return least;
}

/* -- */

static int64_t rlimit_bytes(int which)
{
	struct rlimit limit;

	if (getrlimit(which, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return INT64_MAX;
	return limit.rlim_cur < INT64_MAX ? (int64_t)limit.rlim_cur : INT64_MAX;
}

int64_t machine_memory_mb(const char **why)
{
	const struct {
		const char *why;
		int64_t bytes;
	} limits[] = {
		{"the machine", (int64_t)sysconf(_SC_PHYS_PAGES) *
					(int64_t)sysconf(_SC_PAGESIZE)},
		{"a control group", cgroup_bytes()},
		{"ulimit", rlimit_bytes(RLIMIT_AS)},
		{"ulimit", rlimit_bytes(RLIMIT_DATA)},
	};
	int least = 0;

	for (int i = 1; i < (int)(sizeof limits / sizeof *limits); i++)
		if (limits[i].bytes < limits[least].bytes)
			least = i;
	if (why)
		*why = limits[least].why;
	return limits[least].bytes / MIB;
}

int machine_cores(void)
{
	cpu_set_t cores;
	int n = 1;

	if (sched_getaffinity(0, sizeof cores, &cores) == 0)
		n = CPU_COUNT(&cores);
	return n > 0 ? n : 1;
}
