/* service.c -- the life of a service's process: signals, the supervisor's
 * pipe, serving until told to stop. */
#include "service/service.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hangup.h"
#include "http/url.h"

#define STOP_WAIT_MS 5000
#define MAPPED_BYTES (256 << 10) /* a piece of memory that has pages alone */

static void stop_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	if (!hangup_is_ignored())
		sigaddset(set, SIGHUP);
}

/* Ends the process at once when the supervisor's pipe ends: nobody is left to
 * tell, the port must come free, and the store survives any crash. */
static void *watch_supervisor(void *unused)
{
	char c[64];
	ssize_t n;

	(void)unused;
	do
		n = read(STDIN_FILENO, c, sizeof c);
	while (n > 0 || (n < 0 && errno == EINTR));
	_exit(0);
}

void service_raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

void service_begin(const struct service_options *o)
{
	pthread_t watch;
	sigset_t set;

	stop_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* too large a file is an error of write */
	umask(077);               /* what is kept is its owner's */
	service_raise_descriptors();
	/* Given back when it is freed.  By itself glibc would raise this bound
	 * to the size of what was freed first, and keep the rest among small
	 * pieces that live longer. */
	mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
	if (!o->supervised)
		return;
	if (pthread_create(&watch, NULL, watch_supervisor, NULL)) {
		fputs("nevod: no thread to watch the supervisor with\n",
			stderr);
		exit(1);
	}
	pthread_detach(watch);
}

struct log service_log(const char *service, const struct service_options *o)
{
	return (struct log){.service = service,
		.level = o->quiet ? LOG_WARN : LOG_INFO,
		.format = o->log_format};
}

int service_not_started(const struct log *log, const struct err *e)
{
	if (log->format == LOG_JSON)
		log_error(log, "not-started", log_reason(e->text));
	else
		fprintf(stderr, "nevod %s: %s\n", log->service, e->text);
	return EXIT_FAILURE;
}

void service_shown(const struct log *log, const char *trace,
	const struct err *e, struct err *out)
{
	*out = *e;
	if (e->code != ERR_WORLD && e->code != ERR_UNKNOWN &&
		e->code != ERR_DAMAGED)
		return;
	log_error(log, "request-failed", log_trace(trace), log_reason(e->text));
	if (e->code == ERR_DAMAGED)
		return;
	if (e->code == ERR_UNKNOWN) {
		err_set(out, ERR_UNKNOWN,
			"what was asked may be saved or not; look before you "
			"ask again");
		return;
	}
	err_set(out, ERR_WORLD,
		"the %s could not save, read or reach something it needs; its "
		"log says what",
		log->service);
}

int service_wait(void)
{
	sigset_t set;
	int number;

	stop_signals(&set);
	while (sigwait(&set, &number))
		;
	return number;
}

int service_told_again(int64_t wait_ms)
{
	const struct timespec wait = {.tv_sec = (time_t)(wait_ms / 1000),
		.tv_nsec = (long)(wait_ms % 1000) * 1000000};
	sigset_t set;

	stop_signals(&set);
	return sigtimedwait(&set, NULL, &wait) > 0;
}

void service_url(
	const struct service_options *o, int port, char out[HTTP_URL_BYTES])
{
	struct http_place at = {.tls = o->tls.cert != NULL, .port = port};

	snprintf(at.host, sizeof at.host, "%s", o->bind);
	http_url_of(&at, out);
}

/* Reads the tokens again whenever it is told to; the signal that ends it. */
static int wait_for_stop(const struct service_options *o, const struct log *log)
{
	struct err e;
	int number;

	while ((number = service_wait()) == SIGHUP && o->access) {
		if (http_access_reload(o->access, &e))
			log_error(log, "tokens-kept", log_reason(e.text));
		else
			log_info(log, "tokens-read", log_bare());
	}
	return number;
}

int service_run(const struct service_options *o, const struct log *log,
	const struct http_route *routes, size_t n, void *ctx,
	struct http_news *news, const struct service_life *life)
{
	const struct http_options options = {.service = log->service,
		.bind = o->bind,
		.port = o->port,
		.access = o->access,
		.tls = &o->tls,
		.limits = o->limits,
		.names = o->names,
		.routes = routes,
		.n_routes = n,
		.elsewhere = life ? life->elsewhere : NULL,
		.ctx = ctx,
		.news = news,
		.log = log};
	char url[HTTP_URL_BYTES];
	struct http_server *server;
	struct err e = {0};

	server = http_server_new(&options, &e);
	if (!server)
		return service_not_started(log, &e);
	service_url(o, http_server_port(server), url);
	log_info(log, "listening", log_text("url", url));
	if (life)
		life->serving(ctx, http_server_port(server));
	log_info(log, "stopping", log_int("signal", wait_for_stop(o, log)));
	if (life)
		life->stopping(ctx);
	http_server_free(server, STOP_WAIT_MS);
	log_info(log, "stopped", log_int("status", 0));
	return 0;
}
