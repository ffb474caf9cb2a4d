/* split.c -- one shuffle of the training set, and tables that normalize. */
#include "data/split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"

#define LEVELS AUGMENT_LEVELS

/* What a batch source draws from. */
struct split_part {
	const struct dataset *data;
	const uint8_t *(*pixels)(const struct dataset *d, size_t i);
	int (*label)(const struct dataset *d, size_t i);
	const uint32_t *order; /* sample of the data set, by index; or NULL */
	const float (*level)[LEVELS];  /* normalized, by channel and pixel */
	size_t plane;                  /* pixels of one channel */
	const struct augment *augment; /* NULL: never */
	uint64_t seed;                 /* of the augmentation */
};

struct split {
	struct augment augment;
	uint32_t *order; /* the shuffled training set; NULL if final */
	struct normalization normalization;
	float level[DATASET_CHANNELS_MAX][LEVELS];
	struct split_part train_part, judge_part;
	struct batch_source train, judge;
};

/* Normalizes an image as it is. */
static void show(const struct split_part *p, const uint8_t *pixels,
	size_t pixel, float *out)
{
	size_t channels = (size_t)dataset_info(p->data)->channels;

	for (size_t c = 0; c < channels; c++)
		for (size_t j = 0; j < p->plane; j++)
			out[j * pixel + c] = p->level[c][*pixels++];
}

/* Normalizes sample i as epoch `epoch` sees it. */
static void show_augmented(const struct split_part *p, size_t i, int64_t epoch,
	size_t pixel, float *out)
{
	const struct dataset_info *d = dataset_info(p->data);
	const struct augment_shape shape = {
		d->channels, d->height, d->width, pixel, p->level};
	struct augment_view view;
	struct rng r;

	rng_stream(&r, p->seed, (uint64_t)epoch, (uint64_t)i);
	augment_draw(p->augment, d->height, d->width, &r, &view);
	augment_apply(&view, &shape, p->pixels(p->data, i), out);
}

static void fetch(const void *ctx, const struct batch_request *q, float *images,
	int32_t *labels)
{
	const struct split_part *p = ctx;

	for (size_t k = 0; k < q->n; k++) {
		size_t i = p->order ? p->order[q->index[k]] : q->index[k];

		labels[k] = p->label(p->data, i);
		if (p->augment && q->epoch >= 0)
			show_augmented(p, i, q->epoch, q->pixel, images);
		else
			show(p, p->pixels(p->data, i), q->pixel, images);
		images += p->plane * q->pixel;
	}
}

/* Fisher-Yates, from a stream that the data alone decides. */
static uint32_t *shuffle(const struct dataset_info *d)
{
	uint32_t *order = xcalloc(d->n_train, sizeof *order);
	char head[17];
	struct rng r;

	memcpy(head, d->hash, 16);
	head[16] = '\0';
	rng_stream(&r, strtoull(head, NULL, 16), 0, 0);
	for (size_t i = 0; i < d->n_train; i++)
		order[i] = (uint32_t)i;
	for (size_t i = d->n_train - 1; i > 0; i--) {
		size_t j = (size_t)rng_below(&r, i + 1);
		uint32_t swap = order[i];

		order[i] = order[j];
		order[j] = swap;
	}
	return order;
}

/* Counts are exact whatever the order of the samples, so the mean has the same
 * bits however a part is laid out. */
static void count_levels(const struct split_part *p, size_t n,
	uint64_t counts[DATASET_CHANNELS_MAX][LEVELS])
{
	size_t channels = (size_t)dataset_info(p->data)->channels;

	memset(counts, 0, DATASET_CHANNELS_MAX * sizeof *counts);
	for (size_t k = 0; k < n; k++) {
		const uint8_t *pixel = p->pixels(
			p->data, p->order ? p->order[k] : k);

		for (size_t c = 0; c < channels; c++)
			for (size_t j = 0; j < p->plane; j++)
				counts[c][*pixel++]++;
	}
}

static void mean_and_std(
	const uint64_t counts[LEVELS], double *mean, double *std)
{
	double n = 0, sum = 0, squares = 0;

	for (int v = 0; v < LEVELS; v++) {
		n += (double)counts[v];
		sum += (double)counts[v] * v;
	}
	*mean = sum / n / 255;
	for (int v = 0; v < LEVELS; v++) {
		double off = v / 255.0 - *mean;

		squares += (double)counts[v] * off * off;
	}
	*std = sqrt(squares / n);
	if (!(*std > 0))
		*std = 1; /* a channel of one level says nothing: leave it 0 */
}

float normalization_apply(
	const struct normalization *n, size_t channel, uint8_t v)
{
	return (float)((v / 255.0 - n->mean[channel]) / n->std[channel]);
}

