/* cmd_watch.c -- `nevod watch`: live progress of a run, then what it came to.
 */
#include <stdio.h>
#include <string.h>

#include "cli/client/broker_client.h"
#include "cli/options/command.h"
#include "cli/remote/follow.h"
#include "cli/view/report.h"

static const struct option own_options[] = {
	{"json", OPTION_FLAG, 0, 0, NULL, "print the result as JSON"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static int watch(const struct options *o, struct broker_client *b,
	struct report *r, struct err *e)
{
	static const char *const active[] = {
		"created", "running", "paused", NULL};
	struct progress p;
	struct follow f = {.broker = b, .progress = &p};
	char uuid[UUID_TEXT_BYTES];
	int rc = broker_pick_run(
		b, o->n_args ? o->args[0] : NULL, active, uuid, e);

	if (rc)
		return rc;
	progress_init(&p);
	rc = follow_run(&f, uuid, &r->view, e);
	if (rc == ERR_CANCELLED)
		progress_say(&p, "the run %s goes on", uuid);
	return rc ? rc : report_fetch(b, uuid, r, e);
}

static int run_watch(const struct options *o)
{
	struct broker_client b;
	struct report r;
	struct err e;
	int rc = broker_client_open(&b, o, &e), finished;

	if (rc == 0)
		rc = watch(o, &b, &r, &e);
	if (rc == ERR_CANCELLED)
		return EXIT_INTERRUPTED;
	if (rc)
		return command_fail(&e);
	finished = strcmp(r.view.state, "finished") == 0;
	if (options_flag(o, "json"))
		rc = report_print_json(report_json(&r), &e);
	else
		report_print(&r, stdout);
	report_release(&r);
	if (rc)
		return command_fail(&e);
	return finished ? EXIT_OK : EXIT_FAILED;
}

static const struct option_group groups[] = {
	{"Broker", .options = options_client},
	{"Result", .options = own_options},
	{.title = NULL},
};

const struct command command_watch = {
	.name = "watch",
	.args = "[RUN]",
	.summary = "follow a run until it ends",
	.details = "Without RUN it follows the newest run that is not over.  "
		   "Ctrl-C stops the\nwatching, not the run.\n",
	.groups = groups,
	.max_args = 1,
	.run = run_watch,
};
