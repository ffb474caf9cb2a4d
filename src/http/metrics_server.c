/* metrics_server.c -- what every service shows: its version, time, memory and
 * descriptors, and the requests that it has answered. */
#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/metrics.h"
#include "http/server_private.h"

static int count_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n > 3 ? n - 3 : 0; /* ".", ".." and the folder itself */
}

static double resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	double all, pages = 0;

	if (f && fscanf(f, "%lf %lf", &all, &pages) != 2)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (double)sysconf(_SC_PAGESIZE);
}

static void write_process(struct metrics *m, double started_s)
{
	metrics_one(m, "process_cpu_seconds_total",
		"CPU time of the process, without its children.",
		clock_cpu_s());
	metrics_one(m, "process_resident_memory_bytes",
		"Memory of the process, without its children.",
		resident_bytes());
	metrics_one(m, "process_open_fds", "Open file descriptors.",
		count_descriptors());
	metrics_one(m, "process_start_time_seconds",
		"When the service began to serve, since the epoch.", started_s);
}

static void write_requests(struct metrics *m, struct http_server *s)
{
	char labels[32];

	metrics_family(m, "nevod_http_requests_total",
		"Requests that were answered, by the first digit of the "
		"status.");
	for (int i = 1; i < HTTP_STATUS_CLASSES; i++) {
		snprintf(labels, sizeof labels, "code=\"%dxx\"", i);
		metrics_sample(m, labels, (double)s->answered[i]);
	}
	metrics_one(m, "nevod_http_requests_in_flight",
		"Requests with a handler, or waiting for news.", s->busy);
}

static void write_limits(struct metrics *m, struct http_server *s)
{
	uint64_t late, room;

	metrics_one(m, "nevod_http_bytes_in_flight",
		"Bytes that requests take now: bodies, what is made of them, "
		"answers.",
		(double)callers_bytes(s->callers));
	metrics_family(m, "nevod_http_refused_total",
		"Requests refused for the bytes that they would take, or for "
		"their number.");
	metrics_sample(m, "limit=\"bytes\"", (double)s->refused_bytes);
	metrics_sample(m, "limit=\"rate\"", (double)s->refused_rate);
	connections_cut(s->connections, &late, &room);
	metrics_family(m, "nevod_http_connections_cut_total",
		"Connections cut off: their request came too slowly, or there "
		"were too many.");
	metrics_sample(m, "cause=\"late\"", (double)late);
	metrics_sample(m, "cause=\"room\"", (double)room);
}

void metrics_server(struct metrics *m, const struct http_request *q)
{
	char label[METRICS_LABEL_BYTES];

	metrics_family(m, "nevod_build_info", "1, of this version.");
	metrics_label("version", NEVOD_VERSION, label);
	metrics_sample(m, label, 1);
	write_process(m, (double)q->server->started_ms * 1e-3);
	write_requests(m, q->server);
	write_limits(m, q->server);
}
