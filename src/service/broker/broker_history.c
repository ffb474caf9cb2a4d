/* broker_history.c -- what a run has made: generations, genomes, champion. */
#include <stdlib.h>
#include <string.h>

#include "run/run.h"
#include "wire/population_json.h"
#include "service/broker/broker_history.h"
#include "service/broker/broker_page.h"
#include "service/stored.h"

#define WEIGHTS_MAX ((size_t)2 << 30)

static json_t *generation_item(const struct store_generation *g)
{
	return json_pack("{s:I,s:o,s:o,s:o,s:o,s:o,s:o}", "generation",
		g->generation, "best",
		g->scored ? json_real(g->best) : json_null(), "mean",
		g->scored ? json_real(g->mean) : json_null(), "members",
		stored_json(g->members), "species",
		g->species ? stored_json(g->species) : json_null(), "created",
		broker_time(g->created_ms), "scored",
		broker_time(g->scored_ms));
}

static int put_generations(struct page *p, struct err *e)
{
	struct store_generation *rows;
	size_t n;
	int rc = store_generations(p->broker->store, p->mem, p->run->uuid,
		p->after, p->fetch, &rows, &n, e);

	for (size_t i = 0; rc == 0 && i < n; i++)
		page_put(p, rows[i].generation, generation_item(&rows[i]));
	return rc;
}

void broker_generations(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	page_answer(ctx, q, r, put_generations);
}

static json_t *genome_item(const struct store_genome *g)
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
		page_put(p, rows[i].id, genome_item(&rows[i]));
}

static int put_born(struct page *p, struct err *e)
{
	struct store_genome *rows;
	size_t n;
	int rc = store_genomes(p->broker->store, p->mem, p->run->uuid,
		p->generation, p->after, p->fetch, &rows, &n, e);

	if (rc == 0)
		put_genomes(p, rows, n);
	return rc;
}

void broker_genomes(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	page_answer(ctx, q, r, put_born);
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
	page_answer(ctx, q, r, put_lineage);
}

/* What training gave, at each rung and at last. */
static int put_results(struct broker *b, struct arena *mem, const char *uuid,
	const struct store_genome *g, json_t *doc, struct err *e)
{
	json_t *list = json_array(), *last = NULL;
	struct store_rung *rows;
	size_t n;
	int rc = store_rungs(b->store, mem, uuid, g->id, &rows, &n, e);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		last = stored_json(rows[i].result);
		json_array_append_new(list, last);
	}
	json_object_set_new(doc, "rungs", list);
	if (g->result)
		json_object_set_new(doc, "result", stored_json(g->result));
	else
		json_object_set(doc, "result", last ? last : json_null());
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
	doc = genome_item(&g);
	json_object_set_new(doc, "genome", stored_json(g.genome));
	if (put_results(b, &mem, run.uuid, &g, doc, &e)) {
		json_decref(doc);
		broker_reply_failure(b, r, &e);
		goto release;
	}
	http_reply_json(r, 200, doc);

release:
	arena_release(&mem);
}

/* The run of the path, and its row.  False when it has answered itself; else
 * the caller releases the run. */
static int find_run(struct broker *b, const struct http_request *q,
	struct http_reply *r, struct arena *mem, struct store_run *row,
	struct run *run)
{
	struct err e;

	if (broker_run_find(b, q, r, mem, row))
		return 0;
	if (broker_run_glance(row, run, &e) == 0)
		return 1;
	broker_reply_failure(b, r, &e);
	return 0;
}

static json_t *champion_doc(struct broker *b, const struct run *run,
	const struct run_member *m, const struct store_run *row)
{
	const struct genome_doc genome = run_genome(run, m);
	int over = run->state == RUN_FINISHED;
	size_t bytes;
	json_t *doc = json_pack("{s:I,s:I,s:o,s:f,s:f,s:o,s:s,s:o}", "id",
		m->id, "born", m->born, "rung", broker_rung(run, m), "fitness",
		m->fitness, "val_accuracy", m->fitness, "genome",
		genome_doc_write(&genome), "state", row->state, "digest",
		row->digest[0] ? json_string(row->digest) : json_null());

	json_object_set_new(doc, "correct",
		over ? json_integer(run->test_correct) : json_null());
	json_object_set_new(doc, "total",
		over ? json_integer(run->test_total) : json_null());
	json_object_set_new(doc, "test_accuracy",
		over ? json_real((double)run->test_correct /
				 (double)run->test_total)
		     : json_null());
	json_object_set_new(doc, "parameters",
		over ? json_integer(run->parameters) : json_null());
	json_object_set_new(doc, "weights", json_null());
	if (over && blob_size(b->blobs, run->weights, &bytes, NULL) == 0)
		json_object_set_new(doc, "weights",
			json_pack("{s:s,s:I}", "sha256", run->weights, "bytes",
				(json_int_t)bytes));
	return doc;
}

void broker_champion(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	const struct run_member *m;
	struct broker *b = ctx;
	struct store_run row;
	struct arena mem;
	struct run run;
	struct err e;

	arena_init(&mem, BROKER_ARENA_MAX);
	if (find_run(b, q, r, &mem, &row, &run)) {
		m = run_champion(&run);
		if (m) {
			http_reply_json(r, 200, champion_doc(b, &run, m, &row));
		} else {
			err_set(&e, ERR_NOT_FOUND,
				"the run has no champion: no generation is "
				"complete or every genome failed");
			broker_reply_failure(b, r, &e);
		}
		run_release(&run);
	}
	arena_release(&mem);
}

static int read_weights(struct broker *b, const struct run *run,
	const char *state, struct buf *out, struct err *e)
{
	if (run->state != RUN_FINISHED)
		return err_set(e, ERR_CONFLICT,
			"the run is %s; its champion is trained at the end",
			state);
	return blob_get(b->blobs, run->weights, out, e);
}

void broker_champion_weights(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct broker *b = ctx;
	struct store_run row;
	struct arena mem;
	struct buf bytes;
	struct run run;
	struct err e;
	int rc;

	arena_init(&mem, BROKER_ARENA_MAX);
	buf_init(&bytes, WEIGHTS_MAX);
	if (!find_run(b, q, r, &mem, &row, &run))
		goto release;
	rc = read_weights(b, &run, row.state, &bytes, &e);
	run_release(&run);
	if (rc) {
		broker_reply_failure(b, r, &e);
		goto release;
	}
	http_reply_header(r, "Content-Disposition",
		"attachment; filename=\"champion.safetensors\"");
	http_reply_bytes(
		r, 200, "application/octet-stream", bytes.data, bytes.len);

release:
	buf_release(&bytes);
	arena_release(&mem);
}
