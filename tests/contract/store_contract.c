/* store_contract.c -- rows and pages of any store. */
#include "store_contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "store_fixture.h"

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

static void begin(void)
{
	assert_int_equal(store_begin(s, NULL), 0);
}

static void commit(void)
{
	assert_int_equal(store_commit(s, NULL), 0);
}

static void open_again(void)
{
	store_close(s);
	s = store_open(place->url(), NULL);
	assert_non_null(s);
}

/* -- runs -- */

static void a_run_comes_back_as_it_was_written(void **state)
{
	struct store_run r = a_run(RUN_A), got;

	(void)state;
	r.running_ms = 77;
	r.idempotency_key = "key";
	r.trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
	memset(r.request_hash, 'a', SHA256_HEX_BYTES - 1);
	begin();
	assert_int_equal(store_run_insert(s, &r, NULL), 0);
	commit();
	open_again();
	assert_int_equal(store_run_get(s, &mem, RUN_A, &got, NULL), 0);
	assert_string_equal(got.uuid, RUN_A);
	assert_int_equal(got.number, 1);
	assert_int_equal(got.created_ms, 1000);
	assert_int_equal(got.updated_ms, 1000);
	assert_int_equal(got.running_ms, 77);
	assert_int_equal(got.generation, -1);
	assert_string_equal(got.state, "created");
	assert_string_equal(got.settings, "{\"seed\":1}");
	assert_string_equal(got.document, "{}");
	assert_string_equal(got.digest, "");
	assert_string_equal(got.idempotency_key, "key");
	assert_string_equal(got.request_hash, r.request_hash);
	assert_string_equal(got.trace, r.trace);
}

static void an_update_keeps_what_creation_fixed(void **state)
{
	struct store_run r = a_run(RUN_A), got;

	(void)state;
	put_run(s, RUN_A);
	r.created_ms = 5;
	r.updated_ms = 2000;
	r.running_ms = 9;
	r.generation = 3;
	r.state = "running";
	r.settings = "other";
	r.document = "{\"x\":1}";
	r.idempotency_key = "late";
	r.trace = "later";
	memset(r.digest, 'd', SHA256_HEX_BYTES - 1);
	begin();
	assert_int_equal(store_run_update(s, &r, NULL), 0);
	commit();
	assert_int_equal(store_run_get(s, &mem, RUN_A, &got, NULL), 0);
	assert_int_equal(got.created_ms, 1000);
	assert_string_equal(got.settings, "{\"seed\":1}");
	assert_null(got.idempotency_key);
	assert_null(got.trace);
	assert_int_equal(got.updated_ms, 2000);
	assert_int_equal(got.running_ms, 9);
	assert_int_equal(got.generation, 3);
	assert_string_equal(got.state, "running");
	assert_string_equal(got.document, "{\"x\":1}");
	assert_string_equal(got.digest, r.digest);
}

static void an_idempotency_key_names_one_run(void **state)
{
	struct store_run a = a_run(RUN_A), b = a_run(RUN_B), got;
	struct err e = {0};

	(void)state;
	a.idempotency_key = b.idempotency_key = "same";
	begin();
	assert_int_equal(store_run_insert(s, &a, NULL), 0);
	commit();
	begin();
	assert_int_equal(store_run_insert(s, &b, &e), ERR_CONFLICT);
	assert_int_equal(b.number, 0);
	assert_string_equal(e.text, "the store already has such a row");
	store_rollback(s);
	assert_int_equal(store_run_by_key(s, &mem, "same", &got, NULL), 0);
	assert_string_equal(got.uuid, RUN_A);
	assert_int_equal(
		store_run_by_key(s, &mem, "SAME", &got, NULL), ERR_NOT_FOUND);
}

