/* broker_ready.c -- what the broker needs: a store that takes writes, the
 * genome service, an evolutioner. */
#include <stdio.h>

#include "http/client.h"
#include "service/broker/broker.h"

#define GENOME_MS 1000

static int genome_answers(const struct broker *b, struct err *e)
{
	char url[512];
	struct http_call c = {.method = "GET",
		.url = url,
		.timeout_ms = GENOME_MS,
		.connect_ms = GENOME_MS};
	json_t *answer;

	snprintf(url, sizeof url, "%s/healthz", b->genome_url);
	/* Anybody may ask, so where it should be is not told. */
	if (http_call_json(&c, &answer, NULL, NULL))
		return err_set(
			e, ERR_BUSY, "the genome service does not answer");
	json_decref(answer);
	return 0;
}

static int evolutioner_answers(const struct broker *b, struct err *e)
{
	struct dispatch_worker *w;
	struct arena mem;
	size_t n, answer = 0;

	arena_init(&mem, BROKER_ARENA_MAX);
	n = dispatch_workers(b->dispatch, &mem, &w);
	for (size_t i = 0; i < n; i++)
		answer += dispatch_worker_answers(&w[i]) != 0;
	arena_release(&mem);
	if (answer > 0)
		return 0;
	return err_set(e, ERR_BUSY, "no evolutioner answers, of %zu", n);
}

int broker_ready(void *broker, struct err *e)
{
	struct broker *b = broker;
	int rc = readiness_disk(b->data_dir, e);

	if (rc == 0)
		rc = drivers_save(b->drivers, e);
	if (rc == 0)
		rc = genome_answers(b, e);
	if (rc == 0)
		rc = evolutioner_answers(b, e);
	return rc;
}
