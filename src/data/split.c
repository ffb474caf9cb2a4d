/* split.c -- one shuffle of the training set, and tables that normalize. */
#include "data/split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "data/pixel_stats.h"
#include "data/read_ahead.h"

#define LEVELS AUGMENT_LEVELS

/* What a batch source draws from. */
struct split_part {
	const struct dataset *data;
	enum dataset_part part; /* behind train comes validation */
	const uint32_t *order;  /* sample of the data set, by index; or NULL */
	const struct normalization *normalization;
	const float (*level)[LEVELS];  /* normalized, by channel and byte; NULL
					* of floats */
	size_t plane;                  /* pixels of one channel */
	const struct augment *augment; /* NULL: never */
	struct read_ahead *reader;     /* NULL: what is needed is read then */
	uint64_t seed;                 /* of the augmentation */
};

struct split {
	struct augment augment;
	size_t block;    /* of a large set; else 0 */
	uint32_t *order; /* the shuffled training set; NULL if final */
	struct normalization normalization;
	float level[DATASET_CHANNELS_MAX][LEVELS];
	struct read_ahead *reader; /* of a large set */
	struct split_part train_part, judge_part;
	struct batch_source train, judge;
};

/* Sample i of a part, as the data set has it. */
struct sample {
	enum dataset_part part;
	size_t i;
};

static struct sample find_sample(const struct split_part *p, size_t i)
{
	const size_t n_train = dataset_info(p->data)->n_train;

	if (p->part == DATASET_TRAIN && i >= n_train)
		return (struct sample){DATASET_VALIDATION, i - n_train};
	return (struct sample){p->part, i};
}

/* Normalizes an image as it is. */
static void show(const struct split_part *p, const void *pixels, size_t pixel,
	float *out)
{
	const size_t channels = (size_t)dataset_info(p->data)->channels;
	const uint8_t *bytes = pixels;
	const float *floats = pixels;

	for (size_t c = 0; p->level && c < channels; c++)
		for (size_t j = 0; j < p->plane; j++)
			out[j * pixel + c] = p->level[c][*bytes++];
	for (size_t c = 0; !p->level && c < channels; c++)
		for (size_t j = 0; j < p->plane; j++)
			out[j * pixel + c] = normalization_apply_float(
				p->normalization, c, *floats++);
}

/* Normalizes an image as epoch `epoch` sees sample `number`. */
static void show_augmented(const struct split_part *p, size_t number,
	const void *pixels, int64_t epoch, size_t pixel, float *out)
{
	const struct dataset_info *d = dataset_info(p->data);
	const struct augment_shape shape = {.channels = d->channels,
		.height = d->height,
		.width = d->width,
		.pixel = pixel,
		.level = p->level,
		.mean = p->normalization->mean,
		.std = p->normalization->std};
	struct augment_view view;
	struct rng r;

	rng_stream(&r, p->seed, (uint64_t)epoch, (uint64_t)number);
	augment_draw(p->augment, d->height, d->width, &r, &view);
	augment_apply(&view, &shape, pixels, out);
}

static void fetch(const void *ctx, const struct batch_request *q, float *images,
	int32_t *labels)
{
	const struct split_part *p = ctx;

	for (size_t k = 0; k < q->n; k++) {
		size_t i = p->order ? p->order[q->index[k]] : q->index[k];
		struct sample s = find_sample(p, i);
		const void *pixels = dataset_pixels(p->data, s.part, s.i);

		labels[k] = dataset_label(p->data, s.part, s.i);
		if (p->augment && q->epoch >= 0)
			show_augmented(
				p, i, pixels, q->epoch, q->pixel, images);
		else
			show(p, pixels, q->pixel, images);
		images += p->plane * q->pixel;
	}
}

/* Of a large set samples are in the order in which they are stored, so these
 * lie between the first and the last of them: in one part, or at the end of one
 * and the beginning of the next. */
