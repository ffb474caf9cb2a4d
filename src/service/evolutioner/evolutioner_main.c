/* evolutioner_main.c -- the evolutioner's life: slots, data sets, server. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "http/client.h"
#include "http/url.h"
#include "service/evolutioner/evolutioner_service.h"
#include "service/evolutioner/puller.h"
#include "service/evolutioner/queue_member.h"
#include "service/evolutioner/slots.h"
#include "service/pages/pages.h"
#include "service/service.h"

#define DRAIN_LOOK_MS 100

static int make_cache(const char *data_dir, const char *name, char *out,
	size_t max, struct err *e)
{
	int n = snprintf(out, max, "%s/%s", data_dir, name);

	if (n < 0 || (size_t)n >= max)
		return err_set(e, ERR_INVALID,
			"the data directory's name is too long");
	return file_mkdirs(out, e);
}

/* Data sets are unpacked there, and weights that jobs start from kept. */
static int look_at_disk(void *evolutioner, struct err *e)
{
	const struct evolutioner *v = evolutioner;

	return readiness_disk(v->options->data_dir, e);
}

static int is_ready(void *evolutioner, struct err *e)
{
	struct evolutioner *v = evolutioner;

	return readiness_check(&v->readiness, e);
}

/* -- joining brokers, and leaving them -- */

/* An address that only says "any" is none to send others to. */
static int is_wildcard(const char *bind)
{
	return strcmp(bind, "0.0.0.0") == 0 || strcmp(bind, "::") == 0;
}

static void serving(void *evolutioner, int port)
{
	struct evolutioner *v = evolutioner;
	const struct service_options *o = v->options;
	struct membership_options m = {.brokers = o->broker_urls,
		.n_brokers = (size_t)o->n_brokers,
		.token = o->token,
		.url = o->advertise,
		.port = port,
		.tls = o->tls.cert != NULL,
		.log = v->log};
	char url[HTTP_URL_BYTES];
	struct err e;

	if (o->n_brokers == 0)
		return;
	if (o->queue.url) {
		v->queue = queue_member_new(v, &e);
		if (!v->queue)
			log_error(v->log, "not-joined", log_reason(e.text));
		return;
	}
	if (o->pull) {
		v->puller = puller_new(v, &e);
		if (!v->puller)
			log_error(v->log, "not-joined", log_reason(e.text));
		return;
	}
	service_url(o, port, url);
	if (!m.url && !is_wildcard(o->bind))
		m.url = url;
	v->membership = membership_new(&m, &e);
	if (!v->membership)
		log_error(v->log, "not-joined", log_reason(e.text));
}

/* Nothing runs, and who is to have what came of it has it. */
static int is_settled(struct evolutioner *v)
{
	int n, n_free;

	if (!v->queue)
		return worker_push_settled(v->worker);
	worker_push_count(v->worker, &n, &n_free);
	return n == n_free && queue_member_settled(v->queue);
}

/* Lets jobs end, until that takes too long or somebody insists. */
static void stopping(void *evolutioner)
{
	struct evolutioner *v = evolutioner;
	const int64_t until_ms = clock_mono_ms() +
				 (int64_t)v->options->drain_s * 1000;

	dataset_table_stop(v->datasets);
	worker_push_drain(v->worker);
	if (v->membership)
		membership_drain(v->membership);
	if (v->puller)
		puller_drain(v->puller);
	if (v->queue)
		queue_member_drain(v->queue);
	while (clock_mono_ms() < until_ms && !is_settled(v) &&
		!service_told_again(DRAIN_LOOK_MS))
		;
	membership_free(v->membership);
	if (v->puller)
		puller_stop(v->puller);
	if (v->queue)
		queue_member_stop(v->queue);
}

static void job_ended(void *evolutioner)
{
	struct evolutioner *v = evolutioner;

	evolutioner_job_ended(v);
	puller_job_ended(v->puller);
	queue_member_job_ended(v->queue);
}

