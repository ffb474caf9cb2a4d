/* store_contract_roster.c -- lists of genomes, labels of runs and runs that are
 * gone, from any store. */
#include "store_contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "store_fixture.h"

static const struct store_place *place;
static struct store *s;
static struct arena mem;

static const struct store_wanted all = {
	.born = -1, .species = -1, .rung = -1, .step = 1};

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

static void begin(void)
{
	assert_int_equal(store_begin(s, NULL), 0);
}

static void commit(void)
{
	assert_int_equal(store_commit(s, NULL), 0);
}

static void score(int64_t id, double fitness, const char *failure)
{
	int changed;

	begin();
	assert_int_equal(store_genome_score(s, RUN_A, id, fitness, failure,
				 "{}", &changed, NULL),
		0);
	commit();
}

/* The ids of a page, "3 1 0". */
static const char *ids(
	const struct store_wanted *w, int64_t after, int64_t skip, size_t max)
{
	static char text[200];
	struct store_listed *rows;
	size_t n, at = 0;

	text[0] = '\0';
	assert_int_equal(store_roster(s, &mem, RUN_A, w, after, skip, max,
				 &rows, &n, NULL),
		0);
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s%d",
			i ? " " : "", (int)rows[i].id);
	return text;
}

static int64_t count(const struct store_wanted *w)
{
	int64_t n = -1;

	assert_int_equal(store_roster_count(s, RUN_A, w, &n, NULL), 0);
	return n;
}

static struct store_listed listed(int64_t id)
{
	struct store_listed *rows;
	size_t n;

	assert_int_equal(store_roster(s, &mem, RUN_A, &all, id - 1, 0, 1, &rows,
				 &n, NULL),
		0);
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].id, id);
	return rows[0];
}

/* Genomes 0..4, of which 0, 1, 2 are scored (1 as good as 2) and 3 failed. */
static void put_five(void)
{
	put_run(s, RUN_A);
	put_run(s, RUN_B);
	put_genomes(s, RUN_A, 0, 0, 2);
	put_genomes(s, RUN_A, 1, 3, 4);
	put_genomes(s, RUN_B, 0, 0, 9);
	score(0, 0.25, NULL);
	score(1, 0.5, NULL);
	score(2, 0.5, NULL);
	score(3, 0, "memory");
}

static void a_genome_is_listed_from_its_birth_on(void **state)
{
	struct store_listed l;

	(void)state;
	put_five();
	assert_string_equal(ids(&all, -1, 0, 9), "0 1 2 3 4");
	l = listed(4);
	assert_true(!l.scored && l.fitness == 0 && !l.failure);
	assert_int_equal(l.born, 1);
	assert_int_equal(l.rung, -1);
	assert_int_equal(l.parameters, -1);
	l = listed(3);
	assert_string_equal(l.failure, "memory");
}

static void its_trainings_and_its_cost_are_noted(void **state)
{
	struct store_listed l;

	(void)state;
	put_five();
	begin();
	assert_int_equal(store_roster_cost(s, RUN_A, 1, 10, 20, NULL), 0);
	assert_int_equal(store_roster_train(s, RUN_A, 1, 1, 1.5, NULL), 0);
	assert_int_equal(store_roster_train(s, RUN_A, 1, 0, 0.25, NULL), 0);
	commit();
	begin();
	assert_int_equal(
		ended(s, store_roster_cost(s, RUN_A, 99, 1, 1, NULL), NULL),
		ERR_NOT_FOUND);
	begin();
	assert_int_equal(
		ended(s, store_roster_train(s, RUN_A, 99, 0, 1, NULL), NULL),
		ERR_NOT_FOUND);
	l = listed(1);
	assert_int_equal(l.parameters, 10);
	assert_int_equal(l.flops, 20);
	assert_int_equal(l.rung, 1);
	assert_int_equal(l.trainings, 2);
	assert_true(l.cpu_s == 1.75);
}

static void they_are_sorted_and_go_on_after_any(void **state)
{
	struct store_wanted w = all;

	(void)state;
	put_five();
	w.sort = STORE_BY_FITNESS;
	assert_string_equal(ids(&w, -1, 0, 9), "3 4 0 1 2");
	w.falling = 1;
	assert_string_equal(ids(&w, -1, 0, 9), "2 1 0 4 3");
	assert_string_equal(ids(&w, 2, 0, 2), "1 0");
	assert_string_equal(ids(&w, 2, 1, 2), "0 4");
	assert_string_equal(ids(&w, -1, 3, 9), "4 3");
	for (w.sort = 0; w.sort < STORE_SORTS; w.sort++)
		assert_int_equal(strlen(ids(&w, -1, 0, 9)), 9);
}

static void they_are_filtered_and_counted(void **state)
{
	struct store_wanted w = all;

	(void)state;
	put_five();
	assert_int_equal(count(&w), 5);
	w.state = STORE_SOUND;
	assert_string_equal(ids(&w, -1, 0, 9), "0 1 2");
	w.born = 1;
	assert_int_equal(count(&w), 0);
	w.state = STORE_OPEN;
	assert_string_equal(ids(&w, -1, 0, 9), "4");
	w.state = STORE_FAILED;
	w.failure = "memory";
	assert_int_equal(count(&w), 1);
	w.failure = "crash";
	assert_int_equal(count(&w), 0);
	w = all;
	w.step = 2;
	assert_string_equal(ids(&w, -1, 0, 9), "0 2 4");
	w.species = 7;
	assert_int_equal(count(&w), 0);
	w = all;
	w.rung = 0;
	assert_int_equal(count(&w), 0);
}

