/* test_kernels_winograd.c -- Winograd's convolutions of a class against the
 * direct sum, within the bounds that winograd.h states. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "buffers.h"
#include "nets.h"
#include "nn/kernels/direct.h"
#include "nn/kernels/winograd.h"

#define SEED 1
#define CASES 100
#define WORK_MAX 2000000

struct wino_case {
	struct winograd_shape shape;
	size_t images, channels_out;
	char text[96];
};

static double worst_forward, worst_gradient;

static size_t between(struct rng *r, size_t least, size_t most)
{
	return least + (size_t)rng_below(r, most - least + 1);
}

static size_t rounded(size_t channels)
{
	return kernels_stride(nets_kernels(), (int)channels);
}

static size_t pixels_of(const struct winograd_shape *s)
{
	return s->height * s->width;
}

static size_t taps_of(const struct winograd_shape *s)
{
	return (size_t)(s->kernel * s->kernel);
}

static struct wino_case make_case(
	int kernel, size_t side[2], size_t in, size_t out, size_t images)
{
	struct wino_case c = {
		{kernel, side[0], side[1], in, rounded(in), rounded(out)},
		images, out, ""};

	snprintf(c.text, sizeof c.text, "%zu of %zux%zux%zu k%d to %zu", images,
		side[0], side[1], in, kernel, out);
	return c;
}

/* Maps of few tiles, of parts of tiles, and of several blocks of tiles. */
static struct wino_case draw_case(struct rng *r)
{
	const int kernel = rng_chance(r, 0.5) ? 3 : 5;
	size_t side[2] = {between(r, 1, 30), between(r, 1, 30)};
	size_t in = between(r, 1, 40), out = between(r, 1, 40);
	size_t images = between(r, 1, 5), work;

	work = side[0] * side[1] * in * rounded(out) *
	       (size_t)(kernel * kernel);
	while (images > 1 && images * work > WORK_MAX)
		images--;
	return make_case(kernel, side, in, out, images);
}

static struct direct_shape direct_of(const struct winograd_shape *s)
{
	return (struct direct_shape){
		.kernel = (size_t)s->kernel,
		.stride = 1,
		.before = (size_t)s->kernel / 2,
		.spread = 1,
		.height = s->height,
		.width = s->width,
		.out_height = s->height,
		.out_width = s->width,
		.in = s->in,
		.in_stride = s->in_stride,
		.out = s->out,
	};
}

static const struct direct_kernels *plain(void)
{
	return kernels_find("reference-2", NULL)->direct;
}

static float *draw_images(struct rng *r, const struct wino_case *c)
{
	const struct winograd_shape *s = &c->shape;

	return buffer_pixels(r, c->images * pixels_of(s), s->in, s->in_stride);
}

static float *draw_weights(struct rng *r, const struct wino_case *c)
{
	const struct winograd_shape *s = &c->shape;

	return buffer_pixels(r, taps_of(s) * s->in, c->channels_out, s->out);
}

static void check_forward(struct rng *r, const struct wino_case *c)
{
	const struct winograd_kernels *k = nets_kernels()->winograd;
	const struct winograd_shape *s = &c->shape;
	const struct direct_shape d = direct_of(s);
	const size_t n = c->images * pixels_of(s) * s->out;
	float *x = draw_images(r, c), *weights = draw_weights(r, c);
	float *u = buffer_new(36 * s->in * s->out);
	float *given = buffer_pixels(r, 1, c->channels_out, s->out);
	float *bias = rng_chance(r, 0.3) ? NULL : given;
	float *y = buffer_new(n), *want = buffer_new(n);

	k->transform(s, weights, u);
	k->forward(s, c->images, x, u, bias, y, buffer_new(k->scratch(s)));
	plain()->forward(&d, c->images, x, weights, bias, want, NULL);
	buffer_compare(c->text, y, want, n, WINOGRAD_FORWARD_BOUND);
	worst_forward = fmax(worst_forward, buffer_deviation(y, want, n));
	buffer_padding_is_zero(c->text, y, n / s->out, c->channels_out, s->out);
	buffers_free();
}