/* Over the first `n` samples of the training part. */
static void normalize(struct split *s, size_t n)
{
	uint64_t(*counts)[LEVELS] = xcalloc(
		DATASET_CHANNELS_MAX, sizeof *counts);
	struct normalization *norm = &s->normalization;

	count_levels(&s->train_part, n, counts);
	for (int c = 0; c < s->train.channels; c++) {
		mean_and_std(counts[c], &norm->mean[c], &norm->std[c]);
		for (int v = 0; v < LEVELS; v++)
			s->level[c][v] = normalization_apply(
				norm, (size_t)c, (uint8_t)v);
	}
	free(counts);
}

static void set_source(struct split *s, struct batch_source *source,
	struct split_part *part, const uint32_t *order, size_t count)
{
	const struct dataset_info *d = dataset_info(part->data);

	part->order = order;
	part->level = (const float(*)[LEVELS])s->level;
	part->plane = (size_t)d->height * (size_t)d->width;
	*source = (struct batch_source){
		.channels = d->channels,
		.height = d->height,
		.width = d->width,
		.classes = d->classes,
		.count = count,
		.fetch = fetch,
		.ctx = part,
	};
}

static struct split_part training_set(const struct dataset *d)
{
	return (struct split_part){
		.data = d,
		.pixels = dataset_train_pixels,
		.label = dataset_train_label,
	};
}

static struct split_part test_set(const struct dataset *d)
{
	return (struct split_part){
		.data = d,
		.pixels = dataset_test_pixels,
		.label = dataset_test_label,
	};
}

/* Samples to validate on; 0 when one of the parts would be empty. */
static size_t validation_count(const struct dataset *d, double fraction)
{
	size_t n = dataset_info(d)->n_train, k;

	if (!(fraction > 0 && fraction < 1))
		return 0;
	k = (size_t)floor(fraction * (double)n + 0.5);
	return k < n ? k : 0;
}

static size_t limited(size_t n, size_t limit)
{
	return limit > 0 && limit < n ? limit : n;
}

size_t split_fitness_images(
	const struct dataset *d, double validation_fraction, size_t train_limit)
{
	size_t n_val = validation_count(d, validation_fraction);

	if (n_val == 0)
		return 0;
	return limited(dataset_info(d)->n_train - n_val, train_limit);
}

static int check_parts(
	const struct dataset *d, const struct split_options *o, struct err *e)
{
	double fraction = o->validation_fraction;

	if (validation_count(d, fraction) > 0)
		return 0;
	return err_set(e, ERR_RANGE,
		"a validation fraction of %g leaves no images to %s, of %zu",
		fraction, fraction > 0.5 ? "train on" : "validate on",
		dataset_info(d)->n_train);
}

/* A split without its parts; NULL when the augmentation is refused. */
static struct split *begin(
	const struct dataset *d, const struct split_options *o, struct err *e)
{
	const struct dataset_info *info = dataset_info(d);
	struct split *s;

	if (augment_check(&o->augment, info->height, info->width, e))
		return NULL;
	s = xcalloc(1, sizeof *s);
	s->augment = o->augment;
	s->train_part = training_set(d);
	s->train_part.augment = augment_is_on(&s->augment) ? &s->augment : NULL;
	s->train_part.seed = (uint64_t)o->seed;
	return s;
}

struct split *split_fitness(
	const struct dataset *d, const struct split_options *o, struct err *e)
{
	size_t n = dataset_info(d)->n_train, n_val;
	struct split *s;

	if (check_parts(d, o, e))
		return NULL;
	s = begin(d, o, e);
	if (!s)
		return NULL;
	n_val = validation_count(d, o->validation_fraction);
	s->order = shuffle(dataset_info(d));
	s->judge_part = training_set(d);
	set_source(s, &s->judge, &s->judge_part, s->order, n_val);
	set_source(s, &s->train, &s->train_part, s->order + n_val,
		limited(n - n_val, o->train_limit));
	normalize(s, n - n_val);
	return s;
}

struct split *split_final(
	const struct dataset *d, const struct split_options *o, struct err *e)
{
	const struct dataset_info *info = dataset_info(d);
	struct split *s = begin(d, o, e);

	if (!s)
		return NULL;
	s->judge_part = test_set(d);
	set_source(s, &s->train, &s->train_part, NULL, info->n_train);
	set_source(s, &s->judge, &s->judge_part, NULL, info->n_test);
	normalize(s, info->n_train);
	return s;
}

void split_free(struct split *s)
{
	if (!s)
		return;
	free(s->order);
	free(s);
}

const struct batch_source *split_train(const struct split *s)
{
	return &s->train;
}

const struct batch_source *split_judge(const struct split *s)
{
	return &s->judge;
}

const struct normalization *split_normalization(const struct split *s)
{
	return &s->normalization;
}
