/* cmd_evolve.c -- `nevod evolve`: the main job, from a data set to a champion.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/output.h"
#include "cli/client/broker_client.h"
#include "cli/options/command.h"
#include "cli/remote/follow.h"
#include "cli/options/interrupt.h"
#include "cli/options/kernels_option.h"
#include "cli/up/own_up.h"
#include "cli/options/places.h"
#include "cli/view/report.h"
#include "cli/options/run_options.h"
#include "cli/up/up_plan.h"
#include "data/dataset.h"
#include "http/client.h"
#include "service/service.h"
#include "wire/settings.h"

#define CREATE_TRIES 10
#define CREATE_PAUSE_MS 1000

#define AGAIN_BYTES (PLACE_QUOTED_BYTES + 256)

struct evolve {
	const struct options *options;
	const json_t *settings; /* of the run */
	struct broker_client broker;
	struct up_plan plan;
	struct own_up up; /* child.pid is 0 when the broker is not ours */
	int ours;         /* the services were started for this run */
	struct progress progress;
	char uuid[UUID_TEXT_BYTES]; /* "" before the run exists */
};

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

/* What an evolutioner or a broker of this machine would refuse. */
static int check_here(const struct evolve *v, struct err *e)
{
	const char *dataset = json_string_value(
		json_object_get(v->settings, "dataset"));

	if (!kernels_option(v->options, e))
		return e->code;
	return dataset_exists(dataset ? dataset : DATASET_DEFAULT, e);
}

