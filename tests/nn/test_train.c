/* test_train.c -- training learns, repeats itself, and says when it cannot. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/batch.h"
#include "nets.h"
#include "nn/train.h"

#define SIDE 7
#define CLASSES 3
#define TRAIN_IMAGES 301 /* a short last batch of 13 */
#define VALIDATION_IMAGES 90

/* Stripes across, stripes down, or a blot, under noise: image i of a source,
 * whose context is the first seed. */
static void draw_image(uint64_t seed, uint32_t i, float *image, int32_t *label)
{
	struct rng r;
	int row = 0, column = 0;

	rng_stream(&r, seed, i, 0);
	*label = (int32_t)rng_below(&r, CLASSES);
	row = (int)rng_below(&r, 2);
	column = (int)rng_below(&r, 2);
	for (int h = 0; h < SIDE; h++)
		for (int w = 0; w < SIDE; w++) {
			int on[CLASSES] = {(h + row) % 2, (w + column) % 2,
				abs(h - 3 - row) + abs(w - 3 - column) < 3};

			*image++ = (float)(on[*label] * 2 - 1 +
					   (rng_unit(&r) - 0.5));
		}
}

static void fetch(const void *ctx, const struct batch_request *q, float *images,
	int32_t *labels)
{
	float image[SIDE * SIDE];

	for (size_t i = 0; i < q->n; i++) {
		draw_image(
			*(const uint64_t *)ctx, q->index[i], image, labels + i);
		for (size_t k = 0; k < SIDE * SIDE; k++, images += q->pixel)
			*images = image[k];
	}
}

static void fetch_nan(const void *ctx, const struct batch_request *q,
	float *images, int32_t *labels)
{
	fetch(ctx, q, images, labels);
	images[0] = NAN;
}

static const uint64_t train_seed = 11, validation_seed = 12;
static const struct batch_source training = {
	1, SIDE, SIDE, CLASSES, TRAIN_IMAGES, 0, fetch, NULL, &train_seed};
static const struct batch_source validation = {1, SIDE, SIDE, CLASSES,
	VALIDATION_IMAGES, 0, fetch, NULL, &validation_seed};

static struct spec small_net(enum activation a, int batchnorm)
{
	struct spec s;
	int i;

	spec_init(&s, (struct shape){1, SIDE, SIDE}, CLASSES);
	i = nets_conv(&s, 0, 6, 3);
	if (batchnorm)
		i = nets_batchnorm(&s, i);
	i = nets_maxpool(&s, nets_activation(&s, i, a));
	i = nets_dropout(&s, nets_dense(&s, i, 16), 0.1);
	nets_dense(&s, nets_activation(&s, i, a), CLASSES);
	assert_int_equal(spec_check(&s, NULL), 0);
	return s;
}

static struct train_options options(const struct spec *s)
{
	return (struct train_options){
		.kernels = nets_kernels(),
		.spec = s,
		.batch = 16,
		.optimizer = OPT_ADAM,
		.learning_rate = 0.01,
		.epochs = 6,
		.seed = 1,
		.train = &training,
		.validation = &validation,
	};
}

static void assert_learns(const struct train_options *o)
{
	struct train_result result;
	struct err e = {0};
	struct net *n = train(o, &result, &e);

	if (!n)
		fail_msg("%s", e.text);
	assert_int_equal(result.n_epochs, o->epochs);
	assert_int_equal(result.total, VALIDATION_IMAGES);
	assert_int_equal(result.images, (int64_t)o->epochs * TRAIN_IMAGES);
	assert_true(result.epochs[0].loss >
		    result.epochs[o->epochs - 1].loss * 1.5);
	if (result.correct * 100 < result.total * 95)
		fail_msg("%zu right of %zu", result.correct, result.total);
	assert_int_equal(
		result.correct, train_evaluate(n, &validation, o->batch,
					&(struct evaluation){0}));
	net_free(n);
}

static void every_activation_learns(void **state)
{
	(void)state;
	for (int i = 0; i < ACT_COUNT; i++) {
		struct spec s = small_net((enum activation)i, 0);
		struct train_options o = options(&s);

		assert_learns(&o);
	}
}

