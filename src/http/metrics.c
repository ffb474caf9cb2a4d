/* metrics.c -- samples as text, and those that every process has: its version,
 * time, memory and descriptors, and the requests that it has answered. */
#include "http/metrics.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/docs.h"
#include "http/server_private.h"

#define TEXT_MAX ((size_t)4 << 20)
#define CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* -- the format -- */

static int ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

void metrics_family(struct metrics *m, const char *name, const char *help)
{
	m->name = name;
	buf_printf(&m->text, NULL, "# HELP %s %s\n# TYPE %s %s\n", name, help,
		name, ends_in(name, "_total") ? "counter" : "gauge");
}

void metrics_sample(struct metrics *m, const char *labels, double value)
{
	int bare = *labels == '\0';

	/* Whole numbers as such; others with all their digits. */
	buf_printf(&m->text, NULL,
		fabs(value) < 1e15 && value == floor(value)
			? "%s%s%s%s %.0f\n"
			: "%s%s%s%s %.17g\n",
		m->name, bare ? "" : "{", labels, bare ? "" : "}", value);
}

void metrics_one(
	struct metrics *m, const char *name, const char *help, double value)
{
	metrics_family(m, name, help);
	metrics_sample(m, "", value);
}

void metrics_label(
	const char *name, const char *text, char out[METRICS_LABEL_BYTES])
{
	size_t n = (size_t)snprintf(out, 64, "%s=\"", name);

	for (size_t i = 0; text[i] && i < 200; i++) {
		if (strchr("\\\"\n", text[i]))
			out[n++] = '\\';
		out[n++] = text[i] == '\n' ? 'n' : text[i];
	}
	out[n++] = '"';
	out[n] = '\0';
}

/* -- of every process -- */

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

void docs_metrics(void *ctx, const struct http_request *q, struct http_reply *r)
{
	const struct docs *d = ctx;
	struct metrics m;
	char label[METRICS_LABEL_BYTES];

	buf_init(&m.text, TEXT_MAX);
	metrics_family(&m, "nevod_build_info", "1, of this version.");
	metrics_label("version", NEVOD_VERSION, label);
	metrics_sample(&m, label, 1);
	write_process(&m, (double)q->server->started_ms * 1e-3);
	write_requests(&m, q->server);
	if (d->metrics)
		d->metrics(ctx, &m);
	http_reply_bytes(r, 200, CONTENT_TYPE, m.text.data, m.text.len);
	buf_release(&m.text);
}
