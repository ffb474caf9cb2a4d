/* broker_species.c -- what NEAT has made of a run: its species, and genomes as
 * pictures. */
#include "draw/svg.h"
#include "neat/chain.h"
#include "run/genome_doc.h"
#include "service/broker_history.h"

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
static int choose_generation(struct broker *b, struct arena *mem,
	const struct store_run *run, struct page *p, struct err *e)
{
	struct store_generation *g;
	size_t n;
	int rc;

	if (p->generation >= 0 || run->generation < 0)
		return 0;
	p->generation = run->generation;
	rc = store_generations(
		b->store, mem, run->uuid, run->generation - 1, 1, &g, &n, e);
	if (rc == 0 && n == 1 && !g->scored && p->generation > 0)
		p->generation--;
	return rc;
}

void broker_species(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct store_species *rows;
	struct broker *b = ctx;
	struct store_run run;
	struct arena mem;
	struct page p;
	struct err e;
	json_t *items;
	size_t n;

	arena_init(&mem, BROKER_ARENA_MAX);
	if (broker_run_find(b, q, r, &mem, &run))
		goto release;
	if (page_read(q, &p, &e) || choose_generation(b, &mem, &run, &p, &e) ||
		store_species(b->store, &mem, run.uuid, p.generation, p.after,
			(size_t)p.limit, &rows, &n, &e)) {
		broker_reply_failure(b, r, &e);
		goto release;
	}
	items = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(items, species_item(&rows[i]));
	page_reply(r, &p, items, n ? rows[n - 1].id : -1);

release:
	arena_release(&mem);
}

static int draw(struct arena *mem, const struct store_genome *row,
	struct buf *out, struct err *e)
{
	json_t *doc = broker_stored_json(row->genome);
	struct genome_doc g;
	int rc = genome_doc_read(doc, "", mem, &g, e);

	json_decref(doc);
	if (rc)
		return rc;
	return svg_write(g.layers ? g.layers : chain_from_flat(mem, &g.flat),
		&g.flat.data, out, e);
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