static void every_optimizer_learns(void **state)
{
	const double rates[OPT_COUNT] = {
		[OPT_ADAM] = 0.01,
		[OPT_ADAMW] = 0.01,
		[OPT_SGD] = 0.1,
		[OPT_RMSPROP] = 0.003,
		[OPT_NESTEROV] = 0.01,
	};

	(void)state;
	for (int i = 0; i < OPT_COUNT; i++) {
		struct spec s = small_net(ACT_RELU, 1);
		struct train_options o = options(&s);

		o.optimizer = (enum optimizer_kind)i;
		o.learning_rate = rates[i];
		assert_learns(&o);
	}
}

/* 301 = 20 * 15 + 1: the last batch of every epoch is a single image. */
static void last_batch_of_one_image_is_trained(void **state)
{
	struct spec s = small_net(ACT_TANH, 1);
	struct train_options o = options(&s);

	(void)state;
	o.batch = 15;
	assert_learns(&o);
}

static void batch_larger_than_the_source_is_one_step(void **state)
{
	struct spec s = small_net(ACT_RELU, 1);
	struct train_options o = options(&s);
	struct train_result result;
	struct net *n;

	(void)state;
	o.batch = 400;
	o.epochs = 1;
	n = train(&o, &result, NULL);
	assert_non_null(n);
	assert_int_equal(result.images, TRAIN_IMAGES);
	net_free(n);
}

static void same_seed_gives_the_same_result(void **state)
{
	struct spec s = small_net(ACT_SELU, 1);
	struct train_options o = options(&s);
	struct train_result a, b, c;

	(void)state;
	o.epochs = 2;
	net_free(train(&o, &a, NULL));
	net_free(train(&o, &b, NULL));
	assert_int_equal(a.n_epochs, 2);
	assert_memory_equal(&a, &b, sizeof a);
	o.seed = 2;
	net_free(train(&o, &c, NULL));
	assert_memory_not_equal(&a, &c, sizeof a);
}

/* A schedule, a decay, smoothing, a clip that is always at work. */
static void a_recipe_learns_and_trains_otherwise(void **state)
{
	struct spec s = small_net(ACT_RELU, 1);
	struct train_options o = options(&s);
	struct train_result plain, other;

	(void)state;
	net_free(train(&o, &plain, NULL));
	for (int i = 0; i < 6; i++) {
		const struct recipe recipes[6] = {
			{.schedule = SCHEDULE_COSINE},
			{.schedule = SCHEDULE_ONE_CYCLE},
			{.own_decay = 1, .weight_decay = 0.001},
			{.label_smoothing = 0.05},
			{.clip_norm = 0.5},
			{.own_decay = 1,
				.weight_decay = 0.02,
				.spare_biases = 1},
		};

		o.recipe = recipes[i];
		assert_learns(&o);
		net_free(train(&o, &other, NULL));
		assert_memory_not_equal(&plain, &other, sizeof plain);
	}
}

/* Whether the first weights of two nets are the same. */
static int same_weights(const struct net *a, const struct net *b)
{
	float x[6 * 9], y[6 * 9];

	net_tensor_read(a, 0, x);
	net_tensor_read(b, 0, y);
	return memcmp(x, y, sizeof x) == 0;
}

static void averages_are_what_is_kept_and_do_not_touch_training(void **state)
{
	struct spec s = small_net(ACT_RELU, 1);
	struct train_options o = options(&s);
	struct train_result last, average;
	struct net *a, *b;

	(void)state;
	a = train(&o, &last, NULL);
	o.recipe.ema = 0.99;
	b = train(&o, &average, NULL);
	for (int i = 0; i < o.epochs; i++)
		assert_true(average.epochs[i].loss == last.epochs[i].loss);
	assert_int_equal(
		average.correct, train_evaluate(b, &validation, o.batch,
					 &(struct evaluation){0}));
	assert_false(same_weights(a, b));
	net_exchange(b);
	assert_true(same_weights(a, b));
	net_free(a);
	net_free(b);
}

