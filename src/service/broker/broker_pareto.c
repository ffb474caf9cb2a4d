/* broker_pareto.c -- a run's front of accuracy against size and cost, from the
 * roster of the genomes that it has scored. */
#include "service/broker/broker.h"
#include "service/broker/pareto.h"

#define PAGE 10000

static void add(
	struct pareto *p, struct arena *mem, const struct store_listed *l)
{
	/* What was scored is a network. */
	if (l->parameters > 0)
		pareto_add(p, mem,
			&(struct pareto_point){.id = l->id,
				.born = l->born,
				.rung = l->rung > 0 ? (int)l->rung : 0,
				.fitness = l->fitness,
				.parameters = l->parameters,
				.flops = l->flops});
}

static int collect(struct store *s, const char *run, struct pareto *p,
	struct arena *mem, struct err *e)
{
	static const struct store_wanted sound = {.state = STORE_SOUND,
		.born = -1,
		.species = -1,
		.rung = -1,
		.step = 1};
	struct store_listed *rows;
	size_t n = PAGE;
	int64_t after = -1;
	struct arena page;
	int rc = 0;

	arena_init(&page, BROKER_ARENA_MAX);
	while (rc == 0 && n == PAGE) {
		arena_release(&page);
		rc = store_roster(
			s, &page, run, &sound, after, 0, PAGE, &rows, &n, e);
		for (size_t i = 0; rc == 0 && i < n; i++) {
			after = rows[i].id;
			add(p, mem, &rows[i]);
		}
	}
	arena_release(&page);
	return rc;
}

static json_t *document(struct pareto *p)
{
	json_t *items = json_array();

	pareto_sort(p);
	for (size_t i = 0; i < p->n; i++) {
		const struct pareto_point *x = &p->points[i];

		json_array_append_new(items,
			json_pack("{s:I,s:I,s:i,s:f,s:I,s:f}", "id",
				(json_int_t)x->id, "born", (json_int_t)x->born,
				"rung", x->rung, "fitness", x->fitness,
				"parameters", (json_int_t)x->parameters,
				"mflop", (double)x->flops * 1e-6));
	}
	return json_pack("{s:o}", "items", items);
}

void broker_pareto(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct broker *b = ctx;
	struct pareto front = {.n = 0};
	struct store_run run;
	struct arena mem;
	struct err e = {0};

	arena_init(&mem, BROKER_ARENA_MAX);
	if (broker_run_find(b, q, r, &mem, &run))
		goto release;
	if (collect(b->store, run.uuid, &front, &mem, &e))
		broker_reply_failure(b, r, &e);
	else
		http_reply_json(r, 200, document(&front));

release:
	arena_release(&mem);
}
