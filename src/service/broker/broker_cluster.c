/* broker_cluster.c -- what the broker works with: evolutioners, data sets. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/words.h"
#include "data/dataset.h"
#include "data/dataset_names.h"
#include "data/dataset_sources.h"
#include "wire/job_json.h"
#include "service/broker/broker.h"
#include "service/broker/dataset_view.h"

static json_t *words(const char *in_one)
{
	json_t *list = json_array();
	const char *word;
	size_t n;

	while ((word = words_next(&in_one, &n)))
		json_array_append_new(list, json_stringn(word, n));
	return list;
}

/* In the order of its kernels. */
static json_t *speeds(const struct dispatch_worker *w)
{
	const char *list = w->kernels;
	json_t *out = json_array();
	size_t n;

	for (int i = 0; i < DISPATCH_KERNELS_MAX && words_next(&list, &n); i++)
		json_array_append_new(out, json_real(w->gflops[i]));
	return out;
}

/* What is wrong with it, or NULL. */
static const char *why(const struct dispatch_worker *w)
{
	if (w->error[0])
		return w->error;
	return w->refusals > 0 ? w->refusal : NULL;
}

const char *broker_worker_state(const struct dispatch_worker *w)
{
	if (w->lost)
		return "lost";
	if (w->draining)
		return "draining";
	if (w->aside)
		return "aside";
	return w->seen_ms ? "ready" : "unknown";
}

/* What a job's id says of it. */
static json_t *training_item(const char *id)
{
	struct job_id j;

	if (job_id_read(id, &j, NULL))
		return NULL;
	return json_pack("{s:s,s:b,s:o,s:I,s:i}", "run", j.run, "final",
		j.final, "generation",
		j.final ? json_null() : json_integer(j.generation), "genome",
		(json_int_t)j.genome, "rung", j.rung);
}

/* The jobs of runs; one of an existing client has an id of another form. */
static json_t *training(const struct dispatch_worker *w)
{
	json_t *list = json_array();

	for (int64_t i = 0; w->training && i < w->jobs; i++) {
		json_t *item = training_item(w->training[i]);

		if (item)
			json_array_append_new(list, item);
	}
	return list;
}

static json_t *worker_item(const struct dispatch_worker *w)
{
	return json_pack(
		"{s:s,s:s?,s:s,s:I,s:I,s:I,s:o,s:o,s:o,s:s,s:s,s:o,s:s?}",
		"url", w->url, "id", w->id[0] ? w->id : NULL, "state",
		broker_worker_state(w), "slots", w->slots, "free", w->free,
		"jobs", w->jobs, "training", training(w), "kernels",
		words(w->kernels), "gflops", speeds(w), "cpu", w->cpu,
		"version", w->version, "seen", broker_time(w->seen_ms), "error",
		why(w));
}

void broker_workers(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	json_t *items = json_array();
	struct dispatch_worker *w;
	struct broker *b = ctx;
	struct arena mem;
	size_t n;

	(void)q;
	arena_init(&mem, BROKER_ARENA_MAX);
	n = dispatch_workers(b->dispatch, &mem, &w);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(items, worker_item(&w[i]));
	arena_release(&mem);
	http_reply_json(r, 200, json_pack("{s:o}", "items", items));
}

static json_t *missing_item(
	struct broker *b, const char *name, const struct err *e)
{
	struct err shown;

	service_shown(b->log, NULL, e, &shown);
	return json_pack("{s:s,s:b,s:n,s:s}", "name", name, "available", 0,
		"hash", "reason", shown.text);
}

static json_t *look_up(struct broker *b, const char *name)
{
	const struct dataset_order order = {.name = name};
	struct err e = {0};
	struct dataset *d = dataset_load(&order, b->datasets_dir, &e);
	json_t *item;

	if (!d)
		return missing_item(b, name, &e);
	item = dataset_view(name, d);
	dataset_close(d);
	return item;
}

struct dataset_list {
	struct broker *broker;
	json_t *items;
};

static void add_imported(void *ctx, const char *name, const char *hash)
{
	struct dataset_list *l = ctx;

	(void)hash;
	json_array_append_new(l->items, look_up(l->broker, name));
}

static void add_source(void *ctx, const char *from, const struct dataset *d)
{
	struct dataset_list *l = ctx;

	json_array_append_new(l->items, dataset_view(from, d));
}

void broker_datasets(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	json_t *items = json_array();
	struct broker *b = ctx;
	struct dataset_list list = {b, items};
	struct err e;

	(void)q;
	for (const char *const *name = dataset_known(); *name; name++)
		json_array_append_new(items, look_up(b, *name));
	if (dataset_name_each(b->datasets_dir, add_imported, &list, &e) ||
		dataset_sources_each(b->datasets_dir, add_source, &list, &e))
		log_warn(b->log, "data-not-listed", log_reason(e.text));
	http_reply_json(r, 200, json_pack("{s:o}", "items", items));
}
