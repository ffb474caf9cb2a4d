/* test_build.c -- graphs of layers as networks: joins, shapes, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/build.h"
#include "model/decode.h"
#include "neat/chain.h"
#include "neat/mutate.h"

#define PLENTY ((int64_t)1 << 40)
#define MEMORY ((size_t)1 << 30)

static const struct data_shape mnist = {1, 28, 28, 10};

/* Nodes 2 and 3 are convolutions of 8 and 16 filters with a pool each, 18 is a
 * dense layer of 32 units; dropout 0.25. */
static struct genome *chain(struct arena *mem)
{
	static const struct flat f = {.data = {1, 28, 28, 10},
		.n_conv = 2,
		.n_dense = 1,
		.filters = {8, 16},
		.kernels = {3, 5},
		.nodes = {32},
		.n_activations = 1,
		.activations = {ACT_RELU},
		.dropout = 0.25,
		.learning_rate = 0.001,
		.batch_size = 32,
		.optimizer = OPT_SGD};

	return chain_from_flat(mem, &f);
}

static struct node_gene *own_node(
	struct arena *mem, struct genome *g, int64_t number)
{
	struct node_gene *own = genome_own_nodes(mem, g);

	return own + (genome_node(g, number) - own);
}

static void connect(struct arena *mem, struct genome *g, int64_t number,
	int64_t from, int64_t to)
{
	genome_add_edge(mem, g,
		&(struct edge_gene){.number = number,
			.from = from,
			.to = to,
			.enabled = 1});
}

static void must_build(const struct genome *g, struct spec *s, int *nodes)
{
	struct err e = {0};

	if (genome_check(g, &e) || build_spec(g, &mnist, s, nodes, &e))
		fail_msg("%s", e.text);
}

static void assert_shape(struct shape s, int channels, int height, int width)
{
	assert_int_equal(s.channels, channels);
	assert_int_equal(s.height, height);
	assert_int_equal(s.width, width);
}

/* The spec's node that feeds the layer in `node` (its first one is `op`). */
static const struct spec_node *input_of(
	const struct spec *s, int node, enum op op)
{
	while (s->nodes[node].op != op)
		node = s->nodes[node].inputs[0];
	return &s->nodes[s->nodes[node].inputs[0]];
}

static void a_skip_is_brought_to_the_smallest_map_and_joined(void **state)
{
	int nodes[GENOME_NODES_MAX];
	const struct spec_node *join;
	struct arena mem;
	struct genome *g;
	struct spec s;

	(void)state;
	arena_init(&mem, MEMORY);
	g = chain(&mem);
	connect(&mem, g, 100, LAYER_INPUT, 3);
	own_node(&mem, g, 3)->merge = MERGE_CONCAT;
	must_build(g, &s, nodes);
	join = input_of(&s, nodes[genome_node(g, 3) - g->nodes], OP_CONV);
	assert_int_equal(join->op, OP_CONCAT);
	assert_shape(join->shape, 9, 14, 14);
	assert_int_equal(s.nodes[join->inputs[1]].op, OP_SHRINK);

	own_node(&mem, g, 3)->merge = MERGE_SUM;
	must_build(g, &s, nodes);
	join = input_of(&s, nodes[genome_node(g, 3) - g->nodes], OP_CONV);
	assert_int_equal(join->op, OP_SUM);
	assert_shape(join->shape, 8, 14, 14);
	assert_int_equal(s.nodes[join->inputs[1]].op, OP_CONV);
	assert_int_equal(s.nodes[join->inputs[1]].kernel, 1);
	arena_release(&mem);
}

static void a_map_beside_a_vector_becomes_a_vector(void **state)
{
	const struct spec_node *join;
	struct arena mem;
	struct genome *g;
	struct spec s;

	(void)state;
	arena_init(&mem, MEMORY);
	g = chain(&mem);
	connect(&mem, g, 100, 2, LAYER_OUTPUT);
	own_node(&mem, g, LAYER_OUTPUT)->merge = MERGE_CONCAT;
	must_build(g, &s, NULL);
	join = &s.nodes[s.nodes[s.n - 1].inputs[0]];
	assert_int_equal(join->op, OP_CONCAT);
	assert_shape(join->shape, 32 + 8, 1, 1);
	arena_release(&mem);
}

