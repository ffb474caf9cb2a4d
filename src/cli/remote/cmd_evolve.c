/* cmd_evolve.c -- `nevod evolve`: the main job, from a data set to a champion.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/output.h"
#include "cli/client/broker_client.h"
#include "cli/options/command.h"
#include "cli/options/dataset_option.h"
#include "cli/remote/evolve.h"
#include "cli/remote/follow.h"
#include "cli/options/interrupt.h"
#include "cli/options/kernels_option.h"
#include "cli/up/own_up.h"
#include "cli/options/reading_options.h"
#include "cli/view/dataset_ready.h"
#include "cli/view/plan_text.h"
#include "cli/options/run_options.h"
#include "cli/up/up_plan.h"
#include "data/dataset.h"
#include "http/client.h"
#include "http/url.h"
#include "service/service.h"
#include "wire/settings.h"

#define CREATE_TRIES 10
#define CREATE_PAUSE_MS 1000

static const struct option own_options[] = {
	{"out", OPTION_TEXT, 0, 0, "FILE",
		"write the champion's weights there (safetensors)"},
	{"json", OPTION_FLAG, 0, 0, NULL, "print the result as JSON"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

/* -- which broker -- */

/* Finds the broker's URL; "" when a free port is to be taken. */
static int choose_url(
	struct evolve *v, char url[BROKER_URL_BYTES], struct err *e)
{
	const struct options *o = v->options;
	enum option_source by_url = options_source(o, "broker");
	enum option_source by_port = options_source(o, "broker-port");
	int port = v->plan.ports[UP_BROKER];

	if (by_url == OPTION_LINE && by_port == OPTION_LINE)
		return err_set(e, ERR_INVALID,
			"give --broker or --broker-port, not both");
	if (by_url > by_port || (by_url && by_url == by_port))
		snprintf(url, BROKER_URL_BYTES, "%s",
			options_text(o, "broker", ""));
	else if (port)
		snprintf(url, BROKER_URL_BYTES, "http://127.0.0.1:%d", port);
	else
		url[0] = '\0';
	return 0;
}