/* Serves with `n` slots running. */
static int serve(const struct service_options *o, struct evolutioner *v, int n,
	const struct slot_options *slot)
{
	const struct http_route *routes;
	struct slots *slots;
	size_t n_routes;
	struct err e;
	int rc = 1;

	slots = slots_new(n, slot, &e);
	routes = evolutioner_routes(&n_routes);
	if (slots)
		rc = service_run(o, v->log, routes, n_routes, v, v->news,
			&(struct service_life){serving, stopping, NULL});
	else
		log_error(v->log, "not-started", log_reason(e.text));
	slots_free(slots);
	puller_free(v->puller);
	queue_member_free(v->queue);
	return rc;
}

/* Makes the folders of what is fetched: data sets, in `cache`, and weights. */
static int open_caches(
	struct evolutioner *v, char cache[DATASET_PATH_MAX], struct err *e)
{
	const char *data_dir = v->options->data_dir;
	char blobs[DATASET_PATH_MAX];
	int rc = make_cache(data_dir, "datasets", cache, DATASET_PATH_MAX, e);

	if (rc == 0)
		rc = make_cache(data_dir, "inherited", blobs, sizeof blobs, e);
	if (rc)
		return rc;
	v->blobs = blob_cache_open(blobs, BLOB_CACHE_BYTES, e);
	return v->blobs ? 0 : ERR_WORLD;
}

static struct dataset_fetch *new_fetch(
	const struct evolutioner *v, const char *cache)
{
	const struct service_options *o = v->options;

	return dataset_fetch_new(
		&(struct dataset_fetch_options){.cache_dir = cache,
			.brokers = o->broker_urls,
			.n_brokers = (size_t)o->n_brokers,
			.token = o->token,
			.max_bytes = (size_t)o->cache_mb << 20,
			.log = v->log});
}

int evolutioner_main(const struct service_options *o)
{
	/* Ourselves, even if the file was replaced since we started. */
	static char *const child[] = {"/proc/self/exe", "train-job", NULL};
	const struct log log = service_log("evolutioner", o);
	struct evolutioner v = {
		.docs = pages_docs("evolutioner"), .log = &log, .options = o};
	struct worker_push_options push = {
		.slots = o->slots > 0 ? o->slots : slots_default(),
		.memory_mb = slots_memory_mb(),
		.forget_ms = WORKER_PUSH_FORGET_MS,
		.keep_ms = WORKER_PUSH_KEEP_MS,
		.ended = job_ended,
		.ctx = &v,
	};
	struct slot_options slot = {
		.argv = child,
		.quiet_ms = SLOT_QUIET_MS,
		.idle_ms = SLOT_IDLE_MS,
		.prepare = evolutioner_prepare,
		.ctx = &v,
		.log = &log,
	};
	char cache[DATASET_PATH_MAX];
	struct err e;
	int rc = open_caches(&v, cache, &e);

	if (rc) {
		log_error(&log, "not-started", log_reason(e.text));
		return 1;
	}
	v.docs.ready = is_ready;
	v.docs.metrics = evolutioner_metrics;
	readiness_init(&v.readiness, look_at_disk, &v, &log);
	service_begin(o);
	http_client_init();
	slot.blobs_dir = blob_cache_dir(v.blobs);
	v.datasets = dataset_table_new(cache);
	v.fetch = new_fetch(&v, cache);
	v.speeds = speeds_start(push.slots);
	v.news = http_news_new();
	v.worker = slot.worker = worker_push_new(&push);
	rc = serve(o, &v, push.slots, &slot);
	worker_free(v.worker);
	http_news_free(v.news);
	speeds_free(v.speeds);
	dataset_fetch_free(v.fetch);
	dataset_table_free(v.datasets);
	blob_cache_close(v.blobs);
	readiness_release(&v.readiness);
	return rc;
}
