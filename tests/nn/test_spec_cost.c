/* test_spec_cost.c -- costs counted by hand, and planned memory that real nets
 * keep to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/rng.h"
#include "nets.h"

#define NETS 60

/* The network of ENGINE's first row, 421,642 + 128 numbers. */
static void costs_of_a_chain_are_those_counted_by_hand(void **state)
{
	const int64_t conv1 = 32 * 9, conv2 = 64 * 32 * 9;
	const int64_t fc1 = 3136 * 128, fc2 = 128 * 10;
	struct spec_cost cost;
	struct spec s;
	int a;

	(void)state;
	spec_init(&s, (struct shape){1, 28, 28}, 10);
	a = nets_maxpool(&s, nets_conv(&s, 0, 32, 3));
	a = nets_batchnorm(&s, nets_conv(&s, a, 64, 3));
	a = nets_maxpool(&s, nets_activation(&s, a, ACT_RELU));
	nets_dense(&s, nets_dense(&s, a, 128), 10);
	assert_int_equal(spec_check(&s, NULL), 0);
	spec_cost(&s, 64, &cost);
	assert_int_equal(cost.parameters,
		conv1 + 32 + conv2 + 64 + 2 * 64 + fc1 + 128 + fc2 + 10);
	assert_int_equal(cost.weights, cost.parameters + 2 * 64);
	assert_int_equal(cost.forward_flops,
		2 * (conv1 * 28 * 28 + conv2 * 14 * 14 + fc1 + fc2));
	/* The first layer has no image gradient to work out. */
	assert_int_equal(
		cost.train_flops, 3 * cost.forward_flops - 2 * conv1 * 28 * 28);
}

static void costs_of_a_graph_count_every_branch(void **state)
{
	struct spec_cost cost;
	struct spec s;
	int a, b;

	(void)state;
	spec_init(&s, (struct shape){3, 4, 4}, 2);
	a = nets_conv(&s, 0, 5, 2);
	b = nets_maxpool(&s, a);
	/* Sum of 5x4x4 and 3x4x4: the second is projected by a 1x1. */
	a = nets_merge(&s, OP_SUM, (const int[]){a, 0}, 2);
	a = nets_merge(&s, OP_CONCAT, (const int[]){a, b}, 2);
	nets_dense(&s, a, 2);
	assert_int_equal(spec_check(&s, NULL), 0);
	spec_cost(&s, 1, &cost);
	assert_int_equal(cost.parameters,
		(5 * 3 * 4 + 5) + (5 * 3 + 5) + (10 * 2 * 2 * 2 + 2));
}

static void costs_of_a_stride_are_those_of_the_outputs(void **state)
{
	struct spec_cost cost;
	struct spec s;

	(void)state;
	spec_init(&s, (struct shape){3, 9, 7}, 2);
	nets_dense(&s, nets_conv_by(&s, 0, 5, 3, 2), 2);
	assert_int_equal(spec_check(&s, NULL), 0);
	spec_cost(&s, 1, &cost);
	assert_int_equal(cost.forward_flops,
		2 * (5 * 3 * 9 * (5 * 4) + 2 * 5 * (5 * 4)));
}

static void costs_of_a_giant_saturate(void **state)
{
	struct spec_cost cost;
	struct spec s;
	int a = 0;

	(void)state;
	spec_init(&s, (struct shape){16, 1024, 1024}, 10);
	for (int i = 0; i < 200; i++)
		a = nets_dense(&s, nets_conv(&s, 0, 16, 11), 4096);
	nets_dense(&s, a, 10);
	assert_int_equal(spec_check(&s, NULL), 0);
	spec_cost(&s, INT32_MAX, &cost);
	assert_true(cost.train_bytes == INT64_MAX);
	assert_true(cost.parameters > 0 && cost.forward_flops > 0);
	assert_true(cost.train_flops > cost.forward_flops);
}

/* A chain of random ops with joins back to where it has been. */
static struct spec random_spec(struct rng *r)
{
	struct spec s;
	int at = 0;

