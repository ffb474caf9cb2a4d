/* broker_page.c -- the frame of every list: find the run, read which page is
 * asked for, have it filled, answer. */
#include "service/broker/broker_page.h"

#include "service/broker/broker_csv.h"

#define PAGE_DEFAULT 100

static int page_read(struct page *p, int64_t most, struct err *e)
{
	int64_t limit = PAGE_DEFAULT;
	int rc;

	rc = http_query_int(p->request, "limit", 1, most, &limit, e);
	if (rc == 0)
		rc = http_query_int(
			p->request, "after", -1, INT64_MAX, &p->after, e);
	if (rc == 0)
		rc = http_query_int(p->request, "generation", 0, INT64_MAX,
			&p->generation, e);
	p->limit = (size_t)limit;
	p->fetch = p->limit + 1;
	return rc;
}

void page_put(struct page *p, int64_t key, json_t *item)
{
	if (json_array_size(p->items) == p->limit) {
		p->more = 1;
		json_decref(item);
		return;
	}
	json_array_append_new(p->items, item);
	p->last = key;
}

static void page_reply(struct http_reply *r, const struct page *p)
{
	json_t *doc;

	if (csv_wanted(p->request)) {
		csv_reply(r, p->items);
		return;
	}
	doc = json_pack("{s:O,s:o}", "items", p->items, "next",
		p->more ? json_integer(p->last) : json_null());
	if (p->total >= 0)
		json_object_set_new(doc, "total", json_integer(p->total));
	http_reply_json(r, 200, doc);
}

void page_answer(struct broker *b, const struct http_request *q,
	struct http_reply *r, page_filler *fill, int64_t most)
{
	struct store_run run;
	struct arena mem;
	struct page p = {.broker = b,
		.request = q,
		.run = &run,
		.mem = &mem,
		.after = -1,
		.generation = -1,
		.total = -1,
		.items = json_array()};
	struct err e;

	arena_init(&mem, BROKER_ARENA_MAX);
	if (broker_run_find(b, q, r, &mem, &run))
		goto release;
	if (page_read(&p, most, &e) || fill(&p, &e))
		broker_reply_failure(b, r, &e);
	else
		page_reply(r, &p);

release:
	json_decref(p.items);
	arena_release(&mem);
}
