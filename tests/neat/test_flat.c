/* test_flat.c -- random genomes and children obey their bounds, whatever the
 * parents and the mutation rate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neat/flat.h"
#include "neat/flat_breed.h"

#define ROUNDS 100000

static const struct data_shape mnist = {1, 28, 28, 10};

static int one_of(int x, const int *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == x)
			return 1;
	return 0;
}

/* Anywhere within the bounds on input, as an existing client may send. */
static void draw_anything(struct flat *g, struct rng *r)
{
	*g = (struct flat){.data = mnist};
	g->n_conv = 1 + (int)rng_below(r, FLAT_LAYERS_MAX);
	g->n_dense = 1 + (int)rng_below(r, FLAT_LAYERS_MAX);
	g->n_activations = 1 + (int)rng_below(r, FLAT_LAYERS_MAX);
	for (int i = 0; i < FLAT_LAYERS_MAX; i++) {
		g->filters[i] = 1 + (int)rng_below(r, CONV_FILTERS_MAX);
		g->kernels[i] = 1 + (int)rng_below(r, CONV_KERNEL_MAX);
		g->nodes[i] = 1 + (int)rng_below(r, DENSE_UNITS_MAX);
		g->activations[i] = (enum activation)rng_below(r, ACT_COUNT);
	}
	g->dropout = LAYER_DROPOUT_MAX * rng_unit(r);
	g->learning_rate = rng_chance(r, 0.1) ? 0 : rng_unit(r);
	g->batch_size = 1 + (int)rng_below(r, BATCH_SIZE_MAX);
	g->optimizer = (enum optimizer_kind)rng_below(r, OPT_COUNT);
}

static void draw_parent(struct flat *g, struct rng *r)
{
	if (rng_chance(r, 0.5))
		draw_anything(g, r);
	else
		flat_random(g, &mnist, 1 + (int)rng_below(r, 4096),
			space_default(), r);
}

static int child_of(struct flat *out, const struct flat *a,
	const struct flat *b, double rate, struct rng *r, struct err *e)
{
	const struct flat_mutation m = {rate, space_default()};

	return flat_child(out, a, b, &m, r, e);
}

static void assert_rounded(double x)
{
	char text[32];

	snprintf(text, sizeof text, "%.3e", x);
	assert_true(strtod(text, NULL) == x);
}

static void random_genome_keeps_to_its_choices(void **state)
{
	static const int filters[] = {16, 32, 64}, kernels[] = {3, 5, 7},
			 nodes[] = {16, 32, 64, 128};
	struct rng r;

	(void)state;
	rng_stream(&r, 1, 2, 3);
	for (int k = 0; k < ROUNDS; k++) {
		struct flat g;

		flat_random(&g, &mnist, 64, space_default(), &r);
		assert_true(flat_valid(&g));
		assert_true(data_shape_equal(&g.data, &mnist));
		assert_in_range(g.n_conv, 1, 4);
		assert_in_range(g.n_dense, 1, 3);
		assert_int_equal(g.n_activations, g.n_dense);
		for (int i = 0; i < g.n_conv; i++) {
			assert_true(one_of(g.filters[i], filters, 3));
			assert_true(one_of(g.kernels[i], kernels, 3));
		}
		for (int i = 0; i < g.n_dense; i++)
			assert_true(one_of(g.nodes[i], nodes, 4));
		assert_true(g.dropout >= 0.1 && g.dropout <= 0.5);
		assert_true(g.learning_rate >= 1e-4 && g.learning_rate <= 0.1);
		assert_rounded(g.dropout);
		assert_rounded(g.learning_rate);
		assert_int_equal(g.batch_size, 64);
	}
}

static void every_choice_is_drawn_sometime(void **state)
{
	int convs = 0, denses = 0, optimizers = 0, activations = 0;
	struct rng r;

	(void)state;
	rng_stream(&r, 9, 0, 0);
	for (int k = 0; k < 1000; k++) {
		struct flat g;

		flat_random(&g, &mnist, 64, space_default(), &r);
		convs |= 1 << g.n_conv;
		denses |= 1 << g.n_dense;
		optimizers |= 1 << g.optimizer;
		activations |= 1 << g.activations[0];
	}
	assert_int_equal(convs, 0x1e);
	assert_int_equal(denses, 0x0e);
	assert_int_equal(optimizers, 0x0f);
	assert_int_equal(activations, 0x1f);
}

