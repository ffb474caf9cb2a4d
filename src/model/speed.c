/* speed.c -- a few steps of training by the stop-watch. */
#include "model/speed.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "base/rng.h"
#include "model/bench_net.h"
#include "model/work.h"
#include "nn/train.h"

#define IMAGES 64
#define EPOCHS 3 /* the first one warms up */

struct watch {
	double last, best; /* seconds: of the last look; of an epoch */
};

static double thread_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The best of some: what disturbs only ever takes longer. */
static void look(void *ctx, int i, const struct epoch *epoch)
{
	struct watch *w = ctx;
	const double now = thread_s(), took = now - w->last;

	(void)epoch;
	w->last = now;
	if (i > 0 && (w->best == 0 || took < w->best))
		w->best = took;
}

static void fetch(const void *ctx, const struct batch_request *q, float *images,
	int32_t *labels)
{
	const struct batch_source *s = ctx;
	const size_t size = (size_t)(s->height * s->width) * q->pixel;
	struct rng r;

	for (size_t i = 0; i < q->n; i++) {
		rng_stream(&r, 0, 0, q->index[i]);
		labels[i] = (int32_t)rng_below(&r, (uint64_t)s->classes);
		for (size_t k = 0; k < size; k++)
			images[i * size + k] = (float)rng_unit(&r);
	}
}

double speed_gflops(const struct kernels *k)
{
	static const struct data_shape data = {
		.channels = 1, .height = 28, .width = 28, .classes = 10};
	struct batch_source noise = {.channels = data.channels,
		.height = data.height,
		.width = data.width,
		.classes = data.classes,
		.count = IMAGES,
		.fetch = fetch};
	struct model *m = xcalloc(1, sizeof *m);
	struct train_result *result = xcalloc(1, sizeof *result);
	struct watch w = {.best = 0};
	struct train_options o = {.kernels = k,
		.spec = &m->spec,
		.epochs = EPOCHS,
		.train = &noise,
		.epoch_done = look,
		.progress_ctx = &w};
	double gflops = 0;

	noise.ctx = &noise;
	bench_net("net1", &data, m, NULL);
	o.batch = m->batch;
	o.optimizer = m->optimizer;
	o.learning_rate = m->learning_rate;
	w.last = thread_s();
	net_free(train(&o, result, NULL));
	if (w.best > 0)
		gflops = 1e-9 * IMAGES *
			 work_train(&m->spec, &m->cost, m->batch) / w.best;
	free(result);
	free(m);
	return gflops;
}
