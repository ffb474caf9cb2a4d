/* broker_classify.c -- what a run's champion holds of a picture that somebody
 * sends.
 *
 * A picture of a few bytes may decode to many pixels, so one is looked at at a
 * time. */
#include <stdlib.h>

#include "data/picture.h"
#include "data/resize.h"
#include "model/import.h"
#include "model/predict.h"
#include "nn/kernels/kernels.h"
#include "service/broker/broker.h"

#define WEIGHTS_MAX ((size_t)1 << 30)
#define NETWORK_BYTES_MAX ((int64_t)2 << 30)
#define TOP 10

/* The picture as the network takes it, (C,H,W), to be freed. */
static uint8_t *prepare(
	const struct dataset_info *d, struct pixels *p, struct err *e)
{
	struct pixels fit = {.values = NULL};
	uint8_t *planes;

	if (d->channels != 1 && d->channels != 3) {
		err_set(e, ERR_RANGE,
			"the network takes images of %d channels, which no "
			"picture has",
			d->channels);
		return NULL;
	}
	if (picture_recolour(p, d->channels, e) ||
		resize(p, d->height, d->width, &fit, e))
		return NULL;
	planes = xcalloc(1, dataset_image_bytes(d));
	picture_planes(&fit, planes);
	free(fit.values);
	return planes;
}

/* The likeliest class that is not listed yet; its probability becomes that of
 * none. */
static json_t *take_best(const struct dataset_info *d, double *probability)
{
	int best = 0;
	json_t *item;

	for (int k = 1; k < d->classes; k++)
		if (probability[k] > probability[best])
			best = k;
	item = json_pack("{s:i,s:s,s:f}", "label", best, "class",
		d->class_names[best], "probability", probability[best]);
	probability[best] = -1;
	return item;
}

static json_t *look(struct import *m, const uint8_t *planes, struct err *e)
{
	const struct dataset_info *d = &m->data;
	double *probability = xcalloc((size_t)d->classes, sizeof *probability);
	json_t *list = NULL;

	if (predict(m, planes, 1, probability, e) == 0) {
		list = json_array();
		for (int k = 0; k < d->classes && k < TOP; k++)
			json_array_append_new(list, take_best(d, probability));
	}
	free(probability);
	return list;
}

static json_t *classify(struct import *m, struct pixels *picture, struct err *e)
{
	const struct dataset_info *d = &m->data;
	const int resized = picture->height != d->height ||
			    picture->width != d->width;
	uint8_t *planes;
	json_t *list;

	if (d->dtype != DATASET_UINT8) {
		err_set(e, ERR_RANGE,
			"the network takes numbers that are no pixels of 8 "
			"bits");
		return NULL;
	}
	planes = prepare(d, picture, e);
	list = planes ? look(m, planes, e) : NULL;
	free(planes);
	return list ? json_pack(
			      "{s:o,s:b}", "classes", list, "resized", resized)
		    : NULL;
}

static struct import *open_champion(
	struct broker *b, const struct run *run, struct err *e)
{
	const struct import_options how = {.kernels = kernels_best(),
		.batch = 1,
		.max_bytes = NETWORK_BYTES_MAX};
	struct import *m = NULL;
	struct buf bytes;

	if (run->state != RUN_FINISHED) {
		err_set(e, ERR_CONFLICT,
			"the run is %s; its champion is trained at the end",
			run_state_name(run->state));
		return NULL;
	}
	buf_init(&bytes, WEIGHTS_MAX);
	if (blob_get(b->blobs, run->weights, &bytes, e) == 0)
		m = import_read(bytes.data, bytes.len, &how, e);
	buf_release(&bytes);
	return m;
}

static json_t *answer(struct broker *b, const struct run *run,
	const struct http_request *q, struct err *e)
{
	struct pixels picture;
	struct import *m;
	size_t n;
	const char *bytes = http_bytes(q, &n);
	json_t *doc = NULL;

	m = open_champion(b, run, e);
	if (!m)
		return NULL;
	if (picture_read(bytes, n, &picture, e) == 0) {
		doc = classify(m, &picture, e);
		free(picture.values);
	}
	import_free(m);
	return doc;
}

void broker_champion_classify(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct broker *b = ctx;
	struct store_run row;
	struct arena mem;
	struct run run;
	struct err e;
	json_t *doc;

	arena_init(&mem, BROKER_ARENA_MAX);
	if (broker_run_read(b, q, r, &mem, &row, &run)) {
		pthread_mutex_lock(&b->classify_lock);
		doc = answer(b, &run, q, &e);
		pthread_mutex_unlock(&b->classify_lock);
		run_release(&run);
		if (doc)
			http_reply_json(r, 200, doc);
		else
			broker_reply_failure(b, r, &e);
	}
	arena_release(&mem);
}
