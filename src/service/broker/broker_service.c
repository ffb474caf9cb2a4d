/* broker_service.c -- the broker: its routes, what it opens, how it ends. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "http/client.h"
#include "run/run.h"
#include "service/broker/broker.h"
#include "service/broker/broker_lead.h"
#include "service/broker/broker_page.h"
#include "service/broker/roster_fill.h"
#include "service/driver/blob_sweep.h"
#include "service/driver/collector.h"
#include "service/pages/pages.h"
#include "wire/job_json.h"

#define RESUME_PAGE 100
#define SPARED_S (24 * 60 * 60)
#define PICTURE_BODY_MAX ((size_t)16 << 20)
#define REPORT_BODY_MAX ((size_t)16 << 20)
#define WEIGHTS_BODY_MAX ((size_t)256 << 20)
#define DATASET_BODY_MAX ((size_t)8 << 20) /* of a part */
#define RUN_BODY_MAX ((size_t)2 << 20)     /* known genomes and the rest */

static const struct http_route routes[] = {
	{"POST", "/create_initial_poblation", broker_legacy_population,
		HTTP_LEGACY | HTTP_LED, 0, NULL},
	{"POST", "/create_cnn_model", broker_legacy_train,
		HTTP_LEGACY | HTTP_LED, 0, NULL},
	{"POST", "/create_child", broker_legacy_child, HTTP_LEGACY | HTTP_LED,
		0, NULL},
	{"POST", "/v1/runs", broker_run_create, HTTP_LED, RUN_BODY_MAX, NULL},
	{"GET", "/v1/runs", broker_run_list, 0, 0,
		PAGE_QUERY " state archived"},
	{"GET", "/v1/runs/{uuid}", broker_run_show, 0, 0, NULL},
	{"PATCH", "/v1/runs/{uuid}", broker_run_label, HTTP_LED, 0, NULL},
	{"DELETE", "/v1/runs/{uuid}", broker_run_delete, HTTP_LED, 0, NULL},
	{"GET", "/v1/runs/{uuid}/generations", broker_generations, HTTP_HEAVY,
		0, PAGE_QUERY},
	{"GET", "/v1/runs/{uuid}/points", broker_points, HTTP_HEAVY, 0, NULL},
	{"GET", "/v1/runs/{uuid}/genes", broker_genes, HTTP_HEAVY, 0, "after"},
	{"GET", "/v1/runs/{uuid}/pareto", broker_pareto, HTTP_HEAVY, 0, NULL},
	{"GET", "/v1/runs/{uuid}/species", broker_species, HTTP_HEAVY, 0,
		PAGE_QUERY " generation"},
	{"GET", "/v1/runs/{uuid}/genomes", broker_genomes, HTTP_HEAVY, 0,
		PAGE_QUERY " generation sort order filter offset"},
	{"GET", "/v1/runs/{uuid}/genomes/{id}.svg", broker_genome_picture, 0, 0,
		NULL},
	{"GET", "/v1/runs/{uuid}/genomes/{id}/layers", broker_layers, 0, 0,
		NULL},
	{"GET", "/v1/runs/{uuid}/genomes/{id}/job", broker_genome_job, 0, 0,
		"rung"},
	{"GET", "/v1/runs/{uuid}/genomes/{id}", broker_genome, 0, 0, NULL},
	{"GET", "/v1/runs/{uuid}/lineage/{id}", broker_lineage, HTTP_HEAVY, 0,
		PAGE_QUERY},
	{"GET", "/v1/runs/{uuid}/events", broker_events, HTTP_LED, 0, NULL},
	{"GET", "/v1/runs/{uuid}/champion", broker_champion, 0, 0, NULL},
	{"POST", "/v1/runs/{uuid}/champion/classify", broker_champion_classify,
		HTTP_BYTES | HTTP_HEAVY, PICTURE_BODY_MAX, NULL},
	{"GET", "/v1/runs/{uuid}/champion/mistakes.png",
		broker_champion_mistakes, HTTP_HEAVY, 0, NULL},
	{"GET", "/v1/runs/{uuid}/champion.safetensors", broker_champion_weights,
		0, 0, NULL},
	{"POST", "/v1/runs/{uuid}/pause", broker_run_pause, HTTP_LED, 0, NULL},
	{"POST", "/v1/runs/{uuid}/resume", broker_run_resume, HTTP_LED, 0,
		NULL},
	{"POST", "/v1/runs/{uuid}/cancel", broker_run_cancel, HTTP_LED, 0,
		NULL},
	{"GET", "/v1/workers", broker_workers, HTTP_LED, 0, NULL},
	{"PUT", "/v1/workers/{id}", broker_worker_join, HTTP_WORK | HTTP_LED, 0,
		NULL},
	{"DELETE", "/v1/workers/{id}", broker_worker_leave,
		HTTP_WORK | HTTP_LED, 0, NULL},
	{"POST", "/v1/workers/{id}/exchange", broker_worker_exchange,
		HTTP_WORK | HTTP_LED, REPORT_BODY_MAX, NULL},
	{"PUT", "/v1/workers/{id}/weights/{job}", broker_worker_weights,
		HTTP_BYTES | HTTP_WORK | HTTP_LED, WEIGHTS_BODY_MAX, NULL},
	{"GET", "/v1/blobs/{sha256}", broker_blob, HTTP_WORK, 0, NULL},
	{"PUT", "/v1/blobs/{sha256}", broker_blob_put,
		HTTP_BYTES | HTTP_WORK | HTTP_LED, WEIGHTS_BODY_MAX, NULL},
	{"GET", "/v1/datasets", broker_datasets, HTTP_LED, 0, NULL},
	{"GET", "/v1/datasets/{hash}/samples.png", broker_dataset_samples,
		HTTP_HEAVY | HTTP_LED, 0, NULL},
	{"GET", "/v1/datasets/{hash}/manifest", broker_dataset_manifest,
		HTTP_WORK | HTTP_LED, 0, NULL},
	{"GET", "/v1/datasets/{hash}/shards/{sha256}", broker_dataset_shard,
		HTTP_WORK | HTTP_LED, 0, NULL},
	{"PUT", "/v1/datasets/{hash}/manifest", broker_dataset_announce,
		HTTP_LED, 0, NULL},
	{"PUT", "/v1/datasets/{hash}/bytes", broker_dataset_append,
		HTTP_BYTES | HTTP_LED, DATASET_BODY_MAX, "at"},
	{"PUT", "/v1/datasets/{hash}", broker_dataset_name, HTTP_LED, 0, NULL},
	{"GET", "/assets/{file}", docs_home_asset, HTTP_OPEN, 0, NULL},
	DOCS_ROUTES,
};