/* Starts the services at the broker's URL, if that is here. */
static int start_services(struct evolve *v, struct err *e)
{
	char host[HOST_BYTES];
	int port, rc;

	if (*v->broker.url) {
		rc = place_url(v->broker.url, host, &port, e);
		if (rc)
			return rc;
		/* `up` serves this one address. */
		if (strcmp(host, "127.0.0.1") != 0 &&
			strcmp(host, "localhost") != 0)
			return err_set(e, ERR_WORLD,
				"the broker at %s does not answer",
				v->broker.url);
		v->plan.ports[UP_BROKER] = port;
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
	rc = own_up_start(&v->up, &v->plan, &v->broker, e);
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
	if (rc)
		return rc;
	if (!*url) {
		v->broker.url[0] = '\0';
		return start_services(v, e);
	}
	switch (broker_look(&v->broker)) {
	case BROKER_READY: return refuse_up_options(v, e);
	case BROKER_ABSENT: return start_services(v, e);
	default:
		return err_set(e, ERR_WORLD,
			"what answers at %s is not a broker that is ready; "
			"choose another with --broker or --broker-port",
			v->broker.url);
	}
}

/* -- the run -- */

/* Creates the run; a request whose answer was lost is made again under the same
 * key, so that it makes one run. */
static int create_run(struct evolve *v, struct err *e)
{
	char key[UUID_TEXT_BYTES];
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
	if (rc)
		return rc;
	rc = run_view_read(run, &view, e);
	json_decref(run);
	if (rc)
		return rc;
	memcpy(v->uuid, view.uuid, sizeof(v->uuid));
	progress_say(&v->progress, "run %s on %s", v->uuid, v->broker.url);
	return 0;
}

/* The command that starts the same services again, to be pasted. */
static void up_again(const struct evolve *v, char out[AGAIN_BYTES])
{
	static const int usual[UP_SERVICES] = {[UP_GENOME] = GENOME_PORT,
		[UP_EVOLUTIONER] = EVOLUTIONER_PORT,
		[UP_BROKER] = BROKER_PORT};
	char quoted[PLACE_QUOTED_BYTES];
	size_t n;

	place_quote(v->plan.data_dir, quoted);
	n = (size_t)snprintf(
		out, AGAIN_BYTES, "nevod up --data-dir %s", quoted);
	for (int s = 0; s < UP_SERVICES && n < AGAIN_BYTES - 64; s++)
		if (v->plan.ports[s] != usual[s])
			n += (size_t)snprintf(out + n, AGAIN_BYTES - n,
				" --%s-port %d", up_service_name(s),
				v->plan.ports[s]);
}

/* " --broker URL" where the broker is not where commands look by themselves. */
static void broker_flag(const struct evolve *v, char out[BROKER_URL_BYTES + 16])
{
	int usual = v->ours && v->plan.ports[UP_BROKER] == BROKER_PORT;

	snprintf(out, BROKER_URL_BYTES + 16, "%s%s", usual ? "" : " --broker ",
		usual ? "" : v->broker.url);
}

static void print_hints(const struct evolve *v, const char *file)
{
	char again[AGAIN_BYTES], broker[BROKER_URL_BYTES + 16];

	up_again(v, again);
	broker_flag(v, broker);
	if (file)
		printf("\nWeights: %s\n", file);
	if (v->ours)
		printf("\nKept in %s.  To look at it again:\n  %s\n",
			v->plan.data_dir, again);
	else
		printf("\nKept by the broker; its API: %s/docs\n",
			v->broker.url);
	if (!file)
		printf("  nevod champion %s --out champion.safetensors%s\n",
			v->uuid, broker);
}

/* Prints what the run came to; the weights go to --out first, so that what is
 * printed is true. */
static int deliver(struct evolve *v, struct err *e)
{
	const char *file = options_text(v->options, "out", NULL);
	char path[128];
	struct report r;
	int finished, rc = report_fetch(&v->broker, v->uuid, &r, e);

	if (rc)
		return rc;
	finished = strcmp(r.view.state, "finished") == 0;
	snprintf(path, sizeof(path), "/v1/runs/%s/champion.safetensors",
		v->uuid);
	if (file && finished)
		rc = broker_download(&v->broker, path, file, e);
	if (options_flag(v->options, "json")) {
		struct err printing;

		if (report_print_json(report_json(&r), &printing) && rc == 0)
			rc = err_set(e, ERR_CONFLICT, "%s", printing.text);
	} else {
		report_print(&r, stdout);
		print_hints(v, file && finished && rc == 0 ? file : NULL);
	}
	if (rc == 0 && !finished)
		rc = err_set(e, ERR_CONFLICT, "the run %s%s%s",
			strcmp(r.view.state, "failed") == 0 ? "failed"
							    : "was cancelled",
			*r.view.error ? ": " : "", r.view.error);
	report_release(&r);
	return rc;
}

static void say_interrupted(struct evolve *v)
{
	char again[AGAIN_BYTES], broker[BROKER_URL_BYTES + 16];

	up_again(v, again);
	broker_flag(v, broker);
	if (!*v->uuid)
		progress_say(&v->progress, "stopped before the run began");
	else if (v->ours)
		progress_say(&v->progress,
			"stopped; run %s is kept.  Continue it with:\n"
			"  %s\n"
			"  nevod watch %s%s",
			v->uuid, again, v->uuid, broker);
	else
		progress_say(&v->progress,
			"run %s goes on at %s.  To see or to end it:\n"
			"  nevod watch %s --broker %s\n"
			"  nevod cancel %s --broker %s",
			v->uuid, v->broker.url, v->uuid, v->broker.url, v->uuid,
			v->broker.url);
}

static int evolve(struct evolve *v, struct err *e)
{
	struct run_view last;
	struct follow f = {
		.broker = &v->broker, .progress = &v->progress, .ctx = &v->up};
	int rc = reach_broker(v, e);

	if (rc == 0)
		rc = create_run(v, e);
	if (rc)
		return rc;
	f.hopeless = v->ours ? own_up_ended : NULL;
	rc = follow_run(&f, v->uuid, &last, e);
	return rc ? rc : deliver(v, e);
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
	if (rc == ERR_CANCELLED)
		say_interrupted(&v);
	own_up_stop(&v.up);
	if (rc == ERR_CANCELLED)
		return EXIT_INTERRUPTED;
	if (rc == 0)
		return EXIT_OK;
	/* A broker of our own that is silent is a service that failed. */
	return command_fail(&e) == EXIT_UNREACHABLE && *v.up.log
		       ? EXIT_FAILED
		       : exit_code_of(&e);
}

/* What is listed in none of these is how to breed: the algorithms' settings. */
static const char *const the_run[] = {"name", "dataset", "generations",
	"fitness_threshold", "stagnation", "seed", NULL};
static const char *const champion[] = {"final_epochs", NULL};
static const char *const placement[] = {"kernels", "max_job_mb", NULL};

static const struct option_group groups[] = {
	{"The run", .fields = &settings_fields, .only = the_run},
	{"Breeding", .fields = &settings_fields},
	{"Training", .fields = &training_fields},
	{"Training", .fields = &settings_fields, .only = champion},
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