	spec_init(&s,
		(struct shape){1 + (int)rng_below(r, 20),
			1 + (int)rng_below(r, 20), 1 + (int)rng_below(r, 20)},
		5);
	for (uint64_t left = 1 + rng_below(r, 6); left > 0; left--) {
		int back = (int)rng_below(r, (uint64_t)s.n);
		const struct shape now = s.nodes[at].shape;

		switch (rng_below(r, 6)) {
		case 0:
		case 1:
			at = nets_conv_by(&s, at, 1 + (int)rng_below(r, 70),
				1 + (int)rng_below(r, 11),
				1 + (int)rng_below(r, 4));
			break;
		case 2:
			at = rng_below(r, 2) ? nets_batchnorm(&s, at)
					     : nets_layernorm(&s, at);
			break;
		case 3:
			if (now.height > 1 && now.width > 1)
				at = rng_below(r, 2) ? nets_maxpool(&s, at)
						     : nets_avgpool(&s, at);
			break;
		case 4: at = nets_dropout(&s, at, 0.5); break;
		case 5:
			at = nets_merge(
				&s, OP_CONCAT, (const int[]){at, back, at}, 3);
			break;
		}
	}
	nets_dense(&s, at, 5);
	return s;
}

static void no_net_takes_more_memory_than_planned(void **state)
{
	const uint64_t seed = 20240501;
	struct rng r;

	(void)state;
	printf("random networks of seed %llu\n", (unsigned long long)seed);
	for (uint64_t i = 0; i < NETS; i++) {
		struct spec_cost cost;
		struct spec s;
		struct net *n;
		size_t before;
		int batch;

		rng_stream(&r, seed, i, 0);
		s = random_spec(&r);
		batch = 1 + (int)rng_below(&r, 9);
		n = nets_new(&s, batch, i);
		spec_cost(&s, batch, &cost);
		net_optimizer(n, OPT_ADAM, &(struct recipe){0});
		if (net_bytes(n) > (size_t)cost.train_bytes)
			fail_msg("network %llu: %zu bytes, planned %lld",
				(unsigned long long)i, net_bytes(n),
				(long long)cost.train_bytes);
		before = net_bytes(n);
		assert_int_equal(net_average(n, 0.9, NULL), 0);
		if (net_bytes(n) - before > (size_t)cost.average_bytes)
			fail_msg("network %llu: %zu bytes of averages, planned "
				 "%lld",
				(unsigned long long)i, net_bytes(n) - before,
				(long long)cost.average_bytes);
		net_free(n);
	}
}

/* The convolutions that want most working memory: many weights over few pixels,
 * and large kernels over many. */
static void no_convolution_takes_more_memory_than_planned(void **state)
{
	const struct {
		int channels, side, filters, kernel;
	} hard[] = {{107, 5, 323, 2}, {200, 7, 200, 7}, {323, 1, 300, 3},
		{16, 28, 32, 11}, {1, 60, 8, 11}, {130, 9, 1, 11},
		{1, 9, 300, 11}, {17, 13, 17, 2}};

	(void)state;
	for (size_t i = 0; i < sizeof hard / sizeof hard[0]; i++) {
		struct spec_cost cost;
		struct spec s;
		struct net *n;
		int a;

		spec_init(&s, (struct shape){1, hard[i].side, hard[i].side}, 2);
		a = nets_conv(&s, 0, hard[i].channels, 1);
		a = nets_conv(&s, a, hard[i].filters, hard[i].kernel);
		nets_dense(&s, nets_shrink(&s, a, 1, 1), 2);
		n = nets_new(&s, 1, 1);
		spec_cost(&s, 1, &cost);
		net_optimizer(n, OPT_ADAM, &(struct recipe){0});
		if (net_bytes(n) > (size_t)cost.train_bytes)
			fail_msg("convolution %zu: %zu bytes, planned %lld", i,
				net_bytes(n), (long long)cost.train_bytes);
		net_free(n);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(costs_of_a_chain_are_those_counted_by_hand),
		cmocka_unit_test(costs_of_a_graph_count_every_branch),
		cmocka_unit_test(costs_of_a_stride_are_those_of_the_outputs),
		cmocka_unit_test(costs_of_a_giant_saturate),
		cmocka_unit_test(no_net_takes_more_memory_than_planned),
		cmocka_unit_test(no_convolution_takes_more_memory_than_planned),
	};

	return nets_run(argc, argv, tests);
}
