/* cmd_runs.c -- `nevod status`, `pause`, `resume` and `cancel`. */
#include <stdio.h>
#include <string.h>

#include "cli/client/broker_client.h"
#include "cli/options/command.h"
#include "cli/view/progress.h"
#include "cli/view/report.h"

#define LISTED 50
#define LINE_COLUMNS 78 /* beside the indent */

static const struct option own_options[] = {
	{"json", OPTION_FLAG, 0, 0, NULL, "print the broker's document"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const struct option_group groups[] = {
	{"Broker", .options = options_client},
	{"Result", .options = own_options},
	{.title = NULL},
};

/* -- printing -- */

#define TITLE_COLUMNS 15

/* As much of a text as has so many characters. */
static int first_bytes(const char *text, int columns)
{
	int n = 0;

	for (; text[n]; n++)
		if (((unsigned char)text[n] & 0xc0) != 0x80 && columns-- == 0)
			break;
	return n;
}

/* A row has 80 columns. */
static void print_row(const struct run_view *v)
{
	const char *title = run_view_title(v);
	char best[16] = "-", generations[48];

	if (v->champion >= 0)
		snprintf(best, sizeof(best), "%.4f", v->champion);
	snprintf(generations, sizeof(generations), "%lld/%lld",
		(long long)run_view_complete(v), (long long)v->generations);
	printf("%5lld  %.8s  %-9s  %9s  %6s  %.10s %.5s  %.*s\n",
		(long long)v->number, v->uuid, v->state, generations, best,
		v->created, v->created + 11, first_bytes(title, TITLE_COLUMNS),
		title);
}

/* Those that no list can show. */
static void print_damaged(const json_t *damaged)
{
	const json_t *one;
	size_t i;

	json_array_foreach((json_t *)damaged, i, one)
		fprintf(stderr, "nevod: %s\n",
			json_string_value(json_object_get(one, "error")));
}

static int print_list(const json_t *page, struct err *e)
{
	const json_t *items = json_object_get(page, "items");
	const json_t *damaged = json_object_get(page, "damaged");
	struct run_view v;
	size_t i;
	json_t *run;

	print_damaged(damaged);
	if (json_array_size(items) == 0 && json_array_size(damaged) == 0) {
		puts("no runs yet (start one with: nevod evolve)");
		return 0;
	}
	printf("%5s  %-8s  %-9s  %9s  %6s  %-16s  %s\n", "run", "uuid", "state",
		"complete", "best", "created (UTC)", "name");
	json_array_foreach((json_t *)items, i, run) {
		int rc = run_view_read(run, &v, e);

		if (rc)
			return rc;
		print_row(&v);
	}
	if (json_is_number(json_object_get(page, "next")))
		printf("(the newest %d; older ones are there)\n", LISTED);
	return 0;
}

static int print_one(const json_t *run, struct err *e)
{
	struct run_view v;
	char line[PROGRESS_LINE_BYTES], kept[RUN_VIEW_KEPT_BYTES];
	int told, rc = run_view_read(run, &v, e);

	if (rc)
		return rc;
	/* "cancelled" is a reason too, and once is enough. */
	told = *v.stop_reason && strcmp(v.stop_reason, v.state) != 0;
	printf("run %lld, %s: %s%s%s\n", (long long)v.number, v.uuid, v.state,
		told ? ", " : "", told ? v.stop_reason : "");
	if (*v.name)
		printf("  %s\n", v.name);
	if (!run_view_over(&v)) {
		progress_line(&v, LINE_COLUMNS, 0, line);
		printf("  %s\n", line);
	} else if (v.champion >= 0) {
		printf("  best %.4f after %lld generations, %lld networks, "
		       "%lld failures\n",
			v.champion, (long long)run_view_complete(&v),
			(long long)v.evaluations, (long long)v.failures);
		if (v.nodes >= 0)
			printf("  %lld species, the champion a graph of %lld "
			       "nodes and %lld edges\n",
				(long long)v.species, (long long)v.nodes,
				(long long)v.edges);
	}
	if (*v.error)
		printf("  %s\n", v.error);
	run_view_kept(&v, kept);
	if (*kept)
		printf("  %s\n", kept);
	return 0;
}

/* -- status -- */

static int status_one(
	const struct options *o, const struct broker_client *b, struct err *e)
{
	char uuid[UUID_TEXT_BYTES];
	json_t *run;
	int rc = broker_pick_run(b, o->args[0], NULL, uuid, e);

	if (rc == 0)
		rc = broker_get(b, &run, e, "/v1/runs/%s", uuid);
	if (rc)
		return rc;
	if (options_flag(o, "json"))
		return report_print_json(run, e);
	rc = print_one(run, e);
	json_decref(run);
	return rc;
}

static int status_all(
	const struct options *o, const struct broker_client *b, struct err *e)
{
	json_t *page;
	int rc = broker_get(b, &page, e, "/v1/runs?limit=%d", LISTED);

	if (rc)
		return rc;
	if (options_flag(o, "json"))
		return report_print_json(page, e);
	rc = print_list(page, e);
	json_decref(page);
	return rc;
}

static int run_status(const struct options *o)
{
	struct broker_client b;
	struct err e;
	int rc = broker_client_open(&b, o, &e);

	if (rc == 0)
		rc = o->n_args ? status_one(o, &b, &e) : status_all(o, &b, &e);
	return rc ? command_fail(&e) : EXIT_OK;
}

/* -- pause, resume, cancel -- */

static int order(
	const struct options *o, const char *verb, const char *const *states)
{
	struct broker_client b;
	char uuid[UUID_TEXT_BYTES], path[128];
	struct err e;
	json_t *run;
	int rc = broker_client_open(&b, o, &e);

	if (rc == 0)
		rc = broker_pick_run(
			&b, o->n_args ? o->args[0] : NULL, states, uuid, &e);
	if (rc)
		return command_fail(&e);
	snprintf(path, sizeof(path), "/v1/runs/%s/%s", uuid, verb);
	rc = broker_post(&b, path, NULL, NULL, &run, &e);
	if (rc)
		return command_fail(&e);
	if (options_flag(o, "json")) {
		rc = report_print_json(run, &e);
	} else {
		rc = print_one(run, &e);
		json_decref(run);
	}
	return rc ? command_fail(&e) : EXIT_OK;
}

static int run_pause(const struct options *o)
{
	static const char *const states[] = {"running", NULL};

	return order(o, "pause", states);
}

static int run_resume(const struct options *o)
{
	static const char *const states[] = {"paused", NULL};

	return order(o, "resume", states);
}

static int run_cancel(const struct options *o)
{
	/* Ending a run cannot be taken back, so its name is asked for. */
	static const struct err unnamed = {.code = ERR_INVALID,
		.text = "which run? (nevod status lists them)"};

	return o->n_args ? order(o, "cancel", NULL) : command_fail(&unnamed);
}

const struct command command_status = {
	.name = "status",
	.args = "[RUN]",
	.summary = "list the runs, or show one",
	.groups = groups,
	.max_args = 1,
	.run = run_status,
};

const struct command command_pause = {
	.name = "pause",
	.args = "[RUN]",
	.summary = "let a run rest; training that has begun still counts",
	.details = "Without RUN it takes the newest running run.\n",
	.groups = groups,
	.max_args = 1,
	.run = run_pause,
};

const struct command command_resume = {
	.name = "resume",
	.args = "[RUN]",
	.summary = "let a paused run go on",
	.details = "Without RUN it takes the newest paused run.\n",
	.groups = groups,
	.max_args = 1,
	.run = run_resume,
};

const struct command command_cancel = {
	.name = "cancel",
	.args = "RUN",
	.summary = "end a run for good; what it found is kept",
	.groups = groups,
	.max_args = 1,
	.run = run_cancel,
};
