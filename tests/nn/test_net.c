/* test_net.c -- seeds and bits, tensors by name, short batches, memory. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "nets.h"

#define CLASSES 4
#define BATCH 5
#define PIXELS (2 * 7 * 6)

/* Every op that a genome can hold, in a graph. */
static struct spec everything(void)
{
	struct spec s;
	int a, b;

	spec_init(&s, (struct shape){2, 7, 6}, CLASSES);
	a = nets_batchnorm(&s, nets_conv(&s, 0, 9, 4));
	a = nets_maxpool(&s, nets_activation(&s, a, ACT_SELU));
	b = nets_dropout(&s, nets_conv(&s, 0, 5, 3), 0.25);
	a = nets_merge(&s, OP_SUM, (const int[]){a, b}, 2);
	a = nets_merge(&s, OP_CONCAT, (const int[]){a, b}, 2);
	nets_dense(&s, nets_dense(&s, a, 13), CLASSES);
	return s;
}

static struct net *fresh(struct spec *s, int batch, uint64_t seed)
{
	struct err e = {0};
	struct rng r;
	struct net *n;

	rng_stream(&r, seed, 0, 0);
	assert_int_equal(spec_check(s, &e), 0);
	n = net_new(s, batch, nets_kernels(), &r, &e);
	assert_non_null(n);
	return n;
}

static void draw_batch(float *images, int32_t *labels, struct rng *r)
{
	for (int i = 0; i < BATCH * PIXELS; i++)
		images[i] = (float)(rng_unit(r) - 0.5);
	for (int i = 0; i < BATCH; i++)
		labels[i] = (int32_t)rng_below(r, CLASSES);
}

/* Trains a fresh net for a few steps, short ones among them, and hashes all
 * that it then holds. */
static uint64_t trained_hash(uint64_t seed)
{
	struct spec s = everything();
	struct net *n = fresh(&s, BATCH, seed);
	float images[BATCH * PIXELS];
	int32_t labels[BATCH];
	uint64_t hash = 1469598103934665603u;
	size_t correct = 0;
	struct rng r;

	rng_stream(&r, 99, 0, 0);
	net_optimizer(n, OPT_ADAM, &(struct recipe){0});
	for (size_t step = 0; step < 6; step++) {
		draw_batch(images, labels, &r);
		nets_backward(n, &s, images,
			&(struct net_step){
				BATCH - step % 3, labels, &r, 0, NULL},
			&correct);
		net_update(n, 0.01);
	}
	for (size_t i = 0; i < net_tensor_count(n); i++) {
		struct net_tensor t;
		float *values;

		net_tensor(n, i, &t);
		values = xcalloc(t.count, sizeof *values);
		net_tensor_read(n, i, values);
		for (size_t k = 0; k < t.count * sizeof *values; k++)
			hash = (hash ^ ((unsigned char *)values)[k]) *
			       1099511628211u;
		free(values);
	}
	net_free(n);
	return hash;
}

static void same_seed_gives_the_same_bits(void **state)
{
	(void)state;
	assert_true(trained_hash(1) == trained_hash(1));
}

static void another_seed_gives_other_bits(void **state)
{
	(void)state;
	assert_true(trained_hash(1) != trained_hash(2));
}

static void initial_values_keep_to_their_bound(void **state)
{
	struct spec s = everything();
	struct net *n = fresh(&s, 1, 5);
	float values[9 * 2 * 4 * 4], most = 0;

	(void)state;
	net_tensor_read(n, 0, values);
	for (int i = 0; i < 9 * 2 * 4 * 4; i++)
		most = fmaxf(most, fabsf(values[i]));
	/* The fan in is 2 * 4 * 4; 288 draws come close to the bound. */
	assert_true(most <= 1 / sqrtf(32) && most > 0.9f / sqrtf(32));
	net_free(n);
}

static void initial_values_do_not_depend_on_the_batch(void **state)
{
	struct spec s = everything();
	struct net *a = fresh(&s, 1, 5), *b = fresh(&s, 31, 5);
	float one[288], other[288];

	(void)state;
	net_tensor_read(a, 0, one);
	net_tensor_read(b, 0, other);
	assert_memory_equal(one, other, sizeof one);
	net_free(a);
	net_free(b);
}

static void tensors_have_the_names_and_shapes_of_other_tools(void **state)
{
	struct spec s = everything();
	struct net *n = fresh(&s, 1, 5);
	struct net_tensor t;

	(void)state;
	net_tensor(n, 0, &t);
	assert_string_equal(t.name, "node1.weight");
	assert_int_equal(t.ndims, 4);
	assert_int_equal(t.dims[0], 9);
	assert_int_equal(t.dims[1], 2);
	assert_int_equal(t.dims[2], 4);
	assert_int_equal(t.dims[3], 4);
	assert_int_equal(t.count, 288);
	net_tensor(n, 1, &t);
	assert_string_equal(t.name, "node1.bias");
	net_tensor(n, 4, &t);
	assert_string_equal(t.name, "node2.running_mean");
	assert_int_equal(t.count, 9);
	net_tensor(n, net_tensor_count(n) - 2, &t);
	assert_int_equal(t.ndims, 2);
	assert_int_equal(t.dims[0], CLASSES);
	assert_int_equal(t.dims[1], 13);
	net_free(n);
}

