/* fuzz_orders.c -- what a broker tells a worker to take, watch, end and forget,
 * as anybody may send it. */
#include "fuzz.h"

#include <jansson.h>

#include "dispatch/worker_orders.h"
#include "dispatch/worker_push.h"

/* As the service does, but for the checks of what is in a job. */
static int offer(void *worker, const json_t *job, struct err *e)
{
	const char *id = json_string_value(json_object_get(job, "id"));

	if (!id || !id[0])
		return err_set(e, ERR_INVALID, "no id");
	if (json_object_get(job, "missing"))
		return err_set(e, ERR_NOT_FOUND, "a blob is missing");
	return worker_push_offer(
		worker, &(struct worker_offer){.id = id, .body = "{}"}, e);
}

static void obey(struct worker *worker, const json_t *orders)
{
	const struct worker_clerk clerk = {
		.worker = worker, .offer = offer, .ctx = worker};
	json_t *refused = NULL, *report;
	struct err e = {0};

	if (worker_orders_do(&clerk, orders, &refused, &e)) {
		must(e.text[0] != '\0');
		return;
	}
	must(worker_orders_wait_ms(orders) >= 0);
	worker_orders_news(&clerk, orders);
	report = worker_orders_report(&clerk, orders, refused);
	must(json_is_object(report));
	json_decref(report);
	json_decref(refused);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *orders = json_loadb((const char *)data, size, 0, NULL);
	struct worker *worker;

	if (!orders)
		return 0;
	worker = worker_push_new(&(struct worker_push_options){
		.slots = 2, .memory_mb = 1000, .keep_ms = 1000});
	obey(worker, orders);
	obey(worker, orders); /* nothing may depend on the first time */
	worker_free(worker);
	json_decref(orders);
	return 0;
}
