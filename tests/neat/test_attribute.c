/* test_attribute.c -- the table of attributes: distances and bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "neat/chain.h"
#include "neat/layer_kind.h"

#define MEMORY ((size_t)1 << 20)

/* -- distance -- */

static double difference_after(struct arena *mem,
	void (*change)(struct node_gene *, struct hyper_gene *))
{
	struct genome *a, *b;
	struct rng r;

	rng_stream(&r, 10, 0, 0);
	a = chain_minimal(mem, 64, space_default(), &r);
	b = genome_copy(mem, a);
	change(genome_own_nodes(mem, b) + 2, genome_own_hypers(mem, b));
	assert_true(genome_layers.difference(a, b) ==
		    genome_layers.difference(b, a));
	return genome_layers.difference(a, b);
}

static void another_activation(struct node_gene *n, struct hyper_gene *h)
{
	(void)h;
	n->conv.activation = (n->conv.activation + 1) % ACT_COUNT;
}

static void another_optimizer(struct node_gene *n, struct hyper_gene *h)
{
	(void)n;
	h[HYPER_OPTIMIZER].value = h[HYPER_OPTIMIZER].value == 0 ? 1 : 0;
}

/* Terms: the convolution, the output, the four hyper-parameters. */
static void w_is_the_mean_over_matching_layers_and_hypers(void **state)
{
	struct arena mem;
	size_t n;

	(void)state;
	arena_init(&mem, MEMORY);
	attributes_of(NODE_CONV, &n);
	assert_true(difference_after(&mem, another_optimizer) == 1.0 / 6);
	assert_true(difference_after(&mem, another_activation) ==
		    1.0 / (double)n / 6);
	arena_release(&mem);
}

static void the_distance_of_learning_rates_is_logarithmic(void **state)
{
	const struct attribute *rate =
		&attributes_of_hypers()[HYPER_LEARNING_RATE];
	double near = attribute_distance(rate, 0.25, 0.125);

	(void)state;
	assert_true(near > 0 && near < 0.1);
	assert_true(attribute_distance(rate, 0x1p-10, 0x1p-11) == near);
	assert_true(attribute_distance(rate, 0x1p-4, 0x1p-8) == 4 * near);
	assert_true(attribute_distance(rate, 0, 1) == 1);
}

static void distances_of_attributes_are_within_0_and_1(void **state)
{
	static const enum node_kind kinds[] = {
		NODE_OUTPUT, NODE_CONV, NODE_DENSE};

	(void)state;
	for (int i = 0; i < 3; i++) {
		size_t n;
		const struct attribute *a = attributes_of(kinds[i], &n);

		assert_in_range(n, 1, ATTRIBUTES_MAX);
		for (size_t k = 0; k < n; k++) {
			assert_true(attribute_distance(
					    &a[k], a[k].lo, a[k].hi) == 1);
			assert_true(attribute_distance(
					    &a[k], a[k].hi, a[k].lo) == 1);
			assert_true(attribute_distance(
					    &a[k], a[k].hi, a[k].hi) == 0);
		}
	}
}

/* From any value within them, not only from what evolution drew. */
static void every_step_stays_within_the_bounds(void **state)
{
	static const enum node_kind kinds[] = {
		NODE_OUTPUT, NODE_CONV, NODE_DENSE};
	struct rng r;

	(void)state;
	rng_stream(&r, 13, 0, 0);
	for (int k = 0; k < 4; k++) {
		size_t n = HYPERS;
		const struct attribute *a = k < 3 ? attributes_of(kinds[k], &n)
						  : attributes_of_hypers();

		for (size_t i = 0; i < n; i++) {
			double x = a[i].hi;

			for (int t = 0; t < 3000; t++) {
				x = attribute_step(
					&a[i], x, space_default(), &r);
				assert_int_equal(
					attribute_check(&a[i], x, NULL), 0);
			}
		}
	}
}

