/* test_graph_train.c -- graphs that evolution made train like any network. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/decode.h"
#include "neat/chain.h"
#include "neat/mutate.h"
#include "nn/kernels/kernels.h"
#include "nn/train.h"

#define SIDE 11
#define CLASSES 4
#define IMAGES 120
#define GRAPHS 20
#define MEMORY ((size_t)1 << 28)
#define JOB_BYTES ((int64_t)64 << 20)

/* Noise, and a bright quarter that is the class. */
static void fetch(const void *ctx, const struct batch_request *q, float *images,
	int32_t *labels)
{
	(void)ctx;
	for (size_t i = 0; i < q->n; i++) {
		struct rng r;

		rng_stream(&r, 3, q->index[i], 0);
		labels[i] = (int32_t)rng_below(&r, CLASSES);
		for (int p = 0; p < SIDE * SIDE; p++, images += q->pixel) {
			int bright = (p / SIDE > SIDE / 2) * 2 +
				     (p % SIDE > SIDE / 2);

			*images = (float)rng_unit(&r) +
				  (bright == labels[i] ? 2 : -1);
		}
	}
}

static const struct batch_source source = {.channels = 1,
	.height = SIDE,
	.width = SIDE,
	.classes = CLASSES,
	.count = IMAGES,
	.fetch = fetch};
static const struct data_shape shape = {1, SIDE, SIDE, CLASSES};

static struct genome *evolved(struct arena *mem, int mutations, struct rng *r)
{
	struct genome *g = chain_minimal(mem, 16, space_default(), r);
	struct innovation_book b;
	struct params p;

	assert_int_equal(params_preset(&p, "cnn", NULL), 0);
	innovation_open(&b, mem, &chain_counters);
	for (int i = 0; i < mutations; i++)
		mutate(&(struct mutator){mem, &b, &p, space_default()}, g, r);
	return g;
}

/* Right answers of the training images after two epochs; -1 if it diverged. */
static int trained(const struct model *m)
{
	static struct train_result result;
	const struct train_options o = {
		.kernels = kernels_best(),
		.spec = &m->spec,
		.batch = m->batch,
		.optimizer = m->optimizer,
		.learning_rate = m->learning_rate,
		.epochs = 2,
		.seed = 5,
		.train = &source,
	};
	struct err e = {0};
	struct net *n = train(&o, &result, &e);
	int correct = -1;

	if (!n) {
		assert_int_equal(e.code, ERR_GENOME);
		return -1;
	}
	assert_true(isfinite(result.epochs[1].loss));
	assert_true(net_bytes(n) <= (size_t)m->cost.train_bytes);
	correct = (int)train_evaluate(
		n, &source, m->batch, &(struct evaluation){0});
	net_free(n);
	return correct;
}

static void evolved_graphs_train_and_repeat_themselves(void **state)
{
	static struct model m;
	int skips = 0, good = 0;
	struct arena mem;
	struct rng r;

	(void)state;
	rng_stream(&r, 1, 0, 0);
	arena_init(&mem, MEMORY);
	for (int i = 0; i < GRAPHS; i++) {
		struct genome *g = evolved(&mem, i % 20, &r);
		struct err e = {0};
		int correct;

		if (model_decode(g, &shape, JOB_BYTES, &m, &e))
			fail_msg("%s", e.text);
		correct = trained(&m);
		assert_int_equal(trained(&m), correct);
		good += correct > IMAGES / 2;
		for (int k = 0; k < m.spec.n; k++)
			skips += m.spec.nodes[k].n_inputs > 1;
		arena_release(&mem);
	}
	assert_true(skips > GRAPHS / 3);
	assert_true(good > GRAPHS / 3); /* the learning rates are random */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(evolved_graphs_train_and_repeat_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
