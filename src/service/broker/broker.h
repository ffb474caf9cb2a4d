/* broker.h -- the broker's parts: what its files share.
 *
 * One thread drives each active run (driver/), one collects results and hands
 * them to those who wait, and the server's threads answer requests.  They meet
 * at mailboxes and at the store. */
#ifndef SERVICE_BROKER_BROKER_H
#define SERVICE_BROKER_BROKER_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/log.h"
#include "blob/blob.h"
#include "data/remote_policy.h"
#include "dispatch/dispatch.h"
#include "http/docs.h"
#include "http/server.h"
#include "run/run.h"
#include "service/driver/drivers.h"
#include "service/readiness.h"
#include "service/service.h"
#include "store/store.h"

#define BROKER_PAGE_MAX 1000 /* rows of one answer */
#define BROKER_ARENA_MAX ((size_t)1 << 30)

/* Who watches which broker leads the store (broker_lead.c). */
struct lead {
	char url[HTTP_URL_BYTES]; /* where we are reached */
	pthread_t thread;
	int watching;                            /* it runs */
	int failed;                              /* what it did at the end */
	char why[sizeof((struct err *)0)->text]; /* it could not look */
	pthread_mutex_t lock;                    /* guards `stop` */
	pthread_cond_t told;
	int stop;
};

struct broker {
	struct docs docs; /* first: the handlers of docs.h read it */
	const struct service_options *options;
	/* Until then dispatch, collector and drivers are not there, and only
	 * the store is read. */
	_Atomic int leads;
	struct lead lead;
	struct readiness readiness;
	const struct log *log;
	struct genome_places genomes;
	const char *data_dir, *token;
	char datasets_dir[1024];     /* unpacked data sets */
	struct remote_policy policy; /* from where they may be fetched */
	struct data_place place;     /* of both */
	struct store *store;
	struct blobs *blobs;
	struct dispatch *dispatch;
	struct http_news *news; /* of workers that wait for orders */
	struct collector *collector;
	struct drivers *drivers;
	struct driver_counts counts;
	pthread_mutex_t manifests_lock; /* one computes a missing manifest */
	pthread_mutex_t upload_lock;    /* one set arrives at a time */
	pthread_mutex_t create_lock;    /* one run is created at a time */
	pthread_mutex_t files_lock;     /* one writer of models/ at a time */
	pthread_mutex_t classify_lock;  /* one picture is looked at at a time */
};

/* The routes of the broker, for the server and for the test that compares them
 * with the OpenAPI document. */
const struct http_route *broker_routes(size_t *n);

/* Opens what the options name and starts the drivers of unfinished runs.  The
 * broker keeps the options.  0 or the error of what failed. */
int broker_open(struct broker *b, const struct service_options *o,
	const struct log *log, struct err *e);
/* The same on this dispatch, which goes with the broker, also on failure. */
int broker_open_on(struct broker *b, const struct service_options *o,
	struct dispatch *d, const struct log *log, struct err *e);

/* Of one that has just been given the lead: starts the work on what the store
 * has.  0 or the error of what failed. */
int broker_begin(struct broker *b, struct err *e);

/* Removes blobs that no run names any more, a killed broker's half-made ones
 * included. */
void broker_sweep(struct broker *b);

/* Stops everything; the runs stay as they are. */
void broker_close(struct broker *b);

/* Whether the broker can take runs and have them scored: 0 or what is missing
 * (broker_ready.c). */
int broker_ready(void *broker, struct err *e);

/* "ready", "draining", "aside", "lost", "unknown" (broker_cluster.c). */
const char *broker_worker_state(const struct dispatch_worker *w);

/* What GET /metrics shows (broker_metrics.c). */
void broker_metrics(void *broker, struct metrics *m);

/* -- broker_view.c -- */

/* The run document of the API; a new reference. */
json_t *broker_run_view(struct broker *b, const struct store_run *row);

/* The number of the rung that a member's fitness is from, RUNG_FINALIST or
 * RUNG_MIRRORED of a finalist's training, or null. */
json_t *broker_rung(const struct run *run, const struct run_member *m);

/* The run of a row, without its members, as run_glance gives it.  A row that is
 * none is no fault of who asks: ERR_WORLD. */
int broker_run_glance(
	const struct store_run *row, struct run *out, struct err *e);

/* Reads the run named by the path; answers 400 or 404 itself and returns an
 * error code when there is none. */
int broker_run_find(struct broker *b, const struct http_request *q,
	struct http_reply *r, struct arena *mem, struct store_run *out);

/* The run of the path, without its members, and its row.  False when it has
 * answered itself; else the caller releases the run. */
int broker_run_read(struct broker *b, const struct http_request *q,
	struct http_reply *r, struct arena *mem, struct store_run *row,
	struct run *run);

/* Replies with the run as it is now, and where it is. */
void broker_reply_run(
	struct broker *b, struct http_reply *r, int status, const char *uuid);

/* Replies with the error as a client may see it. */
void broker_reply_failure(
	struct broker *b, struct http_reply *r, const struct err *e);

/* The id of a worker, which the path names.  ERR_INVALID. */
int broker_member_id(
	const struct http_request *q, const char **out, struct err *e);

/* There are orders for the worker of that id: as dispatch_options has it. */
void broker_orders(void *broker, const char *id);

/* RFC 3339, or null for 0. */
json_t *broker_time(int64_t wall_ms);

/* -- handlers: broker_runs.c, broker_history.c, broker_job.c, broker_species.c,
 *    broker_events.c, broker_cluster.c, broker_members.c, broker_pull.c,
 *    broker_shards.c, broker_upload.c, broker_legacy.c -- */
http_handler broker_run_create, broker_run_list, broker_run_show,
	broker_run_label, broker_run_delete, broker_run_pause,
	broker_run_resume, broker_run_cancel, broker_points, broker_genes,
	broker_generations, broker_pareto, broker_species, broker_genomes,
	broker_genome, broker_genome_job, broker_genome_picture, broker_layers,
	broker_lineage, broker_champion, broker_champion_classify,
	broker_champion_mistakes, broker_champion_weights, broker_events,
	broker_workers, broker_worker_join, broker_worker_leave,
	broker_worker_exchange, broker_worker_weights, broker_blob,
	broker_blob_put, broker_datasets, broker_dataset_announce,
	broker_dataset_append, broker_dataset_name, broker_dataset_manifest,
	broker_dataset_samples, broker_dataset_shard, broker_legacy_population,
	broker_legacy_train, broker_legacy_child;

#endif
