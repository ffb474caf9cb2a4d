/* store_contract_lineage.c -- a genome's ancestors, from any store. */
#include "store_contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store_fixture.h"

#define GENERATIONS 40

static const struct store_place *place;
static struct store *s;
static struct arena mem;

static int set_up(void **state)
{
	(void)state;
	return fixture_begin(place, &s, &mem);
}

static int tear_down(void **state)
{
	(void)state;
	fixture_end(place, s, &mem);
	return 0;
}

static void put_child(const char *run, int64_t id, int64_t a, int64_t b)
{
	struct store_genome g = {
		.id = id, .parents = {a, b}, .genome = "{}", .mutations = 5};

	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_genome_insert(s, run, &g, NULL), 0);
	assert_int_equal(store_commit(s, NULL), 0);
}

/* The page's ids must be ids[0..n-1], in that order. */
static void assert_line(const char *run, int64_t id, int64_t before, size_t max,
	const int64_t *ids, size_t n)
{
	struct store_genome *page;
	size_t got;

	assert_int_equal(
		store_lineage(s, &mem, run, id, before, max, &page, &got, NULL),
		0);
	assert_int_equal(got, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(page[i].id, ids[i]);
}

#define IDS(...)                        \
	(const int64_t[]){__VA_ARGS__}, \
		sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)

static void a_genome_without_parents_is_its_whole_line(void **state)
{
	(void)state;
	put_run(s, RUN_A);
	put_genomes(s, RUN_A, 0, 0, 3);
	assert_line(RUN_A, 2, INT64_MAX, 9, IDS(2));
	assert_line(RUN_A, 0, INT64_MAX, 9, IDS(0));
}

static void a_single_parents_line_is_a_chain(void **state)
{
	struct store_genome *page;
	size_t n;

	(void)state;
	put_run(s, RUN_A);
	put_genomes(s, RUN_A, 0, 0, 1);
	put_child(RUN_A, 2, 1, -1);
	put_child(RUN_A, 3, 1, -1);
	put_child(RUN_A, 7, 2, -1);
	assert_line(RUN_A, 7, INT64_MAX, 9, IDS(7, 2, 1));
	assert_int_equal(
		store_lineage(s, &mem, RUN_A, 7, INT64_MAX, 1, &page, &n, NULL),
		0);
	assert_int_equal(page->parents[0], 2);
	assert_int_equal(page->parents[1], -1);
	assert_int_equal(page->mutations, 5);
	assert_string_equal(page->genome, "{}");
}

/* 9's parents have 1 as theirs, and 1 is 9's grandparent on both sides. */
static void an_ancestor_on_both_sides_comes_once(void **state)
{
	(void)state;
	put_run(s, RUN_A);
	put_genomes(s, RUN_A, 0, 0, 3);
	put_child(RUN_A, 4, 0, 1);
	put_child(RUN_A, 5, 1, 2);
	put_child(RUN_A, 6, 3, 3);
	put_child(RUN_A, 9, 4, 5);
	assert_line(RUN_A, 9, INT64_MAX, 9, IDS(9, 5, 4, 2, 1, 0));
	assert_line(RUN_A, 6, INT64_MAX, 9, IDS(6, 3));
}

/* An elite keeps its id and breeds on, even with its own descendants. */
static void parents_may_be_of_any_earlier_generation(void **state)
{
	(void)state;
	put_run(s, RUN_A);
	put_genomes(s, RUN_A, 0, 0, 1);
	put_child(RUN_A, 2, 1, -1);
	put_child(RUN_A, 3, 2, 1);
	put_child(RUN_A, 4, 0, 3);
	assert_line(RUN_A, 4, INT64_MAX, 9, IDS(4, 3, 2, 1, 0));
}

/* The first two of each three are the parents of the next three.  Paths double
 * with each generation: only a walk that remembers whom it has met ends. */
static void pages_of_a_long_line_join_without_gap_or_overlap(void **state)
{
	int64_t first = 3 * (GENERATIONS - 1), next = first, before = INT64_MAX;
	struct store_genome *page;
	size_t n;

	(void)state;
	put_run(s, RUN_A);
	put_genomes(s, RUN_A, 0, 0, 2);
	for (int64_t id = 3; id < 3 * GENERATIONS; id++)
		put_child(RUN_A, id, id - id % 3 - 3, id - id % 3 - 2);
	do {
		assert_int_equal(store_lineage(s, &mem, RUN_A, first, before, 7,
					 &page, &n, NULL),
			0);
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(page[i].id, next);
			before = next;
			next -= next % 3 == 1 ? 1 : 2;
		}
	} while (n == 7);
	assert_int_equal(before, 0);
	assert_line(RUN_A, first, 0, 9, NULL, 0);
}

static void another_runs_genomes_never_appear(void **state)
{
	(void)state;
	put_run(s, RUN_A);
	put_run(s, RUN_B);
	put_genomes(s, RUN_A, 0, 0, 2);
	put_genomes(s, RUN_B, 0, 0, 4);
	put_child(RUN_A, 5, 1, 4); /* 4 is the other run's alone */
	put_child(RUN_B, 5, 2, 3);
	put_child(RUN_B, 6, 5, 0);
	assert_line(RUN_A, 5, INT64_MAX, 9, IDS(5, 1));
	assert_line(RUN_B, 6, INT64_MAX, 9, IDS(6, 5, 3, 2, 0));
}

static void a_genome_that_is_not_there_has_no_line(void **state)
{
	(void)state;
	put_run(s, RUN_A);
	put_genomes(s, RUN_A, 0, 0, 2);
	assert_line(RUN_A, 3, INT64_MAX, 9, NULL, 0);
	assert_line(RUN_A, -1, INT64_MAX, 9, NULL, 0);
	assert_line(RUN_B, 0, INT64_MAX, 9, NULL, 0);
}

/* No run makes such rows; a damaged store must not hang a reader. */
static void a_line_in_a_circle_ends(void **state)
{
	(void)state;
	put_run(s, RUN_A);
	put_child(RUN_A, 1, 2, 1);
	put_child(RUN_A, 2, 1, -1);
	assert_line(RUN_A, 2, INT64_MAX, 9, IDS(2, 1));
}

#define RULE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int store_contract_lineage(const struct store_place *p)
{
	const struct CMUnitTest tests[] = {
		RULE(a_genome_without_parents_is_its_whole_line),
		RULE(a_single_parents_line_is_a_chain),
		RULE(an_ancestor_on_both_sides_comes_once),
		RULE(parents_may_be_of_any_earlier_generation),
		RULE(pages_of_a_long_line_join_without_gap_or_overlap),
		RULE(another_runs_genomes_never_appear),
		RULE(a_genome_that_is_not_there_has_no_line),
		RULE(a_line_in_a_circle_ends),
	};

	place = p;
	return cmocka_run_group_tests_name(p->name, tests, NULL, NULL);
}
