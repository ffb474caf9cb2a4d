/* cmd_simulate.c -- `nevod simulate`: a real broker and its store with
 * evolutioners that train nothing, to see what handing out work costs. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "base/clock.h"
#include "cli/options/command.h"
#include "cli/options/interrupt.h"
#include "cli/up/process_usage.h"
#include "cli/up/sim_place.h"
#include "cli/up/sim_services.h"
#include "http/client.h"
#include "service/service.h"
#include "service/simulate/sim_server.h"
#include "wire/settings.h"

#define SLOTS_MAX 64
#define JOB_MS_MAX 600000
#define LOOK_MS 100
#define SILENCE_MS 60000 /* of the broker, that is taken for its end */
#define JOIN_MS 120000

static const struct option own_options[] = {
	{"workers", OPTION_INT, 1, SIM_WORKERS_MAX, "N",
		"simulated evolutioners (100)"},
	{"slots", OPTION_INT, 1, SLOTS_MAX, "N", "of each (1)"},
	{"population", OPTION_INT, 2, POPULATION_MAX, "N",
		"genomes of a generation (1000)"},
	{"generations", OPTION_INT, 1, SIM_GENERATIONS_MAX, "N",
		"generations (3)"},
	{"job-ms", OPTION_INT, 0, JOB_MS_MAX, "N",
		"what a job takes; each from half to three halves of it (0)"},
	{"seed", OPTION_INT, 0, RNG_SEED_MAX, "N",
		"of the run and of the jobs (1)"},
	{"queue", OPTION_TEXT, 0, 0, "URL",
		"jobs go through NATS JetStream there, which belongs to the "
		"simulation meanwhile (by HTTP)"},
	{"store", OPTION_TEXT, 0, 0, "URL",
		"the broker keeps its rows in that empty database (a file of "
		"SQLite's)"},
	{"json", OPTION_FLAG, 0, 0, NULL, "print one line of JSON"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

struct simulation {
	struct sim_server_options workers;
	int64_t population, generations;
	struct sim_place place;
	struct sim_services services;
	struct sim_server *server;
	/* What was seen of the broker. */
	int64_t threads;                        /* at most */
	int64_t rss_bytes[SIM_GENERATIONS_MAX]; /* when each was last seen */
	double cpu_s;
	json_t *run; /* the document of the run that is over */
};

/* -- the run -- */

static int64_t count_ready(const struct broker_client *b)
{
	const json_t *item;
	json_t *doc;
	int64_t n = 0;
	size_t i;

	if (broker_get(b, &doc, NULL, "/v1/workers"))
		return 0;
	json_array_foreach(json_object_get(doc, "items"), i, item) {
		const char *state = json_string_value(
			json_object_get(item, "state"));

		n += state && strcmp(state, "ready") == 0;
	}
	json_decref(doc);
	return n;
}

static int await_workers(struct simulation *s, struct err *e)
{
	const int64_t give_up_ms = clock_mono_ms() + JOIN_MS;
	int64_t n;

	while ((n = count_ready(&s->services.client)) <
		s->workers.sim.workers) {
		if (interrupted(NULL))
			return err_set(e, ERR_CANCELLED, "interrupted");
		if (clock_mono_ms() > give_up_ms)
			return err_set(e, ERR_WORLD,
				"only %d of %d workers are ready after %d s",
				(int)n, s->workers.sim.workers, JOIN_MS / 1000);
		clock_sleep_ms(LOOK_MS);
	}
	return 0;
}

/* Equal networks are trained as often as they are bred: each is a job. */
static int create_run(
	struct simulation *s, char uuid[UUID_TEXT_BYTES], struct err *e)
{
	json_t *body = json_pack("{s:s, s:I, s:I, s:I, s:s, s:i}", "dataset",
		s->place.dataset, "population", (json_int_t)s->population,
		"generations", (json_int_t)s->generations, "seed",
		(json_int_t)s->workers.sim.seed, "kernels", "simd128-2",
		"finalists", 0);
	json_t *run;
	int rc = broker_post(
		&s->services.client, "/v1/runs", body, NULL, &run, e);

	json_decref(body);
	if (rc)
		return rc;
	snprintf(uuid, UUID_TEXT_BYTES, "%s",
		json_string_value(json_object_get(run, "uuid")));
	json_decref(run);
	return 0;
}

static void look_at_broker(struct simulation *s)
{
	const int64_t generation = sim_generation(sim_server_sim(s->server));
	struct process_usage u;

	if (!process_look(s->services.broker.pid, &u))
		return;
	if (u.threads > s->threads)
		s->threads = u.threads;
	s->cpu_s = u.cpu_s;
	if (generation >= 0 && generation < SIM_GENERATIONS_MAX)
		s->rss_bytes[generation] = u.rss_bytes;
}

static int is_over(const json_t *run)
{
	const char *state = json_string_value(json_object_get(run, "state"));

	return state && strcmp(state, "created") != 0 &&
	       strcmp(state, "running") != 0;
}

/* Looks every second at the run, and more often at the broker's process.  A
 * broker that has no core to answer with is what may be simulated. */
static int follow(struct simulation *s, const char *uuid, struct err *e)
{
	int64_t heard_ms = clock_mono_ms();
	json_t *run = NULL;
	int rc, looks = 0;

	for (;;) {
		clock_sleep_ms(LOOK_MS);
		look_at_broker(s);
		if (interrupted(NULL))
			return err_set(e, ERR_CANCELLED, "interrupted");
		if (++looks % 10)
			continue;
		rc = broker_get(
			&s->services.client, &run, e, "/v1/runs/%s", uuid);
		if (rc && (rc != ERR_WORLD ||
				  clock_mono_ms() - heard_ms > SILENCE_MS))
			return rc;
		if (rc)
			continue;
		heard_ms = clock_mono_ms();
		if (is_over(run))
			break;
		json_decref(run);
	}
	s->run = run;
	return 0;
}

static int simulate_in_place(struct simulation *s, struct err *e)
{
	char uuid[UUID_TEXT_BYTES];
	int rc = sim_services_start(&s->services, &s->place, e);

	if (rc)
		return rc;
	s->workers.broker = s->services.client.url;
	s->workers.token = s->place.token;
	s->server = sim_server_new(&s->workers, e);
	rc = s->server ? await_workers(s, e) : e->code;
	if (rc == 0)
		rc = create_run(s, uuid, e);
	if (rc == 0)
		rc = follow(s, uuid, e);
	sim_services_stop(&s->services);
	return rc;
}

/* -- what is said -- */

static json_t *rss_list(const struct simulation *s)
{
	json_t *list = json_array();

	for (int64_t i = 0; i < s->generations && i < SIM_GENERATIONS_MAX; i++)
		json_array_append_new(list,
			s->rss_bytes[i]
				? json_real((double)(s->rss_bytes[i] / 104858) /
					    10)
				: json_null());
	return list;
}

static double per_s(int64_t n, double seconds)
{
	return seconds > 0 ? (double)n / seconds : 0;
}

static json_t *report(const struct simulation *s, const struct sim_figures *f)
{
	const struct sim_options *o = &s->workers.sim;
	json_t *doc = json_pack("{s:i, s:i, s:I, s:I, s:I, s:I}", "workers",
		o->workers, "slots", o->slots, "population",
		(json_int_t)s->population, "generations",
		(json_int_t)s->generations, "job_ms", (json_int_t)o->job_ms,
		"seed", (json_int_t)o->seed);
	json_t *seen = json_pack(
		"{s:O?, s:O?, s:I, s:I, s:f, s:f, s:f, s:f, s:f, s:I, s:o}",
		"state", json_object_get(s->run, "state"), "digest",
		json_object_get(s->run, "digest"), "jobs", (json_int_t)f->jobs,
		"jobs_again", (json_int_t)f->again, "seconds", f->seconds,
		"list_schedule_s", f->scheduled_s, "results_per_s",
		per_s(f->jobs, f->seconds), "between_generations_s",
		f->between_s, "broker_cpu_s", s->cpu_s, "broker_threads",
		(json_int_t)s->threads, "broker_rss_mb", rss_list(s));

	json_object_update(doc, seen);
	json_decref(seen);
	if (f->scheduled_s > 0)
		json_object_set_new(doc, "over_list_schedule",
			json_real(f->seconds / f->scheduled_s - 1));
	return doc;
}

static void print_table(const json_t *doc)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)doc, key, v) {
		char *text = canonical_text(v, NULL);

		printf("%-22s %s\n", key, text);
		free(text);
	}
}