static void what_is_not_there_is_not_found(void **state)
{
	struct store_population p;
	struct store_genome g;
	struct store_model m;
	struct store_run r = a_run(RUN_A), got;
	int64_t crashes;
	int changed;

	(void)state;
	assert_int_equal(
		store_run_get(s, &mem, RUN_A, &got, NULL), ERR_NOT_FOUND);
	assert_int_equal(
		store_genome_get(s, &mem, RUN_A, 0, &g, NULL), ERR_NOT_FOUND);
	assert_int_equal(
		store_population_get(s, &mem, RUN_A, &p, NULL), ERR_NOT_FOUND);
	assert_int_equal(
		store_model_get(s, &mem, RUN_A, 0, &m, NULL), ERR_NOT_FOUND);
	begin();
	assert_int_equal(store_run_update(s, &r, NULL), ERR_NOT_FOUND);
	store_rollback(s);
	begin();
	assert_int_equal(
		store_genome_crash(s, RUN_A, 0, &crashes, NULL), ERR_NOT_FOUND);
	store_rollback(s);
	begin();
	assert_int_equal(
		store_model_score(s, RUN_A, 0, 1, NULL, NULL), ERR_NOT_FOUND);
	store_rollback(s);
	begin();
	assert_int_equal(store_genome_score(
				 s, RUN_A, 0, 0.5, NULL, NULL, &changed, NULL),
		ERR_NOT_FOUND);
	store_rollback(s);
}

/* A transaction of that write alone. */
#define assert_no_run(write)                                            \
	do {                                                            \
		begin();                                                \
		assert_int_equal(ended(s, write, NULL), ERR_NOT_FOUND); \
	} while (0)

static void nothing_belongs_to_a_run_that_is_not_there(void **state)
{
	struct store_genome g = {.genome = "{}", .parents = {-1, -1}};
	struct store_generation gen = {.members = "[]"};
	struct store_model m = {.genome = "{}"};
	struct store_rung rung = {.result = "{}"};
	struct store_training training = {.key = "a"};
	int64_t number = 42;

	(void)state;
	assert_no_run(store_genome_insert(s, RUN_A, &g, NULL));
	assert_no_run(store_generation_put(s, RUN_A, &gen, NULL));
	assert_no_run(store_model_insert(s, RUN_A, &m, NULL));
	assert_no_run(store_rung_insert(s, RUN_A, &rung, NULL));
	assert_no_run(store_training_put(s, RUN_A, &training, NULL));
	assert_no_run(store_event_add(s, RUN_A, "run", "{}", 1, &number, NULL));
	assert_int_equal(number, 42);
	assert_no_run(store_event_add(s, RUN_A, "run", "{}", 1, NULL, NULL));
}

static void runs_page_newest_first_and_by_state(void **state)
{
	struct store_run *page, r = a_run(RUN_B);
	size_t n;

	(void)state;
	put_run(s, RUN_A);
	put_run(s, RUN_B);
	put_run(s, RUN_C);
	r.state = "running";
	begin();
	assert_int_equal(store_run_update(s, &r, NULL), 0);
	commit();
	assert_int_equal(
		store_runs(s, &mem, NULL, 1, INT64_MAX, 2, &page, &n, NULL), 0);
	assert_int_equal(n, 2);
	assert_string_equal(page[0].uuid, RUN_C);
	assert_string_equal(page[1].uuid, RUN_B);
	assert_int_equal(store_runs(s, &mem, NULL, 1, page[1].number, 2, &page,
				 &n, NULL),
		0);
	assert_int_equal(n, 1);
	assert_string_equal(page[0].uuid, RUN_A);
	assert_int_equal(store_runs(s, &mem, "created", 1, INT64_MAX, 9, &page,
				 &n, NULL),
		0);
	assert_int_equal(n, 2);
	assert_string_equal(page[0].uuid, RUN_C);
	assert_string_equal(page[1].uuid, RUN_A);
}

/* -- generations and genomes -- */

