/* evolutioner_main.c -- the evolutioner's life: slots, data sets, server. */
#include <stdio.h>

#include "base/file.h"
#include "http/client.h"
#include "service/evolutioner/evolutioner_service.h"
#include "service/evolutioner/slots.h"
#include "service/pages/pages.h"
#include "service/service.h"

static int make_cache(
	const char *data_dir, char *out, size_t max, struct err *e)
{
	int n = snprintf(out, max, "%s/datasets", data_dir);

	if (n < 0 || (size_t)n >= max)
		return err_set(e, ERR_INVALID,
			"the data directory's name is too long");
	return file_mkdirs(out, e);
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
		rc = service_run(o, v->log, routes, n_routes, v);
	else
		log_error(v->log, "not-started", "why=\"%s\"", e.text);
	slots_free(slots);
	return rc;
}

int evolutioner_main(const struct service_options *o)
{
	/* Ourselves, even if the file was replaced since we started. */
	static char *const child[] = {"/proc/self/exe", "train-job", NULL};
	struct log log = {"evolutioner", o->quiet ? LOG_WARN : LOG_INFO};
	struct evolutioner v = {.docs = pages_docs("evolutioner"), .log = &log};
	struct worker_push_options push = {
		.slots = o->slots > 0 ? o->slots : slots_default(),
		.memory_mb = slots_memory_mb(),
		.forget_ms = WORKER_PUSH_FORGET_MS,
		.keep_ms = WORKER_PUSH_KEEP_MS,
	};
	struct slot_options slot = {
		.argv = child,
		.quiet_ms = SLOT_QUIET_MS,
		.prepare = evolutioner_prepare,
		.ctx = &v,
		.log = &log,
	};
	char cache[DATASET_PATH_MAX];
	struct err e;
	int rc;

	if (make_cache(o->data_dir, cache, sizeof cache, &e)) {
		log_error(&log, "not-started", "why=\"%s\"", e.text);
		return 1;
	}
	service_begin(o);
	http_client_init();
	v.datasets = dataset_table_new(cache);
	v.worker = slot.worker = worker_push_new(&push);
	rc = serve(o, &v, push.slots, &slot);
	worker_free(v.worker);
	dataset_table_free(v.datasets);
	return rc;
}
