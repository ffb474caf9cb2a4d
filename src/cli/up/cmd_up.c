/* cmd_up.c -- `nevod up`: the three services on this machine, supervised. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/file.h"
#include "cli/options/command.h"
#include "cli/options/log_options.h"
#include "cli/options/places.h"
#include "cli/up/spawn.h"
#include "cli/up/supervise.h"
#include "cli/up/up_plan.h"
#include "http/client.h"
#include "http/tls.h"

#define ARGS_MAX (36 + 2 * SERVICE_HOSTS_MAX)
#define NUMBER_BYTES 24

static const struct option own_options[] = {
	{"token-file", OPTION_TEXT, 0, 0, "FILE",
		"ask clients for the token in this file"},
	{"broker-bind", OPTION_TEXT, 0, 0, "ADDR",
		"address that the broker serves on; 0.0.0.0 lets other "
		"machines join (127.0.0.1)"},
	{"allow-host", OPTION_LIST, 0, 0, "HOST[:PORT]",
		"the broker fetches data sets named by a URL from there; may "
		"come again; '*': from every public address (none)"},
	{"tls-cert", OPTION_TEXT, 0, 0, "FILE",
		"serve https with this certificate, which is for 127.0.0.1 and "
		"for --broker-bind, too (PEM)"},
	{"tls-key", OPTION_TEXT, 0, 0, "FILE", "the certificate's key (PEM)"},
	{"tls-client-ca", OPTION_TEXT, 0, 0, "FILE",
		"let in only who shows a certificate that these have signed "
		"(PEM)"},
	{"ca-file", OPTION_TEXT, 0, 0, "FILE",
		"who has signed it, so that the three trust each other (PEM; "
		"the system's)"},
	{"json", OPTION_FLAG, 0, 0, NULL,
		"print the addresses as one line of JSON"},
	{"supervised", OPTION_FLAG, 0, 0, NULL, NULL},
	{"no-tls", OPTION_FLAG, 0, 0, NULL, NULL},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

/* The words of the children's command lines, with their memory. */
struct words {
	const char *argv[UP_SERVICES][ARGS_MAX];
	char port[UP_SERVICES][NUMBER_BYTES];
	char slots[NUMBER_BYTES];
};

struct up {
	struct up_plan plan;
	int json;
};

static void add(const char **argv, const char *option, const char *value)
{
	int n = 0;

	while (argv[n])
		n++;
	argv[n] = option;
	argv[n + 1] = value;
}

/* What all three are told outright, so that NEVOD_BIND and its like, meant for
 * services that run alone, do not part them. */
static void add_shared(const struct up_plan *p, const char **argv)
{
	if (p->tls_cert) {
		add(argv, "--tls-cert", p->tls_cert);
		add(argv, "--tls-key", p->tls_key);
	} else {
		add(argv, "--no-tls", NULL);
	}
	if (p->tls_client_ca)
		add(argv, "--tls-client-ca", p->tls_client_ca);
	if (p->ca_file)
		add(argv, "--ca-file", p->ca_file);
	if (p->token_file)
		add(argv, "--token-file", p->token_file);
	add(argv, "--log-format", log_format_name((int)p->log_format));
}

static void make_words(const struct up_plan *p, struct words *w)
{
	memset(w, 0, sizeof(*w));
	snprintf(w->slots, sizeof(w->slots), "%d", (int)p->slots);
	for (int i = 0; i < UP_SERVICES; i++) {
		const char **argv = w->argv[i];

		argv[0] = "nevod";
		argv[1] = up_service_name(i);
		argv[2] = "--supervised";
		snprintf(w->port[i], NUMBER_BYTES, "%d", p->ports[i]);
		add(argv, "--bind",
			i == UP_BROKER ? p->broker_bind : "127.0.0.1");
		add(argv, "--port", w->port[i]);
		add_shared(p, argv);
	}
	add(w->argv[UP_EVOLUTIONER], "--slots", w->slots);
	add(w->argv[UP_EVOLUTIONER], "--data-dir", p->data_dir);
	/* All three stop together, and the run goes on at the next start. */
	add(w->argv[UP_EVOLUTIONER], "--drain-s", "0");
	add(w->argv[UP_BROKER], "--data-dir", p->data_dir);
	add(w->argv[UP_BROKER], "--genome", p->urls[UP_GENOME]);
	add(w->argv[UP_BROKER], "--evolutioner", p->urls[UP_EVOLUTIONER]);
	for (size_t i = 0; i < p->n_allow_hosts; i++)
		add(w->argv[UP_BROKER], "--allow-host", p->allow_hosts[i]);
}

/* 200 to GET of the path. */
static int answers(const struct up *up, size_t i, const char *path)
{
	char url[UP_URL_BYTES + 16];
	struct http_call call = {.method = "GET",
		.url = url,
		.timeout_ms = 500,
		.connect_ms = 500,
		.answer_max = 65536};
	struct http_answer answer;
	int ready;

	snprintf(url, sizeof(url), "%s%s", up->plan.urls[i], path);
	if (http_call(&call, &answer, NULL))
		return 0;
	ready = answer.status == 200;
	http_answer_release(&answer);
	return ready;
}

