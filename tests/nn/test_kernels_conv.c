/* test_kernels_conv.c -- the direct convolutions of a class against the loops
 * that define them, over random sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "buffers.h"
#include "nets.h"
#include "nn/kernels/direct.h"

/* A sum of up to 2,000 products, or of the pixels of a few images. */
#define BOUND 2e-5

#define SEED 1
#define CASES 400

/* Multiplications that the plain loops are asked for at most. */
#define WORK_MAX 3000000

struct conv_case {
	struct direct_shape shape;
	size_t images, channels_out;
	char text[128];
};

static size_t between(struct rng *r, size_t least, size_t most)
{
	return least + (size_t)rng_below(r, most - least + 1);
}

/* Few, odd, and enough for several vectors. */
static size_t draw_channels(struct rng *r)
{
	static const size_t often[] = {1, 3, 7, 16, 33};
	const size_t k = between(r, 0, 7);

	return k < 5 ? often[k] : between(r, 1, 50);
}

static size_t rounded(size_t channels)
{
	return kernels_stride(nets_kernels(), (int)channels);
}

/* The shape of a layer, or of what brings its gradient back to its input. */
static struct direct_shape draw_shape(struct rng *r, size_t in, size_t out)
{
	const size_t kernel = between(r, 1, 11), step = between(r, 1, 4);
	const size_t before = (kernel - 1) / 2;
	const size_t height = between(r, 1, 12), width = between(r, 1, 12);
	const size_t half = (height + step - 1) / step;
	const size_t wide = (width + step - 1) / step;
	struct direct_shape s = {.kernel = kernel,
		.stride = step,
		.before = before,
		.spread = 1,
		.height = height,
		.width = width,
		.out_height = half,
		.out_width = wide,
		.in = in,
		.in_stride = rng_chance(r, 0.3) ? in : rounded(in),
		.out = rounded(out)};

	if (rng_chance(r, 0.5))
		return s;
	s.before = kernel - 1 - before;
	s.stride = 1;
	s.spread = step;
	s.height = half;
	s.width = wide;
	s.out_height = height;
	s.out_width = width;
	return s;
}

static size_t weights_of(const struct direct_shape *s)
{
	return s->kernel * s->kernel * s->in * s->out;
}

static size_t outputs_of(const struct direct_shape *s)
{
	return s->out_height * s->out_width;
}

/* Enough for a block of rows where images are the rows. */
static size_t draw_images_count(struct rng *r, const struct direct_shape *s)
{
	return between(r, 1, s->height * s->width < 40 ? 14 : 3);
}

static struct conv_case draw_case(struct rng *r)
{
	const size_t in = draw_channels(r), out = draw_channels(r);
	struct conv_case c = {
		.shape = draw_shape(r, in, out), .channels_out = out};
	const struct direct_shape *s = &c.shape;

	c.images = draw_images_count(r, s);
	while (c.images > 1 &&
		c.images * outputs_of(s) * weights_of(s) > WORK_MAX)
		c.images--;
	snprintf(c.text, sizeof c.text,
		"%zu of %zux%zux%zu (%zu a pixel) k%zu/%zu spread %zu to "
		"%zux%zux%zu",
		c.images, s->height, s->width, s->in, s->in_stride, s->kernel,
		s->stride, s->spread, s->out_height, s->out_width,
		c.channels_out);
	return c;
}

static struct conv_case next_case(struct rng *r)
{
	struct conv_case c;

	do
		c = draw_case(r);
	while (outputs_of(&c.shape) * weights_of(&c.shape) > WORK_MAX);
	return c;
}

static const struct direct_kernels *plain(void)
{
	return kernels_find("reference-2", NULL)->direct;
}

static float *draw_images(struct rng *r, const struct conv_case *c)
{
	const struct direct_shape *s = &c->shape;

	return buffer_pixels(
		r, c->images * s->height * s->width, s->in, s->in_stride);
}

static float *draw_outputs(struct rng *r, const struct conv_case *c)
{
	return buffer_pixels(r, c->images * outputs_of(&c->shape),
		c->channels_out, c->shape.out);
}

