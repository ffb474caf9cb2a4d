/* test_truncation.c -- who lives on, who breeds, and that a request has one
 * answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "neat/flat_breed.h"
#include "neat/truncation.h"

static const struct data_shape mnist = {1, 28, 28, 10};

struct fixture {
	struct arena mem;
	struct member *population;
};

static int set_up(void **state)
{
	static struct fixture f;

	arena_init(&f.mem, (size_t)256 << 20);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	arena_release(&f->mem);
	return 0;
}

/* A request for `size` from `n` members with ids 100.. in an order that is
 * not that of their fitness. */
static struct truncation request(struct fixture *f, int size, size_t n)
{
	struct rng r;

	rng_stream(&r, 3, n, (uint64_t)size);
	f->population = arena_array(&f->mem, n, sizeof *f->population);
	for (size_t i = 0; i < n; i++) {
		f->population[i].id = 100 + (int64_t)i;
		f->population[i].fitness = (double)((i * 7919) % n) / (double)n;
		flat_random(&f->population[i].genome, &mnist, 64,
			space_default(), &r);
	}
	return (struct truncation){.seed = 7,
		.space = space_default(),
		.generation = 1,
		.next_id = 100 + (int64_t)n,
		.size = size,
		.elite = 1,
		.mutation_rate = 0.1,
		.batch_size = 64,
		.data = mnist,
		.population = f->population,
		.n = n};
}

static struct offspring *next(struct fixture *f, const struct truncation *t)
{
	struct offspring *o = NULL;
	struct err e = {0};

	if (truncation_next(&f->mem, t, &o, &e))
		fail_msg("%s", e.text);
	return o;
}

static const struct member *find(const struct truncation *t, int64_t id)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->population[i].id == id)
			return &t->population[i];
	return NULL;
}

/* How many are fitter than the member; at equal fitness the lower id. */
static size_t rank_of(const struct truncation *t, int64_t id)
{
	const struct member *m = find(t, id);
	size_t rank = 0;

	assert_non_null(m);
	for (size_t i = 0; i < t->n; i++) {
		const struct member *p = &t->population[i];

		rank += p->fitness > m->fitness ||
			(p->fitness == m->fitness && p->id < m->id);
	}
	return rank;
}

static void first_generation_is_random_with_ids_from_next_id(void **state)
{
	struct truncation t = request(*state, 50, 1);
	struct offspring *o;

	t.generation = 0;
	t.population = NULL;
	t.n = 0;
	t.next_id = 5;
	o = next(*state, &t);
	for (int i = 0; i < t.size; i++) {
		assert_int_equal(o[i].id, 5 + i);
		assert_int_equal(o[i].parents[0], -1);
		assert_int_equal(o[i].parents[1], -1);
		assert_false(o[i].elite);
		assert_true(flat_valid(&o[i].genome));
		assert_int_equal(o[i].genome.batch_size, 64);
	}
	assert_false(flat_equal(&o[0].genome, &o[1].genome));
}

static void elite_comes_first_and_keeps_id_and_genome(void **state)
{
	struct truncation t = request(*state, 40, 40);
	struct offspring *o;

	t.elite = 5;
	o = next(*state, &t);
	for (int i = 0; i < t.size; i++) {
		assert_int_equal(o[i].elite, i < 5);
		if (i >= 5)
			continue;
		assert_int_equal(rank_of(&t, o[i].id), i);
		assert_true(
			flat_equal(&o[i].genome, &find(&t, o[i].id)->genome));
	}
}

static void new_ids_are_consecutive_from_next_id(void **state)
{
	struct truncation t = request(*state, 30, 20);
	struct offspring *o;

	t.elite = 3;
	t.next_id = 1000;
	o = next(*state, &t);
	for (int i = 3; i < t.size; i++)
		assert_int_equal(o[i].id, 1000 + i - 3);
}

