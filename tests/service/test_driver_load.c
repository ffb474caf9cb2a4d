/* test_driver_load.c -- what the store has of a run is the run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/canonical.h"
#include "driver_bench.h"

static int set_up(void **state)
{
	int rc = broker_bench_set_up(state);

	if (rc == 0)
		broker_bench_store_run(*state);
	return rc;
}

static void load(struct driver_bench *d, struct broker_bench *b)
{
	struct err e = {0};

	if (driver_bench_load(d, b, &e))
		fail_msg("%s", e.text);
}

static void expect_error(struct broker_bench *b, int code)
{
	struct driver_bench d;
	struct err e = {0};

	assert_int_equal(driver_bench_load(&d, b, &e), code);
	assert_int_equal(e.code, code);
	assert_true(e.text[0]);
	arena_release(&d.driver.row_mem);
}

static void the_run_says_what_its_document_said(void **state)
{
	struct driver_bench d;
	json_t *doc;
	char *text;

	load(&d, *state);
	assert_string_equal(d.driver.run.uuid, BENCH_UUID);
	assert_int_equal(d.driver.run.state, RUN_RUNNING);
	assert_int_equal(d.driver.counted, RUN_RUNNING);
	doc = run_document(&d.driver.run);
	text = canonical_text(doc, NULL);
	assert_string_equal(text, d.driver.row.document);
	free(text);
	json_decref(doc);
	driver_bench_release(&d);
}

static void members_come_in_order_with_their_genomes(void **state)
{
	struct run_settings s = bench_settings();
	struct driver_bench d;
	struct bench made;

	bench_init(&made, &s);
	bench_send(&made, RUN_EV_CONTINUE);
	bench_breed(&made, 0, -1);
	load(&d, *state);
	assert_int_equal(d.driver.run.n_members, BENCH_POPULATION);
	for (int i = 0; i < BENCH_POPULATION; i++) {
		const struct run_member *m = &d.driver.run.members[i];

		assert_int_equal(m->id, i);
		assert_false(m->scored);
		assert_true(
			genome_equal(m->genome, made.run.members[i].genome));
	}
	driver_bench_release(&d);
	bench_release(&made);
}

static void scores_come_with_the_members(void **state)
{
	struct broker_bench *b = *state;
	const struct run_member *m;
	struct driver_bench d;

	broker_bench_edit(b,
		"UPDATE genome SET scored = 1, fitness = 0.5 WHERE id = 1;"
		"UPDATE genome SET scored = 1, failure = 'memory' "
		"WHERE id = 2");
	load(&d, b);
	m = d.driver.run.members;
	assert_false(m[0].scored);
	assert_true(m[1].scored && m[1].fitness == 0.5 && !m[1].failure[0]);
	assert_true(m[2].scored && m[2].fitness == 0);
	assert_string_equal(m[2].failure, "memory");
	driver_bench_release(&d);
}

static void rungs_come_with_the_members(void **state)
{
	struct broker_bench *b = *state;
	const struct run_member *m;
	struct driver_bench d;

	broker_bench_edit(b,
		"UPDATE run SET settings = json_set(settings, '$.rungs', 2);"
		"INSERT INTO rung VALUES (1, 1, 0, 0.5, 0.75, '{}', '')");
	load(&d, b);
	m = &d.driver.run.members[1];
	assert_false(m->scored);
	assert_int_equal(m->rungs, 1);
	assert_true(m->losses[0] == 0.75 && m->fitness == 0.5);
	assert_int_equal(m[1].rungs, 0);
	driver_bench_release(&d);
	broker_bench_edit(b, "UPDATE rung SET rung = 1");
	expect_error(b, ERR_INVALID);
	broker_bench_edit(b, "UPDATE rung SET rung = 0, loss = -1");
	expect_error(b, ERR_INVALID);
}

static void members_live_where_the_generation_says(void **state)
{
	struct broker_bench *b = *state;
	struct driver_bench d;

	broker_bench_edit(b, "UPDATE generation SET species = '[4,4,5,6]';"
			     "UPDATE genome SET species = 1");
	load(&d, b);
	assert_int_equal(d.driver.run.members[0].species, 4);
	assert_int_equal(d.driver.run.members[3].species, 6);
	assert_int_equal(d.driver.run.members[3].first_species, 1);
	driver_bench_release(&d);
}

static void a_run_that_is_not_there_is_not_found(void **state)
{
	struct broker_bench *b = *state;

	broker_bench_edit(b, "DELETE FROM generation; DELETE FROM genome;"
			     "DELETE FROM run");
	expect_error(b, ERR_NOT_FOUND);
}

static void a_run_without_its_generation_is_refused(void **state)
{
	struct broker_bench *b = *state;

	broker_bench_edit(b, "DELETE FROM generation");
	expect_error(b, ERR_INVALID);
	broker_bench_edit(b,
		"INSERT INTO generation (run, generation, members, "
		"scored, best, mean, created_ms, scored_ms) "
		"VALUES (1, 0, '[0,1,2,77]', 0, 0, 0, 0, 0)");
	expect_error(b, ERR_NOT_FOUND); /* there is no genome 77 */
}

static void a_run_whose_texts_are_none_is_refused(void **state)
{
	struct broker_bench *b = *state;

	broker_bench_edit(b, "UPDATE genome SET genome = '{}' WHERE id = 3");
	expect_error(b, ERR_INVALID);
	broker_bench_edit(b, "UPDATE run SET document = '{}'");
	expect_error(b, ERR_INVALID);
	broker_bench_edit(b, "UPDATE run SET settings = '{'");
	expect_error(b, ERR_INVALID);
}

static void a_run_whose_rows_have_changed_is_refused(void **state)
{
	struct broker_bench *b = *state;

	broker_bench_sql(b, "UPDATE genome SET species = 1 WHERE id = 3");
	expect_error(b, ERR_DAMAGED);
	broker_bench_edit(b, "UPDATE genome SET species = -1 WHERE id = 3");
	broker_bench_sql(b, "UPDATE generation SET members = '[0,1,2]'");
	expect_error(b, ERR_DAMAGED);
}

#define RULE(f) \
	cmocka_unit_test_setup_teardown(f, set_up, broker_bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(the_run_says_what_its_document_said),
		RULE(members_come_in_order_with_their_genomes),
		RULE(scores_come_with_the_members),
		RULE(rungs_come_with_the_members),
		RULE(members_live_where_the_generation_says),
		RULE(a_run_that_is_not_there_is_not_found),
		RULE(a_run_without_its_generation_is_refused),
		RULE(a_run_whose_texts_are_none_is_refused),
		RULE(a_run_whose_rows_have_changed_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
