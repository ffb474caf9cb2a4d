/* test_chunks.c -- nets that are built by plans: random graphs compute what the
 * reference does, and no choice of chunks changes a bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "graphs.h"
#include "nets.h"
#include "nn/kernels/kernels.h"
#include "nn/plan.h"

#define SEED 1
#define NODES 24
#define CLASSES 4

static void random_graphs_compute_what_the_reference_does(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 8, 0);
	for (int i = 0; i < 60; i++) {
		struct spec s = graphs_draw(
			&r, 1 + (int)rng_below(&r, NODES), CLASSES);

		nets_check(&s, 4, 4);
	}
}

#define IMAGES 6
#define SIDE 8
#define DEAD 3

/* A net of several stages; each first has convolutions that feed nothing and
 * so change nothing but how many images fit the cache. */
static struct spec with_dead_weight(int filters, char dead[SPEC_NODES_MAX])
{
	struct spec s;
	int a = 0, b;

	spec_init(&s, (struct shape){3, SIDE, SIDE}, CLASSES);
	for (int stage = 0; stage < 3; stage++) {
		for (int i = 0; i < DEAD; i++)
			dead[nets_conv(&s, a, filters, 1)] = 1;
		b = nets_conv(&s, a, 9, 3 + stage);
		b = nets_activation(&s, b, ACT_RELU);
		b = nets_dropout(&s, nets_conv(&s, b, 9, 1), 0.25);
		a = nets_batchnorm(&s, stage ? nets_join(&s, OP_SUM, a, b) : b);
	}
	nets_dense(&s, nets_maxpool(&s, a), CLASSES);
	return s;
}

static int is_dead(const struct net_tensor *t, const char *dead)
{
	return dead[atoi(t->name + strlen("node"))];
}

/* Copies all tensors that count. */
static void copy_tensors(
	struct net *to, const struct net *from, const char *dead)
{
	for (size_t i = 0; i < net_tensor_count(from); i++) {
		struct net_tensor t;
		float *values;

		net_tensor(from, i, &t);
		if (is_dead(&t, dead))
			continue;
		values = xcalloc(t.count, sizeof *values);
		net_tensor_read(from, i, values);
		net_tensor_write(to, i, values);
		free(values);
	}
}

static void assert_same_tensors(
	const struct net *a, const struct net *b, const char *dead)
{
	for (size_t i = 0; i < net_tensor_count(a); i++) {
		struct net_tensor t;
		float *of_a, *of_b;

		net_tensor(a, i, &t);
		if (is_dead(&t, dead))
			continue;
		of_a = xcalloc(t.count, sizeof *of_a);
		of_b = xcalloc(t.count, sizeof *of_b);
		net_tensor_read(a, i, of_a);
		net_tensor_read(b, i, of_b);
		if (memcmp(of_a, of_b, t.count * sizeof *of_a) != 0)
			fail_msg("%s differs", t.name);
		free(of_a);
		free(of_b);
	}
}

static void train_a_step(struct net *n, const struct spec *s,
	const float *images, const int32_t *labels)
{
	size_t correct = 0;
	struct rng dropout;

	rng_stream(&dropout, SEED, 10, 0);
	nets_backward(n, s, images,
		&(struct net_step){
			.n = IMAGES, .labels = labels, .dropout = &dropout},
		&correct);
	net_optimizer(n, OPT_SGD, &(struct recipe){0});
	net_update(n, 0.5);
}

static void assert_chunks(const struct spec *s, size_t want)
{
	static struct plan p;

	plan_make(&p, s, IMAGES, nets_kernels()->lanes);
	assert_true(p.n_stages >= 4);
	for (int i = 0; i < 3; i++)
		assert_int_equal(p.stages[i].chunk, want);
}

static float *draw_images(void)
{
	float *images = xcalloc(IMAGES * 3 * SIDE * SIDE, sizeof *images);
	struct rng r;

	rng_stream(&r, SEED, 9, 0);
	for (int i = 0; i < IMAGES * 3 * SIDE * SIDE; i++)
		images[i] = (float)(2 * rng_unit(&r) - 1);
	return images;
}

static void chunks_of_one_image_make_the_bits_of_the_whole_batch(void **state)
{
	static const int32_t labels[IMAGES] = {0, 1, 2, 3, 0, 1};
	char dead[SPEC_NODES_MAX] = {0};
	struct spec whole = with_dead_weight(1, dead);
	struct spec single = with_dead_weight(512, dead);
	struct net *a = nets_new(&whole, IMAGES, SEED);
	struct net *b = nets_new(&single, IMAGES, SEED);
	float *images = draw_images();

	(void)state;
	assert_chunks(&whole, IMAGES);
	assert_chunks(&single, 1);
	copy_tensors(b, a, dead);
	for (int i = 0; i < 3; i++) {
		train_a_step(a, &whole, images, labels);
		train_a_step(b, &single, images, labels);
		assert_same_tensors(a, b, dead);
	}
	net_free(a);
	net_free(b);
	free(images);
}

static void an_image_alone_has_the_logits_it_has_in_a_batch(void **state)
{
	char dead[SPEC_NODES_MAX] = {0};
	struct spec s = with_dead_weight(1, dead);
	struct net *batch = nets_new(&s, IMAGES, SEED);
	struct net *alone = nets_new(&s, 1, SEED);
	float *images = draw_images(), one[CLASSES];
	float all[IMAGES * CLASSES];

	(void)state;
	nets_forward(batch, &s, images, IMAGES, all);
	for (int i = 0; i < IMAGES; i++) {
		nets_forward(alone, &s, images + i * 3 * SIDE * SIDE, 1, one);
		assert_memory_equal(one, all + i * CLASSES, sizeof one);
	}
	net_free(batch);
	net_free(alone);
	free(images);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_graphs_compute_what_the_reference_does),
		cmocka_unit_test(
			chunks_of_one_image_make_the_bits_of_the_whole_batch),
		cmocka_unit_test(
			an_image_alone_has_the_logits_it_has_in_a_batch),
	};

	printf("seed %d\n", SEED);
	return nets_run(argc, argv, tests);
}