static float *draw_weights(struct rng *r, const struct conv_case *c)
{
	return buffer_pixels(r, weights_of(&c->shape) / c->shape.out,
		c->channels_out, c->shape.out);
}

static void check_forward(struct rng *r, const struct conv_case *c,
	const struct direct_kernels *k)
{
	const struct direct_shape *s = &c->shape;
	const size_t n = c->images * outputs_of(s) * s->out;
	float *x = draw_images(r, c), *weights = draw_weights(r, c);
	float *packed = buffer_new(weights_of(s));
	float *given = buffer_pixels(r, 1, c->channels_out, s->out);
	float *bias = rng_chance(r, 0.3) ? NULL : given;
	float *scratch = buffer_new(k->scratch(s));
	float *y = buffer_new(n), *want = buffer_new(n);

	k->pack(s, weights, packed);
	k->forward(s, c->images, x, packed, bias, y, scratch);
	plain()->forward(s, c->images, x, weights, bias, want, NULL);
	buffer_compare(c->text, y, want, n, BOUND);
	buffer_padding_is_zero(c->text, y, n / s->out, c->channels_out, s->out);
	buffers_free();
}

static void check_gradients(struct rng *r, const struct conv_case *c)
{
	const struct direct_kernels *k = nets_kernels()->direct;
	const struct direct_shape *s = &c->shape;
	const size_t n = weights_of(s);
	float *x = draw_images(r, c), *dy = draw_outputs(r, c);
	float *dw = draw_weights(r, c), *want = buffer_copy(dw, n);
	float *db = buffer_pixels(r, 1, c->channels_out, s->out);
	float *want_db = buffer_copy(db, s->out);
	float *scratch = buffer_new(k->scratch(s));

	k->gradients(s, c->images, x, dy, dw, db, scratch);
	plain()->gradients(s, c->images, x, dy, want, want_db, NULL);
	buffer_compare(c->text, dw, want, n, BOUND);
	buffer_compare(c->text, db, want_db, s->out, BOUND);
	buffer_padding_is_zero(
		c->text, dw, n / s->out, c->channels_out, s->out);
	buffer_padding_is_zero(c->text, db, 1, c->channels_out, s->out);
	buffers_free();
}

static void forward_is_the_sum_over_the_window(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 0, 0);
	for (int i = 0; i < CASES; i++) {
		const struct conv_case c = next_case(&r);

		check_forward(&r, &c, nets_kernels()->direct);
		if (c.shape.stride == 1)
			check_forward(&r, &c, nets_kernels()->spread);
	}
}

static void gradients_add_to_what_is_there(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 1, 0);
	for (int i = 0; i < CASES; i++) {
		const struct conv_case c = next_case(&r);

		check_gradients(&r, &c);
	}
}

/* Images one by one, or all in one call: the net's chunks change no bit. */
static void gradients_of_chunks_have_the_same_bits(void **state)
{
	const struct direct_kernels *k = nets_kernels()->direct;
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 2, 0);
	for (int i = 0; i < CASES / 10; i++) {
		const struct conv_case c = next_case(&r);
		const struct direct_shape *s = &c.shape;
		const size_t image = s->height * s->width * s->in_stride;
		const size_t n = weights_of(s);
		float *x = draw_images(&r, &c), *dy = draw_outputs(&r, &c);
		float *dw = draw_weights(&r, &c), *one = buffer_copy(dw, n);
		float *db = buffer_random(&r, s->out);
		float *one_db = buffer_copy(db, s->out);
		float *scratch = buffer_new(k->scratch(s));

		k->gradients(s, c.images, x, dy, dw, db, scratch);
		for (size_t j = 0; j < c.images; j++)
			k->gradients(s, 1, x + j * image,
				dy + j * outputs_of(s) * s->out, one, one_db,
				scratch);
		assert_memory_equal(dw, one, n * sizeof *dw);
		assert_memory_equal(db, one_db, s->out * sizeof *db);
		buffers_free();
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forward_is_the_sum_over_the_window),
		cmocka_unit_test(gradients_add_to_what_is_there),
		cmocka_unit_test(gradients_of_chunks_have_the_same_bits),
	};

	printf("seed %d\n", SEED);
	return nets_run(argc, argv, tests);
}