static void worst_half_never_breeds(void **state)
{
	for (size_t n = 1; n < 40; n++) {
		struct truncation t = request(*state, 200, n);
		struct offspring *o = next(*state, &t);

		for (int i = 1; i < t.size; i++) {
			assert_true(rank_of(&t, o[i].parents[0]) < (n + 1) / 2);
			if (o[i].parents[1] >= 0)
				assert_true(rank_of(&t, o[i].parents[1]) <
					    (n + 1) / 2);
		}
	}
}

static void parents_differ_and_all_of_the_best_half_breed(void **state)
{
	struct truncation t = request(*state, 500, 10);
	struct offspring *o = next(*state, &t);
	unsigned seen = 0;

	for (int i = 1; i < t.size; i++) {
		assert_true(o[i].parents[1] >= 0);
		assert_int_not_equal(o[i].parents[0], o[i].parents[1]);
		seen |= 1u << rank_of(&t, o[i].parents[0]);
		seen |= 1u << rank_of(&t, o[i].parents[1]);
	}
	assert_int_equal(seen, 0x1f);
}

static void at_equal_fitness_the_lower_id_is_fitter(void **state)
{
	struct truncation t = request(*state, 8, 8);
	struct fixture *f = *state;
	struct offspring *o;

	for (size_t i = 0; i < t.n; i++) {
		f->population[i].fitness = 0.5;
		f->population[i].id = 107 - (int64_t)i;
	}
	t.elite = 4;
	o = next(f, &t);
	for (int i = 0; i < 4; i++)
		assert_int_equal(o[i].id, 100 + i);
	for (int i = 4; i < 8; i++)
		assert_true(o[i].parents[0] <= 103);
}

static void same_request_gives_the_same_generation(void **state)
{
	struct truncation t = request(*state, 300, 100);
	struct offspring *a = next(*state, &t), *b = next(*state, &t);

	for (int i = 0; i < t.size; i++) {
		assert_int_equal(a[i].id, b[i].id);
		assert_memory_equal(
			a[i].parents, b[i].parents, sizeof a[i].parents);
		assert_true(flat_equal(&a[i].genome, &b[i].genome));
	}
}

static void order_of_the_population_does_not_matter(void **state)
{
	struct truncation t = request(*state, 60, 31);
	struct fixture *f = *state;
	struct offspring *a = next(f, &t), *b;

	for (size_t i = 0; i < t.n / 2; i++) {
		struct member m = f->population[i];

		f->population[i] = f->population[t.n - 1 - i];
		f->population[t.n - 1 - i] = m;
	}
	b = next(f, &t);
	for (int i = 0; i < t.size; i++)
		assert_true(flat_equal(&a[i].genome, &b[i].genome));
}

static void a_child_depends_on_seed_generation_and_id_alone(void **state)
{
	struct truncation t = request(*state, 20, 20);
	struct offspring *a = next(*state, &t), *b;

	/* A larger generation holds the smaller one's children. */
	t.size = 40;
	b = next(*state, &t);
	for (int i = 0; i < 20; i++)
		assert_true(flat_equal(&a[i].genome, &b[i].genome));
	t.seed++;
	b = next(*state, &t);
	assert_false(flat_equal(&a[1].genome, &b[1].genome) &&
		     flat_equal(&a[2].genome, &b[2].genome));
}

static int count_equal_genomes(const struct offspring *o, int n)
{
	int count = 0;

	for (int i = 0; i < n; i++)
		for (int j = 0; j < i; j++)
			count += flat_equal(&o[i].genome, &o[j].genome);
	return count;
}

static void each_new_genome_draws_from_a_stream_of_its_own(void **state)
{
	struct truncation t = request(*state, 200, 200);

	t.elite = 0;
	assert_true(count_equal_genomes(next(*state, &t), 200) < 5);
	t.generation = 0;
	t.population = NULL;
	t.n = 0;
	assert_int_equal(count_equal_genomes(next(*state, &t), 200), 0);
}

