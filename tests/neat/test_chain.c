/* test_chain.c -- flat genomes as chains of layers, and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "neat/chain.h"
#include "neat/flat_breed.h"
#include "neat/mutate.h"

#define ROUNDS 5000
#define MEMORY ((size_t)1 << 30)

static const struct data_shape mnist = {1, 28, 28, 10};

/* Any valid flat genome at all, its activation list of any length. */
static void draw_any(struct flat *g, struct rng *r)
{
	*g = (struct flat){.data = mnist,
		.n_conv = 1 + (int)rng_below(r, FLAT_LAYERS_MAX),
		.n_dense = 1 + (int)rng_below(r, FLAT_LAYERS_MAX),
		.n_activations = 1 + (int)rng_below(r, FLAT_LAYERS_MAX),
		.dropout = rng_chance(r, 0.2) ? 0 : 0.9 * rng_unit(r),
		.learning_rate = rng_chance(r, 0.2) ? 0 : rng_unit(r),
		.batch_size = 1 + (int)rng_below(r, BATCH_SIZE_MAX),
		.optimizer = (enum optimizer_kind)rng_below(r, OPT_COUNT)};
	for (int i = 0; i < FLAT_LAYERS_MAX; i++) {
		g->filters[i] = 1 + (int)rng_below(r, CONV_FILTERS_MAX);
		g->kernels[i] = 1 + (int)rng_below(r, CONV_KERNEL_MAX);
		g->nodes[i] = 1 + (int)rng_below(r, DENSE_UNITS_MAX);
		g->activations[i] = (enum activation)rng_below(r, ACT_COUNT);
	}
	assert_true(flat_valid(g));
}

static void every_flat_genome_comes_back_from_its_chain(void **state)
{
	struct arena mem;
	struct rng r;

	(void)state;
	rng_stream(&r, 1, 0, 0);
	arena_init(&mem, MEMORY);
	for (int i = 0; i < ROUNDS; i++) {
		struct flat f, back;
		struct genome *g;
		struct err e = {0};

		draw_any(&f, &r);
		g = chain_from_flat(&mem, &f);
		if (genome_check(g, &e) || chain_to_flat(g, &mnist, &back, &e))
			fail_msg("%s", e.text);
		flat_normalize(&f);
		assert_true(flat_equal(&f, &back));
		arena_release(&mem);
	}
}

static void expanding_keeps_every_layers_activation(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, 2, 0, 0);
	for (int k = 0; k < ROUNDS; k++) {
		struct flat f, x;

		draw_any(&f, &r);
		x = f;
		flat_normalize(&x);
		assert_true(flat_valid(&x));
		for (int i = 0; i < x.n_activations; i++)
			assert_int_equal(x.activations[i],
				f.activations[i % f.n_activations]);
	}
}

static void the_same_place_has_the_same_number_in_every_chain(void **state)
{
	struct arena mem;
	struct rng r;

	(void)state;
	rng_stream(&r, 3, 0, 0);
	arena_init(&mem, MEMORY);
	for (int k = 0; k < ROUNDS; k++) {
		struct genome *a, *b;
		struct flat f;

		draw_any(&f, &r);
		a = chain_from_flat(&mem, &f);
		draw_any(&f, &r);
		b = chain_from_flat(&mem, &f);
		for (size_t i = 0; i < a->n_edges; i++) {
			const struct edge_gene *x = &a->edges[i];
			const struct edge_gene *y = genome_edge(b, x->number);

			assert_true(x->number < chain_counters.edge);
			assert_ptr_equal(
				y, genome_edge_between(b, x->from, x->to));
		}
		for (size_t i = 0; i < a->n_nodes; i++)
			assert_true(a->nodes[i].number < chain_counters.node);
		arena_release(&mem);
	}
}

/* -- what the flat form cannot say -- */

/* Two convolutions (nodes 2, 3) and two dense layers (18, 19). */
static struct genome *chain(struct arena *mem)
{
	static const struct flat f = {.data = {1, 28, 28, 10},
		.n_conv = 2,
		.n_dense = 2,
		.filters = {8, 16},
		.kernels = {3, 5},
		.nodes = {32, 16},
		.n_activations = 1,
		.activations = {ACT_RELU},
		.dropout = 0.25,
		.learning_rate = 0.001,
		.batch_size = 32,
		.optimizer = OPT_ADAM};

	return chain_from_flat(mem, &f);
}

static struct node_gene *own_node(
	struct arena *mem, struct genome *g, int64_t number)
{
	struct node_gene *own = genome_own_nodes(mem, g);

	return own + (genome_node(g, number) - own);
}

static void refused(const struct genome *g, const char *why)
{
	struct flat f = {.n_conv = -7};
	struct err e = {0};

	assert_int_equal(genome_check(g, &e), 0);
	assert_int_equal(chain_to_flat(g, &mnist, &f, &e), ERR_RANGE);
	if (!strstr(e.text, why))
		fail_msg("\"%s\" is not in: %s", why, e.text);
	assert_int_equal(f.n_conv, -7);
}

static void each_attribute_the_flat_form_lacks_is_refused(void **state)
{
	struct arena mem;
	struct genome *g;

	(void)state;
	arena_init(&mem, MEMORY);
	g = chain(&mem);
	own_node(&mem, g, 3)->conv.stride = 2;
	refused(g, "node 3 must have stride 1");
	g = chain(&mem);
	own_node(&mem, g, 2)->conv.pool = CONV_POOL_NONE;
	refused(g, "node 2 must have");
	g = chain(&mem);
	own_node(&mem, g, 2)->conv.norm = CONV_NORM_NONE;
	refused(g, "batch normalization");
	g = chain(&mem);
	own_node(&mem, g, 2)->conv.dropout = 0.5;
	refused(g, "no dropout");
	g = chain(&mem);
	own_node(&mem, g, 19)->dense.dropout = 0.5;
	refused(g, "node 19 must have the dropout of the other dense layers");
	g = chain(&mem);
	own_node(&mem, g, 19)->dense.activation = ACT_SELU;
	refused(g, "node 19 must have the activation of convolution 2, relu");
	arena_release(&mem);
}

