/* test_decode.c -- the network that a genome describes, and what it costs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "model/decode.h"
#include "chains.h"

#define PLENTY ((int64_t)1 << 40)

static struct flat genome(int n_conv, int n_dense)
{
	struct flat g = {
		.data = {1, 28, 28, 10},
		.n_conv = n_conv,
		.n_dense = n_dense,
		.n_activations = 2,
		.activations = {ACT_TANH, ACT_SELU},
		.dropout = 0.25,
		.learning_rate = 0.001,
		.batch_size = 32,
		.optimizer = OPT_RMSPROP,
	};

	for (int i = 0; i < n_conv; i++) {
		g.filters[i] = 8 * (i + 1);
		g.kernels[i] = 3 + i % 3;
	}
	for (int i = 0; i < n_dense; i++)
		g.nodes[i] = 20 + i;
	return g;
}

static struct model decode(const struct flat *g)
{
	struct model m;
	struct err e = {0};

	if (model_decode(chain_of(g), &g->data, PLENTY, &m, &e))
		fail_msg("%s", e.text);
	return m;
}

static void a_layer_becomes_its_nodes_in_order(void **state)
{
	static const enum op ops[] = {OP_INPUT, OP_CONV, OP_BATCHNORM,
		OP_MAXPOOL, OP_ACTIVATION, OP_DENSE, OP_ACTIVATION, OP_DROPOUT,
		OP_DENSE};
	struct flat g = genome(1, 1);
	struct model m = decode(&g);

	(void)state;
	assert_int_equal(m.spec.n, 9);
	for (int i = 0; i < 9; i++) {
		assert_int_equal(m.spec.nodes[i].op, ops[i]);
		if (i > 0)
			assert_int_equal(m.spec.nodes[i].inputs[0], i - 1);
	}
	assert_int_equal(m.spec.nodes[1].filters, 8);
	assert_int_equal(m.spec.nodes[1].kernel, 3);
	assert_int_equal(m.spec.nodes[5].units, 20);
	assert_true(m.spec.nodes[7].rate == 0.25);
	assert_int_equal(m.spec.nodes[8].units, 10);
	assert_int_equal(m.optimizer, OPT_RMSPROP);
	assert_int_equal(m.batch, 32);
	assert_true(m.learning_rate == 0.001);
}

static void pooling_stops_below_4_pixels(void **state)
{
	static const int side_after[4] = {14, 7, 3, 3};

	(void)state;
	for (int n = 1; n <= 4; n++) {
		struct flat g = genome(n, 1);
		struct model m = decode(&g);
		const struct spec_node *map = &m.spec.nodes[m.spec.n - 5];

		assert_int_equal(map->shape.channels, 8 * n);
		assert_int_equal(map->shape.height, side_after[n - 1]);
		assert_int_equal(map->shape.width, side_after[n - 1]);
	}
}

/* 5 x 3: too flat for a second pooling, and for a first one if 3 high. */
static void pooling_needs_both_sides(void **state)
{
	struct flat g = genome(2, 1);
	struct model m;

	(void)state;
	g.data.height = 5;
	g.data.width = 3;
	m = decode(&g);
	assert_int_equal(m.spec.nodes[m.spec.n - 5].shape.height, 5);
	g.data.width = 4;
	m = decode(&g);
	assert_int_equal(m.spec.nodes[m.spec.n - 5].shape.height, 2);
	assert_int_equal(m.spec.nodes[m.spec.n - 5].shape.width, 2);
}

static void activations_go_round_and_start_again_for_dense(void **state)
{
	static const enum activation wanted[] = {
		ACT_TANH, ACT_SELU, ACT_TANH, ACT_TANH, ACT_SELU};
	struct flat g = genome(3, 2);
	struct model m = decode(&g);
	int seen = 0;

	(void)state;
	for (int i = 0; i < m.spec.n; i++)
		if (m.spec.nodes[i].op == OP_ACTIVATION)
			assert_int_equal(
				m.spec.nodes[i].activation, wanted[seen++]);
	assert_int_equal(seen, 5);
}

static enum activation first_activation(const struct spec *s)
{
	int i = 0;

	while (s->nodes[i].op != OP_ACTIVATION)
		i++;
	return s->nodes[i].activation;
}

