/* train.c -- epochs of shuffled batches, each followed by a look at the
 * validation images. */
#include "nn/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "nn/loss.h"

/* Images between two calls of progress, if the batch is not larger. */
#define PROGRESS_IMAGES 128

/* The random streams of one training: (seed, stream, epoch). */
enum stream { STREAM_INITIAL, STREAM_ORDER, STREAM_DROPOUT };

/* One training under way. */
struct train_loop {
	const struct train_options *o;
	struct net *net;
	struct rng dropout;
	uint32_t *order;           /* the epoch's, all of the training images */
	int32_t *labels;           /* of one batch */
	int64_t trained, reported; /* images */
	int64_t step, steps;       /* taken, and in all */
};

static int check_source(const struct batch_source *s, const struct spec *spec,
	const char *name, struct err *e)
{
	const struct shape in = spec->nodes[0].shape;

	if (s->count == 0)
		return err_set(e, ERR_RANGE, "no %s images", name);
	if (s->channels != in.channels || s->height != in.height ||
		s->width != in.width || s->classes != spec->classes)
		return err_set(e, ERR_RANGE,
			"%s images of %dx%dx%d in %d classes for a network "
			"of %dx%dx%d in %d",
			name, s->channels, s->height, s->width, s->classes,
			in.channels, in.height, in.width, spec->classes);
	return 0;
}

static int check_options(const struct train_options *o, struct err *e)
{
	if (o->batch < 1 || o->batch > TRAIN_BATCH_MAX)
		return err_set(e, ERR_RANGE,
			"a batch of %d, which must be 1 to %d", o->batch,
			TRAIN_BATCH_MAX);
	if (o->epochs < 1 || o->epochs > TRAIN_EPOCHS_MAX)
		return err_set(e, ERR_RANGE, "%d epochs, which must be 1 to %d",
			o->epochs, TRAIN_EPOCHS_MAX);
	if (recipe_check(&o->recipe, e))
		return ERR_RANGE;
	if (check_source(o->train, o->spec, "training", e))
		return ERR_RANGE;
	if (o->validation &&
		check_source(o->validation, o->spec, "validation", e))
		return ERR_RANGE;
	return 0;
}

/* Fisher and Yates. */
static void shuffle(uint32_t *order, size_t count, struct rng *r)
{
	for (size_t i = count - 1; i > 0; i--) {
		size_t k = (size_t)rng_below(r, i + 1);
		uint32_t swap = order[i];

		order[i] = order[k];
		order[k] = swap;
	}
}

/* Blocks in any order, and within each its samples. */
static void shuffle_blocks(
	uint32_t *order, size_t count, size_t block, struct rng *r)
{
	const size_t n = (count + block - 1) / block;
	uint32_t *blocks = xcalloc(n, sizeof *blocks), *at = order;

	for (size_t i = 0; i < n; i++)
		blocks[i] = (uint32_t)i;
	shuffle(blocks, n, r);
	for (size_t i = 0; i < n; i++) {
		size_t first = blocks[i] * block, some = count - first;

		some = some < block ? some : block;
		for (size_t k = 0; k < some; k++)
			at[k] = (uint32_t)(first + k);
		shuffle(at, some, r);
		at += some;
	}
	free(blocks);
}

/* From the same order in every epoch, so that an epoch's order depends on the
 * seed and its number alone. */
static void order_epoch(
	uint32_t *order, const struct batch_source *s, struct rng *r)
{
	if (s->block > 0) {
		shuffle_blocks(order, s->count, s->block, r);
		return;
	}
	for (size_t i = 0; i < s->count; i++)
		order[i] = (uint32_t)i;
	shuffle(order, s->count, r);
}

static int report(struct train_loop *r, struct err *e)
{
	if (!r->o->progress || r->trained - r->reported < PROGRESS_IMAGES)
		return 0;
	r->reported = r->trained;
	if (r->o->progress(r->o->progress_ctx, r->trained))
		return err_set(e, ERR_CANCELLED, "training was cancelled");
	return 0;
}

static int diverged(struct err *e, int epoch, const char *what)
{
	return err_genome(e, "diverged",
		"training diverged in epoch %d: %s no finite number any more",
		epoch + 1, what);
}

/* Brings samples of a source into the network's input. */
static void load(struct net *n, const struct batch_source *s,
	const uint32_t *index, size_t count, int64_t epoch, int32_t *labels)
{
	struct batch_request q = {.index = index, .n = count, .epoch = epoch};
	float *images = net_input(n, &q.pixel);

	s->fetch(s->ctx, &q, images, labels);
}