static void a_skip_edge_is_refused(void **state)
{
	struct arena mem;
	struct genome *g;

	(void)state;
	arena_init(&mem, MEMORY);
	g = chain(&mem);
	genome_add_edge(&mem, g,
		&(struct edge_gene){
			.number = 100, .from = 2, .to = 18, .enabled = 1});
	refused(g, "node 2 feeds several layers");
	arena_release(&mem);
}

static void without_a_dense_layer_or_a_convolution_it_is_refused(void **state)
{
	struct arena mem;
	struct genome *g;
	struct rng r;

	(void)state;
	arena_init(&mem, MEMORY);
	rng_stream(&r, 4, 0, 0);
	g = chain_minimal(&mem, 64, space_default(), &r);
	refused(g, "no dense layer");
	g = chain(&mem);
	genome_add_edge(&mem, g,
		&(struct edge_gene){
			.number = 100, .from = 0, .to = 18, .enabled = 1});
	genome_remove_node(&mem, g, 2);
	genome_remove_node(&mem, g, 3);
	refused(g, "no convolution");
	arena_release(&mem);
}

static void more_layers_than_the_flat_form_has_are_refused(void **state)
{
	struct innovation_book b;
	struct params p;
	struct arena mem;
	struct genome *g;
	struct rng r;

	(void)state;
	arena_init(&mem, MEMORY);
	rng_stream(&r, 5, 0, 0);
	assert_int_equal(params_preset(&p, "cnn", NULL), 0);
	innovation_open(&b, &mem, &chain_counters);
	g = chain_minimal(&mem, 64, space_default(), &r);
	while (g->n_nodes < 60)
		assert_true(mutate_split(
			&(struct mutator){&mem, &b, &p, space_default()}, g,
			&r));
	refused(g, "has more than 32 layers");
	arena_release(&mem);
}

/* A split leaves a disabled edge behind: it is carried, not expressed. */
static void disabled_genes_and_dead_ends_are_no_part_of_the_chain(void **state)
{
	struct flat before, after;
	struct arena mem;
	struct genome *g;

	(void)state;
	arena_init(&mem, MEMORY);
	g = chain(&mem);
	assert_int_equal(chain_to_flat(g, &mnist, &before, NULL), 0);
	genome_add_edge(&mem, g,
		&(struct edge_gene){.number = 100, .from = 2, .to = 18});
	genome_add_node(&mem, g,
		&(struct node_gene){.number = 50,
			.kind = NODE_DENSE,
			.dense = {.units = 9}});
	genome_add_edge(&mem, g,
		&(struct edge_gene){
			.number = 101, .from = 2, .to = 50, .enabled = 1});
	assert_int_equal(genome_check(g, NULL), 0);
	assert_int_equal(chain_to_flat(g, &mnist, &after, NULL), 0);
	assert_true(flat_equal(&before, &after));
	arena_release(&mem);
}

/* Layers of a kind. */
static int count(const struct genome *g, enum node_kind kind)
{
	int n = 0;

	for (size_t i = 0; i < g->n_nodes; i++)
		n += g->nodes[i].kind == kind;
	return n;
}

static void first_genomes_spread_over_depth(void **state)
{
	const struct chain_start start = {3, 1};
	int seen[4][2] = {{0}};
	struct arena mem;
	struct rng r;

	(void)state;
	arena_init(&mem, MEMORY);
	for (uint64_t i = 0; i < 60; i++) {
		struct genome *g;
		struct err e;

		rng_stream(&r, 3, 0, i);
		g = chain_first(&mem, i, 64, &start, space_default(), &r);
		if (genome_check(g, &e))
			fail_msg("%s", e.text);
		seen[count(g, NODE_CONV)][count(g, NODE_DENSE)]++;
	}
	for (int convs = 1; convs <= 3; convs++)
		for (int dense = 0; dense <= 1; dense++)
			assert_int_equal(seen[convs][dense], 10);
	arena_release(&mem);
}

static void the_start_of_one_convolution_is_the_minimal_one(void **state)
{
	struct arena mem;
	struct rng a, b;

	(void)state;
	arena_init(&mem, MEMORY);
	rng_stream(&a, 4, 0, 0);
	b = a;
	for (uint64_t i = 0; i < 20; i++)
		assert_true(genome_equal(
			chain_first(&mem, i, 64, &(struct chain_start){1, 0},
				space_default(), &a),
			chain_minimal(&mem, 64, space_default(), &b)));
	arena_release(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_flat_genome_comes_back_from_its_chain),
		cmocka_unit_test(first_genomes_spread_over_depth),
		cmocka_unit_test(
			the_start_of_one_convolution_is_the_minimal_one),
		cmocka_unit_test(expanding_keeps_every_layers_activation),
		cmocka_unit_test(
			the_same_place_has_the_same_number_in_every_chain),
		cmocka_unit_test(each_attribute_the_flat_form_lacks_is_refused),
		cmocka_unit_test(a_skip_edge_is_refused),
		cmocka_unit_test(
			without_a_dense_layer_or_a_convolution_it_is_refused),
		cmocka_unit_test(
			more_layers_than_the_flat_form_has_are_refused),
		cmocka_unit_test(
			disabled_genes_and_dead_ends_are_no_part_of_the_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
