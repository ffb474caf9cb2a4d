/* genome_places.c -- a look before the question: one that hangs would keep it
 * for as long as breeding may take. */
#include "service/genome_places.h"

#include <stdio.h>
#include <string.h>

#include "http/client.h"

#define LOOK_MS 1000
#define URL_BYTES 512

void genome_places_init(
	struct genome_places *g, const struct service_options *o)
{
	memcpy(g->urls, o->genome_urls, sizeof g->urls);
	g->n = o->n_genomes;
	g->now = 0;
}

static int is_there(const char *place)
{
	char url[URL_BYTES];
	const struct http_call c = {.method = "GET",
		.url = url,
		.timeout_ms = LOOK_MS,
		.connect_ms = LOOK_MS};
	json_t *answer;

	snprintf(url, sizeof url, "%s/healthz", place);
	if (http_call_json(&c, &answer, NULL, NULL))
		return 0;
	json_decref(answer);
	return 1;
}

/* Anybody may ask whether we are ready, so where they should be is not told. */
int genome_places_look(struct genome_places *g, struct err *e)
{
	const int now = g->now;

	for (int i = 0; i < g->n; i++) {
		const int at = (now + i) % g->n;

		if (!is_there(g->urls[at]))
			continue;
		g->now = at;
		return 0;
	}
	return err_set(e, ERR_BUSY,
		g->n > 1 ? "no genome service answers, of %d"
			 : "the genome service does not answer",
		g->n);
}

const char *genome_places_pick(struct genome_places *g)
{
	int now;

	if (g->n > 1)
		genome_places_look(g, NULL);
	/* As an index gcc would read it like any other number. */
	now = g->now;
	return g->urls[now];
}

/* Unless another thread has gone on to it already. */
void genome_places_failed(struct genome_places *g, const char *url)
{
	int now = g->now;

	if (g->urls[now] == url)
		atomic_compare_exchange_strong(&g->now, &now, (now + 1) % g->n);
}
