/* broker_genomes.c -- a run's genomes as lists and as points: sorted, filtered
 * and thinned by the roster, shown from their own rows. */
#include <stdlib.h>
#include <string.h>

#include "service/broker/broker_history.h"
#include "service/broker/broker_page.h"

#define FILTER_MAX 200
#define WORD_MAX 32
#define POINTS_MAX 5000
#define LISTED_MAX 500 /* each is read from its own row, too */

static const char *const sorts[STORE_SORTS] = {
	[STORE_BY_ID] = "id",
	[STORE_BY_BORN] = "born",
	[STORE_BY_SPECIES] = "species",
	[STORE_BY_FITNESS] = "fitness",
	[STORE_BY_RUNG] = "rung",
	[STORE_BY_PARAMETERS] = "parameters",
	[STORE_BY_FLOPS] = "mflop",
	[STORE_BY_CPU] = "cpu_s",
};

static const char *const states[STORE_STATES] = {
	[STORE_OPEN] = "open",
	[STORE_SOUND] = "scored",
	[STORE_FAILED] = "failed",
};

static const struct store_wanted everything = {
	.born = -1, .species = -1, .rung = -1, .step = 1};

/* -- what is asked for -- */

static int read_sort(
	const struct http_request *q, struct store_wanted *w, struct err *e)
{
	const char *sort = http_query(q, "sort");
	const char *order = http_query(q, "order");

	while (sort && strcmp(sorts[w->sort], sort) != 0)
		if (++w->sort == STORE_SORTS)
			return err_at(e, ERR_RANGE, "", "sort",
				"\"sort\" must be id, born, species, fitness, "
				"rung, parameters, mflop or cpu_s");
	w->falling = order && strcmp(order, "desc") == 0;
	if (order && !w->falling && strcmp(order, "asc") != 0)
		return err_at(e, ERR_RANGE, "", "order",
			"\"order\" must be asc or desc");
	return 0;
}

static int bad_filter(struct err *e)
{
	return err_at(e, ERR_RANGE, "", "filter",
		"\"filter\" must be words with commas between: state:open, "
		"state:scored or state:failed, species:N, rung:N, "
		"failure:CODE");
}

static int read_number(const char *text, int64_t *out)
{
	const size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 9 || text[digits])
		return ERR_RANGE;
	*out = strtoll(text, NULL, 10);
	return 0;
}

static int read_state(const char *text, struct store_wanted *w)
{
	for (int i = STORE_ANY + 1; i < STORE_STATES; i++)
		if (strcmp(states[i], text) == 0) {
			w->state = (enum store_state)i;
			return 0;
		}
	return ERR_RANGE;
}

/* One "name:value", which is ours to cut. */
static int read_word(char *word, struct store_wanted *w)
{
	char *value = strchr(word, ':');

	if (!value)
		return ERR_RANGE;
	*value++ = '\0';
	if (strcmp(word, "state") == 0)
		return read_state(value, w);
	if (strcmp(word, "species") == 0)
		return read_number(value, &w->species);
	if (strcmp(word, "rung") == 0)
		return read_number(value, &w->rung);
	if (strcmp(word, "failure") != 0 || strlen(value) >= WORD_MAX)
		return ERR_RANGE;
	w->failure = value;
	return 0;
}

/* `text` has room for what the answer points to. */
static int read_filter(const struct http_request *q, char text[FILTER_MAX],
	struct store_wanted *w, struct err *e)
{
	const char *filter = http_query(q, "filter");
	char *rest = text, *word;

	if (!filter)
		return 0;
	if (strlen(filter) >= FILTER_MAX)
		return bad_filter(e);
	strcpy(text, filter);
	while ((word = strsep(&rest, ",")))
		if (*word && read_word(word, w))
			return bad_filter(e);
	return 0;
}

/* -- the list -- */

static json_t *known(int64_t n)
{
	return n < 0 ? json_null() : json_integer(n);
}

