/* test_reproduce.c -- the rules of a generation: champions, stagnation,
 * parents, identity, purity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "genomes.h"
#include "neat/mutate.h"
#include "neat/neuron.h"
#include "neat/reproduce.h"

#define SIZE 60

static struct arena mem;
static struct params p;
static struct breeding how;
static struct population now;

/* A first generation of minimal networks in a single species, all of fitness
 * 1, the member of id 7 of fitness 2. */
static int setup(void **state)
{
	const struct genome *genomes[SIZE];
	struct innovation_counters next;

	(void)state;
	arena_init(&mem, TEST_ARENA_BYTES);
	p = preset("paper2002");
	p.threshold = 100;
	how = (struct breeding){.seed = 3,
		.size = SIZE,
		.params = &p,
		.space = space_default()};
	for (size_t i = 0; i < SIZE; i++) {
		struct rng r;

		rng_stream(&r, 3, 0, i);
		genomes[i] = neuron_minimal(&mem, 3, 1, 0, &p, &r, &next);
	}
	assert_int_equal(
		reproduce_first(&mem, &how, genomes, SIZE, &next, &now, NULL),
		0);
	for (size_t i = 0; i < SIZE; i++)
		now.members[i].fitness = i == 7 ? 2 : 1;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&mem);
	return 0;
}

static struct population next_of(const struct population *from)
{
	struct population out;
	struct err e;

	if (reproduce_next(&mem, &how, from, &out, &e))
		fail_msg("%s", e.text);
	return out;
}

/* Moves the members after the first `n` into a species of their own. */
static void divide(size_t n)
{
	struct species *two = arena_array(&mem, 2, sizeof *two);

	two[0] = two[1] = now.species[0];
	two[1].id = now.next_species++;
	now.species = two;
	now.n_species = 2;
	for (size_t i = 0; i < SIZE; i++)
		now.members[i].species = two[i >= n].id;
}

static size_t count_elite(const struct population *q)
{
	size_t n = 0;

	for (size_t i = 0; i < q->n; i++)
		n += (size_t)q->members[i].elite;
	return n;
}

/* Children of a parent among the first n members of `now`. */
static size_t children_of_first(const struct population *q, int64_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < q->n; i++)
		found += !q->members[i].elite && q->members[i].parents[0] < n;
	return found;
}

static void everything_is_sound_and_adds_up(void **state)
{
	struct population q = next_of(&now);

	(void)state;
	assert_int_equal(q.n, SIZE);
	assert_int_equal(q.generation, 1);
	for (size_t i = 0; i < q.n; i++) {
		assert_sound(q.members[i].genome);
		assert_true(
			q.members[i].elite || q.members[i].id >= now.next_id);
	}
	assert_int_equal(q.next_id, now.next_id + SIZE - 1);
	assert_true(q.best == 2);
	assert_int_equal(q.improved, 0);
}

static void the_champion_of_a_species_larger_than_5_is_copied(void **state)
{
	struct population q;

	(void)state;
	q = next_of(&now);
	assert_int_equal(count_elite(&q), 1);
	assert_int_equal(q.members[0].id, 7);
	assert_true(q.members[0].fitness == 2);
	assert_true(genome_equal(q.members[0].genome, now.members[7].genome));
	divide(5);
	q = next_of(&now);
	assert_int_equal(count_elite(&q), 1);
	divide(6);
	q = next_of(&now);
	assert_int_equal(count_elite(&q), 2);
}

static void the_same_request_gives_the_same_generation(void **state)
{
	struct population a = next_of(&now), b = next_of(&now);

	(void)state;
	for (size_t i = 0; i < SIZE; i++) {
		assert_int_equal(a.members[i].id, b.members[i].id);
		assert_int_equal(a.members[i].species, b.members[i].species);
		assert_true(
			genome_equal(a.members[i].genome, b.members[i].genome));
	}
	how.seed++;
	b = next_of(&now);
	assert_false(genome_equal(a.members[9].genome, b.members[9].genome));
}