static void a_generation_is_replaced_by_its_scored_self(void **state)
{
	struct store_generation g = {
		.generation = 2, .members = "[1,2]", .created_ms = 7};
	struct store_generation *page;
	size_t n;

	(void)state;
	put_run(s, RUN_A);
	begin();
	assert_int_equal(store_generation_put(s, RUN_A, &g, NULL), 0);
	commit();
	assert_int_equal(
		store_generations(s, &mem, RUN_A, 1, 9, &page, &n, NULL), 0);
	assert_int_equal(n, 1);
	assert_false(page->scored);
	g.scored = 1;
	g.best = 0.1 + 0.2;
	g.mean = 1.0 / 3;
	g.scored_ms = 8;
	begin();
	assert_int_equal(store_generation_put(s, RUN_A, &g, NULL), 0);
	commit();
	assert_int_equal(
		store_generations(s, &mem, RUN_A, -1, 9, &page, &n, NULL), 0);
	assert_int_equal(n, 1);
	assert_int_equal(page->generation, 2);
	assert_true(page->scored);
	assert_memory_equal(&page->best, &g.best, sizeof g.best);
	assert_memory_equal(&page->mean, &g.mean, sizeof g.mean);
	assert_int_equal(page->created_ms, 7);
	assert_int_equal(page->scored_ms, 8);
	assert_string_equal(page->members, "[1,2]");
	assert_int_equal(
		store_generations(s, &mem, RUN_A, 2, 9, &page, &n, NULL), 0);
	assert_int_equal(n, 0);
}

static void the_first_score_wins(void **state)
{
	struct store_genome g;
	int changed = -1;

	(void)state;
	put_run(s, RUN_A);
	put_genomes(s, RUN_A, 0, 7, 7);
	assert_int_equal(store_genome_get(s, &mem, RUN_A, 7, &g, NULL), 0);
	assert_false(g.scored);
	begin();
	assert_int_equal(store_genome_score(s, RUN_A, 7, 0, "too_big",
				 "{\"a\":1}", &changed, NULL),
		0);
	assert_int_equal(changed, 1);
	assert_int_equal(store_genome_score(
				 s, RUN_A, 7, 0.9, NULL, NULL, &changed, NULL),
		0);
	assert_int_equal(changed, 0);
	commit();
	assert_int_equal(store_genome_get(s, &mem, RUN_A, 7, &g, NULL), 0);
	assert_true(g.scored);
	assert_true(g.fitness == 0);
	assert_string_equal(g.failure, "too_big");
	assert_string_equal(g.result, "{\"a\":1}");
}

static void crashes_are_counted_per_genome(void **state)
{
	struct store_genome g;
	int64_t crashes;

	(void)state;
	put_run(s, RUN_A);
	put_genomes(s, RUN_A, 0, 0, 1);
	for (int64_t i = 1; i <= 3; i++) {
		begin();
		assert_int_equal(
			store_genome_crash(s, RUN_A, 1, &crashes, NULL), 0);
		commit();
		assert_int_equal(crashes, i);
	}
	assert_int_equal(store_genome_get(s, &mem, RUN_A, 1, &g, NULL), 0);
	assert_int_equal(g.crashes, 3);
	assert_int_equal(store_genome_get(s, &mem, RUN_A, 0, &g, NULL), 0);
	assert_int_equal(g.crashes, 0);
}

