/* cmd_champion.c -- `nevod champion`: the best network of a run, and its
 * weights.
 */
#include <stdio.h>

#include "base/output.h"
#include "cli/client/broker_client.h"
#include "cli/options/command.h"
#include "cli/view/pareto_text.h"
#include "cli/view/report.h"

static const struct option own_options[] = {
	{"out", OPTION_TEXT, 0, 0, "FILE",
		"write the weights there (safetensors)"},
	{"pareto", OPTION_FLAG, 0, 0, NULL,
		"list the networks that no smaller or cheaper one matches"},
	{"json", OPTION_FLAG, 0, 0, NULL, "print it as JSON"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

/* The broker's document, and the result that scored the champion. */
static json_t *champion_json(const struct report *r)
{
	json_t *v = json_copy(r->champion);

	json_object_set_new(v, "scoring",
		r->scoring ? json_incref(r->scoring) : json_null());
	json_object_set_new(
		v, "rungs", r->rungs ? json_incref(r->rungs) : json_array());
	return v;
}

static int print_champion(const struct options *o,
	const struct broker_client *b, const char *uuid, struct err *e)
{
	struct report r;
	int rc = report_fetch(b, uuid, &r, e);

	if (rc)
		return rc;
	if (!r.champion)
		rc = err_set(e, ERR_NOT_FOUND,
			"run %s has no champion yet: nothing is scored", uuid);
	else if (options_flag(o, "json"))
		rc = report_print_json(champion_json(&r), e);
	else
		report_print(&r, stdout);
	report_release(&r);
	return rc;
}

/* Accuracy against parameters and operations. */
static int print_pareto(const struct options *o, const struct broker_client *b,
	const char *uuid, struct err *e)
{
	json_t *front;
	int rc = broker_get(b, &front, e, "/v1/runs/%s/pareto", uuid);

	if (rc)
		return rc;
	if (options_flag(o, "json"))
		return report_print_json(front, e);
	pareto_text(front, stdout);
	json_decref(front);
	return 0;
}

static int champion(
	const struct options *o, struct broker_client *b, struct err *e)
{
	static const char *const states[] = {"finished", NULL};
	const char *file = options_text(o, "out", NULL);
	char uuid[UUID_TEXT_BYTES], path[128];
	int rc = file ? output_check(file, e) : 0;

	if (rc == 0)
		rc = broker_pick_run(
			b, o->n_args ? o->args[0] : NULL, states, uuid, e);
	if (rc)
		return rc;
	snprintf(path, sizeof(path), "/v1/runs/%s/champion.safetensors", uuid);
	if (file)
		rc = broker_download(b, path, file, e);
	if (rc == 0)
		rc = options_flag(o, "pareto") ? print_pareto(o, b, uuid, e)
					       : print_champion(o, b, uuid, e);
	if (rc == 0 && file && !options_flag(o, "json"))
		printf("\nWeights: %s\n", file);
	return rc;
}

static int run_champion(const struct options *o)
{
	struct broker_client b;
	struct err e;
	int rc = broker_client_open(&b, o, &e);

	if (rc == 0)
		rc = champion(o, &b, &e);
	return rc ? command_fail(&e) : EXIT_OK;
}

static const struct option_group groups[] = {
	{"Result", .options = own_options},
	{"Broker", .options = options_client},
	{.title = NULL},
};

const struct command command_champion = {
	.name = "champion",
	.args = "[RUN]",
	.summary = "show the best network of a run and save its weights",
	.details = "Without RUN it takes the newest finished run.  Of a run "
		   "that is under way it\nshows the best so far.\n",
	.groups = groups,
	.max_args = 1,
	.run = run_champion,
};