const struct http_route *broker_routes(size_t *n)
{
	*n = sizeof routes / sizeof *routes;
	return routes;
}

static int make_folders(struct broker *b, struct err *e)
{
	char path[1100];
	int rc;

	/* What fits here leaves room for the other names below the folder. */
	if (snprintf(b->datasets_dir, sizeof b->datasets_dir, "%s/datasets",
		    b->data_dir) >= (int)sizeof b->datasets_dir)
		return err_set(e, ERR_RANGE, "the data folder's path is long");
	rc = file_mkdirs(b->datasets_dir, e);
	if (rc)
		return rc;
	snprintf(path, sizeof path, "%s/models", b->data_dir);
	return file_mkdirs(path, e);
}

static int open_store(struct broker *b, const char *url, struct err *e)
{
	char path[1100];

	snprintf(path, sizeof path, "sqlite:%s/nevod.db", b->data_dir);
	b->store = store_open_behind(url ? url : path, e);
	return b->store ? 0 : e->code;
}

/* A folder beside a store in a file is this broker's alone, which has the
 * file's lock; into all else other brokers may be storing what they will name
 * in a moment. */
static int open_blobs(
	struct broker *b, const struct service_options *o, struct err *e)
{
	const char *where = o->blobs ? o->blobs : "folder";
	const int in_folder = strcmp(where, "folder") == 0;
	char folder[1100];

	snprintf(folder, sizeof folder, "folder:%s/blobs", b->data_dir);
	if (in_folder)
		where = folder;
	else if (strcmp(where, "postgres") == 0)
		where = o->store;
	b->blobs = blobs_open(where, e);
	if (!b->blobs)
		return e->code;
	if (o->store || !in_folder)
		blobs_spare(b->blobs, SPARED_S);
	return 0;
}

void broker_sweep(struct broker *b)
{
	struct err e;

	if (blob_sweep(b->store, b->blobs, &e))
		log_warn(b->log, "blobs-not-swept", log_reason(e.text));
}

static int open_drivers(struct broker *b, struct err *e)
{
	b->collector = collector_new(b->dispatch, e);
	if (!b->collector)
		return e->code;
	b->drivers = drivers_new(&(struct driver_world){.store = b->store,
		.blobs = b->blobs,
		.dispatch = b->dispatch,
		.collector = b->collector,
		.genomes = &b->genomes,
		.data = &b->place,
		.token = b->token,
		.counts = &b->counts,
		.log = b->log});
	return 0;
}

static void log_resumed(const struct broker *b, const struct store_run *row)
{
	struct trace t;

	trace_of_run(row->trace, row->uuid, &t);
	log_info(b->log, "run-resumed", log_run(row->uuid),
		log_text("state", row->state), log_trace(t.id));
}

/* Starts the drivers of all runs in one state, newest first.  A run that the
 * store cannot give back whole is left alone and said to be so. */
static int resume_state(struct broker *b, const char *state, struct err *e)
{
	int64_t before = INT64_MAX;
	struct store_run *rows;
	size_t n = RESUME_PAGE;
	struct arena mem;
	struct err why;
	int rc = 0;

	while (rc == 0 && n == RESUME_PAGE) {
		arena_init(&mem, BROKER_ARENA_MAX);
		rc = store_runs(b->store, &mem, state, 1, before, RESUME_PAGE,
			&rows, &n, e);
		for (size_t i = 0; rc == 0 && i < n; i++) {
			before = rows[i].number;
			if (drivers_start(b->drivers, rows[i].uuid, &why))
				log_error(b->log, "run-not-resumed",
					log_run(rows[i].uuid),
					log_reason(why.text));
			else
				log_resumed(b, &rows[i]);
		}
		arena_release(&mem);
	}
	return rc;
}

