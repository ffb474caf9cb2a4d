/* bench_train.c -- train() with a stop-watch in its progress report, so that
 * nothing of a real training is left out and nothing is added. */
#include "cli/local/bench_train.h"

#include <stdlib.h>
#include <sys/resource.h>

#include "base/arena.h"
#include "base/clock.h"
#include "nn/train.h"

/* Their first touch of each page of memory is not a step's usual work. */
#define WARMUP_STEPS 3

/* The moment of a report. */
struct moment {
	int64_t images, wall_ms;
	double cpu_s;
};

struct watch {
	int64_t warmup, wanted; /* images; wanted 0: all there are */
	int running;
	struct moment begin, last;
};

static struct moment moment_now(int64_t images)
{
	return (struct moment){images, clock_mono_ms(), clock_cpu_s()};
}

/* Ends the training when what was asked for has been timed. */
static int look(void *ctx, int64_t images)
{
	struct watch *w = ctx;

	w->last = moment_now(images);
	if (!w->running && images >= w->warmup) {
		w->running = 1;
		w->begin = w->last;
	}
	return w->running && w->wanted > 0 &&
	       images - w->begin.images >= w->wanted;
}

/* As many epochs as the steps need. */
static int epochs_of(const struct bench_training *b, int *epochs, struct err *e)
{
	int64_t batch = b->model->batch, count = (int64_t)b->train->count;
	/* The training loop reports within two batches, or a few more small
	 * ones. */
	int64_t images = (b->steps + WARMUP_STEPS + 2) * batch + 1024;

	if (b->epochs) {
		*epochs = b->epochs;
		return 0;
	}
	if (images / count >= TRAIN_EPOCHS_MAX)
		return err_set(e, ERR_RANGE,
			"%lld steps of %lld images are more than %d epochs",
			(long long)b->steps, (long long)batch,
			TRAIN_EPOCHS_MAX);
	*epochs = (int)(images / count) + 1;
	return 0;
}

static int64_t peak_rss_bytes(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (int64_t)u.ru_maxrss * 1024;
}

static void fill(const struct watch *w, struct bench_figures *out)
{
	out->images = w->last.images - w->begin.images;
	out->wall_s = 1e-3 * (double)(w->last.wall_ms - w->begin.wall_ms);
	out->cpu_s = w->last.cpu_s - w->begin.cpu_s;
	out->peak_rss_bytes = peak_rss_bytes();
}

static int run(const struct bench_training *b, struct train_options *o,
	struct train_result *result, struct bench_figures *out, struct err *e)
{
	struct watch w = {
		.warmup = WARMUP_STEPS * b->model->batch,
		.wanted = b->steps * b->model->batch,
	};
	struct net *n;

	o->progress = look;
	o->progress_ctx = &w;
	if (b->epochs) {
		w.running = 1;
		w.begin = moment_now(0);
	}
	n = train(o, result, e);
	/* Steps end by what the loop takes for a cancellation. */
	if (!n && !(b->steps && e->code == ERR_CANCELLED))
		return e->code;
	if (n) {
		w.last = moment_now(result->images);
		out->test_accuracy = (double)train_evaluate(n, b->test,
					     b->model->batch,
					     &(struct evaluation){0}) /
				     (double)b->test->count;
	}
	net_free(n);
	fill(&w, out);
	return 0;
}

int bench_train(const struct bench_training *b, struct bench_figures *out,
	struct err *e)
{
	struct train_options o = {
		.kernels = b->kernels,
		.spec = &b->model->spec,
		.batch = b->model->batch,
		.optimizer = b->model->optimizer,
		.learning_rate = b->model->learning_rate,
		.seed = b->seed,
		.train = b->train,
	};
	struct train_result *result;
	struct err why = {0};
	int rc = epochs_of(b, &o.epochs, &why);

	*out = (struct bench_figures){0};
	result = xcalloc(1, sizeof *result);
	if (rc == 0)
		rc = run(b, &o, result, out, &why);
	free(result);
	if (rc && e)
		*e = why;
	return rc;
}