static void check_gradients(struct rng *r, const struct wino_case *c)
{
	const struct winograd_kernels *k = nets_kernels()->winograd;
	const struct winograd_shape *s = &c->shape;
	const struct direct_shape d = direct_of(s);
	const size_t n = taps_of(s) * s->in * s->out;
	float *x = draw_images(r, c);
	float *dy = buffer_pixels(
		r, c->images * pixels_of(s), c->channels_out, s->out);
	float *du = buffer_pixels(r, 36 * s->in, 0, s->out);
	float *dw = buffer_new(n), *want = buffer_pixels(r, 1, 0, n);
	float *db = buffer_pixels(r, 1, c->channels_out, s->out);
	float *want_db = buffer_copy(db, s->out);

	k->gradients(s, c->images, x, dy, du, db, buffer_new(k->scratch(s)));
	k->weight_gradient(s, du, dw);
	plain()->gradients(&d, c->images, x, dy, want, want_db, NULL);
	buffer_compare(c->text, dw, want, n, WINOGRAD_GRADIENT_BOUND);
	buffer_compare(c->text, db, want_db, s->out, 1e-4);
	worst_gradient = fmax(worst_gradient, buffer_deviation(dw, want, n));
	buffer_padding_is_zero(
		c->text, dw, taps_of(s) * s->in, c->channels_out, s->out);
	buffer_padding_is_zero(c->text, db, 1, c->channels_out, s->out);
	buffers_free();
}

static void forward_is_the_direct_sum_within_the_bound(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 0, 0);
	for (int i = 0; i < CASES; i++) {
		const struct wino_case c = draw_case(&r);

		check_forward(&r, &c);
	}
}

static void gradients_are_the_direct_sums_within_the_bound(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 1, 0);
	for (int i = 0; i < CASES; i++) {
		const struct wino_case c = draw_case(&r);

		check_gradients(&r, &c);
	}
}

/* So many channels that a block has the fewest tiles. */
static void many_channels_stay_within_the_bound(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 2, 0);
	for (int kernel = 3; kernel <= 5; kernel += 2) {
		const struct wino_case c = make_case(
			kernel, (size_t[]){9, 7}, 300, 130, 1);

		check_forward(&r, &c);
		check_gradients(&r, &c);
	}
}

/* The net's chunks change no bit: neither which images a call has, nor where
 * a block of tiles ends. */
static void chunks_have_the_same_bits(void **state)
{
	const struct winograd_kernels *k = nets_kernels()->winograd;
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 3, 0);
	for (int i = 0; i < CASES / 10; i++) {
		const struct wino_case c = draw_case(&r);
		const struct winograd_shape *s = &c.shape;
		const size_t n = 36 * s->in * s->out;
		const size_t image = pixels_of(s) * s->in_stride;
		float *x = draw_images(&r, &c);
		float *dy = buffer_random(&r, c.images * pixels_of(s) * s->out);
		float *du = buffer_random(&r, n), *one = buffer_copy(du, n);
		float *db = buffer_random(&r, s->out);
		float *one_db = buffer_copy(db, s->out);
		float *scratch = buffer_new(k->scratch(s));

		k->gradients(s, c.images, x, dy, du, db, scratch);
		for (size_t j = 0; j < c.images; j++)
			k->gradients(s, 1, x + j * image,
				dy + j * pixels_of(s) * s->out, one, one_db,
				scratch);
		assert_memory_equal(du, one, n * sizeof *du);
		assert_memory_equal(db, one_db, s->out * sizeof *db);
		buffers_free();
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forward_is_the_direct_sum_within_the_bound),
		cmocka_unit_test(
			gradients_are_the_direct_sums_within_the_bound),
		cmocka_unit_test(many_channels_stay_within_the_bound),
		cmocka_unit_test(chunks_have_the_same_bits),
	};
	int status;

	printf("seed %d\n", SEED);
	status = nets_run(argc, argv, tests);
	printf("worst deviation forward %.2g, of gradients %.2g\n",
		worst_forward, worst_gradient);
	return status;
}
