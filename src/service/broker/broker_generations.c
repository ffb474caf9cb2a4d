/* broker_generations.c -- a run's generations: how good their members are, and
 * what they took. */
#include <stdlib.h>

#include "service/broker/broker_page.h"
#include "service/stored.h"

/* What the genomes took that were born in a generation. */
struct spent {
	int64_t genomes, trainings, failures;
	double cpu_s;
};

/* What a page of generations is made from. */
struct history {
	struct store_generation *rows;
	size_t n;
	json_t **members;               /* the ids of each */
	struct store_outcome *outcomes; /* of those, and more, in order of id */
	size_t n_outcomes;
	struct spent *spent; /* of each */
};

static int by_id(const void *key, const void *outcome)
{
	const int64_t a = *(const int64_t *)key;
	const int64_t b = ((const struct store_outcome *)outcome)->id;

	return (a > b) - (a < b);
}

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Between the two that stand around that share of a sorted list. */
static double quantile(const double *v, size_t n, double share)
{
	const double at = share * (double)(n - 1);
	const size_t i = (size_t)at;

	return i + 1 < n ? v[i] + (at - (double)i) * (v[i + 1] - v[i]) : v[i];
}

/* Ids are dense, so it is most often where it would be if none were missing. */
static const struct store_outcome *find(const struct history *h, int64_t id)
{
	const int64_t at = h->n_outcomes ? id - h->outcomes[0].id : -1;

	if (at >= 0 && (size_t)at < h->n_outcomes && h->outcomes[at].id == id)
		return &h->outcomes[at];
	return bsearch(
		&id, h->outcomes, h->n_outcomes, sizeof *h->outcomes, by_id);
}

/* Of the members' fitness, failures as 0, as the mean has them. */
static json_t *quartiles(
	const struct history *h, const json_t *members, struct arena *mem)
{
	double *v = arena_array(mem, json_array_size(members), sizeof *v);
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(members); i++) {
		const int64_t id = json_integer_value(
			json_array_get(members, i));
		const struct store_outcome *o = find(h, id);

		if (o && o->scored)
			v[n++] = o->fitness;
	}
	if (n == 0)
		return json_null();
	qsort(v, n, sizeof *v, by_value);
	return json_pack("[f,f,f]", quantile(v, n, 0.25), quantile(v, n, 0.5),
		quantile(v, n, 0.75));
}

static json_t *spent_doc(const struct spent *s)
{
	return json_pack("{s:I,s:I,s:I,s:f}", "genomes", (json_int_t)s->genomes,
		"trainings", (json_int_t)s->trainings, "failures",
		(json_int_t)s->failures, "cpu_s", s->cpu_s);
}

static json_t *item(const struct history *h, size_t i, struct arena *mem)
{
	const struct store_generation *g = &h->rows[i];

	return json_pack("{s:I,s:o,s:o,s:o,s:O,s:o,s:o,s:o,s:o}", "generation",
		(json_int_t)g->generation, "best",
		g->scored ? json_real(g->best) : json_null(), "mean",
		g->scored ? json_real(g->mean) : json_null(), "quartiles",
		g->scored ? quartiles(h, h->members[i], mem) : json_null(),
		"members", h->members[i], "species",
		g->species ? stored_json(g->species) : json_null(), "spent",
		spent_doc(&h->spent[i]), "created", broker_time(g->created_ms),
		"scored", broker_time(g->scored_ms));
}

/* Of the genomes from the lowest member to the highest. */
static int read_outcomes(struct page *p, struct history *h, struct err *e)
{
	int64_t lo = INT64_MAX, hi = -1;

	for (size_t i = 0; i < h->n; i++)
		for (size_t k = 0; k < json_array_size(h->members[i]); k++) {
			const int64_t id = json_integer_value(
				json_array_get(h->members[i], k));

			lo = id < lo ? id : lo;
			hi = id > hi ? id : hi;
		}
	if (hi < 0)
		return 0;
	return store_roster_outcomes(p->broker->store, p->mem, p->run->uuid, lo,
		hi, &h->outcomes, &h->n_outcomes, e);
}

/* Who is born is a member; generations of a page follow each other. */
static void sum_spent(struct history *h, struct arena *mem)
{
	const int64_t first = h->n ? h->rows[0].generation : 0;

	h->spent = arena_array(mem, h->n, sizeof *h->spent);
	for (size_t i = 0; i < h->n_outcomes; i++) {
		const struct store_outcome *o = &h->outcomes[i];
		const int64_t at = o->born - first;
		struct spent *s;

		if (at < 0 || (size_t)at >= h->n)
			continue;
		s = &h->spent[at];
		s->genomes++;
		s->trainings += o->trainings;
		s->failures += o->failed;
		s->cpu_s += o->cpu_s;
	}
}

static int read_history(struct page *p, struct history *h, struct err *e)
{
	struct store *s = p->broker->store;
	int rc = store_generations(s, p->mem, p->run->uuid, p->after, p->fetch,
		&h->rows, &h->n, e);

	h->members = arena_array(p->mem, h->n, sizeof *h->members);
	for (size_t i = 0; rc == 0 && i < h->n; i++)
		h->members[i] = stored_json(h->rows[i].members);
	if (rc == 0)
		rc = read_outcomes(p, h, e);
	if (rc == 0)
		sum_spent(h, p->mem);
	return rc;
}

static int put_generations(struct page *p, struct err *e)
{
	struct history h = {.n = 0};
	int rc = read_history(p, &h, e);

	for (size_t i = 0; rc == 0 && i < h.n; i++)
		page_put(p, h.rows[i].generation, item(&h, i, p->mem));
	for (size_t i = 0; i < h.n; i++)
		json_decref(h.members[i]);
	return rc;
}

void broker_generations(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	page_answer(ctx, q, r, put_generations, BROKER_PAGE_MAX);
}