/* Trains the images loaded last; returns their mean loss. */
static double train_step(struct train_loop *r, size_t n, size_t *correct)
{
	const struct recipe *recipe = &r->o->recipe;
	const struct net_step step = {
		.n = n,
		.labels = r->labels,
		.dropout = &r->dropout,
		.label_smoothing = recipe->label_smoothing,
		.class_weights = r->o->class_weights,
	};
	double rate = recipe_rate(recipe, r->o->learning_rate) *
		      schedule_factor(recipe->schedule, r->step, r->steps);
	double loss = net_backward(r->net, &step, correct);

	r->step++;
	r->trained += (int64_t)n;
	if (!isfinite(loss))
		return loss;
	net_update(r->net, rate);
	return loss;
}

/* -- what is needed soon -- */

/* Samples in that block, the last of which may be shorter. */
static size_t block_samples(const struct batch_source *s, size_t block)
{
	const size_t left = s->count - block * s->block;

	return left < s->block ? left : s->block;
}

/* Samples of the epoch up to `end` are fetched now: what lies a block's length
 * behind them is needed soon.  What has been told of ends at *told. */
static void look_ahead(const struct train_loop *r, size_t end, size_t *told)
{
	const struct batch_source *s = r->o->train;

	if (!s->ahead || s->block == 0)
		return;
	while (*told < s->count && *told <= end + s->block) {
		const size_t block = r->order[*told] / s->block;

		s->ahead(s->ctx, block * s->block, block_samples(s, block));
		*told += block_samples(s, block);
	}
}

static int train_epoch(
	struct train_loop *r, int epoch, struct epoch *out, struct err *e)
{
	const struct batch_source *s = r->o->train;
	size_t batch = (size_t)r->o->batch, n, correct = 0, told = 0;
	double total = 0.0;
	struct rng order;

	rng_stream(&order, (uint64_t)r->o->seed, STREAM_ORDER, (uint64_t)epoch);
	rng_stream(&r->dropout, (uint64_t)r->o->seed, STREAM_DROPOUT,
		(uint64_t)epoch);
	order_epoch(r->order, s, &order);
	for (size_t i = 0; i < s->count; i += n) {
		double loss;
		int rc;

		n = s->count - i < batch ? s->count - i : batch;
		look_ahead(r, i + n, &told);
		load(r->net, s, r->order + i, n, epoch, r->labels);
		loss = train_step(r, n, &correct);
		if (!isfinite(loss))
			return diverged(e, epoch, "the loss is");
		total += loss * (double)n;
		rc = report(r, e);
		if (rc)
			return rc;
	}
	/* A loss can look sound while what it left behind is not. */
	if (!net_is_finite(r->net))
		return diverged(e, epoch, "a parameter is");
	out->loss = total / (double)s->count;
	out->train_accuracy = (double)correct / (double)s->count;
	return 0;
}

static void validate(struct train_loop *r, int i, struct train_result *result)
{
	const struct train_options *o = r->o;
	struct epoch *epoch = &result->epochs[i];
	struct evaluation asked = {.loss = NULL};

	if (!o->validation)
		return;
	if (i + 1 == o->epochs) {
		asked = o->evaluation;
		asked.loss = &result->loss;
	}
	net_exchange(r->net);
	result->correct = train_evaluate(
		r->net, o->validation, o->batch, &asked);
	net_exchange(r->net);
	result->total = o->validation->count;
	epoch->val_accuracy = (double)result->correct / (double)result->total;
}

static int train_epochs(
	struct train_loop *r, struct train_result *result, struct err *e)
{
	for (int i = 0; i < r->o->epochs; i++) {
		int rc = train_epoch(r, i, &result->epochs[i], e);

		result->images = r->trained;
		if (rc)
			return rc;
		result->n_epochs = i + 1;
		validate(r, i, result);
		if (r->o->epoch_done)
			r->o->epoch_done(
				r->o->progress_ctx, i, &result->epochs[i]);
	}
	return 0;
}

static int64_t steps_in_all(const struct train_options *o)
{
	size_t batch = (size_t)o->batch;

	return (int64_t)((o->train->count + batch - 1) / batch) * o->epochs;
}

