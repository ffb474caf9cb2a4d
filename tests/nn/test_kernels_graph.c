/* test_kernels_graph.c -- what a class does where maps meet: averages that
 * bring them to one size, sums and strips of channels, against the loops that
 * define them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "buffers.h"
#include "nets.h"
#include "nn/kernels/average.h"
#include "nn/kernels/join.h"

/* A sum of up to 100 numbers. */
#define BOUND 1e-6

#define SEED 1
#define CASES 200
#define SIDE_MAX 12

static const struct kernels *plain(void)
{
	return kernels_find("reference-2", NULL);
}

static size_t between(struct rng *r, size_t least, size_t most)
{
	return least + (size_t)rng_below(r, most - least + 1);
}

/* -- averages -- */

/* Any windows that the contract allows; returns how many there are. */
static size_t draw_windows(struct rng *r, struct average_window *w, size_t side)
{
	size_t n = 0, end = 0;

	do {
		const size_t begun = n > 0 ? w[n - 1].from : 0;

		w[n].from = between(r, begun, end);
		w[n].to = between(r, end + 1, side);
		end = w[n++].to;
	} while (end < side && rng_chance(r, 0.9));
	return n;
}

struct average_case {
	struct average_shape shape;
	struct average_window rows[SIDE_MAX], columns[SIDE_MAX];
	size_t images, channels;
};

static void draw_average(struct rng *r, struct average_case *c)
{
	struct average_shape *s = &c->shape;

	c->images = between(r, 1, 3);
	c->channels = between(r, 1, 40);
	*s = (struct average_shape){
		.height = between(r, 1, SIDE_MAX),
		.width = between(r, 1, SIDE_MAX),
		.stride = kernels_stride(nets_kernels(), (int)c->channels),
		.rows = c->rows,
		.columns = c->columns,
	};
	s->out_height = draw_windows(r, c->rows, s->height);
	s->out_width = draw_windows(r, c->columns, s->width);
}

static void averages_are_those_of_their_windows(void **state)
{
	const struct average_kernels *k = nets_kernels()->average;
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 0, 0);
	for (int i = 0; i < CASES; i++) {
		struct average_case c;
		const struct average_shape *s = &c.shape;
		size_t inputs, outputs;
		float *x, *y, *want;

		draw_average(&r, &c);
		inputs = c.images * s->height * s->width;
		outputs = c.images * s->out_height * s->out_width;
		x = buffer_pixels(&r, inputs, c.channels, s->stride);
		y = buffer_new(outputs * s->stride);
		want = buffer_new(outputs * s->stride);
		k->forward(s, c.images, x, y);
		plain()->average->forward(s, c.images, x, want);
		buffer_compare("average", y, want, outputs * s->stride, BOUND);
		buffer_padding_is_zero(
			"average", y, outputs, c.channels, s->stride);
		buffers_free();
	}
}

static void gradients_go_to_all_of_each_window(void **state)
{
	const struct average_kernels *k = nets_kernels()->average;
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 1, 0);
	for (int i = 0; i < CASES; i++) {
		struct average_case c;
		const struct average_shape *s = &c.shape;
		size_t inputs, outputs;
		float *dy, *dx, *want;

		draw_average(&r, &c);
		inputs = c.images * s->height * s->width;
		outputs = c.images * s->out_height * s->out_width;
		dy = buffer_pixels(&r, outputs, c.channels, s->stride);
		dx = buffer_new(inputs * s->stride);
		want = buffer_new(inputs * s->stride);
		k->backward(s, c.images, dy, dx);
		plain()->average->backward(s, c.images, dy, want);
		buffer_compare("gradient", dx, want, inputs * s->stride, BOUND);
		buffer_padding_is_zero(
			"gradient", dx, inputs, c.channels, s->stride);
		buffers_free();
	}
}

/* -- joins -- */

static void sums_are_exact_and_may_lie_on_an_input(void **state)
{
	const struct join_kernels *k = nets_kernels()->join;
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 2, 0);
	for (int i = 0; i < CASES; i++) {
		const size_t n = between(&r, 1, 40) * nets_kernels()->lanes;
		float *a = buffer_random(&r, n), *b = buffer_random(&r, n);
		float *y = buffer_new(n), *want = buffer_new(n);

		k->sum(n, a, b, y);
		plain()->join->sum(n, a, b, want);
		buffer_compare("sum", y, want, n, 0.0);
		k->sum(n, a, b, i % 2 ? a : b);
		assert_memory_equal(i % 2 ? a : b, y, n * sizeof *y);
		buffers_free();
	}
}

/* From and to any channel; what is neither in the strip nor to be cleared
 * stays as it was. */
static void strips_are_copied_between_any_channels(void **state)
{
	const struct join_kernels *k = nets_kernels()->join;
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 3, 0);
	for (int i = 0; i < CASES; i++) {
		const size_t from = between(&r, 0, 20), to = between(&r, 0, 20);
		const size_t pixels = between(&r, 1, 30);
		const size_t channels = between(&r, 1, 70);
		const size_t zeros = rng_chance(&r, 0.5) ? between(&r, 1, 15)
							 : 0;
		const struct join_strip s = {
			.channels = channels,
			.from_pixel = from + channels + between(&r, 0, 9),
			.to_pixel = to + channels + zeros + between(&r, 0, 9),
			.zeros = zeros,
		};
		const size_t n = pixels * s.to_pixel;
		float *x = buffer_random(&r, pixels * s.from_pixel);
		float *y = buffer_random(&r, n), *want = buffer_copy(y, n);

		k->copy(&s, pixels, x + from, y + to);
		plain()->join->copy(&s, pixels, x + from, want + to);
		buffer_compare("strip", y, want, n, 0.0);
		buffers_free();
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(averages_are_those_of_their_windows),
		cmocka_unit_test(gradients_go_to_all_of_each_window),
		cmocka_unit_test(sums_are_exact_and_may_lie_on_an_input),
		cmocka_unit_test(strips_are_copied_between_any_channels),
	};

	printf("seed %d\n", SEED);
	return nets_run(argc, argv, tests);
}