/* Options for services that we will not start are a mistake. */
static int refuse_up_options(const struct evolve *v, struct err *e)
{
	static const char *const names[] = {
		"slots", "data-dir", "genome-port", "evolutioner-port"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (options_source(v->options, names[i]) == OPTION_LINE)
			return err_set(e, ERR_INVALID,
				"a broker already answers at %s, so --%s has "
				"no effect: leave it out, or choose another "
				"--broker-port",
				v->broker.url, names[i]);
	return 0;
}

/* What an evolutioner or a broker of this machine would refuse; and the data
 * set is ready then, before any service is started.  A fork has the
 * data set of its run, which the broker knows. */
static int check_here(struct evolve *v, struct err *e)
{
	const char *dataset = json_string_value(
		json_object_get(v->settings, "dataset"));
	char unused[PATH_MAX];
	struct dataset *d;
	struct reading how;
	const struct dataset_watch watch = {
		.name = dataset ? dataset : DATASET_DEFAULT,
		.how = &how,
		.data_dir = v->plan.data_dir,
		.progress = &v->progress};
	int rc;

	if (!kernels_option(v->options, e))
		return e->code;
	if (!dataset && json_object_get(v->settings, "fork"))
		return 0;
	rc = reading_options(v->options, &how, e);
	if (rc == 0 && dataset)
		rc = dataset_option(dataset, v->plan.data_dir, unused, e);
	if (rc == 0) {
		d = dataset_ready(&watch, e);
		rc = d ? 0 : e->code;
		dataset_close(d);
	}
	v->failed_here = rc != 0;
	return rc;
}

/* Starts the services at the broker's URL, if that is here. */
static int start_services(struct evolve *v, struct err *e)
{
	struct http_place at;
	int rc;

	if (*v->broker.url) {
		rc = http_url(v->broker.url, &at, e);
		if (rc)
			return rc;
		/* `up` serves this one address. */
		if (at.tls || (strcmp(at.host, "127.0.0.1") != 0 &&
				      strcmp(at.host, "localhost") != 0))
			return err_set(e, ERR_WORLD,
				"the broker at %s does not answer",
				v->broker.url);
		v->plan.ports[UP_BROKER] = at.port;
	}
	rc = check_here(v, e);
	if (rc == 0)
		rc = up_plan_ports(&v->plan, e);
	if (rc)
		return rc;
	snprintf(
		v->broker.url, BROKER_URL_BYTES, "%s", v->plan.urls[UP_BROKER]);
	progress_say(&v->progress, "starting the services (data in %s)",
		v->plan.data_dir);
	rc = own_up_start(&v->up, &v->plan, &v->broker, &v->progress, e);
	v->ours = rc == 0;
	return rc;
}

static int reach_broker(struct evolve *v, struct err *e)
{
	char url[BROKER_URL_BYTES];
	int rc = up_plan_read(v->options, &v->plan, e);

	if (rc == 0)
		rc = choose_url(v, url, e);
	if (rc == 0)
		rc = broker_client_init(&v->broker,
			*url ? url : "http://127.0.0.1",
			options_text(v->options, "token-file", NULL), e);
	if (rc == 0)
		rc = client_trust(v->options, e);
	if (rc)
		return rc;
	if (!*url) {
		v->broker.url[0] = '\0';
		return start_services(v, e);
	}
	switch (broker_look(&v->broker, NULL)) {
	case BROKER_READY:
	case BROKER_UNREADY: return refuse_up_options(v, e);
	case BROKER_ABSENT: return start_services(v, e);
	default:
		return err_set(e, ERR_WORLD,
			"what answers at %s is not a broker; "
			"choose another with --broker or --broker-port",
			v->broker.url);
	}
}

/* -- the run -- */

/* A person may name the run otherwise than by its uuid. */
static int find_forked(struct evolve *v, struct err *e)
{
	json_t *fork = json_object_get(v->settings, "fork");
	char uuid[UUID_TEXT_BYTES];
	int rc;

	if (!fork)
		return 0;
	rc = broker_pick_run(&v->broker,
		json_string_value(json_object_get(fork, "run")), NULL, uuid, e);
	if (rc == 0)
		json_object_set_new(fork, "run", json_string(uuid));
	return rc;
}

/* Where the run goes on from, if from anywhere. */
static void say_fork(struct evolve *v, const json_t *run)
{
	const json_t *settings = json_object_get(run, "settings");
	const json_t *fork = json_object_get(settings, "fork");
	const char *from = json_string_value(json_object_get(fork, "run"));

	if (from)
		progress_say(&v->progress,
			"with %zu networks from generation %lld of run %s",
			json_array_size(
				json_object_get(settings, "seed_genomes")),
			(long long)json_integer_value(
				json_object_get(fork, "generation")),
			from);
}

/* A path that the broker has not and we have is one of this machine. */
static int explain_refusal(const struct evolve *v, struct err *e)
{
	const char *dataset = json_string_value(
		json_object_get(v->settings, "dataset"));

	if (e->code != ERR_RANGE || strcmp(e->where, "/dataset") != 0 ||
		!dataset || dataset[0] != '/' || access(dataset, F_OK))
		return e->code;
	return err_prefix(e,
		"the broker at %s cannot use %.100s of this machine (nevod "
		"dataset push brings it there)",
		v->broker.url, dataset);
}

/* Creates the run; a request whose answer was lost is made again under the same
 * key, so that it makes one run. */
static int create_run(struct evolve *v, struct err *e)
{
	char key[UUID_TEXT_BYTES], plan[PLAN_TEXT_BYTES];
	struct run_view view;
	json_t *run;
	int rc = ERR_WORLD;

	uuid_make(key);
	for (int i = 0; i < CREATE_TRIES; i++) {
		rc = broker_post(
			&v->broker, "/v1/runs", v->settings, key, &run, e);
		if (rc != ERR_WORLD && rc != ERR_BUSY)
			break;
		clock_sleep_ms(CREATE_PAUSE_MS);
		if (interrupted(NULL))
			return err_set(e, ERR_CANCELLED, "interrupted");
		if (v->ours && own_up_ended(&v->up, e))
			return e->code;
	}
	if (v->ours && (rc == ERR_WORLD || rc == ERR_BUSY || rc == ERR_DAMAGED))
		return own_up_explain(&v->up, e);
	if (rc)
		return explain_refusal(v, e);
	rc = run_view_read(run, &view, e);
	plan_text(run, plan);
	if (rc) {
		json_decref(run);
		return rc;
	}
	memcpy(v->uuid, view.uuid, sizeof(v->uuid));
	progress_say(&v->progress, "run %s on %s", v->uuid, v->broker.url);
	say_fork(v, run);
	if (*plan)
		progress_say(&v->progress, "%s", plan);
	json_decref(run);
	return 0;
}

static int evolve(struct evolve *v, struct err *e)
{
	struct run_view last;
	struct follow f = {
		.broker = &v->broker, .progress = &v->progress, .ctx = &v->up};
	int rc = reach_broker(v, e);

	if (rc == 0)
		rc = find_forked(v, e);
	if (rc == 0)
		rc = create_run(v, e);
	if (rc)
		return rc;
	f.hopeless = v->ours ? own_up_ended : NULL;
	rc = follow_run(&f, v->uuid, &last, e);
	return rc ? rc : evolve_deliver(v, e);
}

static int run_evolve(const struct options *o)
{
	struct evolve v = {.options = o};
	struct err e;
	json_t *settings = run_options_settings(o, &e);
	const char *out = options_text(o, "out", NULL);
	int rc;

	if (settings && out && output_check(out, &e)) {
		json_decref(settings);
		settings = NULL;
	}
	if (!settings)
		return command_fail(&e);
	http_client_init();
	interrupt_catch();
	progress_init(&v.progress);
	v.settings = settings;
	rc = evolve(&v, &e);
	json_decref(settings);
	if (v.ours && rc != ERR_CANCELLED)
		evolve_await_others(&v);
	if (rc == ERR_CANCELLED)
		evolve_say_interrupted(&v);
	own_up_stop(&v.up);
	if (rc == ERR_CANCELLED)
		return EXIT_INTERRUPTED;
	if (rc == 0)
		return EXIT_OK;
	if (v.failed_here)
		return command_fail_here(&e);
	/* A broker of our own that is silent is a service that failed. */
	return command_fail(&e) == EXIT_UNREACHABLE && *v.up.log
		       ? EXIT_FAILED
		       : exit_code_of(&e);
}

/* What is listed in none of these is how to breed: the algorithms' settings. */
static const char *const the_data[] = {
	"dataset", "layout", "transpose", "label_column", "resize", NULL};
static const char *const the_run[] = {"name", "budget", "budget_pflop",
	"search_share", "generations", "fitness_threshold", "stagnation",
	"seed", NULL};
static const char *const champion[] = {
	"finalists", "final_epochs", "final_augment", "final_rate_limit", NULL};
static const char *const placement[] = {"kernels", "max_job_mb", NULL};

static const struct option_group groups[] = {
	{"The data", .fields = &settings_fields, .only = the_data},
	{"The run", .fields = &settings_fields, .only = the_run},
	{"Breeding", .fields = &settings_fields},
	{"Breeding", .options = run_options_genomes},
	{"Training", .fields = &training_fields},
	{"The champion", .fields = &settings_fields, .only = champion},
	{"Placement", .fields = &settings_fields, .only = placement},
	{"Result", .options = own_options},
	{"Broker", .options = options_client},
	{"Services, when none answers", .options = options_up},
	{.title = NULL},
};

const struct command command_evolve = {
	.name = "evolve",
	.args = "",
	.summary = "evolve networks for a data set and print the champion",
	.details =
		"Uses the broker that answers at --broker.  When none does, "
		"and that is this\nmachine, it starts the services as `nevod "
		"up` would and stops them at the end.\nCtrl-C leaves the run "
		"so "
		"that it can be continued; a second one stops at once.\n",
	.groups = groups,
	.run = run_evolve,
};
