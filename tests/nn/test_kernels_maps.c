/* test_kernels_maps.c -- what a class does to maps without weights: pooling,
 * normalization, activations and dropout, against the loops that define them.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "buffers.h"
#include "nets.h"
#include "nn/kernels/activate.h"
#include "nn/kernels/dropout.h"
#include "nn/kernels/norm.h"
#include "nn/kernels/pool.h"

/* A few roundings, and a sum of up to 500 numbers. */
#define BOUND 2e-6

#define SEED 1
#define CASES 200

static const struct kernels *plain(void)
{
	return kernels_find("reference-2", NULL);
}

static size_t between(struct rng *r, size_t least, size_t most)
{
	return least + (size_t)rng_below(r, most - least + 1);
}

/* -- pooling -- */

static struct pool_shape draw_pool(
	struct rng *r, size_t *images, size_t *channels)
{
	*images = between(r, 1, 3);
	*channels = between(r, 1, 40);
	return (struct pool_shape){between(r, 2, 9), between(r, 2, 9),
		kernels_stride(nets_kernels(), (int)*channels)};
}

/* Many equal numbers, so that who comes first matters. */
static void round_off(float *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = p[i] < -0.3f ? -1.0f : p[i] > 0.3f ? 1.0f : 0.0f;
}

static void pooling_and_its_gradient_are_exact(void **state)
{
	const struct pool_kernels *k = nets_kernels()->pool;
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 0, 0);
	for (int i = 0; i < CASES; i++) {
		size_t images, channels;
		const struct pool_shape s = draw_pool(&r, &images, &channels);
		const size_t inputs = images * s.height * s.width;
		const size_t outputs = images * (s.height / 2) * (s.width / 2);
		const size_t in = inputs * s.stride, out = outputs * s.stride;
		float *x = buffer_pixels(&r, inputs, channels, s.stride);
		float *dy = buffer_pixels(&r, outputs, channels, s.stride);
		float *y = buffer_new(out), *want = buffer_new(out);
		float *dx = buffer_new(in), *want_dx = buffer_new(in);
		uint8_t *largest = (uint8_t *)buffer_new(out / 4 + 1);
		uint8_t *want_largest = (uint8_t *)buffer_new(out / 4 + 1);

		if (i % 2)
			round_off(x, in);

		k->forward(&s, images, x, y, largest);
		plain()->pool->forward(&s, images, x, want, want_largest);
		buffer_compare("pooled", y, want, out, 0.0);
		assert_memory_equal(largest, want_largest, out);
		k->backward(&s, images, largest, dy, dx);
		plain()->pool->backward(&s, images, largest, dy, want_dx);
		buffer_compare("gradient of pooling", dx, want_dx, in, 0.0);
		buffer_padding_is_zero(
			"pooled", y, outputs, channels, s.stride);
		buffer_padding_is_zero(
			"gradient of pooling", dx, inputs, channels, s.stride);
		buffers_free();
	}
}

/* -- normalization -- */

static void moments_are_the_mean_and_the_squares_around_it(void **state)
{
	const struct norm_kernels *k = nets_kernels()->norm;
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 1, 0);
	for (int i = 0; i < CASES; i++) {
		const size_t pixels = between(&r, 1, 500);
		const size_t channels = between(&r, 1, 40);
		const size_t n = kernels_stride(nets_kernels(), (int)channels);
		float *x = buffer_pixels(&r, pixels, channels, n);
		float *mean = buffer_new(n), *squares = buffer_new(n);
		float *want_mean = buffer_new(n);
		float *want_squares = buffer_new(n);

		k->moments(pixels, n, x, mean, squares);
		plain()->norm->moments(pixels, n, x, want_mean, want_squares);
		buffer_compare("mean", mean, want_mean, n, BOUND);
		buffer_compare("squares", squares, want_squares, n, BOUND);
		buffer_padding_is_zero("mean", mean, 1, channels, n);
		buffer_padding_is_zero("squares", squares, 1, channels, n);
		buffers_free();
	}
}

