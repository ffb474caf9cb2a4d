/* test_spec.c -- what spec_check refuses and why, and what spec_merge adds. */
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nets.h"

static struct spec start(int channels, int height, int width)
{
	struct spec s;

	spec_init(&s, (struct shape){channels, height, width}, 10);
	return s;
}

/* The spec is refused, by a sentence with these words. */
static void assert_refused(struct spec *s, const char *words)
{
	struct err e = {0};

	assert_int_equal(spec_check(s, &e), ERR_GENOME);
	assert_int_equal(e.code, ERR_GENOME);
	if (!strstr(e.text, words))
		fail_msg("\"%s\" lacks \"%s\"", e.text, words);
}

static void sound_network_gets_its_shapes(void **state)
{
	struct spec s = start(1, 29, 28);
	int a = nets_conv(&s, 0, 7, 4), b = nets_maxpool(&s, a);
	int c = nets_shrink(&s, b, 3, 14);
	struct err e = {0};

	(void)state;
	nets_dense(&s, c, 10);
	assert_int_equal(spec_check(&s, &e), 0);
	assert_int_equal(s.nodes[a].shape.channels, 7);
	assert_int_equal(s.nodes[a].shape.height, 29);
	assert_int_equal(s.nodes[b].shape.height, 14);
	assert_int_equal(s.nodes[b].shape.width, 14);
	assert_int_equal(s.nodes[c].shape.height, 3);
	assert_int_equal(s.nodes[c].shape.channels, 7);
}

static void stride_divides_the_map_rounded_up(void **state)
{
	const struct {
		int stride, height, width;
	} want[] = {{1, 13, 7}, {2, 7, 4}, {3, 5, 3}, {4, 4, 2}};

	(void)state;
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
		for (int kernel = 1; kernel <= 11; kernel++) {
			struct spec s = start(1, 13, 7);
			int a = nets_conv_by(&s, 0, 2, kernel, want[i].stride);

			assert_int_equal(
				s.nodes[a].shape.height, want[i].height);
			assert_int_equal(s.nodes[a].shape.width, want[i].width);
		}
}

static void stride_left_out_is_one(void **state)
{
	struct spec s = start(1, 5, 5);
	int a = nets_conv_by(&s, 0, 2, 3, 0);

	(void)state;
	assert_int_equal(s.nodes[a].stride, 1);
	nets_dense(&s, a, 10);
	s.nodes[a].stride = 0;
	assert_int_equal(spec_check(&s, NULL), 0);
	assert_int_equal(s.nodes[a].stride, 1);
	assert_int_equal(s.nodes[a].shape.height, 5);
}

static void vanishing_map_is_refused(void **state)
{
	struct spec s = start(1, 5, 5);
	int a = nets_maxpool(&s, nets_maxpool(&s, 0));

	(void)state;
	nets_dense(&s, nets_maxpool(&s, a), 10);
	assert_refused(&s, "node 3 (maxpool): pooling a map of 1x1");
}

static void average_pool_halves_the_map_and_may_not_vanish(void **state)
{
	struct spec s = start(3, 5, 4);
	int a = nets_avgpool(&s, 0);
	int b = nets_avgpool(&s, a);

	(void)state;
	assert_int_equal(s.nodes[a].shape.channels, 3);
	assert_int_equal(s.nodes[a].shape.height, 2);
	assert_int_equal(s.nodes[a].shape.width, 2);
	nets_dense(&s, nets_avgpool(&s, b), 10);
	assert_refused(&s, "node 3 (avgpool): pooling a map of 1x1");
}

