/* test_space.c -- evolution draws from the lists that it is given, by number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "genomes.h"
#include "neat/chain.h"
#include "neat/flat_breed.h"
#include "neat/mutate.h"

#define ROUNDS 2000

static const struct space small = {
	.activations = {2, {ACT_SELU, ACT_RELU}},
	.optimizers = {1, {OPT_SGD}},
};

static void the_default_is_the_five_and_the_four_in_order(void **state)
{
	const struct space *s = space_default();

	(void)state;
	assert_int_equal(s->activations.n, 5);
	assert_int_equal(s->optimizers.n, 4);
	for (int i = 0; i < 5; i++)
		assert_int_equal(s->activations.value[i], i);
	for (int i = 0; i < 4; i++)
		assert_int_equal(s->optimizers.value[i], i);
	assert_int_equal(space_check(s, NULL), 0);
}

static void a_draw_is_the_number_of_a_choice(void **state)
{
	struct rng r, same;

	(void)state;
	rng_stream(&r, 1, 0, 0);
	same = r;
	for (int i = 0; i < ROUNDS; i++)
		assert_int_equal(space_draw(&small.activations, &r),
			small.activations.value[rng_below(&same, 2)]);
}

static void another_choice_is_never_the_present_one(void **state)
{
	const struct choices *c = &space_default()->activations;
	int seen = 0, now = ACT_TANH;
	struct rng r;

	(void)state;
	rng_stream(&r, 2, 0, 0);
	for (int i = 0; i < ROUNDS; i++) {
		const int next = space_draw_other(c, now, &r);

		assert_int_not_equal(next, now);
		seen |= 1 << next;
		now = next;
	}
	assert_int_equal(seen, 0x1f);
}

static void what_is_no_choice_becomes_any_of_them(void **state)
{
	int seen = 0;
	struct rng r;

	(void)state;
	rng_stream(&r, 3, 0, 0);
	for (int i = 0; i < ROUNDS; i++)
		seen |= 1 << space_draw_other(&small.activations, ACT_TANH, &r);
	assert_int_equal(seen, 1 << ACT_SELU | 1 << ACT_RELU);
}

static void the_only_choice_stays_and_takes_no_number(void **state)
{
	struct rng r, before;

	(void)state;
	rng_stream(&r, 4, 0, 0);
	before = r;
	assert_int_equal(
		space_draw_other(&small.optimizers, OPT_SGD, &r), OPT_SGD);
	assert_memory_equal(&r, &before, sizeof r);
}

static void refused(struct space s, const char *why)
{
	struct err e = {0};

	assert_int_equal(space_check(&s, &e), ERR_RANGE);
	if (!strstr(e.text, why))
		fail_msg("\"%s\" is not in: %s", why, e.text);
}

static void lists_that_cannot_be_are_refused(void **state)
{
	struct space s = small;

	(void)state;
	s.activations.n = 0;
	refused(s, "activations to draw from, not 0");
	s = small;
	s.optimizers.n = SPACE_CHOICES_MAX + 1;
	refused(s, "optimizers to draw from");
	s = small;
	s.activations.value[1] = ACT_SELU;
	refused(s, "number 2 of the activations");
	s = small;
	s.optimizers.value[0] = OPT_COUNT;
	refused(s, "number 1 of the optimizers");
}

static int is_small(int activation)
{
	return activation == ACT_SELU || activation == ACT_RELU;
}

static void layers_are_drawn_from_the_space_alone(void **state)
{
	struct params p = preset("cnn");
	struct innovation_book b;
	struct arena mem;
	const struct mutator m = {&mem, &b, &p, &small};
	struct genome *g;
	struct rng r;

	(void)state;
	rng_stream(&r, 5, 0, 0);
	arena_init(&mem, (size_t)1 << 28);
	innovation_open(&b, &mem, &chain_counters);
	g = chain_minimal(&mem, 64, &small, &r);
	for (int i = 0; i < 300; i++)
		mutate(&m, g, &r);
	assert_true(g->n_nodes > 4);
	for (size_t i = 0; i < g->n_nodes; i++) {
		if (g->nodes[i].kind == NODE_CONV)
			assert_true(is_small((int)g->nodes[i].conv.activation));
		if (g->nodes[i].kind == NODE_DENSE)
			assert_true(
				is_small((int)g->nodes[i].dense.activation));
	}
	assert_int_equal((int)layer_hyper(g, HYPER_OPTIMIZER), OPT_SGD);
	arena_release(&mem);
}

static void flat_genomes_are_drawn_from_the_space_alone(void **state)
{
	const struct data_shape data = {1, 28, 28, 10};
	const struct flat_mutation m = {0.5, &small};
	struct flat g;
	struct rng r;

	(void)state;
	rng_stream(&r, 6, 0, 0);
	flat_random(&g, &data, 64, &small, &r);
	for (int k = 0; k < ROUNDS; k++) {
		assert_int_equal(flat_child(&g, &g, &g, &m, &r, NULL), 0);
		for (int i = 0; i < g.n_activations; i++)
			assert_true(is_small((int)g.activations[i]));
		assert_int_equal(g.optimizer, OPT_SGD);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_is_the_five_and_the_four_in_order),
		cmocka_unit_test(a_draw_is_the_number_of_a_choice),
		cmocka_unit_test(another_choice_is_never_the_present_one),
		cmocka_unit_test(what_is_no_choice_becomes_any_of_them),
		cmocka_unit_test(the_only_choice_stays_and_takes_no_number),
		cmocka_unit_test(lists_that_cannot_be_are_refused),
		cmocka_unit_test(layers_are_drawn_from_the_space_alone),
		cmocka_unit_test(flat_genomes_are_drawn_from_the_space_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