static void sums_add_to_what_is_there(void **state)
{
	const struct norm_kernels *k = nets_kernels()->norm;
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 2, 0);
	for (int i = 0; i < CASES; i++) {
		const size_t pixels = between(&r, 1, 500);
		const size_t channels = between(&r, 1, 40);
		const size_t n = kernels_stride(nets_kernels(), (int)channels);
		float *dy = buffer_pixels(&r, pixels, channels, n);
		float *x = buffer_pixels(&r, pixels, channels, n);
		float *mean = buffer_pixels(&r, 1, channels, n);
		float *sum = buffer_pixels(&r, 1, channels, n);
		float *products = buffer_pixels(&r, 1, channels, n);
		float *want_sum = buffer_copy(sum, n);
		float *want_products = buffer_copy(products, n);

		k->sums(pixels, n, dy, x, mean, sum, products);
		plain()->norm->sums(
			pixels, n, dy, x, mean, want_sum, want_products);
		buffer_compare("sum", sum, want_sum, n, 10 * BOUND);
		buffer_compare(
			"products", products, want_products, n, 10 * BOUND);
		buffer_padding_is_zero("sum", sum, 1, channels, n);
		buffer_padding_is_zero("products", products, 1, channels, n);
		buffers_free();
	}
}

static void normalization_and_its_gradient_go_pixel_by_pixel(void **state)
{
	const struct norm_kernels *k = nets_kernels()->norm;
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 3, 0);
	for (int i = 0; i < CASES; i++) {
		const size_t pixels = between(&r, 1, 60);
		const size_t channels = between(&r, 1, 40);
		const size_t c = kernels_stride(nets_kernels(), (int)channels);
		const size_t n = pixels * c;
		float *x = buffer_pixels(&r, pixels, channels, c);
		float *dy = buffer_pixels(&r, pixels, channels, c);
		float *mean = buffer_pixels(&r, 1, channels, c);
		float *scale = buffer_pixels(&r, 1, channels, c);
		float *shift = buffer_pixels(&r, 1, channels, c);
		float *slope = buffer_pixels(&r, 1, channels, c);
		float *y = buffer_new(n), *dx = buffer_new(n);
		float *want = buffer_new(n), *want_dx = buffer_new(n);
		const struct norm_slope factors = {scale, shift, slope};

		k->apply(pixels, c, x, mean, scale, shift, y);
		plain()->norm->apply(pixels, c, x, mean, scale, shift, want);
		buffer_compare("normalized", y, want, n, BOUND);
		buffer_padding_is_zero("normalized", y, pixels, channels, c);

		k->backward(pixels, c, dy, x, mean, &factors, dx);
		plain()->norm->backward(
			pixels, c, dy, x, mean, &factors, want_dx);
		buffer_compare(
			"gradient of normalization", dx, want_dx, n, BOUND);
		buffer_padding_is_zero(
			"gradient of normalization", dx, pixels, channels, c);

		k->backward_joint(pixels, c, dy, x, mean, &factors, dx);
		plain()->norm->backward_joint(
			pixels, c, dy, x, mean, &factors, want_dx);
		buffer_compare("joint gradient", dx, want_dx, n, BOUND);
		buffer_padding_is_zero(
			"joint gradient", dx, pixels, channels, c);
		buffers_free();
	}
}

/* -- activations -- */

static void scale_by(float *p, size_t n, float factor)
{
	for (size_t i = 0; i < n; i++)
		p[i] *= factor;
}