static void every_choice_reaches_the_network(void **state)
{
	struct flat g = genome(1, 1);

	(void)state;
	g.n_activations = 1;
	for (int a = 0; a < ACT_COUNT; a++) {
		struct model m;

		g.activations[0] = (enum activation)a;
		m = decode(&g);
		assert_int_equal(first_activation(&m.spec), a);
	}
	for (int o = 0; o < OPT_COUNT; o++) {
		g.optimizer = (enum optimizer_kind)o;
		assert_int_equal(decode(&g).optimizer, o);
	}
}

static void parameters_are_counted_as_by_hand(void **state)
{
	struct flat g = genome(2, 1);
	int64_t conv1 = 8 * 1 * 3 * 3 + 8, norm1 = 2 * 8;
	int64_t conv2 = 16 * 8 * 4 * 4 + 16, norm2 = 2 * 16;
	int64_t dense = 20 * (16 * 7 * 7) + 20, out = 10 * 20 + 10;

	(void)state;
	assert_int_equal(decode(&g).cost.parameters,
		conv1 + norm1 + conv2 + norm2 + dense + out);
}

/* The sentence gives both numbers, in the unit of the setting. */
static void memory_over_the_bound_is_the_genomes_failure(void **state)
{
	struct flat g = genome(1, 1);
	int64_t need = decode(&g).cost.train_bytes;
	struct model m = {.batch = -7};
	char numbers[80];
	struct err e = {0};

	(void)state;
	assert_int_equal(model_decode(chain_of(&g), &g.data, need,
				 &(struct model){0}, &e),
		0);
	assert_int_equal(model_decode(chain_of(&g), &g.data, need - 1, &m, &e),
		ERR_GENOME);
	assert_int_equal(m.batch, -7);
	snprintf(numbers, sizeof numbers, "takes %lld MB but a job may take 1",
		(long long)((need + (1 << 20) - 1) >> 20));
	assert_int_equal(model_decode(chain_of(&g), &g.data, 1 << 20, &m, &e),
		ERR_GENOME);
	assert_non_null(strstr(e.text, numbers));
}

static void averages_count_where_they_are_kept(void **state)
{
	struct flat g = genome(1, 1);
	struct model m = decode(&g);
	int64_t need = m.cost.train_bytes + m.cost.average_bytes;
	struct err e = {0};

	(void)state;
	assert_int_equal(model_fits(&m, 0, m.cost.train_bytes, &e), 0);
	assert_int_equal(model_fits(&m, 1, need, &e), 0);
	assert_int_equal(model_fits(&m, 1, need - 1, &e), ERR_GENOME);
	assert_string_equal(e.where, "memory");
}

/* The most layers, each of the largest size: judged, not tried. */
static void the_largest_genome_is_refused_without_overflow(void **state)
{
	struct flat g = genome(FLAT_LAYERS_MAX, FLAT_LAYERS_MAX);
	struct model m;
	struct err e = {0};

	(void)state;
	g.data = (struct data_shape){
		DATA_CHANNELS_MAX, 128, 128, DATA_CLASSES_MAX};
	g.batch_size = BATCH_SIZE_MAX;
	for (int i = 0; i < FLAT_LAYERS_MAX; i++) {
		g.filters[i] = CONV_FILTERS_MAX;
		g.kernels[i] = CONV_KERNEL_MAX;
		g.nodes[i] = DENSE_UNITS_MAX;
	}
	assert_true(flat_valid(&g));
	assert_int_equal(
		model_decode(chain_of(&g), &g.data, (int64_t)1 << 30, &m, &e),
		ERR_GENOME);
	assert_non_null(strstr(e.text, "may take 1024 MB"));
	assert_int_equal(
		model_decode(chain_of(&g), &g.data, INT64_MAX, &m, &e), 0);
	assert_true(m.cost.train_bytes > 0 && m.cost.parameters > 0);
	g.data.height = g.data.width = DATA_SIDE_MAX; /* no map is so large */
	assert_int_equal(model_decode(chain_of(&g), &g.data, INT64_MAX, &m, &e),
		ERR_GENOME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_layer_becomes_its_nodes_in_order),
		cmocka_unit_test(pooling_stops_below_4_pixels),
		cmocka_unit_test(pooling_needs_both_sides),
		cmocka_unit_test(
			activations_go_round_and_start_again_for_dense),
		cmocka_unit_test(every_choice_reaches_the_network),
		cmocka_unit_test(parameters_are_counted_as_by_hand),
		cmocka_unit_test(memory_over_the_bound_is_the_genomes_failure),
		cmocka_unit_test(averages_count_where_they_are_kept),
		cmocka_unit_test(
			the_largest_genome_is_refused_without_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
