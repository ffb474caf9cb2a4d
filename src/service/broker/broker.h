/* broker.h -- the broker's parts: what its files share.
 *
 * One thread drives each active run (run_driver.c), one collects results and
 * hands them to those who wait (collector.c), and the server's threads answer
 * requests.  They meet at mailboxes and at the store; `runs_lock` guards the
 * table of drivers alone and is never held across I/O.  Taken together, locks
 * are taken in the order of the struct. */
#ifndef SERVICE_BROKER_BROKER_H
#define SERVICE_BROKER_BROKER_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "blob/blob.h"
#include "dispatch/dispatch.h"
#include "http/docs.h"
#include "http/server.h"
#include "run/run.h"
#include "service/service.h"
#include "store/store.h"

#define BROKER_RUNS_MAX 64   /* active at a time */
#define BROKER_PAGE_MAX 1000 /* rows of one answer */
#define BROKER_ARENA_MAX ((size_t)1 << 30)

struct collector;
struct driver;

struct broker {
	struct docs docs; /* first: the handlers of docs.h read it */
	const struct log *log;
	const char *data_dir, *genome_url, *token;
	char datasets_dir[1024]; /* unpacked data sets */
	struct store *store;
	struct blobs *blobs;
	struct dispatch *dispatch;
	struct collector *collector;
	pthread_mutex_t create_lock; /* one run is created at a time */
	pthread_mutex_t runs_lock;   /* guards `drivers` and `n_drivers` */
	struct driver *drivers[BROKER_RUNS_MAX];
	size_t n_drivers;
	pthread_mutex_t files_lock; /* one writer of models/ at a time */
	int stopping;               /* guarded by runs_lock */
};

/* The routes of the broker, for the server and for the test that compares them
 * with the OpenAPI document. */
const struct http_route *broker_routes(size_t *n);

/* Opens what the options name and starts the drivers of unfinished runs.  The
 * broker keeps the options' strings.  0 or the error of what failed. */
int broker_open(struct broker *b, const struct service_options *o,
	const struct log *log, struct err *e);
/* The same on this dispatch, which goes with the broker, also on failure. */
int broker_open_on(struct broker *b, const struct service_options *o,
	struct dispatch *d, const struct log *log, struct err *e);
void broker_close(struct broker *b);

/* -- run_driver.c -- */

/* Starts the driver of a stored run.  ERR_BUSY when BROKER_RUNS_MAX are
 * active. */
int driver_start(struct broker *b, const char *uuid, struct err *e);

/* ERR_BUSY when no further run can be driven now. */
int driver_room(struct broker *b, struct err *e);

/* Stops all drivers; the runs stay as they are. */
void drivers_stop(struct broker *b);

enum driver_order { ORDER_PAUSE, ORDER_RESUME, ORDER_CANCEL };

/* Hands a person's order to the run's driver and waits until it is committed.
 * ERR_CONFLICT when the state does not allow it, ERR_BUSY when the driver does
 * not get to it in time, ERR_NOT_FOUND when the run is not active. */
int driver_order(struct broker *b, const char *uuid, enum driver_order order,
	struct err *e);

/* What only a driver knows of its run. */
struct driver_view {
	int64_t scored, members; /* of the generation under way */
	int64_t running_ms;      /* since the driver last wrote the row */
	char trouble[400];       /* why nothing can be saved, or "" */
};
/* False when the run is not active. */
int driver_look(struct broker *b, const char *uuid, struct driver_view *out);

/* -- broker_view.c -- */

/* The run document of the API; a new reference. */
json_t *broker_run_view(struct broker *b, const struct store_run *row);

/* The run of a row, without its members, as run_glance gives it.  A row that is
 * none is no fault of who asks: ERR_WORLD. */
int broker_run_glance(
	const struct store_run *row, struct run *out, struct err *e);

/* Reads the run named by the path; answers 400 or 404 itself and returns an
 * error code when there is none. */
int broker_run_find(struct broker *b, const struct http_request *q,
	struct http_reply *r, struct arena *mem, struct store_run *out);

/* Replies with the error as a client may see it. */
void broker_reply_failure(
	struct broker *b, struct http_reply *r, const struct err *e);

/* Parses text of the store, which must be JSON; NULL for NULL. */
json_t *broker_stored_json(const char *text);

/* RFC 3339, or null for 0. */
json_t *broker_time(int64_t wall_ms);

/* -- handlers: broker_runs.c, broker_history.c, broker_species.c,
 *    broker_events.c, broker_cluster.c, broker_legacy.c -- */
http_handler broker_run_create, broker_run_list, broker_run_show,
	broker_run_pause, broker_run_resume, broker_run_cancel,
	broker_generations, broker_species, broker_genomes, broker_genome,
	broker_genome_picture, broker_lineage, broker_champion,
	broker_champion_weights, broker_events, broker_workers, broker_datasets,
	broker_legacy_population, broker_legacy_train, broker_legacy_child;

#endif