static void child_of_any_parents_is_valid_and_keeps_the_data_shape(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, 4, 5, 6);
	for (int k = 0; k < ROUNDS; k++) {
		struct flat a, b, c;
		double rate = k % 3 == 0 ? 1 : rng_unit(&r);

		draw_parent(&a, &r);
		draw_parent(&b, &r);
		assert_int_equal(child_of(&c, &a, &b, rate, &r, NULL), 0);
		assert_true(flat_valid(&c));
		assert_true(data_shape_equal(&c.data, &mnist));
		assert_int_equal(c.n_activations, c.n_dense);
		assert_true(c.n_conv <= 4 || c.n_conv <= a.n_conv ||
			    c.n_conv <= b.n_conv);
	}
}

static void a_long_line_of_mutants_stays_valid(void **state)
{
	struct flat g, next;
	struct rng r;

	(void)state;
	rng_stream(&r, 7, 7, 7);
	draw_anything(&g, &r);
	for (int k = 0; k < ROUNDS; k++) {
		assert_int_equal(child_of(&next, &g, &g, 1, &r, NULL), 0);
		assert_true(flat_valid(&next));
		assert_true(next.learning_rate > 0);
		assert_in_range(next.batch_size, 8, 256);
		g = next;
	}
}

/* True if layer i of the child is that layer of a parent that has it. */
static int conv_is_inherited(
	const struct flat *c, int i, const struct flat *a, const struct flat *b)
{
	const struct flat *parent[] = {a, b};

	for (int k = 0; k < 2; k++)
		if (i < parent[k]->n_conv &&
			parent[k]->filters[i] == c->filters[i] &&
			parent[k]->kernels[i] == c->kernels[i])
			return 1;
	return 0;
}

static int dense_is_inherited(
	const struct flat *c, int i, const struct flat *a, const struct flat *b)
{
	return (i < a->n_dense && a->nodes[i] == c->nodes[i]) ||
	       (i < b->n_dense && b->nodes[i] == c->nodes[i]);
}

static int activation_is_inherited(
	const struct flat *c, int i, const struct flat *a, const struct flat *b)
{
	return c->activations[i] == a->activations[i % a->n_activations] ||
	       c->activations[i] == b->activations[i % b->n_activations];
}

static void without_mutation_every_attribute_is_a_parents(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, 11, 12, 13);
	for (int k = 0; k < ROUNDS; k++) {
		struct flat a, b, c;

		draw_parent(&a, &r);
		draw_parent(&b, &r);
		assert_int_equal(child_of(&c, &a, &b, 0, &r, NULL), 0);
		assert_true(c.n_conv == a.n_conv || c.n_conv == b.n_conv);
		assert_true(c.n_dense == a.n_dense || c.n_dense == b.n_dense);
		for (int i = 0; i < c.n_conv; i++)
			assert_true(conv_is_inherited(&c, i, &a, &b));
		for (int i = 0; i < c.n_dense; i++) {
			assert_true(dense_is_inherited(&c, i, &a, &b));
			assert_true(activation_is_inherited(&c, i, &a, &b));
		}
		assert_true(c.dropout == a.dropout || c.dropout == b.dropout);
		assert_true(c.learning_rate == a.learning_rate ||
			    c.learning_rate == b.learning_rate);
		assert_true(c.batch_size == a.batch_size ||
			    c.batch_size == b.batch_size);
		assert_true(c.optimizer == a.optimizer ||
			    c.optimizer == b.optimizer);
	}
}

static void both_parents_give_about_half(void **state)
{
	struct flat a, b, c;
	struct rng r;
	int from_a = 0;

	(void)state;
	rng_stream(&r, 21, 0, 0);
	flat_random(&a, &mnist, 16, space_default(), &r);
	flat_random(&b, &mnist, 32, space_default(), &r);
	for (int k = 0; k < 10000; k++) {
		assert_int_equal(child_of(&c, &a, &b, 0, &r, NULL), 0);
		from_a += c.batch_size == 16;
	}
	assert_in_range(from_a, 4700, 5300);
}