static void disabled_edges_and_dead_ends_are_left_out(void **state)
{
	static struct spec plain, s;
	int nodes[GENOME_NODES_MAX];
	struct arena mem;
	struct genome *g;

	(void)state;
	arena_init(&mem, MEMORY);
	g = chain(&mem);
	must_build(g, &plain, NULL);
	connect(&mem, g, 100, LAYER_INPUT, 3);
	genome_own_edges(&mem, g)[g->n_edges - 1].enabled = 0;
	genome_add_node(&mem, g,
		&(struct node_gene){.number = 60,
			.kind = NODE_DENSE,
			.dense = {.units = 7}});
	connect(&mem, g, 101, 2, 60);
	must_build(g, &s, nodes);
	assert_int_equal(s.n, plain.n);
	for (int i = 0; i < s.n; i++)
		assert_int_equal(s.nodes[i].op, plain.nodes[i].op);
	assert_int_equal(nodes[g->n_nodes - 1], -1);
	arena_release(&mem);
}

static void layers_without_the_extras_have_none(void **state)
{
	struct arena mem;
	struct genome *g;
	struct conv_gene *c;
	struct spec s;

	(void)state;
	arena_init(&mem, MEMORY);
	g = chain(&mem);
	c = &own_node(&mem, g, 2)->conv;
	c->norm = CONV_NORM_NONE;
	c->pool = CONV_POOL_NONE;
	c->dropout = 0.5;
	must_build(g, &s, NULL);
	assert_int_equal(s.nodes[1].op, OP_CONV);
	assert_int_equal(s.nodes[2].op, OP_ACTIVATION);
	assert_int_equal(s.nodes[3].op, OP_DROPOUT);
	assert_true(s.nodes[3].rate == 0.5);
	assert_int_equal(s.nodes[4].op, OP_CONV);
	arena_release(&mem);
}

static void a_dense_layers_own_dropout_comes_before_the_genomes(void **state)
{
	int nodes[GENOME_NODES_MAX];
	struct arena mem;
	struct genome *g;
	size_t dense;
	struct spec s;

	(void)state;
	arena_init(&mem, MEMORY);
	g = chain(&mem);
	dense = (size_t)(genome_node(g, 18) - g->nodes);
	must_build(g, &s, nodes);
	assert_true(s.nodes[nodes[dense]].rate == 0.25);
	own_node(&mem, g, 18)->dense.dropout = 0.5;
	must_build(g, &s, nodes);
	assert_true(s.nodes[nodes[dense]].rate == 0.5);
	arena_release(&mem);
}

static void stride_and_kinds_of_pool_and_norm_are_the_genes(void **state)
{
	struct arena mem;
	struct genome *g;
	struct conv_gene *c;
	struct spec s;

	(void)state;
	arena_init(&mem, MEMORY);
	g = chain(&mem);
	c = &own_node(&mem, g, 2)->conv;
	c->stride = 2;
	c->norm = CONV_NORM_LAYER;
	c->pool = CONV_POOL_AVERAGE;
	must_build(g, &s, NULL);
	assert_int_equal(s.nodes[1].op, OP_CONV);
	assert_shape(s.nodes[1].shape, 8, 14, 14);
	assert_int_equal(s.nodes[2].op, OP_LAYERNORM);
	assert_int_equal(s.nodes[4].op, OP_AVGPOOL);
	assert_shape(s.nodes[4].shape, 8, 7, 7);
	arena_release(&mem);
}

static void a_max_pool_follows_an_activation_that_is_not_monotonic(void **state)
{
	struct arena mem;
	struct genome *g;
	struct spec s;

	(void)state;
	arena_init(&mem, MEMORY);
	g = chain(&mem);
	must_build(g, &s, NULL);
	assert_int_equal(s.nodes[3].op, OP_MAXPOOL);
	assert_int_equal(s.nodes[4].op, OP_ACTIVATION);
	own_node(&mem, g, 2)->conv.activation = ACT_GELU;
	must_build(g, &s, NULL);
	assert_int_equal(s.nodes[3].op, OP_ACTIVATION);
	assert_int_equal(s.nodes[4].op, OP_MAXPOOL);
	arena_release(&mem);
}

/* -- refusals -- */

