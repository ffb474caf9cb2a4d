/* broker_cluster.c -- what the broker works with: evolutioners, data sets. */
#include "base/words.h"
#include "data/dataset.h"
#include "service/broker/broker.h"

static json_t *words(const char *in_one)
{
	json_t *list = json_array();
	const char *word;
	size_t n;

	while ((word = words_next(&in_one, &n)))
		json_array_append_new(list, json_stringn(word, n));
	return list;
}

static json_t *worker_item(const struct dispatch_worker *w)
{
	const char *state = w->lost ? "lost" : w->seen_ms ? "ready" : "unknown";

	return json_pack("{s:s,s:s,s:I,s:I,s:I,s:o,s:s,s:s,s:o,s:s?}", "url",
		w->url, "state", state, "slots", w->slots, "free", w->free,
		"jobs", w->jobs, "kernels", words(w->kernels), "cpu", w->cpu,
		"version", w->version, "seen", broker_time(w->seen_ms), "error",
		w->error[0] ? w->error : NULL);
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

static json_t *dataset_item(const char *name, const struct dataset_info *info)
{
	json_t *classes = json_array();

	for (int i = 0; i < info->classes; i++)
		json_array_append_new(
			classes, json_string(info->class_names[i]));
	return json_pack("{s:s,s:b,s:s,s:i,s:i,s:i,s:i,s:o,s:I,s:I,s:n}",
		"name", name, "available", 1, "hash", info->hash,
		"num_channels", info->channels, "px_h", info->height, "px_w",
		info->width, "num_classes", info->classes, "classes", classes,
		"train", (json_int_t)info->n_train, "test",
		(json_int_t)info->n_test, "reason");
}

static json_t *missing_item(
	struct broker *b, const char *name, const struct err *e)
{
	struct err shown;

	service_shown(b->log, e, &shown);
	return json_pack("{s:s,s:b,s:n,s:s}", "name", name, "available", 0,
		"hash", "reason", shown.text);
}

static json_t *look_up(struct broker *b, const char *name)
{
	char path[DATASET_PATH_MAX];
	struct dataset *d;
	struct err e = {0};
	json_t *item;

	if (dataset_prepare(name, b->datasets_dir, path, &e))
		return missing_item(b, name, &e);
	d = dataset_open(path, &e);
	if (!d)
		return missing_item(b, name, &e);
	item = dataset_item(name, dataset_info(d));
	dataset_close(d);
	return item;
}

void broker_datasets(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	json_t *items = json_array();
	struct broker *b = ctx;

	(void)q;
	for (const char *const *name = dataset_known(); *name; name++)
		json_array_append_new(items, look_up(b, *name));
	http_reply_json(r, 200, json_pack("{s:o}", "items", items));
}