static void written_tensors_are_read_back_and_used(void **state)
{
	struct spec s = everything();
	struct net *a = fresh(&s, BATCH, 5), *b = fresh(&s, BATCH, 6);
	float images[BATCH * PIXELS], x[BATCH * CLASSES], y[BATCH * CLASSES];
	int32_t labels[BATCH];
	struct rng r;

	(void)state;
	rng_stream(&r, 9, 0, 0);
	draw_batch(images, labels, &r);
	nets_forward(a, &s, images, BATCH, x);
	nets_forward(b, &s, images, BATCH, y);
	assert_memory_not_equal(x, y, sizeof x);
	for (size_t i = 0; i < net_tensor_count(a); i++) {
		struct net_tensor t;
		float *from, *to;

		net_tensor(a, i, &t);
		from = xcalloc(t.count, sizeof *from);
		to = xcalloc(t.count, sizeof *to);
		net_tensor_read(a, i, from);
		net_tensor_write(b, i, from);
		net_tensor_read(b, i, to);
		assert_memory_equal(from, to, t.count * sizeof *to);
		free(from);
		free(to);
	}
	nets_forward(b, &s, images, BATCH, y);
	assert_memory_equal(x, y, sizeof x);
	net_free(a);
	net_free(b);
}

/* One weight alone is 1: the logit is the pixel that it belongs to. */
static void dense_after_a_map_is_seen_in_chw_order(void **state)
{
	enum { FLOATS = 3 * 2 * 5 };
	float images[FLOATS], logits[2], weight[2 * FLOATS] = {0};
	const float bias[2] = {0};
	struct spec s;
	struct net *n;

	(void)state;
	spec_init(&s, (struct shape){3, 2, 5}, 2);
	nets_dense(&s, 0, 2);
	n = fresh(&s, 1, 1);
	net_tensor_write(n, 1, bias);
	for (int i = 0; i < FLOATS; i++)
		images[i] = (float)(i + 1);
	for (int i = 0; i < FLOATS; i++) {
		weight[FLOATS + i] = 1;
		net_tensor_write(n, 0, weight);
		weight[FLOATS + i] = 0;
		nets_forward(n, &s, images, 1, logits);
		assert_true(logits[0] == 0.0f && logits[1] == images[i]);
	}
	net_free(n);
}

/* Fails unless both hold the same, but for running statistics. */
static void assert_same_parameters(const struct net *a, const struct net *b)
{
	for (size_t i = 0; i < net_tensor_count(a); i++) {
		struct net_tensor t;
		float *of_a, *of_b;

		net_tensor(a, i, &t);
		if (strstr(t.name, ".running_"))
			continue;
		of_a = xcalloc(t.count, sizeof *of_a);
		of_b = xcalloc(t.count, sizeof *of_b);
		net_tensor_read(a, i, of_a);
		net_tensor_read(b, i, of_b);
		assert_memory_equal(of_a, of_b, t.count * sizeof *of_a);
		free(of_a);
		free(of_b);
	}
}

/* What an earlier, longer batch left behind must not matter, even if it is not
 * finite. */
static void short_batch_sees_its_own_images_only(void **state)
{
	struct spec s = everything();
	struct net *used = fresh(&s, BATCH, 5), *unused = fresh(&s, BATCH, 5);
	float images[BATCH * PIXELS], other[BATCH * PIXELS];
	float logits[BATCH * CLASSES];
	int32_t labels[BATCH], other_labels[BATCH];
	size_t correct = 0;
	struct rng r, same;

	(void)state;
	rng_stream(&r, 9, 0, 0);
	draw_batch(images, labels, &r);
	draw_batch(other, other_labels, &r);
	nets_backward(used, &s, other,
		&(struct net_step){BATCH, other_labels, &r, 0, NULL}, &correct);
	other[4 * PIXELS] = INFINITY;
	nets_forward(used, &s, other, BATCH, logits);
	same = r;
	nets_backward(used, &s, images,
		&(struct net_step){2, labels, &r, 0, NULL}, &correct);
	nets_backward(unused, &s, images,
		&(struct net_step){2, labels, &same, 0, NULL}, &correct);
	nets_put_gradients(used);
	nets_put_gradients(unused);
	assert_same_parameters(used, unused);
	net_free(used);
	net_free(unused);
}