static void full_mutation_changes_the_genome(void **state)
{
	int same = 0;
	struct rng r;

	(void)state;
	rng_stream(&r, 31, 0, 0);
	for (int k = 0; k < 1000; k++) {
		struct flat a, c;

		flat_random(&a, &mnist, 64, space_default(), &r);
		assert_int_equal(child_of(&c, &a, &a, 1, &r, NULL), 0);
		same += flat_equal(&a, &c);
	}
	assert_int_equal(same, 0);
}

static void same_stream_gives_the_same_child(void **state)
{
	struct flat a, b, c, d;
	struct rng r;

	(void)state;
	rng_stream(&r, 41, 0, 0);
	for (int k = 0; k < 1000; k++) {
		struct rng again;

		draw_parent(&a, &r);
		draw_parent(&b, &r);
		again = r;
		assert_int_equal(child_of(&c, &a, &b, 0.5, &r, NULL), 0);
		assert_int_equal(child_of(&d, &a, &b, 0.5, &again, NULL), 0);
		assert_true(flat_equal(&c, &d));
	}
}

static void parents_for_different_data_are_refused_by_name(void **state)
{
	const struct data_shape cifar = {3, 32, 32, 10};
	struct flat a, b, c = {.n_conv = -1};
	struct err e;
	struct rng r;

	(void)state;
	rng_stream(&r, 51, 0, 0);
	flat_random(&a, &mnist, 64, space_default(), &r);
	flat_random(&b, &cifar, 64, space_default(), &r);
	assert_int_equal(child_of(&c, &a, &b, 0.1, &r, &e), ERR_RANGE);
	assert_non_null(strstr(e.text, "1x28x28"));
	assert_non_null(strstr(e.text, "3x32x32"));
	assert_int_equal(c.n_conv, -1);
}

static void a_value_past_any_bound_is_invalid(void **state)
{
	struct flat good, g;
	struct rng r;

	(void)state;
	rng_stream(&r, 61, 0, 0);
	flat_random(&good, &mnist, 64, space_default(), &r);
	assert_true(flat_valid(&good));
#define REFUSED(field, value)                        \
	do {                                         \
		g = good;                            \
		g.field = (value);                   \
		assert_false(flat_valid(&g));        \
		assert_false(flat_equal(&g, &good)); \
	} while (0)
	REFUSED(data.channels, 0);
	REFUSED(data.height, DATA_SIDE_MAX + 1);
	REFUSED(data.width, -1);
	REFUSED(data.classes, 1);
	REFUSED(data.classes, DATA_CLASSES_MAX + 1);
	REFUSED(n_conv, 0);
	REFUSED(n_dense, FLAT_LAYERS_MAX + 1);
	REFUSED(filters[0], CONV_FILTERS_MAX + 1);
	REFUSED(kernels[0], 0);
	REFUSED(nodes[0], DENSE_UNITS_MAX + 1);
	REFUSED(n_activations, 0);
	REFUSED(activations[0], ACT_COUNT);
	REFUSED(dropout, 0.91);
	REFUSED(dropout, __builtin_nan(""));
	REFUSED(learning_rate, -0.1);
	REFUSED(learning_rate, 1.01);
	REFUSED(batch_size, 0);
	REFUSED(optimizer, OPT_COUNT);
#undef REFUSED
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_genome_keeps_to_its_choices),
		cmocka_unit_test(every_choice_is_drawn_sometime),
		cmocka_unit_test(
			child_of_any_parents_is_valid_and_keeps_the_data_shape),
		cmocka_unit_test(a_long_line_of_mutants_stays_valid),
		cmocka_unit_test(without_mutation_every_attribute_is_a_parents),
		cmocka_unit_test(both_parents_give_about_half),
		cmocka_unit_test(full_mutation_changes_the_genome),
		cmocka_unit_test(same_stream_gives_the_same_child),
		cmocka_unit_test(
			parents_for_different_data_are_refused_by_name),
		cmocka_unit_test(a_value_past_any_bound_is_invalid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