static int follow_recipe(
	struct net *n, const struct train_options *o, struct err *e)
{
	net_optimizer(n, o->optimizer, &o->recipe);
	net_flip_test(n, o->recipe.flip_test);
	return o->recipe.ema > 0 ? net_average(n, o->recipe.ema, e) : 0;
}

struct net *train(const struct train_options *o, struct train_result *result,
	struct err *e)
{
	struct train_loop r = {.o = o};
	struct rng initial;

	memset(result, 0, sizeof *result);
	if (check_options(o, e))
		return NULL;
	rng_stream(&initial, (uint64_t)o->seed, STREAM_INITIAL, 0);
	r.net = net_new(o->spec, o->batch, o->kernels, &initial, e);
	if (!r.net)
		return NULL;
	r.steps = steps_in_all(o);
	r.order = xcalloc(o->train->count, sizeof *r.order);
	r.labels = xcalloc((size_t)o->batch, sizeof *r.labels);
	if ((o->start && o->start(o->start_ctx, r.net, e)) ||
		follow_recipe(r.net, o, e) || train_epochs(&r, result, e)) {
		net_free(r.net);
		r.net = NULL;
	} else {
		net_exchange(r.net);
	}
	free(r.order);
	free(r.labels);
	return r.net;
}

/* A batch of images that are judged, from number `first` of the source on. */
struct judged {
	size_t first, n, classes;
	const float *logits; /* (n,classes) */
	const int32_t *labels;
};

static size_t count_correct(const struct judged *j)
{
	size_t correct = 0;

	for (size_t i = 0; i < j->n; i++)
		correct += (size_t)loss_is_correct(j->logits + i * j->classes,
			(int)j->classes, j->labels[i]);
	return correct;
}

/* An image without an answer is left out. */
static void confuse(const struct judged *j, uint64_t *confusion)
{
	for (size_t i = 0; i < j->n; i++) {
		int answer = loss_answer(
			j->logits + i * j->classes, (int)j->classes);

		if (answer >= 0)
			confusion[(size_t)j->labels[i] * j->classes +
				  (size_t)answer]++;
	}
}

/* Adds the images' losses one by one, so that the sum does not depend on how
 * they are cut into batches. */
static void add_losses(const struct judged *j, double *sum)
{
	for (size_t i = 0; i < j->n; i++)
		*sum += loss_of(j->logits + i * j->classes, (int)j->classes,
			j->labels[i]);
}

static void note_probabilities(const struct judged *j, double *out)
{
	out += j->first * j->classes;
	for (size_t i = 0; i < j->n; i++)
		for (size_t k = 0; k < j->classes; k++)
			*out++ = -loss_of(j->logits + i * j->classes,
				(int)j->classes, (int32_t)k);
}

static void note_mistakes(const struct judged *j, struct mistakes *out)
{
	for (size_t i = 0; i < j->n; i++)
		mistakes_note(out, (int64_t)(j->first + i),
			j->logits + i * j->classes, (int)j->classes,
			j->labels[i]);
}

static void tell(
	const struct judged *j, const struct evaluation *asked, double *loss)
{
	if (asked->confusion)
		confuse(j, asked->confusion);
	if (asked->loss)
		add_losses(j, loss);
	if (asked->log_probability)
		note_probabilities(j, asked->log_probability);
	if (asked->labels)
		memcpy(asked->labels + j->first, j->labels,
			j->n * sizeof *j->labels);
	if (asked->mistakes)
		note_mistakes(j, asked->mistakes);
}

size_t train_evaluate(struct net *n, const struct batch_source *source,
	int batch, const struct evaluation *asked)
{
	const size_t room = (size_t)batch, classes = (size_t)source->classes;
	uint32_t *index = xcalloc(room, sizeof *index);
	float *logits = xcalloc(room * classes, sizeof *logits);
	int32_t *labels = xcalloc(room, sizeof *labels);
	struct judged j = {
		.classes = classes, .logits = logits, .labels = labels};
	size_t correct = 0;
	double loss = 0.0;

	for (; j.first < source->count; j.first += j.n) {
		j.n = source->count - j.first < room ? source->count - j.first
						     : room;
		for (size_t k = 0; k < j.n; k++)
			index[k] = (uint32_t)(j.first + k);
		load(n, source, index, j.n, -1, labels);
		net_forward(n, j.n, logits);
		correct += count_correct(&j);
		tell(&j, asked, &loss);
	}
	if (asked->loss)
		*asked->loss = loss / (double)source->count;
	free(index);
	free(logits);
	free(labels);
	return correct;
}