static int is_ready(void *up, size_t i)
{
	return answers(up, i, "/readyz");
}

static int is_alive(void *up, size_t i)
{
	return answers(up, i, "/healthz");
}

static void print_json(const struct up *up)
{
	const struct up_plan *p = &up->plan;
	json_t *line = json_pack("{s:s, s:s, s:s, s:I, s:s}", "broker",
		p->urls[UP_BROKER], "genome", p->urls[UP_GENOME], "evolutioner",
		p->urls[UP_EVOLUTIONER], "pid", (json_int_t)getpid(),
		"data_dir", p->data_dir);

	if (line) {
		json_dumpf(line, stdout, JSON_COMPACT);
		putchar('\n');
	}
	json_decref(line);
}

static void say_ready(void *ctx)
{
	const struct up *up = ctx;
	const struct up_plan *p = &up->plan;

	if (up->json) {
		print_json(up);
	} else {
		printf("nevod is up.\n\n");
		for (int i = UP_SERVICES - 1; i >= 0; i--)
			printf("  %-12s %-24s API: %s/docs\n",
				up_service_name(i), p->urls[i], p->urls[i]);
		printf("  %-12s %s\n\nCtrl-C stops it.\n", "data", p->data_dir);
	}
	fflush(stdout);
}

static int run_services(struct up *up, int leashed, struct err *e)
{
	const struct log log = {.service = "up",
		.level = LOG_INFO,
		.format = up->plan.log_format};
	struct supervised children[UP_SERVICES];
	struct supervision s = {.children = children,
		.n = UP_SERVICES,
		.log = &log,
		.leashed = leashed,
		.ready = is_ready,
		.alive = is_alive,
		.all_ready = say_ready,
		.ctx = up};
	struct words words;

	make_words(&up->plan, &words);
	for (int i = 0; i < UP_SERVICES; i++)
		children[i] = (struct supervised){
			up_service_name(i), SPAWN_SELF, words.argv[i]};
	return supervise(&s, e);
}

/* Beyond this machine everybody would be let in. */
static int read_broker_bind(
	const struct options *o, struct up_plan *p, struct err *e)
{
	int rc = place_address(
		options_text(o, "broker-bind", "127.0.0.1"), p->broker_bind, e);

	if (rc || place_is_loopback(p->broker_bind) || p->token_file)
		return rc;
	return err_set(e, ERR_INVALID,
		"--broker-bind %s can be reached from other machines: give "
		"--token-file FILE",
		p->broker_bind);
}

/* Each of the three calls the others, as `up` does, and must trust them. */
static int read_tls(const struct options *o, struct up_plan *p, struct err *e)
{
	struct http_tls t;
	int rc;

	if (options_flag(o, "no-tls"))
		return 0;
	p->tls_cert = options_text(o, "tls-cert", NULL);
	p->tls_key = options_text(o, "tls-key", NULL);
	p->tls_client_ca = options_text(o, "tls-client-ca", NULL);
	p->ca_file = options_text(o, "ca-file", NULL);
	rc = http_tls_read(&t, p->tls_cert, p->tls_key, p->tls_client_ca, e);
	if (rc == 0)
		rc = http_tls_trust(p->ca_file, p->tls_cert, p->tls_key, e);
	if (rc == 0 && t.cert)
		rc = http_tls_check(&t, p->ca_file, "127.0.0.1", e);
	if (rc == 0 && t.cert)
		rc = http_tls_check(&t, p->ca_file, up_plan_broker_host(p), e);
	http_tls_release(&t);
	return rc;
}

static int run_up(const struct options *o)
{
	struct up up = {.json = options_flag(o, "json")};
	struct err e;

	up.plan.n_allow_hosts = options_list(
		o, "allow-host", up.plan.allow_hosts, SERVICE_HOSTS_MAX);
	if (up_plan_read(o, &up.plan, &e) ||
		read_broker_bind(o, &up.plan, &e) ||
		log_options(o, &up.plan.log_format, &e) ||
		read_tls(o, &up.plan, &e))
		return log_options_fail(o, "up", &e);
	if (file_mkdirs(up.plan.data_dir, &e) || up_plan_ports(&up.plan, &e)) {
		log_options_fail(o, "up", &e);
		return EXIT_FAILED;
	}
	http_client_init();
	switch (run_services(&up, options_flag(o, "supervised"), &e)) {
	case 0: return EXIT_OK;
	case ERR_CANCELLED: return EXIT_INTERRUPTED;
	default: log_options_fail(o, "up", &e); return EXIT_FAILED;
	}
}

static const struct option_group groups[] = {
	{"Services", .options = options_up},
	{"Other", .options = own_options},
	{"Log", .fields = &log_fields},
	{.title = NULL},
};

const struct command command_up = {
	.name = "up",
	.args = "",
	.summary =
		"start broker, genome and evolutioner here, and keep them up",
	.details = "What dies is started again.  One Ctrl-C stops all three "
		   "cleanly, a second\nat once.  Runs that were under way "
		   "continue when the same data folder is\nused again.\n",
	.groups = groups,
	.run = run_up,
};
