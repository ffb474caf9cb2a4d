/* process_usage.c -- /proc/PID/stat, as proc(5) has it. */
#include "cli/up/process_usage.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int process_look(pid_t pid, struct process_usage *out)
{
	unsigned long utime, stime;
	long threads, rss_pages;
	char path[64], text[1024];
	const char *rest;
	size_t n;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = '\0';
	/* The name, in parentheses, may hold anything. */
	rest = strrchr(text, ')');
	if (!rest || sscanf(rest + 1,
			     " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
			     "%lu %lu %*d %*d %*d %*d %ld %*d %*u %*u %ld",
			     &utime, &stime, &threads, &rss_pages) != 4)
		return 0;
	out->threads = threads;
	out->rss_bytes = (int64_t)rss_pages * sysconf(_SC_PAGESIZE);
	out->cpu_s = (double)(utime + stime) / (double)sysconf(_SC_CLK_TCK);
	return 1;
}
