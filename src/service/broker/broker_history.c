/* broker_history.c -- single genomes of a run, with what training gave, and
 * where they come from. */
#include <stdlib.h>
#include <string.h>

#include "run/run.h"
#include "wire/population_json.h"
#include "service/broker/broker_history.h"
#include "service/broker/broker_page.h"
#include "service/driver/genome_weights.h"
#include "service/stored.h"

json_t *broker_genome_item(const struct store_genome *g)
{
	json_t *parents = json_array();

	for (int i = 0; i < 2; i++)
		if (g->parents[i] >= 0)
			json_array_append_new(
				parents, json_integer(g->parents[i]));
	return json_pack("{s:I,s:I,s:o,s:o,s:o,s:s,s:o,s:s?,s:I}", "id", g->id,
		"born", g->born, "parents", parents, "species",
		g->species < 0 ? json_null() : json_integer(g->species),
		"mutations", mutations_write((unsigned)g->mutations), "state",
		g->scored ? "scored" : "open", "fitness",
		g->scored ? json_real(g->fitness) : json_null(), "failure",
		g->failure, "crashes", g->crashes);
}

static void put_genomes(
	struct page *p, const struct store_genome *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		page_put(p, rows[i].id, broker_genome_item(&rows[i]));
}

static int read_genome_id(
	const struct http_request *q, int64_t *id, struct err *e)
{
	const char *text = http_param(q, "id");
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 18 || text[digits])
		return err_set(e, ERR_INVALID,
			"the genome's id must be a number of 1 to 18 digits");
	*id = strtoll(text, NULL, 10);
	return 0;
}

int broker_genome_find(struct broker *b, const struct http_request *q,
	struct arena *mem, const char *uuid, struct store_genome *out,
	struct err *e)
{
	int64_t id = 0;
	int rc = read_genome_id(q, &id, e);

	if (rc == 0)
		rc = store_genome_get(b->store, mem, uuid, id, out, e);
	if (rc == ERR_NOT_FOUND)
		err_set(e, rc, "the run has no genome %lld", (long long)id);
	return rc;
}

/* From the genome down to the first generation, so `after` is an upper end. */
static int put_lineage(struct page *p, struct err *e)
{
	int64_t before = p->after < 0 ? INT64_MAX : p->after;
	struct store_genome g, *rows;
	size_t n;
	int rc = broker_genome_find(
		p->broker, p->request, p->mem, p->run->uuid, &g, e);

	if (rc == 0)
		rc = store_lineage(p->broker->store, p->mem, p->run->uuid, g.id,
			before, p->fetch, &rows, &n, e);
	if (rc == 0)
		put_genomes(p, rows, n);
	return rc;
}

void broker_lineage(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	page_answer(ctx, q, r, put_lineage, BROKER_PAGE_MAX);
}

/* Pilots are trained before finalists, though their number is higher. */
static int64_t turn(const struct store_rung *r)
{
	const int64_t pilot = r->rung - RUNG_PILOT;

	return pilot == 0 || pilot == 1 ? 4 * RUNG_FINALIST - 2 + pilot
					: 4 * r->rung;
}

static int compare_turns(const void *a, const void *b)
{
	const int64_t x = turn(a), y = turn(b);

	return (x > y) - (x < y);
}

/* What training gave, at each rung, as a pilot and a finalist, and in each
 * fold, in the order of the trainings; the final one is the champion's affair.
 */
static int put_results(struct broker *b, struct arena *mem, const char *uuid,
	const struct store_genome *g, json_t *doc, struct err *e)
{
	json_t *list = json_array(), *last = NULL;
	struct store_rung *rows;
	size_t n;
	int rc = store_rungs(b->store, mem, uuid, g->id, &rows, &n, e);

	if (rc == 0 && n > 0)
		qsort(rows, n, sizeof *rows, compare_turns);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		json_t *result;

		if (rows[i].rung == RUNG_FINAL)
			continue;
		result = stored_json(rows[i].result);

		json_array_append_new(list, result);
		if (rows[i].rung < RUNG_FINALIST)
			last = result;
	}
	json_object_set_new(doc, "rungs", list);
	if (g->result)
		json_object_set_new(doc, "result", stored_json(g->result));
	else
		json_object_set(doc, "result", last ? last : json_null());
	return rc;
}

/* The parents that had weights to start from. */
static int put_legacy(struct broker *b, struct arena *mem,
	const struct store_run *run, const struct store_genome *g, json_t *doc,
	struct err *e)
{
	json_t *settings = stored_json(run->settings), *ids = json_array();
	const int inherits = json_is_true(json_object_get(settings, "inherit"));
	char weights[SHA256_HEX_BYTES];
	int rc = 0;

	for (int i = 0; i < 2 && rc == 0 && inherits; i++) {
		rc = genome_legacy(b->store, mem, run->uuid, g, i, weights, e);
		if (rc == 0 && weights[0] &&
			(i == 0 || g->parents[0] != g->parents[1]))
			json_array_append_new(ids, json_integer(g->parents[i]));
	}
	json_object_set_new(doc, "inherited_from", ids);
	json_decref(settings);
	return rc;
}

void broker_genome(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct broker *b = ctx;
	struct store_genome g;
	struct store_run run;
	struct arena mem;
	struct err e;
	json_t *doc;

	arena_init(&mem, BROKER_ARENA_MAX);
	if (broker_run_find(b, q, r, &mem, &run))
		goto release;
	if (broker_genome_find(b, q, &mem, run.uuid, &g, &e)) {
		broker_reply_failure(b, r, &e);
		goto release;
	}
	doc = broker_genome_item(&g);
	json_object_set_new(doc, "genome", stored_json(g.genome));
	if (put_results(b, &mem, run.uuid, &g, doc, &e) ||
		put_legacy(b, &mem, &run, &g, doc, &e)) {
		json_decref(doc);
		broker_reply_failure(b, r, &e);
		goto release;
	}
	http_reply_json(r, 200, doc);

release:
	arena_release(&mem);
}