/* One step in all: its rate is the schedule's last, 1/25 of 1/10000. */
static void the_schedule_spans_the_whole_training(void **state)
{
	struct spec s = small_net(ACT_RELU, 0);
	struct train_options o = options(&s);
	struct train_result a, b;

	(void)state;
	o.batch = 400;
	o.epochs = 1;
	o.recipe.schedule = SCHEDULE_ONE_CYCLE;
	net_free(train(&o, &a, NULL));
	o.recipe.schedule = SCHEDULE_CONSTANT;
	o.learning_rate *= schedule_factor(SCHEDULE_ONE_CYCLE, 0, 1);
	net_free(train(&o, &b, NULL));
	assert_memory_equal(&a, &b, sizeof a);
}

struct epochs_seen {
	struct epoch epochs[8];
	int n;
};

static void see_epoch(void *ctx, int i, const struct epoch *epoch)
{
	struct epochs_seen *seen = ctx;

	assert_int_equal(i, seen->n);
	seen->epochs[seen->n++] = *epoch;
}

static void every_epoch_is_told_as_it_ends(void **state)
{
	struct spec s = small_net(ACT_RELU, 1);
	struct train_options o = options(&s);
	struct epochs_seen seen = {.n = 0};
	struct train_result result;

	(void)state;
	o.epoch_done = see_epoch;
	o.progress_ctx = &seen;
	net_free(train(&o, &result, NULL));
	assert_int_equal(seen.n, o.epochs);
	assert_memory_equal(seen.epochs, result.epochs,
		(size_t)seen.n * sizeof *seen.epochs);
}

/* However the images are cut into batches: to the last bit. */
static void the_validation_loss_is_summed_in_the_images_order(void **state)
{
	struct spec s = small_net(ACT_RELU, 1);
	struct train_options o = options(&s);
	struct train_result result;
	struct net *n;
	double loss;

	(void)state;
	o.epochs = 2;
	n = train(&o, &result, NULL);
	assert_true(result.loss > 0 && result.loss < 1);
	for (int batch = 1; batch <= o.batch; batch++) {
		train_evaluate(n, &validation, batch,
			&(struct evaluation){.loss = &loss});
		assert_true(loss == result.loss);
	}
	net_free(n);
}

/* Every validation image is in the row of its label, once: the last epoch's
 * alone, and its diagonal is what was right. */
static void confusion_counts_every_validation_image(void **state)
{
	uint64_t confusion[CLASSES * CLASSES] = {0}, rows[CLASSES] = {0};
	struct spec s = small_net(ACT_RELU, 1);
	struct train_options o = options(&s);
	struct train_result result;
	size_t right = 0;
	struct net *n;

	(void)state;
	o.epochs = 2;
	o.learning_rate = 0.0001;
	o.evaluation.confusion = confusion;
	n = train(&o, &result, NULL);
	for (uint32_t i = 0; i < VALIDATION_IMAGES; i++) {
		float image[SIDE * SIDE];
		int32_t label;

		draw_image(validation_seed, i, image, &label);
		rows[label]++;
	}
	for (size_t i = 0; i < CLASSES; i++) {
		uint64_t row = 0;

		for (size_t k = 0; k < CLASSES; k++)
			row += confusion[i * CLASSES + k];
		assert_int_equal(row, rows[i]);
		right += confusion[i * CLASSES + i];
	}
	assert_int_equal(right, result.correct);
	assert_true(right < VALIDATION_IMAGES); /* some are off the diagonal */
	train_evaluate(n, &validation, o.batch,
		&(struct evaluation){.confusion = confusion});
	assert_int_equal(
		confusion[0] + confusion[1] + confusion[2], 2 * rows[0]);
	net_free(n);
}

/* The order in which two epochs asked for images. */
struct visits {
	uint32_t order[2 * TRAIN_IMAGES];
	size_t n;
};

static void fetch_and_note(const void *ctx, const struct batch_request *q,
	float *images, int32_t *labels)
{
	struct visits *v = *(struct visits *const *)ctx;

	fetch(&train_seed, q, images, labels);
	for (size_t i = 0; i < q->n; i++)
		v->order[v->n++] = q->index[i];
}

static void visit_two_epochs(struct visits *v, int64_t seed, size_t block)
{
	struct batch_source source = training;
	struct spec s = small_net(ACT_RELU, 0);
	struct train_options o = options(&s);
	struct train_result result;

	v->n = 0;
	source.block = block;
	source.fetch = fetch_and_note;
	source.ctx = &v;
	o.train = &source;
	o.seed = seed;
	o.epochs = 2;
	net_free(train(&o, &result, NULL));
	assert_int_equal(v->n, 2 * TRAIN_IMAGES);
}

