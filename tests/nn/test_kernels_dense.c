/* test_kernels_dense.c -- the dense layers of a class against the loops that
 * define them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "buffers.h"
#include "nets.h"
#include "nn/kernels/dense.h"

/* Sums of up to 1,000 products. */
#define BOUND 1e-5

#define SEED 1
#define CASES 200

struct dense_case {
	struct dense_shape shape;
	size_t images, units;
	char text[64];
};

static const struct dense_kernels *plain(void)
{
	return kernels_find("reference-2", NULL)->dense;
}

/* Inputs in whole vectors, or any number of them; up to the 256 that the
 * products are cut at and beyond. */
static struct dense_case draw_case(struct rng *r, int whole)
{
	const size_t lanes = nets_kernels()->lanes;
	const size_t in = 1 +
			  (size_t)rng_below(r, rng_chance(r, 0.3) ? 1000 : 100);
	struct dense_case c = {.units = 1 + (size_t)rng_below(r, 70),
		.images = 1 + (size_t)rng_below(r, 40)};

	c.shape.in = whole ? (in + lanes - 1) / lanes * lanes : in;
	c.shape.out = kernels_stride(nets_kernels(), (int)c.units);
	snprintf(c.text, sizeof c.text, "%zu of %zu to %zu", c.images,
		c.shape.in, c.units);
	return c;
}

/* The weights (in, out) in the class's order. */
static float *arranged(const struct dense_case *c, const float *weights)
{
	const struct dense_shape *s = &c->shape;
	float *to = buffer_new(s->in * s->out);

	for (size_t i = 0; i < s->in; i++)
		for (size_t o = 0; o < s->out; o++)
			to[nets_kernels()->dense->at(s, i, o)] =
				weights[i * s->out + o];
	return to;
}

static void every_weight_has_a_place_of_its_own(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 0, 0);
	for (int i = 0; i < CASES; i++) {
		const struct dense_case c = draw_case(&r, 0);
		const struct dense_shape *s = &c.shape;
		char *taken = xcalloc(s->in * s->out, 1);

		for (size_t k = 0; k < s->in * s->out; k++) {
			const size_t at = nets_kernels()->dense->at(
				s, k / s->out, k % s->out);

			assert_true(at < s->in * s->out);
			assert_false(taken[at]);
			taken[at] = 1;
		}
		free(taken);
	}
}

static void forward_is_the_product_and_the_bias(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 1, 0);
	for (int i = 0; i < CASES; i++) {
		const struct dense_case c = draw_case(&r, 0);
		const struct dense_shape *s = &c.shape;
		const size_t n = c.images * s->out;
		float *x = buffer_random(&r, c.images * s->in);
		float *weights = buffer_pixels(&r, s->in, c.units, s->out);
		float *bias = buffer_pixels(&r, 1, c.units, s->out);
		float *y = buffer_new(n), *want = buffer_new(n);

		nets_kernels()->dense->forward(
			s, c.images, x, arranged(&c, weights), bias, y);
		plain()->forward(s, c.images, x, weights, bias, want);
		buffer_compare(c.text, y, want, n, BOUND);
		buffer_padding_is_zero(c.text, y, c.images, c.units, s->out);
		buffers_free();
	}
}

static void gradients_are_written_whatever_was_there(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 2, 0);
	for (int i = 0; i < CASES; i++) {
		const struct dense_case c = draw_case(&r, 0);
		const struct dense_shape *s = &c.shape;
		const size_t n = s->in * s->out;
		float *x = buffer_random(&r, c.images * s->in);
		float *dy = buffer_pixels(&r, c.images, c.units, s->out);
		float *dw = buffer_new(n), *want = buffer_new(n);
		float *db = buffer_new(s->out), *want_db = buffer_new(s->out);

		nets_kernels()->dense->gradients(s, c.images, x, dy, dw, db);
		plain()->gradients(s, c.images, x, dy, want, want_db);
		buffer_compare(c.text, dw, arranged(&c, want), n, BOUND);
		buffer_compare(c.text, db, want_db, s->out, BOUND);
		buffer_padding_is_zero(c.text, db, 1, c.units, s->out);
		buffers_free();
	}
}

static void backward_is_the_product_with_the_weights_turned_over(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 3, 0);
	for (int i = 0; i < CASES; i++) {
		const struct dense_case c = draw_case(&r, 1);
		const struct dense_shape *s = &c.shape;
		const size_t n = c.images * s->in;
		float *dy = buffer_pixels(&r, c.images, c.units, s->out);
		float *weights = buffer_pixels(&r, s->in, c.units, s->out);
		float *dx = buffer_new(n), *want = buffer_new(n);

		nets_kernels()->dense->backward(s, c.images, dy,
			arranged(&c, weights),
			buffer_new(2 * nets_kernels()->lanes * s->out), dx);
		plain()->backward(s, c.images, dy, weights, NULL, want);
		buffer_compare(c.text, dx, want, n, BOUND);
		buffers_free();
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_weight_has_a_place_of_its_own),
		cmocka_unit_test(forward_is_the_product_and_the_bias),
		cmocka_unit_test(gradients_are_written_whatever_was_there),
		cmocka_unit_test(
			backward_is_the_product_with_the_weights_turned_over),
	};

	printf("seed %d\n", SEED);
	return nets_run(argc, argv, tests);
}
