/* broker_species.c -- what NEAT has made of a run: its species, and genomes as
 * pictures. */
#include "draw/svg.h"
#include "wire/genome_json.h"
#include "service/broker/broker_history.h"
#include "service/broker/broker_page.h"
#include "service/stored.h"

#define PICTURE_BYTES_MAX ((size_t)4 << 20)

static json_t *species_item(const struct store_species *s)
{
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:f,s:f,s:I}", "generation",
		(json_int_t)s->generation, "id", (json_int_t)s->id, "born",
		(json_int_t)s->born, "improved", (json_int_t)s->improved,
		"size", (json_int_t)s->size, "best", s->best, "mean", s->mean,
		"champion", (json_int_t)s->champion);
}

/* The generation asked for, or the latest whose members are all scored. */
static int choose_generation(struct page *p, struct err *e)
{
	int64_t latest = p->run->generation;
	struct store_generation *g;
	size_t n;
	int rc;

	if (p->generation >= 0 || latest < 0)
		return 0;
	p->generation = latest;
	rc = store_generations(p->broker->store, p->mem, p->run->uuid,
		latest - 1, 1, &g, &n, e);
	if (rc == 0 && n == 1 && !g->scored && latest > 0)
		p->generation--;
	return rc;
}

static int put_species(struct page *p, struct err *e)
{
	struct store_species *rows;
	size_t n = 0;
	int rc = choose_generation(p, e);

	if (rc == 0)
		rc = store_species(p->broker->store, p->mem, p->run->uuid,
			p->generation, p->after, p->fetch, &rows, &n, e);
	for (size_t i = 0; rc == 0 && i < n; i++)
		page_put(p, rows[i].id, species_item(&rows[i]));
	return rc;
}

void broker_species(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	page_answer(ctx, q, r, put_species, BROKER_PAGE_MAX);
}

static int draw(struct arena *mem, const struct store_genome *row,
	struct buf *out, struct err *e)
{
	json_t *doc = stored_json(row->genome);
	struct genome_doc g;
	int rc = genome_doc_read(doc, "", mem, &g, e);

	json_decref(doc);
	if (rc)
		return rc;
	return svg_write(g.graph, &g.data, out, e);
}

void broker_genome_picture(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct broker *b = ctx;
	struct store_genome g;
	struct store_run run;
	struct arena mem;
	struct buf svg;
	struct err e;

	arena_init(&mem, BROKER_ARENA_MAX);
	buf_init(&svg, PICTURE_BYTES_MAX);
	if (broker_run_find(b, q, r, &mem, &run))
		goto release;
	if (broker_genome_find(b, q, &mem, run.uuid, &g, &e) ||
		draw(&mem, &g, &svg, &e))
		broker_reply_failure(b, r, &e);
	else
		http_reply_bytes(r, 200, "image/svg+xml", svg.data, svg.len);

release:
	buf_release(&svg);
	arena_release(&mem);
}
