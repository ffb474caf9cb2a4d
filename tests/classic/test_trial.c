/* test_trial.c -- champions take the test in turn: the fittest first, and none
 * of a species before it is fitter than the last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classic/trial.h"
#include "neat/neuron.h"

#define MEMBERS 6

static struct arena mem;
static struct trial trial;
static struct individual members[MEMBERS];
static struct population population;

/* Two members each of species 0, 1 and 5, all of one size. */
static int setup(void **state)
{
	struct innovation_counters next;
	struct params p;
	struct rng r;

	(void)state;
	arena_init(&mem, (size_t)1 << 20);
	trial_init(&trial);
	params_preset(&p, "paper2002", NULL);
	rng_stream(&r, 1, 1, 1);
	for (int i = 0; i < MEMBERS; i++)
		members[i] = (struct individual){.id = i,
			.species = (const int64_t[]){0, 1, 5}[i / 2],
			.fitness = 1 + i,
			.genome = neuron_minimal(&mem, 3, 1, 1, &p, &r, &next)};
	population = (struct population){
		.members = members, .n = MEMBERS, .next_species = 6};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	trial_release(&trial);
	arena_release(&mem);
	return 0;
}

static void assert_turn(int64_t id)
{
	const struct individual *m = trial_choose(&trial, &population);

	assert_non_null(m);
	assert_int_equal(m->id, id);
}

static void champions_have_their_turn_by_fitness(void **state)
{
	(void)state;
	assert_turn(5);
	assert_turn(3);
	assert_turn(1);
	assert_null(trial_choose(&trial, &population));
}

static void a_species_has_another_turn_when_it_is_fitter(void **state)
{
	(void)state;
	assert_turn(5);
	members[4].fitness = 6.5;
	assert_turn(4);
	members[5].fitness = 6.5; /* no fitter than the last */
	assert_turn(3);
	members[0].fitness = 6.25;
	assert_turn(0);
	assert_null(trial_choose(&trial, &population));
}

static void species_that_are_born_later_have_their_turn(void **state)
{
	(void)state;
	assert_turn(5);
	members[0].species = 5000;
	members[0].fitness = 10;
	population.next_species = 5001;
	assert_turn(0);
	members[5].fitness = 8;
	assert_turn(5);
	assert_turn(3);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(champions_have_their_turn_by_fitness),
		CASE(a_species_has_another_turn_when_it_is_fitter),
		CASE(species_that_are_born_later_have_their_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
