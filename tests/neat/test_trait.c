/* test_trait.c -- a genome as numbers: its layers, their attributes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "chains.h"
#include "neat/chain.h"
#include "neat/trait.h"

static const struct flat two_and_one = {.data = {1, 8, 8, 4},
	.n_conv = 2,
	.filters = {8, 16},
	.kernels = {3, 5},
	.n_dense = 1,
	.nodes = {32},
	.n_activations = 1,
	.activations = {ACT_GELU},
	.learning_rate = 0.02,
	.batch_size = 64,
	.optimizer = OPT_ADAM};

static double value_of(const struct genome *g, const char *name)
{
	struct trait list[TRAITS_MAX];
	double v[TRAITS_MAX];
	size_t n = traits(list);

	trait_values(g, list, n, v);
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return v[i];
	fail_msg("no trait is called %s", name);
	return 0;
}

static void names_differ_and_fit(void **state)
{
	struct trait list[TRAITS_MAX];
	const size_t n = traits(list);

	(void)state;
	assert_true(n > 10);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(list[i].name, list[k].name);
}

static void layers_are_counted_and_their_numbers_averaged(void **state)
{
	const struct genome *g = chain_of(&two_and_one);

	(void)state;
	assert_true(value_of(g, "conv layers") == 2);
	assert_true(value_of(g, "dense layers") == 1);
	assert_true(value_of(g, "connections") == 4);
	assert_true(value_of(g, "conv filters") == 12);
	assert_true(value_of(g, "conv kernel") == 4);
	assert_true(value_of(g, "dense units") == 32);
	assert_true(value_of(g, "learning rate") == 0.02);
	assert_true(value_of(g, "batch size") == 64);
	assert_true(value_of(g, "optimizer") == OPT_ADAM);
	assert_true(value_of(g, "dense activation") == ACT_GELU);
}

static void what_no_layer_has_is_no_number(void **state)
{
	const struct genome *g;
	struct arena mem;
	struct rng r;

	(void)state;
	arena_init(&mem, (size_t)1 << 20);
	rng_stream(&r, 3, 0, 0);
	g = chain_minimal(&mem, 64, space_default(), &r);
	assert_true(value_of(g, "conv layers") == 1);
	assert_true(value_of(g, "dense layers") == 0);
	assert_true(isnan(value_of(g, "dense units")));
	assert_true(isnan(value_of(g, "dense activation")));
	arena_release(&mem);
}

/* A layer off every enabled path is none. */
static void a_layer_that_is_not_expressed_does_not_count(void **state)
{
	struct arena mem;
	struct genome *g;
	struct edge_gene *edges;

	(void)state;
	arena_init(&mem, (size_t)1 << 20);
	g = genome_clone(&mem, chain_of(&two_and_one));
	genome_add_edge(&mem, g,
		&(struct edge_gene){.number = 900,
			.from = g->nodes[0].number,
			.to = g->edges[1].to,
			.enabled = 1});
	edges = genome_own_edges(&mem, g);
	edges[0].enabled = 0;
	assert_true(value_of(g, "conv layers") == 1);
	assert_true(value_of(g, "conv filters") == 16);
	arena_release(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_differ_and_fit),
		cmocka_unit_test(layers_are_counted_and_their_numbers_averaged),
		cmocka_unit_test(what_no_layer_has_is_no_number),
		cmocka_unit_test(a_layer_that_is_not_expressed_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