static json_t *listed_item(
	const struct store_genome *g, const struct store_listed *l)
{
	json_t *item = broker_genome_item(g);

	json_object_set_new(item, "rung", known(l->rung));
	json_object_set_new(item, "parameters", known(l->parameters));
	json_object_set_new(item, "mflop",
		l->flops < 0 ? json_null()
			     : json_real((double)l->flops * 1e-6));
	json_object_set_new(item, "cpu_s",
		l->trainings ? json_real(l->cpu_s) : json_null());
	return item;
}

static int put_listed(struct page *p, const struct store_listed *rows, size_t n,
	struct err *e)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct store_genome g;

		rc = store_genome_get(p->broker->store, p->mem, p->run->uuid,
			rows[i].id, &g, e);
		if (rc == 0)
			page_put(p, g.id, listed_item(&g, &rows[i]));
	}
	return rc;
}

static int put_genomes(struct page *p, struct err *e)
{
	struct store_wanted w = everything;
	struct store *s = p->broker->store;
	struct store_listed *rows;
	char filter[FILTER_MAX];
	int64_t skip = 0;
	size_t n;
	int rc = read_sort(p->request, &w, e);

	w.born = p->generation;
	if (rc == 0)
		rc = read_filter(p->request, filter, &w, e);
	if (rc == 0)
		rc = http_query_int(
			p->request, "offset", 0, INT64_MAX, &skip, e);
	if (rc == 0)
		rc = store_roster_count(s, p->run->uuid, &w, &p->total, e);
	if (rc == 0)
		rc = store_roster(s, p->mem, p->run->uuid, &w, p->after, skip,
			p->fetch, &rows, &n, e);
	return rc ? rc : put_listed(p, rows, n, e);
}

void broker_genomes(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	page_answer(ctx, q, r, put_genomes, LISTED_MAX);
}

/* -- points -- */

static json_t *points_of(
	const struct store_listed *rows, size_t n, int64_t total, int64_t step)
{
	json_t *id = json_array(), *born = json_array(),
	       *species = json_array(), *fitness = json_array(),
	       *parameters = json_array(), *mflop = json_array(),
	       *cpu_s = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct store_listed *l = &rows[i];

		json_array_append_new(id, json_integer(l->id));
		json_array_append_new(born, json_integer(l->born));
		json_array_append_new(species, known(l->species));
		json_array_append_new(fitness, json_real(l->fitness));
		json_array_append_new(parameters, known(l->parameters));
		json_array_append_new(mflop,
			l->flops < 0 ? json_null()
				     : json_real((double)l->flops * 1e-6));
		json_array_append_new(cpu_s, json_real(l->cpu_s));
	}
	return json_pack("{s:I,s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "total",
		(json_int_t)total, "step", (json_int_t)step, "id", id, "born",
		born, "species", species, "fitness", fitness, "parameters",
		parameters, "mflop", mflop, "cpu_s", cpu_s);
}

static json_t *read_points(
	struct broker *b, struct arena *mem, const char *uuid, struct err *e)
{
	struct store_wanted w = everything;
	struct store_listed *rows;
	int64_t total;
	size_t n;

	w.state = STORE_SOUND;
	if (store_roster_count(b->store, uuid, &w, &total, e))
		return NULL;
	w.step = total / POINTS_MAX + (total % POINTS_MAX != 0);
	w.step = w.step > 0 ? w.step : 1;
	/* Ids are dense; those that failed leave a page less than full. */
	if (store_roster(b->store, mem, uuid, &w, -1, 0, 2 * POINTS_MAX, &rows,
		    &n, e))
		return NULL;
	return points_of(rows, n, total, w.step);
}

void broker_points(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct broker *b = ctx;
	struct store_run run;
	struct arena mem;
	struct err e;
	json_t *doc;

	arena_init(&mem, BROKER_ARENA_MAX);
	if (broker_run_find(b, q, r, &mem, &run) == 0) {
		doc = read_points(b, &mem, run.uuid, &e);
		if (doc)
			http_reply_json(r, 200, doc);
		else
			broker_reply_failure(b, r, &e);
	}
	arena_release(&mem);
}
