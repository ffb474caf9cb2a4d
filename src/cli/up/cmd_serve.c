/* cmd_serve.c -- `nevod broker`, `genome` and `evolutioner`: one service alone.
 */
#include <stdio.h>
#include <string.h>

#include "cli/options/command.h"
#include "cli/options/log_options.h"
#include "cli/options/places.h"
#include "http/url.h"
#include "service/service.h"

#define PORT_MAX 65535
#define SLOTS_MAX 1024
#define DRAIN_S_MAX 86400
#define DRAIN_S 30
#define CACHE_MB_MAX (1 << 30)
#define CACHE_MB 16384
#define CALLER_MB_MAX 65536
#define REQUESTS_MB_MIN 16
#define REQUESTS_MB_MAX (1 << 20)
#define RATE_MAX 1000000
#define REPLICAS_MAX 5
#define ACK_WAIT_MIN 1000
#define ACK_WAIT_MAX 3600000

static const struct option access_options[] = {
	{"bind", OPTION_TEXT, 0, 0, "ADDR", "address to serve on (127.0.0.1)"},
	{"port", OPTION_INT, 0, PORT_MAX, "P",
		"port to serve on; 0 takes a free one"},
	{"token-file", OPTION_TEXT, 0, 0, "FILE",
		"ask clients for a token of this file: a line is a token, or a "
		"role (admin, worker, read) and a token; read again on SIGHUP"},
	{"no-token", OPTION_FLAG, 0, 0, NULL,
		"serve beyond this machine without a token"},
	{"server-name", OPTION_LIST, 0, 0, "NAME",
		"a host name by which clients may reach this service without a "
		"token; may come again"},
	{"tls-cert", OPTION_TEXT, 0, 0, "FILE",
		"serve https with this certificate (PEM), and show it to other "
		"services"},
	{"tls-key", OPTION_TEXT, 0, 0, "FILE", "the certificate's key (PEM)"},
	{"tls-client-ca", OPTION_TEXT, 0, 0, "FILE",
		"let in only who shows a certificate that these have signed "
		"(PEM)"},
	{"ca-file", OPTION_TEXT, 0, 0, "FILE",
		"trust other services whose certificate these have signed "
		"(PEM; the system's)"},
	{"client-mb", OPTION_INT, 1, CALLER_MB_MAX, "N",
		"MB that the requests of one client (a token, or else an "
		"address) may take at a time beyond their bodies (64)"},
	{"requests-mb", OPTION_INT, REQUESTS_MB_MIN, REQUESTS_MB_MAX, "N",
		"MB that all requests may take at a time, bodies included, and "
		"those of one client half of it (1024)"},
	{"client-rate", OPTION_INT, 0, RATE_MAX, "N",
		"requests a second that one client may ask, where it needs a "
		"token or comes from elsewhere; 0: as many as it likes (0)"},
	{"client-burst", OPTION_INT, 1, RATE_MAX, "N",
		"how many of them at once, after a rest (twice as many)"},
	/* Standard input is the supervisor's pipe, ... */
	{"supervised", OPTION_FLAG, 0, 0, NULL, NULL},
	/* ... and what the environment says of certificates is for others. */
	{"no-tls", OPTION_FLAG, 0, 0, NULL, NULL},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const struct option queue_options[] = {
	{"queue", OPTION_TEXT, 0, 0, "URL",
		"hand out jobs, or take them, by NATS JetStream there: "
		"nats://HOST:4222 or tls://HOST:4222, several separated by "
		"commas (none: by HTTP)"},
	{"queue-creds", OPTION_TEXT, 0, 0, "FILE",
		"a file with the user's credentials there"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const struct option quiet_option[] = {
	{"quiet", OPTION_FLAG, 0, 0, NULL, "log warnings and errors only"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const struct option broker_options[] = {
	{"data-dir", OPTION_TEXT, 0, 0, "DIR",
		"where runs are kept ($XDG_DATA_HOME/nevod)"},
	{"store", OPTION_TEXT, 0, 0, "URL",
		"keep their rows in that database, postgresql://USER@HOST/NAME "
		"(a file of SQLite's in the data folder)"},
	{"blobs", OPTION_TEXT, 0, 0, "WHERE",
		"keep weights in a folder of the data folder (folder), in the "
		"store's database (postgres) or in s3://BUCKET/PREFIX (where "
		"the rows are)"},
	{"genome", OPTION_LIST, 0, 0, "URL",
		"a genome service, any of which serves; may come again "
		"(http://127.0.0.1:5002)"},
	{"evolutioner", OPTION_LIST, 0, 0, "URL",
		"an evolutioner; may come again; none: only those that join "
		"(http://127.0.0.1:5000)"},
	{"queue-replicas", OPTION_INT, 1, REPLICAS_MAX, "N",
		"servers of the queue that keep each message (1)"},
	{"ack-wait-ms", OPTION_INT, ACK_WAIT_MIN, ACK_WAIT_MAX, "N",
		"a job of the queue goes to another worker when nothing has "
		"been heard of it for so long (30000)"},
	{"advertise", OPTION_TEXT, 0, 0, "URL",
		"where clients and workers of another broker of this store are "
		"sent while this one leads (its address and port)"},
	{"allow-host", OPTION_LIST, 0, 0, "HOST[:PORT]",
		"data sets named by a URL are fetched from there; may come "
		"again; '*': from every public address (none)"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const struct option evolutioner_options[] = {
	{"slots", OPTION_INT, 0, SLOTS_MAX, "N",
		"jobs at a time; 0 means one a core (0)"},
	{"data-dir", OPTION_TEXT, 0, 0, "DIR",
		"where data sets are cached ($XDG_DATA_HOME/nevod)"},
	{"broker", OPTION_LIST, 0, 0, "URL",
		"join this broker, which need not know of us; may come again"},
	{"pull", OPTION_FLAG, 0, 0, NULL,
		"call that broker for jobs: it cannot reach us"},
	{"advertise", OPTION_TEXT, 0, 0, "URL",
		"where that broker reaches us (where our requests come from)"},
	{"cache-mb", OPTION_INT, 1, CACHE_MB_MAX, "N",
		"MB that prepared data sets may take, the oldest make room "
		"for one that is brought from a broker (16384)"},
	{"drain-s", OPTION_INT, 0, DRAIN_S_MAX, "N",
		"when told to stop, let jobs end for so many seconds (30)"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

/* A service's options with the memory that they point into. */
struct serving {
	struct service_options options;
	char bind[ADDRESS_BYTES], token[TOKEN_MAX_BYTES], data_dir[PATH_MAX];
};

/* The tokens that are asked for, and the one that others are shown. */
static int read_tokens(
	const struct options *o, struct serving *s, struct err *e)
{
	const char *file = options_text(o, "token-file", NULL);

	if (!file)
		return 0;
	s->options.access = http_access_open(file, e);
	if (!s->options.access)
		return ERR_INVALID;
	http_access_own(s->options.access, HTTP_ROLE_WORKER, s->token);
	s->options.token = s->token;
	return 0;
}

static int read_tls(const struct options *o, struct serving *s, struct err *e)
{
	const int none = options_flag(o, "no-tls");
	const char *cert = none ? NULL : options_text(o, "tls-cert", NULL);
	const char *key = none ? NULL : options_text(o, "tls-key", NULL);
	const char *client = none ? NULL
				  : options_text(o, "tls-client-ca", NULL);
	int rc = http_tls_read(&s->options.tls, cert, key, client, e);

	return rc ? rc
		  : http_tls_trust(
			    options_text(o, "ca-file", NULL), cert, key, e);
}

static void read_limits(const struct options *o, struct http_limits *l)
{
	*l = (struct http_limits){
		.caller_bytes = (size_t)options_int(o, "client-mb", 0) << 20,
		.all_bytes = (size_t)options_int(o, "requests-mb", 0) << 20,
		.rate = (int)options_int(o, "client-rate", 0),
		.burst = (int)options_int(o, "client-burst", 0)};
}

static int read_access(
	const struct options *o, int port, struct serving *s, struct err *e)
{
	int rc = place_address(
		options_text(o, "bind", "127.0.0.1"), s->bind, e);

	if (rc == 0)
		rc = log_options(o, &s->options.log_format, e);
	if (rc == 0)
		rc = read_tokens(o, s, e);
	if (rc == 0)
		rc = read_tls(o, s, e);
	if (rc)
		return rc;
	if (!place_is_loopback(s->bind) && !s->options.access &&
		!options_flag(o, "no-token"))
		return err_set(e, ERR_INVALID,
			"--bind %s can be reached from other machines: give "
			"--token-file FILE, or --no-token to let everybody in",
			s->bind);
	s->options.bind = s->bind;
	options_list(o, "server-name", s->options.names, SERVICE_NAMES_MAX);
	s->options.port = (int)options_int(o, "port", port);
	read_limits(o, &s->options.limits);
	s->options.quiet = options_flag(o, "quiet");
	s->options.supervised = options_flag(o, "supervised");
	return 0;
}

static int read_data_dir(
	const struct options *o, struct serving *s, struct err *e)
{
	s->options.data_dir = s->data_dir;
	return place_data_dir(
		options_text(o, "data-dir", NULL), s->data_dir, e);
}

static int check_url(const char *option, const char *url, struct err *e)
{
	struct http_place at;
	int rc = http_url(url, &at, e);

	if (rc)
		err_prefix(e, "%s", option);
	return rc;
}

static void read_queue(const struct options *o, struct service_options *so)
{
	so->queue = (struct queue_address){
		.url = options_text(o, "queue", NULL),
		.creds = options_text(o, "queue-creds", NULL),
		.ca_file = options_text(o, "ca-file", NULL)};
}

/* A plain path, which a folder of a store might be, is SQLite's. */
static int is_postgres(const char *store)
{
	return store && strncmp(store, "postgresql:", 11) == 0;
}

static int check_blobs(const struct service_options *so, struct err *e)
{
	if (!so->blobs || strcmp(so->blobs, "folder") == 0 ||
		strncmp(so->blobs, "s3://", 5) == 0)
		return 0;
	if (strcmp(so->blobs, "postgres") != 0)
		return err_set(e, ERR_INVALID,
			"--blobs %.60s: must be folder, postgres or "
			"s3://BUCKET/PREFIX",
			so->blobs);
	if (!is_postgres(so->store))
		return err_set(e, ERR_INVALID,
			"--blobs postgres keeps weights in the store's "
			"database: it needs --store postgresql://...");
	return 0;
}

/* Weights are where the rows are, if nobody says else. */
static int read_blobs(
	const struct options *o, struct service_options *so, struct err *e)
{
	so->blobs = options_text(o, "blobs", NULL);
	if (!so->blobs && so->store)
		so->blobs = is_postgres(so->store) ? "postgres" : "folder";
	return check_blobs(so, e);
}

/* Those of the options; the one of this machine, unless it is said that there
 * is none.  With a queue there are none. */
static int list_evolutioners(
	const struct options *o, struct service_options *so, struct err *e)
{
	int n = (int)options_list(o, "evolutioner", so->evolutioner_urls,
		SERVICE_EVOLUTIONERS_MAX);
	const int none = n == 1 && strcmp(so->evolutioner_urls[0], "none") == 0;

	if (so->queue.url && n > 0 && !none)
		return err_set(e, ERR_INVALID,
			"--queue and --evolutioner exclude each other: "
			"evolutioners with --queue come by themselves");
	if (n == 0)
		so->evolutioner_urls[n++] = "http://127.0.0.1:5000";
	so->n_evolutioners = none ? 0 : n;
	return 0;
}

static int read_peers(const struct options *o, struct serving *s, struct err *e)
{
	struct service_options *so = &s->options;
	int rc;

	read_queue(o, so);
	so->queue_replicas = (int)options_int(o, "queue-replicas", 1);
	so->ack_wait_ms = options_int(o, "ack-wait-ms", 0);
	so->store = options_text(o, "store", NULL);
	rc = read_blobs(o, so, e);
	so->n_genomes = (int)options_list(
		o, "genome", so->genome_urls, SERVICE_GENOMES_MAX);
	if (so->n_genomes == 0)
		so->genome_urls[so->n_genomes++] = "http://127.0.0.1:5002";
	if (rc == 0)
		rc = list_evolutioners(o, so, e);
	so->n_allow_hosts = (int)options_list(
		o, "allow-host", so->allow_hosts, SERVICE_HOSTS_MAX);
	so->advertise = options_text(o, "advertise", NULL);
	if (rc == 0 && so->advertise)
		rc = check_url("--advertise", so->advertise, e);
	for (int i = 0; rc == 0 && i < so->n_genomes; i++)
		rc = check_url("--genome", so->genome_urls[i], e);
	for (int i = 0; rc == 0 && i < so->n_evolutioners; i++)
		rc = check_url("--evolutioner", so->evolutioner_urls[i], e);
	return rc;
}

static int read_brokers(
	const struct options *o, struct serving *s, struct err *e)
{
	struct service_options *so = &s->options;
	int rc = 0;

	read_queue(o, so);
	so->n_brokers = (int)options_list(
		o, "broker", so->broker_urls, SERVICE_BROKERS_MAX);
	so->advertise = options_text(o, "advertise", NULL);
	so->pull = options_flag(o, "pull");
	so->drain_s = (int)options_int(o, "drain-s", DRAIN_S);
	so->cache_mb = options_int(o, "cache-mb", CACHE_MB);
	for (int i = 0; rc == 0 && i < so->n_brokers; i++)
		rc = check_url("--broker", so->broker_urls[i], e);
	if (rc == 0 && so->pull && so->n_brokers == 0)
		rc = err_set(e, ERR_INVALID,
			"--pull needs a broker to call: name it with --broker "
			"URL");
	if (rc == 0 && so->queue.url && so->n_brokers == 0)
		rc = err_set(e, ERR_INVALID,
			"--queue carries jobs, and data and weights come from "
			"the broker: name it with --broker URL");
	if (rc == 0 && so->queue.url && (so->pull || so->advertise))
		rc = err_set(e, ERR_INVALID,
			"--queue excludes --pull and --advertise: jobs come "
			"from the queue, and nobody calls us");
	if (rc == 0 && so->pull && so->advertise)
		rc = err_set(e, ERR_INVALID,
			"--pull and --advertise exclude each other: with "
			"--pull nobody calls us");
	if (rc == 0 && so->advertise)
		rc = check_url("--advertise", so->advertise, e);
	return rc;
}

static void release(struct serving *s)
{
	http_access_free(s->options.access);
	http_tls_release(&s->options.tls);
}

static int run_genome(const struct options *o)
{
	struct serving s = {.options = {0}};
	struct err e;
	int status;

	if (read_access(o, GENOME_PORT, &s, &e))
		status = log_options_fail(o, "genome", &e);
	else
		status = genome_main(&s.options);
	release(&s);
	return status;
}

static int run_evolutioner(const struct options *o)
{
	struct serving s = {.options = {0}};
	struct err e;
	int status;

	s.options.slots = (int)options_int(o, "slots", 0);
	if (read_access(o, EVOLUTIONER_PORT, &s, &e) ||
		read_data_dir(o, &s, &e) || read_brokers(o, &s, &e))
		status = log_options_fail(o, "evolutioner", &e);
	else
		status = evolutioner_main(&s.options);
	release(&s);
	return status;
}

static int run_broker(const struct options *o)
{
	struct serving s = {.options = {0}};
	struct err e;
	int status;

	if (read_access(o, BROKER_PORT, &s, &e) || read_data_dir(o, &s, &e) ||
		read_peers(o, &s, &e))
		status = log_options_fail(o, "broker", &e);
	else
		status = broker_main(&s.options);
	release(&s);
	return status;
}

static const struct option_group genome_groups[] = {
	{"Access", .options = access_options},
	{"Log", .options = quiet_option},
	{"Log", .fields = &log_fields},
	{.title = NULL},
};

static const struct option_group evolutioner_groups[] = {
	{"Work", .options = evolutioner_options},
	{"Queue", .options = queue_options},
	{"Access", .options = access_options},
	{"Log", .options = quiet_option},
	{"Log", .fields = &log_fields},
	{.title = NULL},
};

static const struct option_group broker_groups[] = {
	{"Runs", .options = broker_options},
	{"Queue", .options = queue_options},
	{"Access", .options = access_options},
	{"Log", .options = quiet_option},
	{"Log", .fields = &log_fields},
	{.title = NULL},
};

const struct command command_genome = {
	.name = "genome",
	.args = "",
	.summary =
		"serve populations and children as pure functions (port 5002)",
	.groups = genome_groups,
	.run = run_genome,
};

const struct command command_evolutioner = {
	.name = "evolutioner",
	.args = "",
	.summary =
		"serve training: build, train and score networks (port 5000)",
	.groups = evolutioner_groups,
	.run = run_evolutioner,
};

const struct command command_broker = {
	.name = "broker",
	.args = "",
	.summary =
		"serve runs: store, hand out work, answer clients (port 5001)",
	.groups = broker_groups,
	.run = run_broker,
};
