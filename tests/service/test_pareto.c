/* test_pareto.c -- what is on the front, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "service/broker/pareto.h"

static int open_arena(void **state)
{
	static struct arena mem;

	arena_init(&mem, (size_t)1 << 22);
	*state = &mem;
	return 0;
}

static int close_arena(void **state)
{
	arena_release(*state);
	return 0;
}

static int beats(const struct pareto_point *a, const struct pareto_point *b)
{
	int accurate = a->rung != b->rung ? a->rung > b->rung
					  : a->fitness >= b->fitness;

	return accurate && a->parameters <= b->parameters &&
	       a->flops <= b->flops &&
	       (a->rung != b->rung || a->fitness > b->fitness ||
		       a->parameters < b->parameters || a->flops < b->flops);
}

static void the_front_is_what_nothing_beats(void **state)
{
	struct pareto_point all[200];
	struct rng r;

	rng_stream(&r, 1, 0, 0);
	for (int round = 0; round < 20; round++) {
		struct pareto p = {.n = 0};
		size_t unbeaten = 0;

		for (int i = 0; i < 200; i++) {
			all[i] = (struct pareto_point){.id = i,
				.rung = (int)rng_below(&r, 2),
				.fitness = (double)rng_below(&r, 1000) / 1000,
				.parameters = (int64_t)rng_below(&r, 1000),
				.flops = (int64_t)rng_below(&r, 1000)};
			pareto_add(&p, *state, &all[i]);
		}
		for (int i = 0; i < 200; i++) {
			int beaten = 0;

			for (int k = 0; k < 200; k++)
				beaten |= beats(&all[k], &all[i]);
			unbeaten += !beaten;
		}
		pareto_sort(&p);
		assert_int_equal(p.n, unbeaten);
		for (size_t i = 1; i < p.n; i++)
			assert_true(p.points[i].parameters >=
				    p.points[i - 1].parameters);
	}
}

static void of_equals_the_first_stays(void **state)
{
	const struct pareto_point a = {.id = 1, .fitness = 0.5},
				  b = {.id = 2, .fitness = 0.5};
	struct pareto p = {.n = 0};

	pareto_add(&p, *state, &a);
	pareto_add(&p, *state, &b);
	assert_int_equal(p.n, 1);
	assert_int_equal(p.points[0].id, 1);
}

static void a_lower_rung_is_on_it_only_by_being_smaller(void **state)
{
	const struct pareto_point high = {
		.id = 1, .rung = 1, .fitness = 0.5, .parameters = 10};
	const struct pareto_point large = {
		.id = 2, .fitness = 0.9, .parameters = 10};
	const struct pareto_point small = {
		.id = 3, .fitness = 0.4, .parameters = 9};
	struct pareto p = {.n = 0};

	pareto_add(&p, *state, &large);
	pareto_add(&p, *state, &small);
	pareto_add(&p, *state, &high);
	pareto_sort(&p);
	assert_int_equal(p.n, 2);
	assert_int_equal(p.points[0].id, 3);
	assert_int_equal(p.points[1].id, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_front_is_what_nothing_beats),
		cmocka_unit_test(of_equals_the_first_stays),
		cmocka_unit_test(a_lower_rung_is_on_it_only_by_being_smaller),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