static int print(const struct simulation *s, int json, struct err *e)
{
	struct sim_figures f;
	json_t *doc;
	char *text;

	sim_look(sim_server_sim(s->server), &f);
	doc = report(s, &f);
	text = json ? canonical_text_as_added(doc, e) : NULL;
	if (text)
		puts(text);
	else if (!json)
		print_table(doc);
	free(text);
	json_decref(doc);
	return json && !text ? e->code : 0;
}

static int simulate(
	const struct options *o, struct simulation *s, struct err *e)
{
	static const struct log log = {
		.service = "simulate", .level = LOG_WARN};
	int rc = sim_place_make(&s->place, e);

	if (rc)
		return rc;
	s->workers.log = &log;
	s->workers.queue.url = options_text(o, "queue", NULL);
	s->services.queue = s->workers.queue.url;
	s->services.store = options_text(o, "store", NULL);
	s->workers.sim = (struct sim_options){
		.workers = (int)options_int(o, "workers", 100),
		.slots = (int)options_int(o, "slots", 1),
		.job_ms = options_int(o, "job-ms", 0),
		.seed = options_int(o, "seed", 1)};
	s->population = options_int(o, "population", 1000);
	s->generations = options_int(o, "generations", 3);
	rc = simulate_in_place(s, e);
	if (rc == 0)
		rc = print(s, options_flag(o, "json"), e);
	sim_server_free(s->server);
	json_decref(s->run);
	sim_place_remove(&s->place);
	return rc;
}

static int run_simulate(const struct options *o)
{
	static struct simulation s; /* one a process */
	struct err e;

	signal(SIGPIPE, SIG_IGN);
	service_raise_descriptors();
	interrupt_catch();
	http_client_init();
	return simulate(o, &s, &e) ? command_fail_here(&e) : EXIT_OK;
}

static const struct option_group groups[] = {
	{"Simulation", .options = own_options},
	{.title = NULL},
};

const struct command command_simulate = {
	.name = "simulate",
	.args = "",
	.summary = "measure what handing out work costs, with workers that "
		   "train nothing",
	.details =
		"Starts a broker and a genome service of its own in a "
		"temporary folder, and\nevolutioners in this process that take "
		"jobs, wait and make scores up.  Prints\nresults a second, how "
		"much longer all took than a list schedule at no cost,\nand "
		"what the broker used.\n",
	.groups = groups,
	.run = run_simulate,
};