static void numbers_out_of_range_are_refused(void **state)
{
	const struct {
		struct spec_node node;
		const char *words;
	} bad[] = {
		{{.op = OP_CONV, .filters = 0, .kernel = 3}, "0 filters"},
		{{.op = OP_CONV, .filters = 513, .kernel = 3}, "513 filters"},
		{{.op = OP_CONV, .filters = INT_MAX, .kernel = 3}, "filters"},
		{{.op = OP_CONV, .filters = 8, .kernel = 0}, "kernel of 0"},
		{{.op = OP_CONV, .filters = 8, .kernel = 12}, "kernel of 12"},
		{{.op = OP_CONV, .filters = 8, .kernel = INT_MIN}, "kernel"},
		{{.op = OP_CONV, .filters = 8, .kernel = 3, .stride = 5},
			"a stride of 5, which must be 1 to 4"},
		{{.op = OP_CONV, .filters = 8, .kernel = 3, .stride = -1},
			"stride of -1"},
		{{.op = OP_DENSE, .units = 0}, "0 units"},
		{{.op = OP_DENSE, .units = 65536}, "65536 units"},
		{{.op = OP_DROPOUT, .rate = 0.91}, "rate of 0.91"},
		{{.op = OP_DROPOUT, .rate = -0.1}, "rate of -0.1"},
		{{.op = OP_DROPOUT, .rate = NAN}, "rate of"},
		{{.op = OP_SHRINK, .height = 0, .width = 1}, "vanishes"},
		{{.op = OP_SHRINK, .height = 6, .width = 1}, "larger"},
		{{.op = OP_ACTIVATION, .activation = ACT_COUNT},
			"an activation of number"},
		{{.op = OP_COUNT}, "an op of number"},
		{{.op = OP_INPUT}, "second input"},
		{{.op = OP_SUM}, "1 inputs, which must be 2 to 16"},
		{{.op = OP_CONCAT}, "1 inputs"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct spec s = start(3, 5, 5);

		s.nodes[1] = bad[i].node;
		s.nodes[1].n_inputs = 1;
		s.n = 2;
		nets_dense(&s, 0, 10);
		assert_refused(&s, bad[i].words);
		assert_refused(&s, "node 1");
	}
}

static void inputs_must_be_earlier_nodes(void **state)
{
	const int wrong[] = {1, 2, 511, -1, INT_MAX, INT_MIN};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct spec s = start(3, 5, 5);
		int a = nets_maxpool(&s, 0);

		nets_dense(&s, a, 10);
		s.nodes[a].inputs[0] = wrong[i];
		assert_refused(&s, "not an earlier one");
	}
}

static void number_of_inputs_is_bounded(void **state)
{
	const int wrong[] = {0, 2, 17, -1, INT_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct spec s = start(3, 5, 5);
		int a = nets_maxpool(&s, 0);

		nets_dense(&s, a, 10);
		s.nodes[a].n_inputs = wrong[i];
		assert_refused(&s, "inputs, which must be 1 to 1");
	}
}

static void joined_maps_must_fit(void **state)
{
	struct spec s = start(3, 6, 6), t = start(3, 6, 6);
	int a = nets_maxpool(&s, 0), b = nets_conv(&t, 0, 4, 1);

	(void)state;
	nets_dense(&s, nets_join(&s, OP_CONCAT, 0, a), 10);
	assert_refused(&s, "joining maps of 6x6 and 3x3");
	nets_dense(&t, nets_join(&t, OP_SUM, 0, b), 10);
	assert_refused(&t, "adding maps of 3 and 4 channels");
}

static void output_must_be_the_logits(void **state)
{
	struct spec s = start(3, 6, 6), t = start(3, 6, 6);

	(void)state;
	nets_dense(&s, 0, 9);
	assert_refused(&s, "the output is 9x1x1, which must be 10 logits");
	nets_conv(&t, 0, 10, 3);
	assert_refused(&t, "the output is 10x6x6");
}

static void images_and_classes_are_bounded(void **state)
{
	const struct shape wrong[] = {{0, 5, 5}, {3, 0, 5}, {3, 5, -1},
		{INT_MAX, INT_MAX, INT_MAX}, {1, 1, 5000}, {65537, 1, 1},
		{4096, 4096, 4096}};
	struct spec s;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		spec_init(&s, wrong[i], 10);
		nets_dense(&s, 0, 10);
		assert_refused(&s, "node 0 (input): a map of");
	}
	spec_init(&s, (struct shape){1, 5, 5}, 1);
	nets_dense(&s, 0, 1);
	assert_refused(&s, "1 classes");
	s.n = 1;
	assert_refused(&s, "a network of 1 nodes");
	s.n = INT_MAX;
	assert_refused(&s, "nodes");
}

/* Doubling a map sixteen times over passes every bound but the map's. */
static void channels_cannot_be_multiplied_without_end(void **state)
{
	struct spec s = start(512, 2, 2);
	int a = 0;

	(void)state;
	for (int i = 0; i < 20; i++)
		a = nets_join(&s, OP_CONCAT, a, a);
	nets_dense(&s, a, 10);
	assert_refused(&s, "at most");
}

