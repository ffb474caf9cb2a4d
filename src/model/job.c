/* job.c -- decode, split, train, judge, export. */
#include "model/job.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rng.h"
#include "data/split.h"
#include "model/export.h"

#define MIB ((int64_t)1 << 20)

/* The streams that a job's seed is split into. */
enum stream { STREAM_TRAINING, STREAM_AUGMENT };

/* Beside the tensors: the notes, which hold the class names and the genome.
 */
#define EXPORT_EXTRA_BYTES ((size_t)4 << 20)

struct job_work {
	const struct job *job;
	struct training training; /* scaled */
	struct model model;
	struct split *split;
	float *class_weights; /* (classes), or NULL */
	struct judgement_asked asked;
	struct judgement judged;
	struct train_result trained;
};

int job_fits(
	const struct data_shape *s, const struct dataset_info *d, struct err *e)
{
	if (s->channels == d->channels && s->height == d->height &&
		s->width == d->width && s->classes == d->classes)
		return 0;
	return err_genome(e, "shape",
		"the genome is for %dx%dx%d images in %d classes but the data "
		"set has %dx%dx%d in %d",
		s->channels, s->height, s->width, s->classes, d->channels,
		d->height, d->width, d->classes);
}

/* Half an epoch and more is one. */
struct training job_scaled(const struct training *s, int64_t scale, size_t n)
{
	size_t limit = (size_t)s->train_limit;
	size_t once = limit > 0 && limit < n ? limit : n;
	size_t images = once * (size_t)scale, epochs;
	struct training out = *s;

	if (scale <= 1)
		return out;
	if (images <= n) {
		out.train_limit = (int64_t)images;
		return out;
	}
	epochs = (2 * images * (size_t)s->epochs + n) / (2 * n);
	out.train_limit = 0;
	out.epochs = epochs < TRAIN_EPOCHS_MAX ? (int)epochs : TRAIN_EPOCHS_MAX;
	return out;
}

/* To train on, of so many at most. */
static size_t fitness_images(const struct job *j, size_t limit)
{
	if (j->folds)
		return split_fold_images(j->data, j->fold, j->folds, limit);
	return split_fitness_images(
		j->data, j->training.validation_fraction, limit);
}

/* What the job's settings and its scale mean for its data. */
static struct training training_of(const struct job *j)
{
	const struct training *s = &j->training;
	size_t all = j->kind == JOB_FINAL ? 0 : fitness_images(j, 0);

	return all ? job_scaled(s, j->scale, all) : *s;
}

int64_t job_images(const struct job *j)
{
	const struct training s = training_of(j);
	const struct dataset_info *d = dataset_info(j->data);
	size_t n = d->n_train + d->n_validation;

	if (j->kind == JOB_FITNESS)
		n = fitness_images(j, (size_t)s.train_limit);
	return (int64_t)n * s.epochs;
}

/* The kind enters, so that the champion does not start from the very values
 * with which it won. */
static int64_t seed_of(const struct job *j, enum stream stream)
{
	return rng_derive((uint64_t)j->seed, (uint64_t)j->kind, stream);
}

static struct split *open_split(const struct job_work *r, struct err *e)
{
	const struct job *j = r->job;
	const struct split_options o = {
		.validation_fraction = r->training.validation_fraction,
		.train_limit = (size_t)r->training.train_limit,
		.fold = j->fold,
		.folds = j->folds,
		.augment = r->training.augment,
		.seed = seed_of(j, STREAM_AUGMENT),
	};

	return j->kind == JOB_FINAL ? split_final(j->data, &o, e)
				    : split_fitness(j->data, &o, e);
}

static int report_progress(void *ctx, int64_t images)
{
	const struct job *j = ctx;

	return j->progress(j->progress_ctx, images, job_images(j));
}

static void report_epoch(void *ctx, int i, const struct epoch *epoch)
{
	const struct job *j = ctx;

	j->epoch_done(j->progress_ctx, i, epoch);
}

static int start_from_parents(void *ctx, struct net *n, struct err *e)
{
	const struct job *j = ctx;

	return inherit(n, j->genome, &j->genome_data, j->inheritance, e);
}

/* A final job passes no validation source: it looks at test once, afterwards.
 */
static struct net *run_training(struct job_work *r, struct err *e)
{
	const struct job *j = r->job;
	struct train_options o = {
		.kernels = j->kernels,
		.spec = &r->model.spec,
		.batch = r->model.batch,
		.optimizer = r->model.optimizer,
		.learning_rate = r->model.learning_rate,
		.recipe = r->training.recipe,
		.epochs = r->training.epochs,
		.seed = seed_of(j, STREAM_TRAINING),
		.train = split_train(r->split),
		.start = j->inheritance ? start_from_parents : NULL,
		.start_ctx = (void *)j,
		.class_weights = r->class_weights,
		.progress = j->progress ? report_progress : NULL,
		.epoch_done = j->epoch_done ? report_epoch : NULL,
		.progress_ctx = (void *)j,
	};

	if (j->kind == JOB_FITNESS) {
		o.validation = split_judge(r->split);
		o.evaluation = judgement_evaluation(&r->judged);
	}
	return train(&o, &r->trained, e);
}

/* The mean weight of the images is 1; a class without any has none. */
static float *balanced_weights(const struct split *s)
{
	const struct batch_source *train = split_train(s);
	const size_t classes = (size_t)train->classes;
	uint64_t *counts = xcalloc(classes, sizeof *counts);
	float *weights = xcalloc(classes, sizeof *weights);
	size_t present = 0;

	split_train_counts(s, counts);
	for (size_t c = 0; c < classes; c++)
		present += counts[c] > 0;
	for (size_t c = 0; c < classes; c++)
		if (counts[c])
			weights[c] = (float)((double)train->count /
					     ((double)present *
						     (double)counts[c]));
	free(counts);
	return weights;
}

