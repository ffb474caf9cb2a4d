/* evolutioner_main.c -- the evolutioner's life: slots, data sets, server. */
#include <stdio.h>

#include "base/file.h"
#include "http/client.h"
#include "service/evolutioner/evolutioner_service.h"
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

int evolutioner_main(const struct service_options *o)
{
	/* Ourselves, even if the file was replaced since we started. */
	static char *const child[] = {"/proc/self/exe", "train-job", NULL};
	struct log log = {"evolutioner", o->quiet ? LOG_WARN : LOG_INFO};
	struct slots_options slots = {
		.argv = child,
		.n = o->slots > 0 ? o->slots : slots_default(),
		.memory_mb = slots_memory_mb(),
		.quiet_ms = SLOTS_QUIET_MS,
		.forget_ms = SLOTS_FORGET_MS,
		.keep_ms = SLOTS_KEEP_MS,
		.log = &log,
	};
	struct evolutioner v = {.docs = pages_docs("evolutioner"), .log = &log};
	char cache[DATASET_PATH_MAX];
	const struct http_route *routes;
	struct err e;
	size_t n;
	int rc;

	if (make_cache(o->data_dir, cache, sizeof cache, &e)) {
		log_error(&log, "not-started", "why=\"%s\"", e.text);
		return 1;
	}
	service_begin(o);
	http_client_init();
	v.datasets = dataset_table_new(cache);
	v.slots = slots_new(&slots);
	routes = evolutioner_routes(&n);
	rc = service_run(o, &log, routes, n, &v);
	slots_free(v.slots);
	dataset_table_free(v.datasets);
	return rc;
}