static void full_spec_takes_no_more(void **state)
{
	struct spec s = start(1, 5, 5);
	const struct spec_node node = {.op = OP_BATCHNORM, .n_inputs = 1};
	struct err e = {0};

	(void)state;
	for (int i = 1; i < SPEC_NODES_MAX; i++)
		assert_int_equal(spec_add(&s, &node, &e), i);
	assert_int_equal(spec_add(&s, &node, &e), ERR_RANGE);
	assert_int_equal(s.n, SPEC_NODES_MAX);
}

static void merge_without_room_adds_nothing(void **state)
{
	struct spec s = start(1, 8, 8);
	int a = nets_maxpool(&s, 0);
	struct err e = {0};

	(void)state;
	while (s.n < SPEC_NODES_MAX - 1)
		nets_batchnorm(&s, a);
	assert_int_equal(
		spec_merge(&s, OP_SUM, (const int[]){0, a}, 2, &e), ERR_RANGE);
	assert_int_equal(s.n, SPEC_NODES_MAX - 1);
}

static void merge_of_one_is_that_node(void **state)
{
	struct spec s = start(1, 5, 5);
	int a = nets_conv(&s, 0, 3, 3);

	(void)state;
	assert_int_equal(nets_merge(&s, OP_SUM, &a, 1), a);
	assert_int_equal(s.n, 2);
}

static void merged_sum_has_the_first_channels_and_the_smallest_map(void **state)
{
	struct spec s = start(1, 8, 6);
	int a = nets_conv(&s, 0, 3, 3);
	int b = nets_shrink(&s, nets_conv(&s, 0, 5, 3), 2, 6);
	int c = nets_shrink(&s, 0, 7, 4);
	int m = nets_merge(&s, OP_SUM, (const int[]){a, b, c}, 3);

	(void)state;
	assert_int_equal(s.nodes[m].shape.channels, 3);
	assert_int_equal(s.nodes[m].shape.height, 2);
	assert_int_equal(s.nodes[m].shape.width, 4);
	assert_int_equal(s.nodes[m].op, OP_SUM);
}

static void merged_concat_keeps_all_channels(void **state)
{
	struct spec s = start(1, 8, 6);
	int a = nets_conv(&s, 0, 3, 3);
	int b = nets_maxpool(&s, a);
	int m = nets_merge(&s, OP_CONCAT, (const int[]){a, b}, 2);

	(void)state;
	assert_int_equal(s.nodes[m].shape.channels, 6);
	assert_int_equal(s.nodes[m].shape.height, 4);
	assert_int_equal(s.nodes[m].inputs[1], b);
}

static void merge_names_the_node_that_cannot_be_built(void **state)
{
	struct spec s = start(1, 1, 1);
	int a = nets_maxpool(&s, 0);
	struct err e = {0};

	(void)state;
	assert_int_equal(
		spec_merge(&s, OP_SUM, (const int[]){0, a}, 2, &e), ERR_GENOME);
	assert_non_null(strstr(e.text, "node 1 (maxpool)"));
	assert_int_equal(
		spec_merge(&s, OP_SUM, (const int[]){0, 7}, 2, &e), ERR_RANGE);
	assert_int_equal(
		spec_merge(&s, OP_SUM, (const int[]){0}, 0, &e), ERR_RANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_network_gets_its_shapes),
		cmocka_unit_test(stride_divides_the_map_rounded_up),
		cmocka_unit_test(stride_left_out_is_one),
		cmocka_unit_test(vanishing_map_is_refused),
		cmocka_unit_test(
			average_pool_halves_the_map_and_may_not_vanish),
		cmocka_unit_test(numbers_out_of_range_are_refused),
		cmocka_unit_test(inputs_must_be_earlier_nodes),
		cmocka_unit_test(number_of_inputs_is_bounded),
		cmocka_unit_test(joined_maps_must_fit),
		cmocka_unit_test(output_must_be_the_logits),
		cmocka_unit_test(images_and_classes_are_bounded),
		cmocka_unit_test(channels_cannot_be_multiplied_without_end),
		cmocka_unit_test(full_spec_takes_no_more),
		cmocka_unit_test(merge_without_room_adds_nothing),
		cmocka_unit_test(merge_of_one_is_that_node),
		cmocka_unit_test(
			merged_sum_has_the_first_channels_and_the_smallest_map),
		cmocka_unit_test(merged_concat_keeps_all_channels),
		cmocka_unit_test(merge_names_the_node_that_cannot_be_built),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
