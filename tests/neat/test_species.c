/* test_species.c -- like joins like, and fitness sharing sets the offspring. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "genomes.h"
#include "neat/species.h"

static struct arena mem;
static struct params p;

static int setup(void **state)
{
	(void)state;
	arena_init(&mem, TEST_ARENA_BYTES);
	p = preset("paper2002");
	p.c3 = 1;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&mem);
	return 0;
}

/* Apart from another by the difference of weights. */
static struct genome *weighing(double weight)
{
	const struct edge_gene edge = {
		.from = 0, .to = 3, .enabled = 1, .weight = weight};

	return network_of(&mem, 0, &edge, 1);
}

static void a_genome_joins_the_first_species_within_the_threshold(void **state)
{
	struct individual m[4] = {{.genome = weighing(1.5)},
		{.genome = weighing(4)}, {.genome = weighing(20)},
		{.genome = weighing(21)}};
	struct species species[6] = {{.id = 3}, {.id = 5}};
	const struct genome *representatives[6] = {weighing(0), weighing(2)};
	size_t n_species = 2;
	int64_t next_id = 8;

	(void)state;
	species_assign(
		m, 4, &p, 3, 7, species, representatives, &n_species, &next_id);
	/* 1.5 is nearer to the second, but the first comes first. */
	assert_int_equal(m[0].species, 3);
	assert_int_equal(m[1].species, 5);
	assert_int_equal(m[2].species, 8);
	assert_int_equal(m[3].species, 8);
	assert_int_equal(n_species, 3);
	assert_int_equal(next_id, 9);
	assert_int_equal(species[2].born, 7);
	assert_true(species[2].best == -1);
}

static void the_smaller_then_the_older_is_fitter_at_equal_fitness(void **state)
{
	const struct edge_gene edges[] = {
		{.number = 0, .from = 0, .to = 3, .enabled = 1},
		{.number = 1, .from = 1, .to = 3, .enabled = 1}};
	struct individual small = {
		.id = 9, .fitness = 1, .genome = network_of(&mem, 0, edges, 1)};
	struct individual large = {
		.id = 2, .fitness = 1, .genome = network_of(&mem, 0, edges, 2)};
	struct individual twin = small, fit = large;

	(void)state;
	twin.id = 10;
	fit.fitness = 2;
	assert_true(individual_fitter(&small, &large));
	assert_false(individual_fitter(&large, &small));
	assert_true(individual_fitter(&small, &twin));
	assert_true(individual_fitter(&fit, &small));
}

static void offspring_follow_shared_fitness(void **state)
{
	const double shares[] = {3, 1, 2};
	const int breeds[] = {1, 1, 1};
	size_t out[3];

	(void)state;
	species_apportion(shares, breeds, 3, 60, &mem, out);
	assert_int_equal(out[0], 30);
	assert_int_equal(out[1], 10);
	assert_int_equal(out[2], 20);
}

static void the_remainder_goes_to_the_largest_fractions(void **state)
{
	const double shares[] = {1, 1, 1.3};
	const int breeds[] = {1, 1, 1};
	size_t out[3];

	(void)state;
	/* Quotas 3.03, 3.03, 3.94. */
	species_apportion(shares, breeds, 3, 10, &mem, out);
	assert_int_equal(out[0], 3);
	assert_int_equal(out[1], 3);
	assert_int_equal(out[2], 4);
}

static void a_species_that_rests_gets_no_offspring(void **state)
{
	const double shares[] = {5, 1, 1};
	const int breeds[] = {0, 1, 1};
	size_t out[3];

	(void)state;
	species_apportion(shares, breeds, 3, 8, &mem, out);
	assert_int_equal(out[0], 0);
	assert_int_equal(out[1], 4);
	assert_int_equal(out[2], 4);
}

static void without_any_fitness_all_that_breed_share_equally(void **state)
{
	const double shares[] = {0, 0, 0};
	const int breeds[] = {1, 0, 1};
	size_t out[3];

	(void)state;
	species_apportion(shares, breeds, 3, 9, &mem, out);
	assert_int_equal(out[0], 5);
	assert_int_equal(out[1], 0);
	assert_int_equal(out[2], 4);
}

static void offspring_add_up_whatever_the_shares(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, 8, 8, 8);
	for (int round = 0; round < 20000; round++) {
		size_t n = 1 + rng_below(&r, 30), total = rng_below(&r, 500);
		size_t out[30], sum = 0;
		double shares[30];
		int breeds[30];

		for (size_t i = 0; i < n; i++) {
			shares[i] = rng_chance(&r, 0.2) ? 0
							: 1e3 * rng_unit(&r);
			breeds[i] = i == 0 || rng_chance(&r, 0.7);
		}
		species_apportion(shares, breeds, n, total, &mem, out);
		for (size_t i = 0; i < n; i++) {
			sum += out[i];
			assert_true(breeds[i] || out[i] == 0);
		}
		assert_int_equal(sum, total);
	}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_genome_joins_the_first_species_within_the_threshold),
		CASE(the_smaller_then_the_older_is_fitter_at_equal_fitness),
		CASE(offspring_follow_shared_fitness),
		CASE(the_remainder_goes_to_the_largest_fractions),
		CASE(a_species_that_rests_gets_no_offspring),
		CASE(without_any_fitness_all_that_breed_share_equally),
		CASE(offspring_add_up_whatever_the_shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