static int resume_runs(struct broker *b, struct err *e)
{
	static const enum run_state active[] = {
		RUN_RUNNING, RUN_CREATED, RUN_PAUSED};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof active / sizeof *active; i++)
		rc = resume_state(b, run_state_name(active[i]), e);
	return rc;
}

static int is_ready(void *broker, struct err *e)
{
	struct broker *b = broker;

	return readiness_check(&b->readiness, e);
}

static void init(struct broker *b, const struct service_options *o,
	struct dispatch *d, const struct log *log)
{
	*b = (struct broker){.docs = pages_docs("broker"),
		.options = o,
		.log = log,
		.data_dir = o->data_dir,
		.policy = {.hosts = o->allow_hosts,
			.n_hosts = (size_t)o->n_allow_hosts},
		.token = o->token,
		.dispatch = d,
		.news = http_news_new()};
	genome_places_init(&b->genomes, o);
	b->place = (struct data_place){b->datasets_dir, &b->policy, log};
	b->docs.ready = is_ready;
	b->docs.metrics = broker_metrics;
	readiness_init(&b->readiness, broker_ready, b, log);
	pthread_mutex_init(&b->manifests_lock, NULL);
	pthread_mutex_init(&b->upload_lock, NULL);
	pthread_mutex_init(&b->create_lock, NULL);
	pthread_mutex_init(&b->files_lock, NULL);
	pthread_mutex_init(&b->classify_lock, NULL);
}

static int start(
	struct broker *b, const struct service_options *o, struct err *e)
{
	int rc = make_folders(b, e);

	if (rc == 0)
		rc = open_store(b, o->store, e);
	if (rc == 0)
		rc = open_blobs(b, o, e);
	if (rc == 0)
		rc = broker_lead_or_stand_by(b, e);
	if (rc == 0 && b->leads)
		broker_sweep(b);
	if (rc)
		broker_close(b);
	return rc;
}

int broker_open_on(struct broker *b, const struct service_options *o,
	struct dispatch *d, const struct log *log, struct err *e)
{
	init(b, o, d, log);
	return start(b, o, e);
}

/* What a job needs is a blob of the run's. */
static int give_blob(
	void *broker, const char *sha256, struct buf *out, struct err *e)
{
	const struct broker *b = broker;

	return blob_get(b->blobs, sha256, out, e);
}

static int open_dispatch(struct broker *b, struct err *e)
{
	const struct service_options *o = b->options;

	b->dispatch = dispatch_open(
		&(struct dispatch_options){
			.url = o->queue.url ? o->queue.url : "http",
			.creds = o->queue.creds,
			.ca_file = o->queue.ca_file,
			.replicas = o->queue_replicas,
			.ack_wait_ms = o->ack_wait_ms,
			.workers = o->evolutioner_urls,
			.n_workers = (size_t)o->n_evolutioners,
			.token = o->token,
			.blob = give_blob,
			.blob_ctx = b,
			.orders = broker_orders,
			.orders_ctx = b,
			.same = result_same,
			.log = b->log},
		e);
	return b->dispatch ? 0 : e->code;
}

int broker_begin(struct broker *b, struct err *e)
{
	int rc = roster_fill(b->store, e);

	if (rc == 0 && !b->dispatch)
		rc = open_dispatch(b, e);
	if (rc == 0)
		rc = open_drivers(b, e);
	return rc ? rc : resume_runs(b, e);
}

int broker_open(struct broker *b, const struct service_options *o,
	const struct log *log, struct err *e)
{
	http_client_init();
	init(b, o, NULL, log);
	return start(b, o, e);
}

void broker_close(struct broker *b)
{
	broker_lead_stopping(b);
	drivers_free(b->drivers);
	collector_free(b->collector);
	dispatch_free(b->dispatch);
	http_news_free(b->news);
	blobs_close(b->blobs);
	store_close(b->store);
	pthread_mutex_destroy(&b->classify_lock);
	pthread_mutex_destroy(&b->files_lock);
	pthread_mutex_destroy(&b->create_lock);
	readiness_release(&b->readiness);
	pthread_mutex_destroy(&b->manifests_lock);
	pthread_mutex_destroy(&b->upload_lock);
}

int broker_main(const struct service_options *o)
{
	static struct broker broker; /* the process is the broker */
	const struct log log = service_log("broker", o);
	struct err e = {0};
	size_t n;
	const struct http_route *r = broker_routes(&n);
	int status;

	service_begin(o);
	if (broker_open(&broker, o, &log, &e))
		return service_not_started(&log, &e);
	status = service_run(o, &log, r, n, &broker, broker.news,
		&(struct service_life){broker_lead_serving,
			broker_lead_stopping, broker_lead_elsewhere});
	broker_close(&broker);
	return broker.lead.failed ? 1 : status;
}