static void one_member_makes_a_generation_of_any_size(void **state)
{
	struct truncation t = request(*state, 1, 1);
	struct offspring *o;

	t.elite = 0;
	o = next(*state, &t);
	assert_int_equal(o[0].id, 101);
	assert_int_equal(o[0].parents[0], 100);
	assert_int_equal(o[0].parents[1], -1);
	assert_true(flat_valid(&o[0].genome));
}

static void ten_thousand_members_are_served(void **state)
{
	struct truncation t = request(*state, 10000, 10000);
	struct offspring *o = next(*state, &t);

	assert_int_equal(o[9999].id, 10100 + 9998);
	for (int i = 0; i < t.size; i++)
		assert_true(flat_valid(&o[i].genome));
}

static void assert_refused(
	struct fixture *f, const struct truncation *t, const char *word)
{
	struct offspring *o = NULL;
	struct err e = {0};

	assert_int_equal(truncation_next(&f->mem, t, &o, &e), ERR_RANGE);
	assert_null(o);
	if (!strstr(e.text, word))
		fail_msg("\"%s\" does not say \"%s\"", e.text, word);
}

static void impossible_requests_are_refused(void **state)
{
	const struct truncation good = request(*state, 8, 4);
	struct truncation t = request(*state, 8, 20);

	t.elite = 8;
	assert_refused(*state, &t, "fewer than the population");

#define REFUSED(field, value, word)               \
	do {                                      \
		t = good;                         \
		t.field = (value);                \
		assert_refused(*state, &t, word); \
	} while (0)
	REFUSED(size, 0, "size");
	REFUSED(size, 10001, "size");
	REFUSED(elite, 8, "elite");
	REFUSED(elite, 5, "elite");
	REFUSED(elite, -1, "elite");
	REFUSED(mutation_rate, 1.5, "mutation");
	REFUSED(mutation_rate, __builtin_nan(""), "mutation");
	REFUSED(seed, -1, "seed");
	REFUSED(seed, RNG_SEED_MAX + 1, "seed");
	REFUSED(next_id, RNG_SEED_MAX, "next id");
	REFUSED(next_id, 103, "next id");
	REFUSED(batch_size, 0, "batch");
	REFUSED(data.channels, 0, "data");
	REFUSED(data.channels, 3, "another shape");
	REFUSED(n, 0, "population");
	REFUSED(generation, 0, "generation 0");
#undef REFUSED
}

static void bad_members_are_refused(void **state)
{
	struct fixture *f = *state;
	struct truncation t = request(f, 8, 4);

	f->population[2].fitness = __builtin_nan("");
	assert_refused(f, &t, "fitness of genome 102");
	t = request(f, 8, 4);
	f->population[1].fitness = 1.01;
	assert_refused(f, &t, "fitness of genome 101");
	t = request(f, 8, 4);
	f->population[3].id = 100;
	assert_refused(f, &t, "two genomes have the id 100");
	t = request(f, 8, 4);
	f->population[0].genome.n_conv = 17;
	assert_refused(f, &t, "genome 100 is out of bounds");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(first_generation_is_random_with_ids_from_next_id),
		TEST(elite_comes_first_and_keeps_id_and_genome),
		TEST(new_ids_are_consecutive_from_next_id),
		TEST(worst_half_never_breeds),
		TEST(parents_differ_and_all_of_the_best_half_breed),
		TEST(at_equal_fitness_the_lower_id_is_fitter),
		TEST(same_request_gives_the_same_generation),
		TEST(order_of_the_population_does_not_matter),
		TEST(a_child_depends_on_seed_generation_and_id_alone),
		TEST(each_new_genome_draws_from_a_stream_of_its_own),
		TEST(one_member_makes_a_generation_of_any_size),
		TEST(ten_thousand_members_are_served),
		TEST(impossible_requests_are_refused),
		TEST(bad_members_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