static void genomes_page_by_id(void **state)
{
	struct store_genome *page;
	int64_t after = -1, seen = 0;
	size_t n;

	(void)state;
	put_run(s, RUN_A);
	put_run(s, RUN_B);
	put_genomes(s, RUN_A, 0, 0, 49);
	put_genomes(s, RUN_A, 1, 50, 99);
	put_genomes(s, RUN_B, 0, 0, 9);
	do {
		assert_int_equal(store_genomes(s, &mem, RUN_A, after, 33, &page,
					 &n, NULL),
			0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(page[i].id, seen++);
		after = seen - 1;
	} while (n == 33);
	assert_int_equal(seen, 100);
	assert_int_equal(
		store_genomes(s, &mem, RUN_A, 59, 1000, &page, &n, NULL), 0);
	assert_int_equal(n, 40);
	assert_int_equal(page[0].id, 60);
	assert_int_equal(page[0].born, 1);
	assert_int_equal(page[0].parents[0], -1);
	assert_int_equal(page[39].id, 99);
}

static void a_number_that_is_not_finite_is_refused(void **state)
{
	static const double bad[] = {NAN, INFINITY, -INFINITY};
	struct err e;
	int changed;

	(void)state;
	put_run(s, RUN_A);
	put_genomes(s, RUN_A, 0, 0, 0);
	for (size_t i = 0; i < 3; i++) {
		struct store_generation g = {
			.scored = 1, .best = bad[i], .members = "[]"};
		struct store_genome in = {.id = 1,
			.genome = "{}",
			.scored = 1,
			.fitness = bad[i]};

		begin();
		assert_int_equal(store_genome_score(s, RUN_A, 0, bad[i], NULL,
					 NULL, &changed, &e),
			ERR_RANGE);
		assert_string_equal(e.text, "fitness must be a finite number");
		store_rollback(s);
		begin();
		assert_int_equal(
			store_generation_put(s, RUN_A, &g, NULL), ERR_RANGE);
		store_rollback(s);
		begin();
		assert_int_equal(
			store_genome_insert(s, RUN_A, &in, NULL), ERR_RANGE);
		store_rollback(s);
	}
}

static void doubles_and_texts_keep_every_bit(void **state)
{
	static const double values[] = {
		0.1, 5e-324, 1.7976931348623157e308, 1.0 / 3, 1, 0};
	static const char text[] = "\"' \\ %s \xc3\xa9 \xf0\x9f\xa7\xac\n;--";
	struct store_genome g = {.genome = text, .scored = 1}, got;

	(void)state;
	put_run(s, RUN_A);
	for (g.id = 0; g.id < 6; g.id++) {
		g.fitness = values[g.id];
		begin();
		assert_int_equal(store_genome_insert(s, RUN_A, &g, NULL), 0);
		commit();
		assert_int_equal(
			store_genome_get(s, &mem, RUN_A, g.id, &got, NULL), 0);
		assert_memory_equal(&got.fitness, &g.fitness, sizeof(double));
		assert_string_equal(got.genome, text);
	}
}

/* -- events -- */

static void events_are_numbered_per_run_without_gaps(void **state)
{
	struct store_event *page;
	int64_t number;
	size_t n;

	(void)state;
	put_run(s, RUN_A);
	put_run(s, RUN_B);
	for (int i = 0; i < 6; i++) {
		begin();
		assert_int_equal(store_event_add(s, i % 2 ? RUN_A : RUN_B,
					 "run", "{}", 10 + i, &number, NULL),
			0);
		assert_int_equal(number, i / 2 + 1);
		if (i == 4) /* leaves no gap */
			store_rollback(s);
		else
			commit();
	}
	assert_int_equal(
		store_events(s, &mem, RUN_A, 1, 9, &page, &n, NULL), 0);
	assert_int_equal(n, 2);
	assert_int_equal(page[0].number, 2);
	assert_int_equal(page[0].created_ms, 13);
	assert_string_equal(page[0].type, "run");
	assert_string_equal(page[0].data, "{}");
	begin();
	assert_int_equal(
		store_event_add(s, RUN_B, "run", "{}", 1, &number, NULL), 0);
	commit();
	assert_int_equal(number, 3);
}

/* -- populations -- */

static void a_model_keeps_its_latest_score(void **state)
{
	struct store_population p = {
		.uuid = RUN_A, .created_ms = 3, .dataset = "d", .seed = 9};
	struct store_population got;
	struct store_model m = {.id = 4, .genome = "{}"}, *all;
	int64_t next;
	size_t n;

	(void)state;
	begin();
	assert_int_equal(store_population_insert(s, &p, NULL), 0);
	commit();
	assert_int_equal(
		store_models(s, &mem, RUN_A, &all, &n, &next, NULL), 0);
	assert_int_equal(n, 0);
	assert_int_equal(next, 0);
	begin();
	assert_int_equal(store_model_insert(s, RUN_A, &m, NULL), 0);
	commit();
	begin();
	assert_int_equal(store_model_insert(s, RUN_A, &m, NULL), ERR_CONFLICT);
	store_rollback(s);
	begin();
	assert_int_equal(store_model_score(s, RUN_A, 4, 80, "a", NULL), 0);
	assert_int_equal(store_model_score(s, RUN_A, 4, 70.5, "b", NULL), 0);
	commit();
	assert_int_equal(store_population_get(s, &mem, RUN_A, &got, NULL), 0);
	assert_string_equal(got.uuid, RUN_A);
	assert_string_equal(got.dataset, "d");
	assert_int_equal(got.created_ms, 3);
	assert_int_equal(got.seed, 9);
	assert_int_equal(
		store_models(s, &mem, RUN_A, &all, &n, &next, NULL), 0);
	assert_int_equal(n, 1);
	assert_int_equal(next, 5);
	assert_true(all->scored && all->score == 70.5);
	assert_string_equal(all->answer, "b");
	assert_int_equal(store_model_get(s, &mem, RUN_A, 4, &m, NULL), 0);
	assert_string_equal(m.genome, "{}");
}

#define RULE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

static void species_page_by_id_within_a_generation(void **state)
{
	struct store_species sp = {.size = 3,
				     .born = 1,
				     .improved = 2,
				     .best = 0.75,
				     .mean = 0.5,
				     .champion = 9},
			     *rows;
	size_t n;

	(void)state;
	put_run(s, RUN_A);
	put_run(s, RUN_B);
	assert_int_equal(store_begin(s, NULL), 0);
	for (int i = 0; i < 6; i++) {
		sp.generation = i % 2;
		sp.id = i / 2;
		assert_int_equal(store_species_put(s, RUN_A, &sp, NULL), 0);
	}
	sp.size = 4; /* replaces the last */
	assert_int_equal(store_species_put(s, RUN_A, &sp, NULL), 0);
	assert_int_equal(store_commit(s, NULL), 0);
	assert_int_equal(
		store_species(s, &mem, RUN_A, 1, 0, 10, &rows, &n, NULL), 0);
	assert_int_equal(n, 2);
	assert_int_equal(rows[0].id, 1);
	assert_int_equal(rows[0].size, 3);
	assert_int_equal(rows[1].id, 2);
	assert_int_equal(rows[1].size, 4);
	assert_int_equal(rows[1].champion, 9);
	assert_true(rows[1].best == 0.75 && rows[1].mean == 0.5);
	assert_int_equal(
		store_species(s, &mem, RUN_B, 1, -1, 10, &rows, &n, NULL), 0);
	assert_int_equal(n, 0);
}

static void rungs_come_back_in_order_and_each_once(void **state)
{
	struct store_rung r = {.genome = 5, .result = "{\"loss\":0.5}"}, *rows;
	size_t n;

	(void)state;
	put_run(s, RUN_A);
	put_run(s, RUN_B);
	put_genomes(s, RUN_A, 0, 5, 6);
	begin();
	for (r.rung = 1; r.rung >= 0; r.rung--) {
		r.fitness = 0.25 * (double)(r.rung + 1);
		r.loss = 1.0 / 3 + (double)r.rung;
		assert_int_equal(store_rung_insert(s, RUN_A, &r, NULL), 0);
	}
	commit();
	r.rung = 1;
	begin();
	assert_int_equal(ended(s, store_rung_insert(s, RUN_A, &r, NULL), NULL),
		ERR_CONFLICT);
	r.rung = 2;
	r.loss = INFINITY;
	begin();
	assert_int_equal(store_rung_insert(s, RUN_A, &r, NULL), ERR_RANGE);
	store_rollback(s);
	assert_int_equal(store_rungs(s, &mem, RUN_A, 5, &rows, &n, NULL), 0);
	assert_int_equal(n, 2);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(rows[i].genome, 5);
		assert_int_equal(rows[i].rung, i);
		assert_true(rows[i].fitness == 0.25 * (double)(i + 1));
		assert_true(rows[i].loss == 1.0 / 3 + (double)i);
		assert_string_equal(rows[i].result, r.result);
	}
	assert_int_equal(store_rungs(s, &mem, RUN_A, 6, &rows, &n, NULL), 0);
	assert_int_equal(n, 0);
	assert_int_equal(store_rungs(s, &mem, RUN_B, 5, &rows, &n, NULL), 0);
	assert_int_equal(n, 0);
}