/* The classes' weights, and room for what judging finds. */
static int prepare(struct job_work *r, struct err *e)
{
	const struct batch_source *judge = split_judge(r->split);

	if (r->training.class_weights == CLASS_WEIGHTS_BALANCED)
		r->class_weights = balanced_weights(r->split);
	r->asked = (struct judgement_asked){.metric = r->training.metric,
		.final = r->job->kind == JOB_FINAL,
		.n = judge->count,
		.classes = judge->classes,
		.max_bytes = r->training.max_job_mb * MIB};
	return judgement_begin(&r->judged, &r->asked, e);
}

/* What validation has shown, or the one look at test. */
static void judge(struct job_work *r, struct net *n, struct job_outcome *out)
{
	const struct evaluation asked = judgement_evaluation(&r->judged);

	out->correct = r->trained.correct;
	out->total = r->judged.n;
	r->judged.loss = r->trained.loss;
	if (r->job->kind == JOB_FINAL)
		out->correct = train_evaluate(
			n, split_judge(r->split), r->model.batch, &asked);
	r->judged.loss = fmin(r->judged.loss, JOB_LOSS_MAX); /* of NaN too */
	judgement_end(&r->judged, &r->asked, out->correct);
	out->judged = r->judged;
	r->judged = (struct judgement){.classes = 0}; /* handed over */
}

static int export_weights(const struct job_work *r, const struct net *n,
	struct job_outcome *out, struct err *e)
{
	const struct job *j = r->job;
	struct dataset_info data = *dataset_info(j->data);
	struct export x = {
		.net = n,
		.spec = &r->model.spec,
		.data = &data,
		.normalization = split_normalization(r->split),
		.genome_json = j->genome_json,
		.flip_test = j->training.recipe.flip_test,
	};
	int rc;

	if (j->class_names)
		data.class_names = j->class_names;
	buf_init(&out->weights,
		(size_t)r->model.cost.train_bytes + EXPORT_EXTRA_BYTES);
	rc = export_write(&x, &out->weights, e);
	if (rc)
		buf_release(&out->weights);
	return rc;
}

static int64_t peak_bytes(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (int64_t)u.ru_maxrss * 1024;
}

/* What is more than a document can say exactly is said as the most it can. */
static int64_t total_flops(int64_t per_image, int64_t images)
{
	if (images > 0 && per_image > JOB_FLOPS_MAX / images)
		return JOB_FLOPS_MAX;
	return per_image * images;
}

static void fill_outcome(const struct job_work *r, struct job_outcome *out)
{
	const struct train_result *t = &r->trained;

	*out = (struct job_outcome){
		.n_epochs = t->n_epochs,
		.parameters = r->model.cost.parameters,
		.flops = total_flops(r->model.cost.train_flops, t->images),
		.images = t->images,
	};
	memcpy(out->epochs, t->epochs, (size_t)t->n_epochs * sizeof *t->epochs);
}

/* The network to train.  A given one that does not fit the data is refused
 * where training starts. */
static int choose_model(const struct job *j, struct model *out, struct err *e)
{
	const int64_t max_bytes = j->training.max_job_mb * MIB;
	int rc;

	if (j->model) {
		*out = *j->model;
		return 0;
	}
	rc = job_fits(&j->genome_data, dataset_info(j->data), e);
	if (rc == 0)
		rc = model_decode(
			j->genome, &j->genome_data, max_bytes, out, e);
	return rc ? rc
		  : model_fits(out, j->training.recipe.ema > 0, max_bytes, e);
}

static int run_job(struct job_work *r, struct job_outcome *out, struct err *e)
{
	const struct job *j = r->job;
	struct net *n = NULL;
	int rc = choose_model(j, &r->model, e);

	if (rc)
		return rc;
	r->split = open_split(r, e);
	if (!r->split)
		return ERR_RANGE;
	if (prepare(r, e))
		return ERR_RANGE;
	n = run_training(r, e);
	if (!n)
		return e->code;
	fill_outcome(r, out);
	judge(r, n, out);
	if (j->kind == JOB_FINAL || j->keep_weights)
		rc = export_weights(r, n, out, e);
	net_free(n);
	return rc;
}

int job_run(const struct job *j, struct job_outcome *out, struct err *e)
{
	struct job_work *r = xcalloc(1, sizeof *r);
	struct job_outcome *outcome = xcalloc(1, sizeof *outcome);
	struct err why = {0};
	double started_s = clock_cpu_s();
	int rc;

	assert(j->training.epochs >= 1 &&
		j->training.epochs <= TRAIN_EPOCHS_MAX);
	assert(!j->inheritance || j->genome);
	r->job = j;
	r->training = training_of(j);
	rc = run_job(r, outcome, &why);
	if (rc == 0) {
		outcome->cpu_s = clock_cpu_s() - started_s;
		outcome->peak_bytes = peak_bytes();
		*out = *outcome;
	} else {
		job_outcome_release(outcome);
		if (e)
			*e = why;
	}
	judgement_release(&r->judged);
	free(r->class_weights);
	split_free(r->split);
	free(outcome);
	free(r);
	return rc;
}

void job_outcome_release(struct job_outcome *o)
{
	if (o->weights.data)
		buf_release(&o->weights);
	judgement_release(&o->judged);
}
