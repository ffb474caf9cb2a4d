/* service.h -- what the three services share: options, signals, the life of a
 * process that a supervisor may start, stop or lose. */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "dispatch/queue_address.h"
#include "http/server.h"
#include "http/url.h"

#define EVOLUTIONER_PORT 5000
#define BROKER_PORT 5001
#define GENOME_PORT 5002

#define SERVICE_EVOLUTIONERS_MAX 64
#define SERVICE_GENOMES_MAX 8
#define SERVICE_BROKERS_MAX 8
#define SERVICE_HOSTS_MAX 32
#define SERVICE_NAMES_MAX 16

struct service_options {
	const char *bind;           /* "127.0.0.1" */
	int port;                   /* 0 takes a free one */
	struct http_access *access; /* who may ask; NULL: anybody */
	const char *token;   /* what it shows to other services, or NULL */
	struct http_tls tls; /* what it shows to who asks; may be none */
	struct http_limits limits;
	/* Names it is known by, beside its own; ends with NULL. */
	const char *names[SERVICE_NAMES_MAX + 1];
	const char *data_dir; /* broker: the store; evolutioner: its cache */
	const char *store;    /* broker: its URL; NULL: a file in data_dir */
	/* broker: "folder" of data_dir, "postgres" of `store`, s3://...; NULL:
	 * the folder */
	const char *blobs;
	int slots; /* evolutioner: jobs at a time, 0 = one a core */
	const char *genome_urls[SERVICE_GENOMES_MAX]; /* broker */
	int n_genomes;
	const char *evolutioner_urls[SERVICE_EVOLUTIONERS_MAX]; /* broker */
	int n_evolutioners;
	const char *broker_urls[SERVICE_BROKERS_MAX]; /* evolutioner: joined */
	int n_brokers;
	const char *allow_hosts[SERVICE_HOSTS_MAX]; /* broker: data sets may be
						     * fetched from there */
	int n_allow_hosts;
	const char *advertise; /* evolutioner, broker: its URL, or NULL */
	int pull;              /* evolutioner: calls brokers, is not called */
	struct queue_address
		queue;       /* broker, evolutioner: of jobs; or no URL */
	int queue_replicas;  /* broker: of each message */
	int64_t ack_wait_ms; /* broker: see dispatch.h */
	int drain_s;         /* evolutioner: seconds for jobs to end */
	int64_t cache_mb;    /* evolutioner: of data sets, brought or not */
	int supervised;      /* standard input is the supervisor's pipe: its end
			      * means that the supervisor died, and so do we */
	int quiet;           /* log warnings and errors only */
	enum log_format log_format;
};

/* The log that the options ask for. */
struct log service_log(const char *service, const struct service_options *o);

/* Says why it could not start: to the person who started it, even when the log
 * is quiet, or to who reads JSON.  Returns the exit status. */
int service_not_started(const struct log *log, const struct err *e);

/* Each runs a service until SIGTERM or SIGINT, and returns the process's exit
 * status: 0 after a clean stop, 1 if it could not start (said in the log). */
int genome_main(const struct service_options *o);
/* Likewise (evolutioner/). */
int evolutioner_main(const struct service_options *o);
/* Likewise (broker/). */
int broker_main(const struct service_options *o);

/* `nevod train-job`: reads one job document from standard input, trains in
 * this process, writes progress and the result to standard output. */
int train_job_main(int argc, char **argv);

/* Blocks SIGTERM, SIGINT and SIGHUP (unless it is ignored) in every thread to
 * come and ignores SIGPIPE and SIGXFSZ; keeps the files to come from other
 * users; raises the soft limit on descriptors;
 * call before the first thread. Starts the watch on standard input when
 * supervised. */
void service_begin(const struct service_options *o);

/* Raises the soft limit on descriptors: a thousand clients take more. */
void service_raise_descriptors(void);

/* What a client may see of an error: the sentence of an ERR_WORLD or an
 * ERR_UNKNOWN may hold paths of this machine, so it goes to the log and another
 * one to `out`.  `trace` is the id of the request's, or NULL. */
void service_shown(const struct log *log, const char *trace,
	const struct err *e, struct err *out);

/* Waits for a signal to stop, or SIGHUP; returns its number. */
int service_wait(void);

/* True if another one comes within `wait_ms`. */
int service_told_again(int64_t wait_ms);

/* What a service does beside answering. */
struct service_life {
	void (*serving)(void *ctx, int port); /* from now on */
	void (*stopping)(void *ctx);          /* while it still does */
	/* Of http_options; NULL: all requests are ours. */
	int (*elsewhere)(
		void *ctx, const struct http_request *q, struct http_reply *r);
};

/* Writes the URL of a service that serves on that port. */
void service_url(
	const struct service_options *o, int port, char out[HTTP_URL_BYTES]);

/* Serves `routes` until told to stop: the body of each *_main.  Logs the
 * address.  SIGHUP stops it, too, but where tokens are asked for: then the file
 * of tokens is read again.  `ctx` starts with a struct docs; `news`, of what
 * handlers wait for, and `life` may be NULL. */
int service_run(const struct service_options *o, const struct log *log,
	const struct http_route *routes, size_t n, void *ctx,
	struct http_news *news, const struct service_life *life);

#endif