static void every_epoch_visits_every_image_in_a_new_order(void **state)
{
	const size_t bytes = TRAIN_IMAGES * sizeof(uint32_t);
	struct visits a, b;

	(void)state;
	visit_two_epochs(&a, 1, 0);
	visit_two_epochs(&b, 2, 0);
	assert_memory_not_equal(a.order, a.order + TRAIN_IMAGES, bytes);
	assert_memory_not_equal(a.order, b.order, bytes);
	for (int epoch = 0; epoch < 2; epoch++) {
		int seen[TRAIN_IMAGES] = {0};

		for (int i = 0; i < TRAIN_IMAGES; i++)
			seen[a.order[epoch * TRAIN_IMAGES + i]]++;
		for (int i = 0; i < TRAIN_IMAGES; i++)
			assert_int_equal(seen[i], 1);
	}
}

#define BLOCK 50

/* The block that the images from `at` on are of: a whole one, each of it once.
 * Adds how many are not in their place. */
static size_t one_block(const uint32_t *at, int *moved)
{
	const size_t block = at[0] / BLOCK, first = block * BLOCK;
	const size_t left = TRAIN_IMAGES - first;
	const size_t n = left < BLOCK ? left : BLOCK;
	int seen[BLOCK] = {0};

	for (size_t k = 0; k < n; k++) {
		assert_int_equal(at[k] / BLOCK, block);
		seen[at[k] - first]++;
		*moved += at[k] != first + k;
	}
	for (size_t k = 0; k < n; k++)
		assert_int_equal(seen[k], 1);
	return n;
}

static void an_epoch_goes_through_one_block_after_another(void **state)
{
	const size_t bytes = TRAIN_IMAGES * sizeof(uint32_t);
	int moved = 0, blocks_moved = 0;
	struct visits a;

	(void)state;
	visit_two_epochs(&a, 1, BLOCK);
	for (size_t i = 0; i < 2 * TRAIN_IMAGES;) {
		blocks_moved += a.order[i] / BLOCK != i % TRAIN_IMAGES / BLOCK;
		i += one_block(a.order + i, &moved);
	}
	assert_true(blocks_moved > 0 && moved > TRAIN_IMAGES);
	assert_memory_not_equal(a.order, a.order + TRAIN_IMAGES, bytes);
}

/* Which images were told of in this epoch, and whether each was before it was
 * fetched. */
struct foresight {
	int told[TRAIN_IMAGES], late;
	size_t fetched, calls;
};

static void note_ahead(const void *ctx, size_t first, size_t n)
{
	struct foresight *f = *(struct foresight *const *)ctx;

	assert_true(n > 0 && first + n <= TRAIN_IMAGES);
	for (size_t i = first; i < first + n; i++)
		f->told[i]++;
	f->calls++;
}

static void fetch_foreseen(const void *ctx, const struct batch_request *q,
	float *images, int32_t *labels)
{
	struct foresight *f = *(struct foresight *const *)ctx;
	const struct batch_request same = *q;

	for (size_t i = 0; i < q->n; i++)
		f->late += f->told[q->index[i]] == 0;
	f->fetched += q->n;
	fetch(&train_seed, &same, images, labels);
}

static void what_is_needed_soon_is_told_once_and_in_time(void **state)
{
	struct foresight seen = {.late = 0}, *at = &seen;
	struct batch_source source = training;
	struct spec s = small_net(ACT_RELU, 0);
	struct train_options o = options(&s);
	struct train_result result;

	(void)state;
	source.block = BLOCK;
	source.fetch = fetch_foreseen;
	source.ahead = note_ahead;
	source.ctx = &at;
	o.train = &source;
	o.epochs = 1;
	net_free(train(&o, &result, NULL));
	assert_int_equal(seen.fetched, TRAIN_IMAGES);
	assert_int_equal(seen.late, 0);
	assert_int_equal(seen.calls, (TRAIN_IMAGES + BLOCK - 1) / BLOCK);
	for (int i = 0; i < TRAIN_IMAGES; i++)
		assert_int_equal(seen.told[i], 1);
}