static void refused(
	const struct genome *g, const struct data_shape *data, const char *why)
{
	static struct model m;
	struct err e = {0};

	assert_int_equal(genome_check(g, NULL), 0);
	assert_int_equal(model_decode(g, data, PLENTY, &m, &e), ERR_GENOME);
	if (!strstr(e.text, why))
		fail_msg("\"%s\" is not in: %s", why, e.text);
}

static void a_layer_that_cannot_be_built_is_named(void **state)
{
	const struct data_shape large = {1, 1024, 1024, 10};
	struct arena mem;
	struct genome *g;

	(void)state;
	arena_init(&mem, MEMORY);
	g = chain(&mem);
	own_node(&mem, g, 3)->conv.filters = 512;
	refused(g, &large, "layer 3: node");
	refused(g, &large, "512x512x512");
	arena_release(&mem);
}

static void more_inputs_than_a_join_takes_are_refused(void **state)
{
	struct arena mem;
	struct genome *g;

	(void)state;
	arena_init(&mem, MEMORY);
	g = chain(&mem);
	for (int i = 0; i < SPEC_INPUTS_MAX; i++) {
		genome_add_node(&mem, g,
			&(struct node_gene){.number = 60 + i,
				.kind = NODE_DENSE,
				.dense = {.units = 7}});
		connect(&mem, g, 100 + 2 * i, 2, 60 + i);
		connect(&mem, g, 101 + 2 * i, 60 + i, LAYER_OUTPUT);
	}
	refused(g, &mnist, "layer 1: more than 16 inputs");
	arena_release(&mem);
}

static void a_network_of_too_many_nodes_is_refused(void **state)
{
	struct innovation_book b;
	struct params p;
	struct arena mem;
	struct genome *g;
	struct rng r;

	(void)state;
	arena_init(&mem, MEMORY);
	rng_stream(&r, 1, 0, 0);
	assert_int_equal(params_preset(&p, "cnn", NULL), 0);
	innovation_open(&b, &mem, &chain_counters);
	g = chain(&mem);
	while (g->n_nodes < 300)
		assert_true(mutate_split(
			&(struct mutator){&mem, &b, &p, space_default()}, g,
			&r));
	refused(g, &mnist, "more than 512 nodes");
	arena_release(&mem);
}

/* Whatever evolution makes is a network of the right output, or is refused
 * with a sentence; most are networks. */
static void every_evolved_graph_is_judged(void **state)
{
	static struct model m;
	struct params p;
	int built = 0, joins = 0;
	struct arena mem;
	struct rng r;

	(void)state;
	assert_int_equal(params_preset(&p, "cnn", NULL), 0);
	rng_stream(&r, 2, 0, 0);
	arena_init(&mem, MEMORY);
	for (int i = 0; i < 500; i++) {
		struct innovation_book b;
		struct genome *g = chain_minimal(&mem, 64, space_default(), &r);
		struct err e = {0};

		innovation_open(&b, &mem, &chain_counters);
		for (int k = 0; k < i % 60; k++)
			mutate(&(struct mutator){&mem, &b, &p, space_default()},
				g, &r);
		if (model_decode(g, &mnist, PLENTY, &m, &e)) {
			assert_int_equal(e.code, ERR_GENOME);
			assert_true(strlen(e.text) > 10);
		} else {
			built++;
			assert_true(m.cost.parameters > 0);
			for (int k = 0; k < m.spec.n; k++)
				joins += m.spec.nodes[k].n_inputs > 1;
		}
		arena_release(&mem);
	}
	assert_true(built > 400);
	assert_true(joins > 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_skip_is_brought_to_the_smallest_map_and_joined),
		cmocka_unit_test(a_map_beside_a_vector_becomes_a_vector),
		cmocka_unit_test(disabled_edges_and_dead_ends_are_left_out),
		cmocka_unit_test(layers_without_the_extras_have_none),
		cmocka_unit_test(
			a_dense_layers_own_dropout_comes_before_the_genomes),
		cmocka_unit_test(
			stride_and_kinds_of_pool_and_norm_are_the_genes),
		cmocka_unit_test(
			a_max_pool_follows_an_activation_that_is_not_monotonic),
		cmocka_unit_test(a_layer_that_cannot_be_built_is_named),
		cmocka_unit_test(more_inputs_than_a_join_takes_are_refused),
		cmocka_unit_test(a_network_of_too_many_nodes_is_refused),
		cmocka_unit_test(every_evolved_graph_is_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