/* Out of place and in place, for small and for large arguments. */
static void check_activation(struct rng *r, enum activation a, float range)
{
	const struct activation_kernels *k = nets_kernels()->activation;
	const size_t n = between(r, 1, 200);
	float *x = buffer_random(r, n), *dy = buffer_random(r, n);
	float *y = buffer_new(n), *dx = buffer_new(n);
	float *want = buffer_new(n), *want_dx = buffer_new(n), *kept;

	scale_by(x, n, range);
	k->forward[a](x, y, n);
	plain()->activation->forward[a](x, want, n);
	buffer_compare(activation_name(a), y, want, n, BOUND);
	kept = activation_is_monotonic(a) ? y : x;
	k->backward[a](kept, dy, dx, n);
	plain()->activation->backward[a](kept, dy, want_dx, n);
	buffer_compare(activation_name(a), dx, want_dx, n, BOUND);
	k->backward[a](kept, dy, dy, n);
	assert_memory_equal(dy, dx, n * sizeof *dx);
	k->forward[a](x, x, n);
	assert_memory_equal(x, y, n * sizeof *x);
	buffers_free();
}

static void activations_and_their_slopes(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 4, 0);
	for (int i = 0; i < CASES; i++)
		for (int a = 0; a < ACT_COUNT; a++) {
			check_activation(&r, (enum activation)a, 2.0f);
			check_activation(&r, (enum activation)a, 200.0f);
		}
}

/* In steps of 0.01, which even a float's rounding does not turn round. */
static void monotonic_is_what_never_falls(void **state)
{
	const struct activation_kernels *k = nets_kernels()->activation;

	(void)state;
	for (int a = 0; a < ACT_COUNT; a++) {
		float before = -INFINITY, y;
		int falls = 0;

		for (int i = -2000; i <= 2000; i++) {
			const float x = (float)i / 100.0f;

			k->forward[a](&x, &y, 1);
			falls |= y < before;
			before = y;
		}
		assert_int_equal(
			falls, !activation_is_monotonic((enum activation)a));
	}
}

/* A network that diverged must not look healthy behind a ReLU. */
static void what_a_nan_touches_is_a_nan(void **state)
{
	const struct activation_kernels *k = nets_kernels()->activation;
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 5, 0);
	for (int a = 0; a < ACT_COUNT; a++)
		for (size_t at = 0; at < 40; at++) {
			float *x = buffer_random(&r, 40), *y = buffer_new(40);

			x[at] = NAN;
			k->forward[a](x, y, 40);
			for (size_t i = 0; i < 40; i++)
				assert_int_equal(isnan(y[i]) != 0, i == at);
			buffers_free();
		}
}

/* -- dropout -- */

static void dropout_keeps_what_the_draws_of_positions_keep(void **state)
{
	const struct dropout_kernels *k = nets_kernels()->dropout;
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 6, 0);
	for (int i = 0; i < CASES; i++) {
		const uint32_t key = (uint32_t)rng_u64(&r);
		const uint32_t first = (uint32_t)rng_u64(&r);
		const size_t n = between(&r, 1, 300);
		/* Often a draw itself, which is not below it. */
		const uint32_t threshold = i % 2 ? rng_mix32(key + first +
							     (uint32_t)n / 2)
						 : (uint32_t)rng_u64(&r);
		float *x = buffer_random(&r, n);
		float *y = buffer_new(n), *want = buffer_new(n);

		k->apply(key, first, threshold, 1.25f, n, x, y);
		plain()->dropout->apply(
			key, first, threshold, 1.25f, n, x, want);
		buffer_compare("dropout", y, want, n, 0.0);
		k->apply(key, first, threshold, 1.25f, n, x, x);
		assert_memory_equal(x, y, n * sizeof *x);
		buffers_free();
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pooling_and_its_gradient_are_exact),
		cmocka_unit_test(
			moments_are_the_mean_and_the_squares_around_it),
		cmocka_unit_test(sums_add_to_what_is_there),
		cmocka_unit_test(
			normalization_and_its_gradient_go_pixel_by_pixel),
		cmocka_unit_test(activations_and_their_slopes),
		cmocka_unit_test(monotonic_is_what_never_falls),
		cmocka_unit_test(what_a_nan_touches_is_a_nan),
		cmocka_unit_test(
			dropout_keeps_what_the_draws_of_positions_keep),
	};

	printf("seed %d\n", SEED);
	return nets_run(argc, argv, tests);
}
