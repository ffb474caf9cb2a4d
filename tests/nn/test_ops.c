/* test_ops.c -- every op forward and backward against the reference, over odd
 * sizes: one and seven channels, odd maps, one image, short batches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nets.h"

#define CLASSES 3

static struct spec start(int channels, int height, int width)
{
	struct spec s;

	spec_init(&s, (struct shape){channels, height, width}, CLASSES);
	return s;
}

/* Ends the network and compares it on a full, a short and a single batch. */
static void check(struct spec *s, int last)
{
	nets_dense(s, last, CLASSES);
	nets_check(s, 4, 4);
	nets_check(s, 4, 3);
	nets_check(s, 1, 1);
}

static void convolution_of_every_kernel_size(void **state)
{
	(void)state;
	for (int kernel = 1; kernel <= 11; kernel++) {
		struct spec s = start(7, 5, 9);
		int a = nets_conv(&s, 0, 3, kernel);

		check(&s, nets_conv(&s, a, 5, kernel));
	}
}

static void convolution_of_every_stride(void **state)
{
	(void)state;
	for (int stride = 1; stride <= 4; stride++)
		for (int kernel = 1; kernel <= 5; kernel++) {
			struct spec s = start(1 + 6 * (kernel & 1), 9, 14);
			int a = nets_conv_by(&s, 0, 5, kernel, stride);

			check(&s, nets_conv_by(&s, a, 3, kernel, stride));
		}
}

static void strides_that_leave_one_pixel(void **state)
{
	struct spec s = start(3, 4, 3);
	int a = nets_conv_by(&s, 0, 18, 3, 4);

	(void)state;
	check(&s, nets_conv_by(&s, a, 7, 2, 3));
}

static void convolution_of_one_channel(void **state)
{
	struct spec s = start(1, 7, 5);
	int a = nets_conv(&s, 0, 1, 3);

	(void)state;
	check(&s, nets_conv(&s, a, 4, 2));
}

static void convolution_of_channels_that_fill_vectors(void **state)
{
	struct spec s = start(3, 6, 6);
	int a = nets_conv(&s, 0, 32, 5);

	(void)state;
	check(&s, nets_conv(&s, a, 16, 3));
}

static void convolution_of_a_single_pixel(void **state)
{
	struct spec s = start(2, 1, 1);
	int a = nets_conv(&s, 0, 9, 11);

	(void)state;
	check(&s, nets_conv(&s, a, 3, 4));
}

static void dense_of_a_map_and_of_a_vector(void **state)
{
	struct spec s = start(7, 3, 5);
	int a = nets_conv(&s, 0, 3, 1);

	(void)state;
	check(&s, nets_dense(&s, a, 11));
}

static void every_activation(void **state)
{
	(void)state;
	for (int i = 0; i < ACT_COUNT; i++) {
		struct spec s = start(1, 5, 7);
		int a = nets_conv(&s, 0, 7, 3);

		check(&s, nets_activation(&s, a, (enum activation)i));
	}
}

static void batchnorm_of_maps_and_vectors(void **state)
{
	struct spec s = start(1, 5, 7);
	int a = nets_batchnorm(&s, nets_conv(&s, 0, 7, 3));

	(void)state;
	a = nets_activation(&s, a, ACT_TANH);
	a = nets_dense(&s, a, 6);
	check(&s, nets_batchnorm(&s, a));
}

static void batchnorm_right_after_the_images(void **state)
{
	struct spec s = start(3, 5, 5);

	(void)state;
	check(&s, nets_batchnorm(&s, 0));
}

static void layernorm_of_maps_and_vectors(void **state)
{
	(void)state;
	for (int channels = 1; channels <= 33; channels += 8) {
		struct spec s = start(1, 5, 7);
		int a = nets_layernorm(&s, nets_conv(&s, 0, channels, 3));

		a = nets_activation(&s, a, ACT_TANH);
		a = nets_dense(&s, a, 6);
		check(&s, nets_layernorm(&s, a));
	}
}

static void layernorm_right_after_the_images(void **state)
{
	struct spec s = start(3, 5, 5);

	(void)state;
	check(&s, nets_layernorm(&s, 0));
}

static void maxpool_of_odd_and_even_maps(void **state)
{
	(void)state;
	for (int side = 4; side <= 7; side++) {
		struct spec s = start(1, side, 11 - side);
		int a = nets_conv(&s, 0, 7, 2);

		check(&s, nets_maxpool(&s, a));
	}
}

static void avgpool_of_odd_and_even_maps(void **state)
{
	(void)state;
	for (int side = 4; side <= 7; side++) {
		struct spec s = start(1, side, 11 - side);
		int a = nets_conv(&s, 0, 7, 2);

		check(&s, nets_avgpool(&s, a));
	}
}

static void avgpool_right_after_the_images(void **state)
{
	struct spec s = start(3, 5, 4);

	(void)state;
	check(&s, nets_avgpool(&s, nets_conv(&s, nets_avgpool(&s, 0), 18, 1)));
}

static void global_average_is_a_vector(void **state)
{
	struct spec s = start(1, 9, 7);
	int a = nets_shrink(&s, nets_conv(&s, 0, 19, 3), 1, 1);

	(void)state;
	check(&s, nets_dense(&s, a, 5));
}

