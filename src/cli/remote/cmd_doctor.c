/* cmd_doctor.c -- `nevod doctor`: what this machine, its folder and its broker
 * are like, what is wrong with them and what to do. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/machine.h"
#include "cli/client/broker_client.h"
#include "cli/options/command.h"
#include "cli/options/places.h"
#include "cli/view/report.h"
#include "model/speed.h"
#include "nn/kernels/kernels.h"

#define CLASSES_MAX 8
#define TEXT_BYTES 400
#define JOB_MB 1024 /* the default max_job_mb */
#define DISK_LOW_MB 2000
#define FILES_LOW 4096
#define MIB 1048576.0
#define YEAR_MS (INT64_C(365) * 86400000)

enum verdict { GOOD, ODD, BAD };

/* What has been found; `items` is what --json prints. */
struct findings {
	json_t *items;
	int plain; /* print each at once */
	int bad;
};

static const char *const verdicts[] = {"ok", "odd", "wrong"};

static void find(struct findings *f, enum verdict v, const char *what,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void find(struct findings *f, enum verdict v, const char *what,
	const char *fmt, ...)
{
	char text[TEXT_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	f->bad |= v == BAD;
	json_array_append_new(
		f->items, json_pack("{s:s,s:s,s:s}", "verdict", verdicts[v],
				  "what", what, "finding", text));
	if (f->plain) {
		printf("%-6s %-8s %s\n", verdicts[v], what, text);
		fflush(stdout);
	}
}

/* -- the machine -- */

static void look_at_cpu(struct findings *f)
{
	const char *classes[CLASSES_MAX];
	char list[TEXT_BYTES / 2] = "";
	size_t n = kernels_available(classes, CLASSES_MAX), used = 0;

	for (size_t i = 0; i < n && i < CLASSES_MAX; i++)
		used += (size_t)snprintf(
			list + used, sizeof list - used, " %s", classes[i]);
	find(f, GOOD, "CPU", "%d cores, kernel classes%s", machine_cores(),
		list);
	find(f, GOOD, "speed",
		"%.0f GFLOP/s a core by %s (a busy machine is slower)",
		speed_gflops(kernels_best()), classes[0]);
}

static void look_at_memory(struct findings *f)
{
	const char *why;
	int64_t mb = machine_memory_mb(&why);

	if (mb < JOB_MB)
		find(f, BAD, "memory",
			"%lld MB by %s: less than a job may take (--max-job-mb "
			"%d); give more, or make that smaller",
			(long long)mb, why, JOB_MB);
	else
		find(f, GOOD, "memory", "%lld MB by %s: %lld jobs at a time",
			(long long)mb, why, (long long)(mb / JOB_MB));
}

static void look_at_limits(struct findings *f)
{
	struct rlimit files, size;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_max < FILES_LOW)
		find(f, ODD, "limits",
			"%llu open files: a broker of many workers needs more "
			"(ulimit -n)",
			(unsigned long long)files.rlim_max);
	else if (getrlimit(RLIMIT_FSIZE, &size) == 0 &&
		 size.rlim_cur != RLIM_INFINITY)
		find(f, ODD, "limits",
			"files of at most %.0f MB (ulimit -f): the store and "
			"data sets grow beyond",
			(double)size.rlim_cur / MIB);
	else
		find(f, GOOD, "limits", "nothing in the way");
}

/* No clock of ours is needed to be right, but people read it. */
static void look_at_clock(struct findings *f)
{
	char now[CLOCK_TEXT_BYTES];

	clock_format(clock_wall_ms(), now);
	if (clock_wall_ms() < 55 * YEAR_MS)
		find(f, ODD, "clock", "%s: it is behind; runs show such times",
			now);
	else
		find(f, GOOD, "clock", "%s", now);
}

/* -- the folder -- */

static void look_at_rights(struct findings *f, const char *dir)
{
	char path[PATH_MAX];
	struct stat s;

	if (snprintf(path, sizeof path, "%s/nevod.db", dir) >=
			(int)sizeof path ||
		stat(path, &s))
		return;
	if (s.st_mode & 07)
		find(f, ODD, "store",
			"%s is open to every user: chmod o= it, or start a "
			"broker there",
			path);
	else if (access(path, R_OK | W_OK))
		find(f, BAD, "store", "%s: %s", path, strerror(errno));
	else
		find(f, GOOD, "store", "%s, %.1f MB", path,
			(double)s.st_size * 1e-6);
}

static void look_at_folder(struct findings *f, const char *dir)
{
	struct statvfs disk;
	double free_mb;

	if (access(dir, F_OK)) {
		find(f, GOOD, "folder", "%s is not there yet", dir);
		return;
	}
	if (access(dir, R_OK | W_OK | X_OK) || statvfs(dir, &disk)) {
		find(f, BAD, "folder", "%s: %s", dir, strerror(errno));
		return;
	}
	free_mb = (double)disk.f_bavail * (double)disk.f_frsize * 1e-6;
	find(f, free_mb < DISK_LOW_MB ? BAD : GOOD, "disk", "%.0f MB free%s",
		free_mb,
		free_mb < DISK_LOW_MB ? ": make room, or runs will wait for it"
				      : "");
	look_at_rights(f, dir);
}

/* -- the broker -- */

static void look_at_workers(struct findings *f, const struct broker_client *b)
{
	const json_t *item;
	json_t *page;
	size_t i, n;
	struct err e;

	if (broker_get(b, &page, &e, "/v1/workers")) {
		find(f, BAD, "workers", "%s", e.text);
		return;
	}
	n = json_array_size(json_object_get(page, "items"));
	if (n == 0)
		find(f, BAD, "workers",
			"none: start one with nevod evolutioner --broker %s",
			b->url);
	json_array_foreach(json_object_get(page, "items"), i, item) {
		const char *url = json_string_value(
			json_object_get(item, "url"));
		const char *state = json_string_value(
			json_object_get(item, "state"));
		const char *version = json_string_value(
			json_object_get(item, "version"));
		const char *why = json_string_value(
			json_object_get(item, "error"));

		find(f, why ? ODD : GOOD, "worker", "%s: %s, nevod %s%s%s",
			url ? url : "?", state ? state : "?",
			version ? version : "?", why ? ": " : "",
			why ? why : "");
	}
	json_decref(page);
}

static void look_at_broker(struct findings *f, const struct broker_client *b)
{
	struct err why = {0};

	switch (broker_look(b, &why)) {
	case BROKER_ABSENT:
		find(f, GOOD, "broker",
			"none at %s (nevod up starts one, nevod evolve too)",
			b->url);
		return;
	case BROKER_STRANGER:
		find(f, BAD, "broker",
			"what answers at %s is none: choose another port, or "
			"name it with --broker",
			b->url);
		return;
	case BROKER_UNREADY:
		find(f, BAD, "broker", "%s is not ready: %s", b->url, why.text);
		break;
	case BROKER_READY: find(f, GOOD, "broker", "%s is ready", b->url);
	}
	look_at_workers(f, b);
}

/* -- */

static int run_doctor(const struct options *o)
{
	struct findings f = {.plain = !options_flag(o, "json")};
	struct broker_client b;
	char dir[PATH_MAX];
	struct err e;

	if (broker_client_open(&b, o, &e) ||
		place_data_dir(options_text(o, "data-dir", NULL), dir, &e))
		return command_fail(&e);
	f.items = json_array();
	look_at_cpu(&f);
	look_at_memory(&f);
	look_at_limits(&f);
	look_at_clock(&f);
	look_at_folder(&f, dir);
	look_at_broker(&f, &b);
	if (f.plain)
		json_decref(f.items);
	else if (report_print_json(json_pack("{s:o}", "findings", f.items), &e))
		return command_fail(&e);
	return f.bad ? EXIT_FAILED : EXIT_OK;
}

static const struct option own_options[] = {
	{"data-dir", OPTION_TEXT, 0, 0, "DIR",
		"the folder to look at ($XDG_DATA_HOME/nevod)"},
	{"json", OPTION_FLAG, 0, 0, NULL, "print the findings as JSON"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const struct option_group groups[] = {
	{"What", .options = own_options},
	{"Broker", .options = options_client},
	{.title = NULL},
};

const struct command command_doctor = {
	.name = "doctor",
	.args = "",
	.summary = "say what is wrong with this machine or a broker",
	.details =
		"Looks at CPU, memory, limits, clock, the data folder, the "
		"broker and its\nworkers, in some seconds.  A finding is ok, "
		"odd or wrong; with a wrong one the\nexit status is 1.\n",
	.groups = groups,
	.run = run_doctor,
};