static void outcomes_are_those_of_the_list(void **state)
{
	struct store_outcome *o;
	struct store_listed *l;
	size_t n, m;

	(void)state;
	put_five();
	begin();
	store_roster_train(s, RUN_A, 1, 0, 2, NULL);
	store_roster_train(s, RUN_A, 1, 1, 3, NULL);
	commit();
	assert_int_equal(
		store_roster_outcomes(s, &mem, RUN_A, 1, 4, &o, &n, NULL), 0);
	assert_int_equal(n, 4);
	assert_int_equal(
		store_roster(s, &mem, RUN_A, &all, -1, 0, 9, &l, &m, NULL), 0);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(o[i].id, i + 1);
		assert_int_equal(o[i].born, l[i + 1].born);
		assert_int_equal(o[i].trainings, l[i + 1].trainings);
		assert_int_equal(o[i].scored, l[i + 1].scored);
		assert_int_equal(o[i].failed, l[i + 1].failure != NULL);
		assert_true(o[i].fitness == l[i + 1].fitness);
		assert_true(o[i].cpu_s == l[i + 1].cpu_s);
	}
	assert_int_equal(o[0].trainings, 2);
	assert_true(o[0].cpu_s == 5);
	assert_int_equal(o[3].scored, 0);
	assert_int_equal(
		store_roster_outcomes(s, &mem, RUN_A, 5, 9, &o, &n, NULL), 0);
	assert_int_equal(n, 0);
}

static void costs_that_nobody_knows_are_found(void **state)
{
	struct store_unknown *rows;
	size_t n;

	(void)state;
	put_run(s, RUN_A);
	put_genomes(s, RUN_A, 0, 0, 1);
	begin();
	store_roster_cost(s, RUN_A, 0, 0, 0, NULL);
	commit();
	assert_int_equal(store_roster_unknown(s, &mem, 9, &rows, &n, NULL), 0);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].run, RUN_A);
	assert_int_equal(rows[0].id, 1);
}

/* -- labels, and runs that are gone -- */

static void labels_last_and_an_update_keeps_them(void **state)
{
	struct store_run r, *page;
	size_t n;

	(void)state;
	put_run(s, RUN_A);
	put_run(s, RUN_B);
	begin();
	assert_int_equal(
		store_run_label(s, RUN_C, "mine", 1, NULL), ERR_NOT_FOUND);
	store_rollback(s);
	begin();
	assert_int_equal(store_run_label(s, RUN_A, "mine", 1, NULL), 0);
	assert_int_equal(store_run_get(s, &mem, RUN_B, &r, NULL), 0);
	assert_true(!r.label && !r.archived);
	r = a_run(RUN_A);
	assert_int_equal(store_run_update(s, &r, NULL), 0);
	commit();
	assert_int_equal(store_run_get(s, &mem, RUN_A, &r, NULL), 0);
	assert_string_equal(r.label, "mine");
	assert_int_equal(r.archived, 1);
	assert_int_equal(
		store_runs(s, &mem, NULL, 0, INT64_MAX, 9, &page, &n, NULL), 0);
	assert_int_equal(n, 1);
	assert_string_equal(page[0].uuid, RUN_B);
	assert_int_equal(store_runs(s, &mem, "created", 1, INT64_MAX, 9, &page,
				 &n, NULL),
		0);
	assert_int_equal(n, 2);
}

static void a_run_that_is_deleted_leaves_nothing(void **state)
{
	const struct store_training t = {.key = "k", .genome = 0};
	struct store_training found;
	struct store_genome g;
	struct store_run r;

	(void)state;
	put_five();
	begin();
	assert_int_equal(store_training_put(s, RUN_A, &t, NULL), 0);
	assert_int_equal(
		store_event_add(s, RUN_A, "run", "{}", 1, NULL, NULL), 0);
	assert_int_equal(store_run_delete(s, RUN_A, NULL), 0);
	commit();
	begin();
	assert_int_equal(store_run_delete(s, RUN_A, NULL), ERR_NOT_FOUND);
	store_rollback(s);
	assert_int_equal(
		store_run_get(s, &mem, RUN_A, &r, NULL), ERR_NOT_FOUND);
	assert_int_equal(count(&all), 0);
	put_run(s, RUN_A); /* finds nothing of what was there before */
	assert_int_equal(count(&all), 0);
	assert_int_equal(
		store_genome_get(s, &mem, RUN_A, 0, &g, NULL), ERR_NOT_FOUND);
	assert_int_equal(
		store_training_get(s, RUN_A, "k", &found, NULL), ERR_NOT_FOUND);
	assert_int_equal(store_genome_get(s, &mem, RUN_B, 9, &g, NULL), 0);
}

#define RULE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int store_contract_roster(const struct store_place *p)
{
	const struct CMUnitTest tests[] = {
		RULE(a_genome_is_listed_from_its_birth_on),
		RULE(its_trainings_and_its_cost_are_noted),
		RULE(they_are_sorted_and_go_on_after_any),
		RULE(they_are_filtered_and_counted),
		RULE(outcomes_are_those_of_the_list),
		RULE(costs_that_nobody_knows_are_found),
		RULE(labels_last_and_an_update_keeps_them),
		RULE(a_run_that_is_deleted_leaves_nothing),
	};

	place = p;
	return cmocka_run_group_tests_name(p->name, tests, NULL, NULL);
}