static void ahead(const void *ctx, size_t first, size_t n)
{
	const struct split_part *p = ctx;
	const size_t bytes = dataset_image_bytes(dataset_info(p->data));
	const size_t end = first + n - 1;
	struct sample a = find_sample(p, p->order ? p->order[first] : first);
	struct sample b = find_sample(p, p->order ? p->order[end] : end);

	if (a.part != b.part) {
		read_ahead_want(p->reader, dataset_pixels(p->data, b.part, 0),
			b.i * bytes);
		b = (struct sample){a.part,
			dataset_count(dataset_info(p->data), a.part) - 1};
	}
	read_ahead_want(p->reader, dataset_pixels(p->data, a.part, a.i),
		(b.i - a.i + 1) * bytes);
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

float normalization_apply(
	const struct normalization *n, size_t channel, uint8_t v)
{
	return (float)((v / 255.0 - n->mean[channel]) / n->std[channel]);
}

float normalization_apply_float(
	const struct normalization *n, size_t channel, float v)
{
	return (float)((v - n->mean[channel]) / n->std[channel]);
}

/* The samples that a normalization is of. */
struct basis {
	const struct split_part *part;
	const uint32_t *order; /* as a part's */
	size_t stride;         /* from one sample to the next */
};

static const void *pixels_of(const void *ctx, size_t k)
{
	const struct basis *b = ctx;
	const size_t i = k * b->stride;
	struct sample s = find_sample(b->part, b->order ? b->order[i] : i);

	return dataset_pixels(b->part->data, s.part, s.i);
}

/* By n samples of the basis. */
static void normalize(struct split *s, const struct basis *b, size_t n)
{
	const struct pixel_images images = {.pixels = pixels_of,
		.ctx = b,
		.n = n,
		.plane = s->train_part.plane,
		.channels = s->train.channels,
		.dtype = dataset_info(s->train_part.data)->dtype};
	struct normalization *norm = &s->normalization;

	pixel_stats(&images, norm->mean, norm->std);
	for (int c = 0; s->train_part.level && c < s->train.channels; c++)
		for (int v = 0; v < LEVELS; v++)
			s->level[c][v] = normalization_apply(
				norm, (size_t)c, (uint8_t)v);
}

static void set_source(struct split *s, struct batch_source *source,
	struct split_part *part, const uint32_t *order, size_t count)
{
	const struct dataset_info *d = dataset_info(part->data);

	part->order = order;
	part->normalization = &s->normalization;
	part->level = d->dtype == DATASET_UINT8
			      ? (const float(*)[LEVELS])s->level
			      : NULL;
	part->plane = (size_t)d->height * (size_t)d->width;
	*source = (struct batch_source){
		.channels = d->channels,
		.height = d->height,
		.width = d->width,
		.classes = d->classes,
		.count = count,
		.block = s->block,
		.fetch = fetch,
		.ahead = part->reader ? ahead : NULL,
		.ctx = part,
	};
}

/* Training samples to validate on; 0 when one of the parts would be empty. */
static size_t held_back(const struct dataset *d, double fraction)
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

size_t split_validation_images(
	const struct dataset *d, double validation_fraction)
{
	const size_t own = dataset_info(d)->n_validation;

	return own > 0 ? own : held_back(d, validation_fraction);
}

size_t split_fitness_images(
	const struct dataset *d, double validation_fraction, size_t train_limit)
{
	const struct dataset_info *info = dataset_info(d);
	size_t n_held = held_back(d, validation_fraction);

	if (info->n_validation > 0)
		return limited(info->n_train, train_limit);
	return n_held ? limited(info->n_train - n_held, train_limit) : 0;
}

/* -- folds -- */

/* Where a fold begins in the shuffled training set; the one behind the last
 * ends it. */
static size_t fold_at(size_t n, int fold, int folds)
{
	return (size_t)((uint64_t)n * (uint64_t)(fold - 1) / (uint64_t)folds);
}

static size_t fold_size(size_t n, int fold, int folds)
{
	return fold_at(n, fold + 1, folds) - fold_at(n, fold, folds);
}

/* Brings the fold to the front; the others stay in their order. */
static void bring_fold(uint32_t *order, size_t n, int fold, int folds)
{
	const size_t at = fold_at(n, fold, folds);
	const size_t size = fold_size(n, fold, folds);
	uint32_t *held = xcalloc(size, sizeof *held);

	memcpy(held, order + at, size * sizeof *held);
	memmove(order + size, order, at * sizeof *order);
	memcpy(order, held, size * sizeof *held);
	free(held);
}

int split_check_folds(const struct dataset *d, int folds, struct err *e)
{
	const struct dataset_info *info = dataset_info(d);

	if (info->n_validation > 0)
		return err_set(e, ERR_RANGE,
			"the data set says itself what to validate on, so its "
			"training part is not cut into folds");
	if (info->n_train < (size_t)folds)
		return err_set(e, ERR_RANGE,
			"%zu images to train on are not enough for %d folds",
			info->n_train, folds);
	return 0;
}

size_t split_fold_images(
	const struct dataset *d, int fold, int folds, size_t train_limit)
{
	const size_t n = dataset_info(d)->n_train;

	if (split_check_folds(d, folds, NULL))
		return 0;
	return limited(n - fold_size(n, fold, folds), train_limit);
}

static int by_number(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* What has been drawn is read in the order in which it is stored. */
static void sort(const struct split *s, uint32_t *order, size_t n)
{
	if (s->block > 0)
		qsort(order, n, sizeof *order, by_number);
}

/* By the samples to train on, which are the first n of the order, before any
 * limit; of a large set by as many as a block has, as they were drawn. */
static void normalize_fitness(struct split *s, const uint32_t *order, size_t n)
{
	struct basis b = {&s->train_part, order, 1};
	uint32_t *some = NULL;

	if (s->block > 0) {
		n = n < s->block ? n : s->block;
		some = xcalloc(n, sizeof *some);
		memcpy(some, order, n * sizeof *some);
		sort(s, some, n);
		b.order = some;
	}
	normalize(s, &b, n);
	free(some);
}

/* By all, or by as many as a block has, spread over all. */
static void normalize_final(struct split *s, size_t n)
{
	struct basis b = {&s->train_part, NULL, 1};

	if (s->block > 0 && n > s->block)
		b.stride = n / s->block;
	normalize(s, &b, n / b.stride);
}

static size_t block_of(const struct dataset_info *d, size_t large_bytes)
{
	const size_t image = dataset_image_bytes(d);
	const size_t all = (d->n_train + d->n_validation) * image;
	const size_t fit = SPLIT_BLOCK_BYTES / image;

	if (all <= (large_bytes ? large_bytes : SPLIT_LARGE_BYTES))
		return 0;
	if (fit < 1)
		return 1;
	return fit < SPLIT_BLOCK_SAMPLES ? fit : SPLIT_BLOCK_SAMPLES;
}

static int check_parts(
	const struct dataset *d, const struct split_options *o, struct err *e)
{
	double fraction = o->validation_fraction;

	if (o->folds > 0)
		return split_check_folds(d, o->folds, e);
	if (split_validation_images(d, fraction) > 0)
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
	s->block = block_of(info, o->large_bytes);
	s->train_part.data = s->judge_part.data = d;
	s->train_part.part = DATASET_TRAIN;
	s->train_part.augment = augment_is_on(&s->augment) ? &s->augment : NULL;
	s->train_part.seed = (uint64_t)o->seed;
	if (s->block > 0)
		s->reader = s->train_part.reader = read_ahead_new();
	return s;
}

struct split *split_fitness(
	const struct dataset *d, const struct split_options *o, struct err *e)
{
	const struct dataset_info *info = dataset_info(d);
	size_t n = info->n_train, n_held = 0, n_kept;
	struct split *s;

	if (check_parts(d, o, e))
		return NULL;
	s = begin(d, o, e);
	if (!s)
		return NULL;
	s->order = shuffle(info);
	if (info->n_validation > 0) {
		s->judge_part.part = DATASET_VALIDATION;
		set_source(
			s, &s->judge, &s->judge_part, NULL, info->n_validation);
	} else {
		n_held = o->folds ? fold_size(n, o->fold, o->folds)
				  : held_back(d, o->validation_fraction);
		if (o->folds)
			bring_fold(s->order, n, o->fold, o->folds);
		s->judge_part.part = DATASET_TRAIN;
		set_source(s, &s->judge, &s->judge_part, s->order, n_held);
	}
	n_kept = limited(n - n_held, o->train_limit);
	set_source(s, &s->train, &s->train_part, s->order + n_held, n_kept);
	normalize_fitness(s, s->order + n_held, n - n_held);
	sort(s, s->order, n_held);
	sort(s, s->order + n_held, n_kept);
	return s;
}

struct split *split_final(
	const struct dataset *d, const struct split_options *o, struct err *e)
{
	const struct dataset_info *info = dataset_info(d);
	const size_t n = info->n_train + info->n_validation;
	struct split *s = begin(d, o, e);

	if (!s)
		return NULL;
	s->judge_part.part = DATASET_TEST;
	set_source(s, &s->train, &s->train_part, NULL, n);
	set_source(s, &s->judge, &s->judge_part, NULL, info->n_test);
	normalize_final(s, n);
	return s;
}

void split_free(struct split *s)
{
	if (!s)
		return;
	read_ahead_free(s->reader);
	free(s->order);
	free(s);
}

const struct batch_source *split_train(const struct split *s)
{
	return &s->train;
}

void split_train_counts(const struct split *s, uint64_t *out)
{
	const struct split_part *p = &s->train_part;

	memset(out, 0, (size_t)s->train.classes * sizeof *out);
	for (size_t k = 0; k < s->train.count; k++) {
		struct sample x = find_sample(p, p->order ? p->order[k] : k);

		out[dataset_label(p->data, x.part, x.i)]++;
	}
}

const struct batch_source *split_judge(const struct split *s)
{
	return &s->judge;
}

const struct normalization *split_normalization(const struct split *s)
{
	return &s->normalization;
}