static void every_choice_is_found_by_its_name(void **state)
{
	size_t n;
	const struct attribute *a = attributes_of(NODE_CONV, &n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		if (a[i].type != ATTRIBUTE_CHOICE)
			continue;
		for (int k = 0; k <= (int)a[i].hi; k++)
			assert_int_equal(
				attribute_choice(&a[i], a[i].name(k)), k);
		assert_int_equal(attribute_choice(&a[i], "nothing"), -1);
	}
	assert_int_equal(
		attribute_choice(&a[n - 3], "LeakyReLU"), ACT_LEAKYRELU);
}

/* -- refusals -- */

static void refused(const struct genome *g, const char *why)
{
	struct err e = {0};

	assert_int_equal(genome_check(g, &e), ERR_RANGE);
	if (!strstr(e.text, why))
		fail_msg("\"%s\" is not in: %s", why, e.text);
}

static void an_attribute_out_of_bounds_is_refused_by_name(void **state)
{
	static const struct conv_gene good = {
		.filters = 8, .kernel = 3, .stride = 1};
	struct genome *g;
	struct node_gene *n;
	struct arena mem;
	struct rng r;

	(void)state;
	rng_stream(&r, 11, 0, 0);
	arena_init(&mem, MEMORY);
	g = chain_minimal(&mem, 64, space_default(), &r);
	n = genome_own_nodes(&mem, g) + 2;
#define REFUSED(member, value, why)                         \
	do {                                                \
		n->conv = good;                             \
		assert_int_equal(genome_check(g, NULL), 0); \
		n->conv.member = (value);                   \
		refused(g, why);                            \
	} while (0)
	REFUSED(filters, 0, "node 2: filters is 0 but must be from 1 to 512");
	REFUSED(filters, 513, "filters is 513");
	REFUSED(kernel, 12, "kernel is 12");
	REFUSED(stride, 5, "stride is 5");
	REFUSED(stride, 0, "stride is 0");
	REFUSED(norm, CONV_NORMS, "normalization");
	REFUSED(pool, CONV_POOLS, "pooling");
	REFUSED(activation, ACT_COUNT, "activation");
	REFUSED(dropout, 0.91, "dropout is 0.91");
	REFUSED(dropout, __builtin_nan(""), "dropout");
#undef REFUSED
	n->conv = good;
	n->kind = NODE_NEURON;
	refused(g, "must be a layer");
	n->kind = NODE_INPUT;
	refused(g, "must be a layer");
	arena_release(&mem);
}

static void hyper_parameters_are_all_there_and_in_bounds(void **state)
{
	struct genome *g;
	struct hyper_gene *h;
	struct arena mem;
	struct rng r;

	(void)state;
	rng_stream(&r, 12, 0, 0);
	arena_init(&mem, MEMORY);
	g = chain_minimal(&mem, 64, space_default(), &r);
	h = genome_own_hypers(&mem, g);
	h[HYPER_BATCH_SIZE].value = 64.5;
	refused(g, "batch_size is 64.5 but must be a whole number");
	h[HYPER_BATCH_SIZE].value = 4097;
	refused(g, "batch_size is 4097");
	h[HYPER_BATCH_SIZE].value = 64;
	assert_int_equal(genome_check(g, NULL), 0);
	h[HYPER_LEARNING_RATE].value = 1.5;
	refused(g, "learning_rate");
	h[HYPER_LEARNING_RATE].value = 0;
	assert_int_equal(genome_check(g, NULL), 0);
	g->n_hypers--;
	refused(g, "hyper-parameters");
	arena_release(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(w_is_the_mean_over_matching_layers_and_hypers),
		cmocka_unit_test(the_distance_of_learning_rates_is_logarithmic),
		cmocka_unit_test(distances_of_attributes_are_within_0_and_1),
		cmocka_unit_test(every_step_stays_within_the_bounds),
		cmocka_unit_test(every_choice_is_found_by_its_name),
		cmocka_unit_test(an_attribute_out_of_bounds_is_refused_by_name),
		cmocka_unit_test(hyper_parameters_are_all_there_and_in_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
