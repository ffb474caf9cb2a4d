/* test_distance.c -- equation 1: excess, disjoint, and weight differences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "genomes.h"
#include "neat/distance.h"

static struct arena mem;
static struct params p;

static int setup(void **state)
{
	(void)state;
	arena_init(&mem, TEST_ARENA_BYTES);
	p = preset("paper2002");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&mem);
	return 0;
}

/* Edges 0 and 1 match; b lacks 2 (disjoint) and ends at 3, so 5 and 6 of `a`
 * are excess; 3 is b's alone, within a's range. */
static const struct edge_gene left[] = {
	{.number = 0, .from = 0, .to = 3, .enabled = 1, .weight = 1},
	{.number = 1, .from = 1, .to = 3, .enabled = 1, .weight = 2},
	{.number = 2, .from = 2, .to = 3, .enabled = 1, .weight = 9},
	{.number = 5, .from = 0, .to = 4, .enabled = 1, .weight = 9},
	{.number = 6, .from = 4, .to = 3, .enabled = 1, .weight = 9},
};
static const struct edge_gene right[] = {
	{.number = 0, .from = 0, .to = 3, .enabled = 1, .weight = 2},
	{.number = 1, .from = 1, .to = 3, .enabled = 1, .weight = -1},
	{.number = 3, .from = 2, .to = 3, .enabled = 1, .weight = 0},
};

static void genes_line_up_by_number(void **state)
{
	struct alignment al = genome_align(
		network_of(&mem, 1, left, 5), network_of(&mem, 0, right, 3));

	(void)state;
	assert_int_equal(al.matching, 2);
	assert_int_equal(al.disjoint, 2);
	assert_int_equal(al.excess, 2);
}

static void distance_is_equation_1_with_n_1_below_20_genes(void **state)
{
	const struct genome *a = network_of(&mem, 1, left, 5);
	const struct genome *b = network_of(&mem, 0, right, 3);
	double d = genome_distance(a, b, &p);

	(void)state;
	assert_true(fabs(d - (2 + 2 + 0.4 * (1 + 3) / 2)) < 1e-12);
	p.c1 = 10;
	assert_true(fabs(genome_distance(a, b, &p) - d - 18) < 1e-12);
}

static void n_is_the_larger_genome_from_20_genes_on(void **state)
{
	const struct genome *a = network_of(&mem, 1, left, 5);
	const struct genome *b = network_of(&mem, 0, right, 3);

	(void)state;
	p.normalize_from = 5;
	assert_true(fabs(genome_distance(a, b, &p) - (4.0 / 5 + 0.8)) < 1e-12);
	p.normalize_from = 6;
	assert_true(fabs(genome_distance(a, b, &p) - 4.8) < 1e-12);
}

static void distance_is_symmetric_and_0_to_itself(void **state)
{
	const struct innovation_counters none = {0, 0};
	struct innovation_book book;
	struct rng r;

	(void)state;
	p.add_node_rate = p.add_edge_rate = 0.3;
	innovation_open(&book, &mem, &none);
	for (uint64_t i = 0; i < 300; i++) {
		struct genome *a, *b;

		rng_stream(&r, 4, 0, i);
		a = grown(&mem, &book, &p, 0, 15, &r);
		b = grown(&mem, &book, &p, 0, 15, &r);
		assert_true(genome_distance(a, a, &p) == 0);
		assert_true(
			genome_distance(a, b, &p) == genome_distance(b, a, &p));
	}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(genes_line_up_by_number),
		CASE(distance_is_equation_1_with_n_1_below_20_genes),
		CASE(n_is_the_larger_genome_from_20_genes_on),
		CASE(distance_is_symmetric_and_0_to_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