static void the_next_generation_outlives_this_one(void **state)
{
	struct arena other;
	struct population q, again;

	(void)state;
	arena_init(&other, TEST_ARENA_BYTES);
	assert_int_equal(reproduce_next(&other, &how, &now, &q, NULL), 0);
	arena_release(&mem);
	for (size_t i = 0; i < SIZE; i++)
		assert_sound(q.members[i].genome);
	assert_int_equal(reproduce_next(&mem, &how, &q, &again, NULL), 0);
	arena_release(&other);
}

static void children_descend_from_the_fittest_fifth(void **state)
{
	struct population q;

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		now.members[i].fitness = (double)(SIZE - i);
	q = next_of(&now);
	/* 1 + 0.2 * 60 parents. */
	for (size_t i = 0; i < SIZE; i++)
		assert_true(q.members[i].parents[0] < 13 &&
			    q.members[i].parents[1] < 13);
}

static void a_quarter_of_the_children_are_by_mutation_alone(void **state)
{
	size_t alone = 0;

	(void)state;
	p.survival = 1;
	for (how.seed = 0; how.seed < 100; how.seed++) {
		struct population q = next_of(&now);

		for (size_t i = 1; i < SIZE; i++)
			alone += q.members[i].parents[1] == -1;
	}
	/* 0.25, and one in 60 crossovers draws the same parent twice. */
	assert_in_range(alone, 5900 * 24 / 100, 5900 * 29 / 100);
}

/* With weights and structure left alone, only crossover changes anything. */
static void only_crossover(void)
{
	p.mutate_only_rate = p.weights_rate = 0;
	p.add_node_rate = p.add_edge_rate = 0;
}

static struct edge_gene *edges_of(size_t member)
{
	return (struct edge_gene *)now.members[member].genome->edges;
}

static void who_mates_with_itself_is_copied_if_so_set(void **state)
{
	size_t woken[2] = {0, 0};

	(void)state;
	only_crossover();
	p.survival = 0;
	for (size_t i = 0; i < SIZE; i++)
		edges_of(i)[0].enabled = 0;
	for (int clone = 0; clone < 2; clone++) {
		struct population q;

		p.self_clone = clone;
		q = next_of(&now);
		for (size_t i = 1; i < SIZE; i++) {
			const struct individual *m = &q.members[i];

			assert_true(m->parents[0] == 7 && m->parents[1] == -1);
			woken[clone] += (size_t)m->genome->edges[0].enabled;
			assert_int_equal(m->mutations,
				m->genome->edges[0].enabled ? MUTATION_WAKE
							    : 0);
		}
	}
	assert_in_range(woken[0], SIZE / 10, SIZE / 2);
	assert_int_equal(woken[1], 0);
}

static void distinct_parents_are_two_where_there_are_two(void **state)
{
	struct population q;

	(void)state;
	p.mutate_only_rate = 0;
	p.distinct_parents = 1;
	p.survival = 0.02; /* the two fittest */
	q = next_of(&now);
	for (size_t i = 1; i < SIZE; i++)
		assert_true(q.members[i].parents[1] >= 0 &&
			    q.members[i].parents[1] != q.members[i].parents[0]);
	p.survival = 0;
	q = next_of(&now);
	for (size_t i = 1; i < SIZE; i++)
		assert_true(q.members[i].parents[1] == -1);
}

static void without_mating_there_is_one_parent(void **state)
{
	struct population q;

	(void)state;
	p.mutate_only_rate = 1;
	q = next_of(&now);
	for (size_t i = 1; i < SIZE; i++)
		assert_true(q.members[i].parents[1] == -1 &&
			    q.members[i].parents[0] >= 0);
}

static void a_species_without_progress_for_15_generations_rests(void **state)
{
	struct population q;

	(void)state;
	divide(30);
	now.generation = 20;
	now.best = 9;
	now.improved = 20;
	now.species[0].best = now.species[1].best = 9;
	now.species[0].improved = 6;
	now.species[1].improved = 6;
	q = next_of(&now);
	assert_int_not_equal(children_of_first(&q, 30), 0);
	assert_int_not_equal(children_of_first(&q, 30), SIZE - 1);
	now.species[0].improved = 5;
	q = next_of(&now);
	assert_int_equal(children_of_first(&q, 30), 0);
}