static void assert_diverges(const struct train_options *o)
{
	struct train_result result;
	struct err e = {0};

	assert_null(train(o, &result, &e));
	assert_int_equal(e.code, ERR_GENOME);
	assert_non_null(strstr(e.text, "diverged"));
	assert_true(result.n_epochs < o->epochs);
}

static void images_of_nan_diverge(void **state)
{
	struct batch_source broken = training;
	struct spec s = small_net(ACT_RELU, 0);
	struct train_options o = options(&s);

	(void)state;
	broken.fetch = fetch_nan;
	o.train = &broken;
	assert_diverges(&o);
}

static void huge_learning_rate_diverges(void **state)
{
	struct spec s = small_net(ACT_LEAKYRELU, 0);
	struct train_options o = options(&s);

	(void)state;
	o.learning_rate = 1e30;
	o.optimizer = OPT_SGD;
	assert_diverges(&o);
}

/* One step only: its loss is sound and the weights that it leaves are not. */
static void last_step_that_diverges_is_noticed(void **state)
{
	struct spec s = small_net(ACT_RELU, 0);
	struct train_options o = options(&s);

	(void)state;
	o.batch = 400;
	o.epochs = 1;
	o.learning_rate = 1e60;
	o.optimizer = OPT_SGD;
	assert_diverges(&o);
}

static int cancel_at_third(void *ctx, int64_t images)
{
	int *calls = ctx;

	assert_true(images > 0 && images <= TRAIN_IMAGES * 6);
	return ++*calls == 3;
}

static void progress_can_cancel(void **state)
{
	struct spec s = small_net(ACT_RELU, 0);
	struct train_options o = options(&s);
	struct train_result result;
	struct err e = {0};
	int calls = 0;

	(void)state;
	o.progress = cancel_at_third;
	o.progress_ctx = &calls;
	assert_null(train(&o, &result, &e));
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_int_equal(calls, 3);
	assert_int_equal(result.n_epochs, 1);
}

static void options_out_of_range_are_refused(void **state)
{
	struct spec s = small_net(ACT_RELU, 0);
	struct batch_source empty = training, wide = training;
	struct train_options bad[6];
	struct train_result result;

	(void)state;
	empty.count = 0;
	wide.width = SIDE + 1;
	for (int i = 0; i < 6; i++)
		bad[i] = options(&s);
	bad[0].batch = 0;
	bad[1].epochs = TRAIN_EPOCHS_MAX + 1;
	bad[2].train = &empty;
	bad[3].validation = &wide;
	bad[4].batch = TRAIN_BATCH_MAX + 1;
	bad[5].recipe.label_smoothing = 0.6;
	for (int i = 0; i < 6; i++) {
		struct err e = {0};

		assert_null(train(&bad[i], &result, &e));
		assert_int_equal(e.code, ERR_RANGE);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_activation_learns),
		cmocka_unit_test(every_optimizer_learns),
		cmocka_unit_test(last_batch_of_one_image_is_trained),
		cmocka_unit_test(batch_larger_than_the_source_is_one_step),
		cmocka_unit_test(same_seed_gives_the_same_result),
		cmocka_unit_test(a_recipe_learns_and_trains_otherwise),
		cmocka_unit_test(
			averages_are_what_is_kept_and_do_not_touch_training),
		cmocka_unit_test(the_schedule_spans_the_whole_training),
		cmocka_unit_test(every_epoch_is_told_as_it_ends),
		cmocka_unit_test(
			the_validation_loss_is_summed_in_the_images_order),
		cmocka_unit_test(confusion_counts_every_validation_image),
		cmocka_unit_test(every_epoch_visits_every_image_in_a_new_order),
		cmocka_unit_test(what_is_needed_soon_is_told_once_and_in_time),
		cmocka_unit_test(an_epoch_goes_through_one_block_after_another),
		cmocka_unit_test(images_of_nan_diverge),
		cmocka_unit_test(huge_learning_rate_diverges),
		cmocka_unit_test(last_step_that_diverges_is_noticed),
		cmocka_unit_test(progress_can_cancel),
		cmocka_unit_test(options_out_of_range_are_refused),
	};

	return nets_run(argc, argv, tests);
}