static void shrink_to_every_size(void **state)
{
	(void)state;
	for (int side = 1; side <= 7; side++) {
		struct spec s = start(2, 7, 9);
		int a = nets_conv(&s, 0, 3, 1);

		check(&s, nets_shrink(&s, a, side, 8 - side));
	}
}

static void dropout_of_maps_and_vectors(void **state)
{
	struct spec s = start(2, 5, 5);
	int a = nets_dropout(&s, nets_conv(&s, 0, 7, 3), 0.3);

	(void)state;
	a = nets_dense(&s, a, 9);
	check(&s, nets_dropout(&s, a, 0.9));
}

static void concat_of_unequal_channels(void **state)
{
	struct spec s = start(1, 5, 7);
	int a = nets_conv(&s, 0, 1, 3), b = nets_conv(&s, 0, 7, 2);

	(void)state;
	a = nets_join(&s, OP_CONCAT, a, b);
	a = nets_join(&s, OP_CONCAT, a, 0);
	check(&s, nets_join(&s, OP_CONCAT, a, nets_conv(&s, a, 18, 1)));
}

static void sum_of_two_maps(void **state)
{
	struct spec s = start(1, 5, 7);
	int a = nets_conv(&s, 0, 7, 3), b = nets_conv(&s, 0, 7, 2);

	(void)state;
	check(&s, nets_join(&s, OP_SUM, a, b));
}

static void residual_blocks_of_every_kind_of_branch(void **state)
{
	(void)state;
	for (int first = 0; first < 2; first++) {
		struct spec s = start(1, 6, 7);
		int a = nets_conv(&s, 0, 7, 3);
		int b = nets_batchnorm(&s, nets_conv(&s, a, 7, 3));
		int c = nets_conv_by(&s, a, 7, 2, 2), d;

		a = nets_join(&s, OP_SUM, first ? a : b, first ? b : a);
		d = nets_dropout(
			&s, nets_maxpool(&s, nets_conv(&s, a, 7, 1)), 0.2);
		d = nets_join(&s, OP_SUM, d, nets_shrink(&s, c, 3, 3));
		check(&s, nets_activation(&s, d, ACT_RELU));
	}
}

static void gradients_of_an_output_used_often_add_up(void **state)
{
	struct spec s = start(2, 5, 5);
	int a = nets_conv(&s, 0, 3, 3), b = nets_conv(&s, a, 3, 3);
	int c = nets_join(&s, OP_SUM, a, b);

	(void)state;
	c = nets_join(&s, OP_CONCAT, c, a);
	check(&s, nets_join(&s, OP_SUM, c, c));
}

static void merge_of_unequal_shapes(void **state)
{
	const enum op joins[] = {OP_CONCAT, OP_SUM};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct spec s = start(2, 9, 7);
		int a = nets_conv(&s, 0, 5, 3), b = nets_maxpool(&s, a);
		int c = nets_conv(&s, b, 4, 2), d = nets_dense(&s, b, 6);
		int e;

		e = nets_merge(&s, joins[i], (const int[]){a, b, c}, 3);
		check(&s, nets_merge(&s, joins[i], (const int[]){d, e}, 2));
	}
}

static void node_that_feeds_nothing_changes_nothing(void **state)
{
	struct spec s = start(2, 5, 5);
	int a = nets_conv(&s, 0, 3, 3);

	(void)state;
	nets_batchnorm(&s, a);
	check(&s, a);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(convolution_of_every_kernel_size),
		cmocka_unit_test(convolution_of_every_stride),
		cmocka_unit_test(strides_that_leave_one_pixel),
		cmocka_unit_test(convolution_of_one_channel),
		cmocka_unit_test(convolution_of_channels_that_fill_vectors),
		cmocka_unit_test(convolution_of_a_single_pixel),
		cmocka_unit_test(dense_of_a_map_and_of_a_vector),
		cmocka_unit_test(every_activation),
		cmocka_unit_test(batchnorm_of_maps_and_vectors),
		cmocka_unit_test(batchnorm_right_after_the_images),
		cmocka_unit_test(layernorm_of_maps_and_vectors),
		cmocka_unit_test(layernorm_right_after_the_images),
		cmocka_unit_test(maxpool_of_odd_and_even_maps),
		cmocka_unit_test(avgpool_of_odd_and_even_maps),
		cmocka_unit_test(avgpool_right_after_the_images),
		cmocka_unit_test(global_average_is_a_vector),
		cmocka_unit_test(shrink_to_every_size),
		cmocka_unit_test(dropout_of_maps_and_vectors),
		cmocka_unit_test(concat_of_unequal_channels),
		cmocka_unit_test(sum_of_two_maps),
		cmocka_unit_test(residual_blocks_of_every_kind_of_branch),
		cmocka_unit_test(gradients_of_an_output_used_often_add_up),
		cmocka_unit_test(merge_of_unequal_shapes),
		cmocka_unit_test(node_that_feeds_nothing_changes_nothing),
	};

	return nets_run(argc, argv, tests);
}