static void a_key_names_the_latest_training_of_its_run(void **state)
{
	struct store_training t = {.key = "a", .genome = 5, .rung = 1};

	(void)state;
	put_run(s, RUN_A);
	put_run(s, RUN_B);
	begin();
	assert_int_equal(store_training_put(s, RUN_A, &t, NULL), 0);
	t.genome = 6;
	t.rung = 0;
	assert_int_equal(store_training_put(s, RUN_A, &t, NULL), 0);
	commit();
	t = (struct store_training){.key = NULL};
	assert_int_equal(store_training_get(s, RUN_A, "a", &t, NULL), 0);
	assert_string_equal(t.key, "a");
	assert_int_equal(t.genome, 6);
	assert_int_equal(t.rung, 0);
	assert_int_equal(
		store_training_get(s, RUN_A, "b", &t, NULL), ERR_NOT_FOUND);
	assert_int_equal(
		store_training_get(s, RUN_B, "a", &t, NULL), ERR_NOT_FOUND);
}

static void a_genome_keeps_how_it_came_to_be(void **state)
{
	struct store_genome g = {.id = 5,
				    .parents = {3, 4},
				    .species = 2,
				    .mutations = 65,
				    .genome = "{}"},
			    got;

	(void)state;
	put_run(s, RUN_A);
	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_genome_insert(s, RUN_A, &g, NULL), 0);
	assert_int_equal(store_commit(s, NULL), 0);
	assert_int_equal(store_genome_get(s, &mem, RUN_A, 5, &got, NULL), 0);
	assert_int_equal(got.parents[1], 4);
	assert_int_equal(got.species, 2);
	assert_int_equal(got.mutations, 65);
}

int store_contract_rows(const struct store_place *p)
{
	const struct CMUnitTest tests[] = {
		RULE(a_run_comes_back_as_it_was_written),
		RULE(an_update_keeps_what_creation_fixed),
		RULE(an_idempotency_key_names_one_run),
		RULE(what_is_not_there_is_not_found),
		RULE(nothing_belongs_to_a_run_that_is_not_there),
		RULE(runs_page_newest_first_and_by_state),
		RULE(a_generation_is_replaced_by_its_scored_self),
		RULE(the_first_score_wins),
		RULE(crashes_are_counted_per_genome),
		RULE(genomes_page_by_id),
		RULE(species_page_by_id_within_a_generation),
		RULE(rungs_come_back_in_order_and_each_once),
		RULE(a_key_names_the_latest_training_of_its_run),
		RULE(a_genome_keeps_how_it_came_to_be),
		RULE(a_number_that_is_not_finite_is_refused),
		RULE(doubles_and_texts_keep_every_bit),
		RULE(events_are_numbered_per_run_without_gaps),
		RULE(a_model_keeps_its_latest_score),
	};

	place = p;
	return cmocka_run_group_tests_name(p->name, tests, NULL, NULL);
}