/* The gradient of a convolution's bias for one image of equal pixels. */
static float bias_gradient(int side, int pool)
{
	const float image[4] = {1, 1, 1, 1};
	const int32_t label = 1;
	struct spec s;
	struct net *n;
	size_t correct = 0;
	float gradient;
	int a;

	spec_init(&s, (struct shape){1, side, side}, 2);
	a = nets_conv(&s, 0, 1, 1);
	nets_dense(&s, pool ? nets_maxpool(&s, a) : a, 2);
	n = fresh(&s, 1, 7);
	nets_backward(n, &s, image,
		&(struct net_step){1, &label, NULL, 0, NULL}, &correct);
	nets_put_gradients(n);
	net_tensor_read(n, 1, &gradient);
	net_free(n);
	return gradient;
}

/* Four equal pixels pooled are one pixel to everything before them. */
static void gradient_of_a_tie_goes_to_one_input(void **state)
{
	(void)state;
	assert_true(fabsf(bias_gradient(1, 0)) > 1e-3f);
	assert_true(fabsf(bias_gradient(2, 1) - bias_gradient(1, 0)) < 1e-6f);
}

static void first_of_equal_logits_is_the_answer(void **state)
{
	const float weight[4] = {0}, bias[3][2] = {{1, 1}, {1, 2}, {2, 1}};
	const size_t want[3][2] = {{1, 0}, {0, 1}, {1, 0}};
	const float images[2] = {1, 1};
	struct spec s;
	struct net *n;

	(void)state;
	spec_init(&s, (struct shape){2, 1, 1}, 2);
	nets_dense(&s, 0, 2);
	n = fresh(&s, 1, 1);
	net_tensor_write(n, 0, weight);
	for (int i = 0; i < 3; i++)
		for (int32_t label = 0; label < 2; label++) {
			size_t correct = 0;

			net_tensor_write(n, 1, bias[i]);
			nets_backward(n, &s, images,
				&(struct net_step){1, &label, NULL, 0, NULL},
				&correct);
			assert_int_equal(correct, want[i][label]);
		}
	net_free(n);
}

/* The variance of a single value is 0, and its unbiased one does not exist. */
static void single_value_in_batchnorm_gives_no_nan(void **state)
{
	struct spec s;
	struct net *n;
	const float image = 3;
	const int32_t label = 1;
	size_t correct = 0;

	(void)state;
	spec_init(&s, (struct shape){1, 1, 1}, 2);
	nets_dense(&s, nets_batchnorm(&s, nets_conv(&s, 0, 3, 3)), 2);
	n = fresh(&s, 4, 1);
	assert_true(isfinite(nets_backward(n, &s, &image,
		&(struct net_step){1, &label, NULL, 0, NULL}, &correct)));
	assert_true(net_is_finite(n));
	net_free(n);
}

static void nan_is_never_a_right_answer(void **state)
{
	struct spec s;
	struct net *n;
	const float image = NAN;
	const int32_t label = 0;
	size_t correct = 0;

	(void)state;
	spec_init(&s, (struct shape){1, 1, 1}, 2);
	nets_dense(&s, nets_activation(&s, 0, ACT_RELU), 2);
	n = fresh(&s, 1, 1);
	assert_true(isnan(nets_backward(n, &s, &image,
		&(struct net_step){1, &label, NULL, 0, NULL}, &correct)));
	assert_int_equal(correct, 0);
	net_free(n);
}

static void parameter_that_is_no_number_is_found(void **state)
{
	struct spec s = everything();
	struct net *n = fresh(&s, 1, 1);
	const float bias[9] = {0, 0, INFINITY};

	(void)state;
	assert_true(net_is_finite(n));
	net_tensor_write(n, 1, bias);
	assert_false(net_is_finite(n));
	net_free(n);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_seed_gives_the_same_bits),
		cmocka_unit_test(another_seed_gives_other_bits),
		cmocka_unit_test(initial_values_keep_to_their_bound),
		cmocka_unit_test(initial_values_do_not_depend_on_the_batch),
		cmocka_unit_test(
			tensors_have_the_names_and_shapes_of_other_tools),
		cmocka_unit_test(written_tensors_are_read_back_and_used),
		cmocka_unit_test(dense_after_a_map_is_seen_in_chw_order),
		cmocka_unit_test(short_batch_sees_its_own_images_only),
		cmocka_unit_test(gradient_of_a_tie_goes_to_one_input),
		cmocka_unit_test(first_of_equal_logits_is_the_answer),
		cmocka_unit_test(single_value_in_batchnorm_gives_no_nan),
		cmocka_unit_test(nan_is_never_a_right_answer),
		cmocka_unit_test(parameter_that_is_no_number_is_found),
	};

	return nets_run(argc, argv, tests);
}
