/* broker_genes.c -- what genomes are made of, as lists of numbers beside their
 * fitness: for who asks which genes matter. */
#include <math.h>

#include "neat/trait.h"
#include "service/broker/broker_history.h"
#include "service/stored.h"
#include "wire/genome_json.h"

#define SAMPLE_MAX 1000 /* genomes of a run */
#define PAGE 100        /* reading a large one takes half a millisecond */
#define GENOME_ARENA_MAX ((size_t)8 << 20)

/* The lists that an answer is made of. */
struct genes {
	struct trait traits[TRAITS_MAX];
	size_t n;
	json_t *values[TRAITS_MAX]; /* of each trait */
	json_t *id, *rung, *fitness;
};

static void put_values(struct genes *x, const struct genome *g)
{
	double v[TRAITS_MAX];

	trait_values(g, x->traits, x->n, v);
	for (size_t i = 0; i < x->n; i++)
		json_array_append_new(x->values[i],
			isnan(v[i]) ? json_null() : json_real(v[i]));
}

static int put_genome(struct broker *b, const char *run,
	const struct store_listed *l, struct genes *x, struct err *e)
{
	struct store_genome row;
	struct genome_doc g;
	struct arena mem;
	json_t *doc;
	int rc;

	arena_init(&mem, GENOME_ARENA_MAX);
	rc = store_genome_get(b->store, &mem, run, l->id, &row, e);
	if (rc == 0) {
		doc = stored_json(row.genome);
		rc = genome_doc_read(doc, "", &mem, &g, e);
		json_decref(doc);
	}
	if (rc == 0) {
		json_array_append_new(x->id, json_integer(l->id));
		json_array_append_new(x->rung, json_integer(l->rung));
		json_array_append_new(x->fitness, json_real(l->fitness));
		put_values(x, g.graph);
	}
	arena_release(&mem);
	return rc;
}

/* What numbers of a choice stand for; null of any other number. */
static json_t *choices_of(const struct trait *t)
{
	const struct attribute *a = t->attribute;
	json_t *names;

	if (!a || a->type != ATTRIBUTE_CHOICE)
		return json_null();
	names = json_array();
	for (int i = 0; a->name(i); i++)
		json_array_append_new(names, json_string(a->name(i)));
	return names;
}

static json_t *genes_doc(struct genes *x, int64_t total, int64_t step)
{
	json_t *list = json_array();

	for (size_t i = 0; i < x->n; i++)
		json_array_append_new(list,
			json_pack("{s:s,s:o,s:b,s:O}", "name",
				x->traits[i].name, "choices",
				choices_of(&x->traits[i]), "logarithmic",
				x->traits[i].attribute &&
					x->traits[i].attribute->logarithmic,
				"values", x->values[i]));
	return json_pack("{s:I,s:I,s:O,s:O,s:O,s:o}", "total",
		(json_int_t)total, "step", (json_int_t)step, "id", x->id,
		"rung", x->rung, "fitness", x->fitness, "genes", list);
}

static void open_genes(struct genes *x)
{
	x->n = traits(x->traits);
	x->id = json_array();
	x->rung = json_array();
	x->fitness = json_array();
	for (size_t i = 0; i < x->n; i++)
		x->values[i] = json_array();
}

static void close_genes(struct genes *x)
{
	json_decref(x->id);
	json_decref(x->rung);
	json_decref(x->fitness);
	for (size_t i = 0; i < x->n; i++)
		json_decref(x->values[i]);
}

/* Which genomes are asked for, and how many there are. */
static int read_sample(struct broker *b, const char *run,
	struct store_wanted *w, int64_t *total, struct err *e)
{
	int64_t all;
	int rc = store_roster_count(b->store, run, w, &all, e);

	w->state = STORE_SOUND;
	if (rc == 0)
		rc = store_roster_count(b->store, run, w, total, e);
	/* Ids are dense: there are no more that the step divides. */
	if (rc == 0 && all > SAMPLE_MAX)
		w->step = (all + SAMPLE_MAX - 1) / SAMPLE_MAX;
	return rc;
}

static json_t *read_genes(struct broker *b, struct arena *mem, const char *run,
	int64_t after, struct err *e)
{
	struct store_wanted w = {
		.born = -1, .species = -1, .rung = -1, .step = 1};
	struct store_listed *rows;
	struct genes x;
	json_t *doc = NULL;
	int64_t total;
	size_t n;
	int rc = read_sample(b, run, &w, &total, e);

	if (rc == 0)
		rc = store_roster(b->store, mem, run, &w, after, 0, PAGE + 1,
			&rows, &n, e);
	if (rc)
		return NULL;
	open_genes(&x);
	for (size_t i = 0; rc == 0 && i < n && i < PAGE; i++)
		rc = put_genome(b, run, &rows[i], &x, e);
	if (rc == 0)
		doc = genes_doc(&x, total, w.step);
	if (doc)
		json_object_set_new(doc, "next",
			n > PAGE ? json_integer(rows[PAGE - 1].id)
				 : json_null());
	close_genes(&x);
	return doc;
}

void broker_genes(void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct broker *b = ctx;
	struct store_run run;
	struct arena mem;
	struct err e;
	json_t *doc = NULL;
	int64_t after = -1;

	arena_init(&mem, BROKER_ARENA_MAX);
	if (broker_run_find(b, q, r, &mem, &run) == 0) {
		if (http_query_int(q, "after", -1, INT64_MAX, &after, &e) == 0)
			doc = read_genes(b, &mem, run.uuid, after, &e);
		if (doc)
			http_reply_json(r, 200, doc);
		else
			broker_reply_failure(b, r, &e);
	}
	arena_release(&mem);
}