static void if_all_species_rest_the_best_two_breed(void **state)
{
	struct population q;

	(void)state;
	now.generation = 50;
	now.best = 9;
	now.improved = 50;
	now.species[0].best = 9;
	now.species[0].improved = 5;
	q = next_of(&now);
	assert_int_equal(q.n, SIZE);
}

static void a_population_without_progress_breeds_from_its_best_two(void **state)
{
	struct population q;

	(void)state;
	now.species = arena_array(&mem, 3, sizeof *now.species);
	now.n_species = 3;
	for (int i = 0; i < 3; i++)
		now.species[i] = (struct species){
			.id = i, .best = 9, .improved = 21};
	now.next_species = 3;
	for (int i = 0; i < SIZE; i++) {
		now.members[i].species = i / 20;
		now.members[i].fitness = 3 - i / 20;
	}
	now.generation = 21;
	now.best = 9;
	now.improved = 1;
	q = next_of(&now);
	assert_int_not_equal(
		children_of_first(&q, 40), children_of_first(&q, SIZE));
	now.improved = 0;
	q = next_of(&now);
	assert_int_equal(
		children_of_first(&q, 40), children_of_first(&q, SIZE));
	assert_int_equal(q.improved, 21);
}

static void the_threshold_moves_toward_the_target(void **state)
{
	(void)state;
	p = preset("jair2004");
	now.threshold = 3;
	p.c3 = 0;
	assert_true(next_of(&now).threshold < 3);
	p.target_species = 1;
	p.c3 = 100;
	assert_true(next_of(&now).threshold > 3);
}

static void species_without_members_are_gone(void **state)
{
	struct population q = now;

	(void)state;
	p.threshold = now.threshold = 1.5;
	for (int i = 0; i < 20; i++) {
		q = next_of(&q);
		for (size_t k = 0; k < q.n; k++)
			q.members[k].fitness = 1 + (double)(k % 7);
		for (size_t s = 0; s < q.n_species; s++) {
			size_t n = 0;

			for (size_t k = 0; k < q.n; k++)
				n += q.members[k].species == q.species[s].id;
			assert_int_not_equal(n, 0);
		}
	}
}

static void refuse(const char *words)
{
	struct population out;
	struct err e = {0};

	assert_int_equal(reproduce_next(&mem, &how, &now, &out, &e), ERR_RANGE);
	if (!strstr(e.text, words))
		fail_msg("'%s' does not say '%s'", e.text, words);
}

static void a_population_that_cannot_be_is_refused(void **state)
{
	(void)state;
	now.members[4].fitness = -1;
	refuse("genome 4: its fitness");
	now.members[4].fitness = NAN;
	refuse("genome 4: its fitness");
	now.members[4].fitness = 1;
	now.members[5].species = 77;
	refuse("genome 5: its species, 77,");
	now.members[5].species = 0;
	now.members[6].id = 5;
	refuse("two genomes have the id 5");
	now.members[6].id = 6;
	now.innovations.edge = 2;
	refuse("genome 0: it has edge 2 but the counter of edges is 2");
	now.innovations.edge = 3;
	how.size = POPULATION_MAX + 1;
	refuse("the population is 10001 but must be from 1 to 10000");
	how.size = SIZE;
	p.survival = 2;
	refuse("survival must be from 0 to 1");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(everything_is_sound_and_adds_up),
		CASE(the_champion_of_a_species_larger_than_5_is_copied),
		CASE(the_same_request_gives_the_same_generation),
		CASE(the_next_generation_outlives_this_one),
		CASE(children_descend_from_the_fittest_fifth),
		CASE(a_quarter_of_the_children_are_by_mutation_alone),
		CASE(who_mates_with_itself_is_copied_if_so_set),
		CASE(distinct_parents_are_two_where_there_are_two),
		CASE(without_mating_there_is_one_parent),
		CASE(a_species_without_progress_for_15_generations_rests),
		CASE(if_all_species_rest_the_best_two_breed),
		CASE(a_population_without_progress_breeds_from_its_best_two),
		CASE(the_threshold_moves_toward_the_target),
		CASE(species_without_members_are_gone),
		CASE(a_population_that_cannot_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
