/* test_store_sum.c -- rows that have changed behind the store's back: each kind
 * is refused by name, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "store/store_sum.h"
#include "store_fixture.h"
#include "temp_folder.h"

#define KEY "key of a training"
#define ROWS_MAX 10

static char folder[TEMP_FOLDER_BYTES], path[TEMP_FOLDER_BYTES + 16];
static struct store *s;
static struct arena mem;

static void run_sql(const char *sql)
{
	sqlite3 *db;
	char *why = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
	sqlite3_close(db);
}

/* -- one row of each kind, for each of two runs -- */

static void put_rest(const char *run)
{
	const struct store_generation g = {.members = "[0,1]",
		.species = "[3,3]",
		.scored = 1,
		.best = 0.75,
		.mean = 0.5,
		.scored_ms = 7};
	const struct store_species sp = {.id = 3, .size = 2, .best = 0.75};
	const struct store_rung r = {
		.fitness = 0.75, .loss = 0.25, .result = "{\"loss\":0.25}"};
	const struct store_training t = {.key = KEY, .genome = 1};
	int changed;

	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_generation_put(s, run, &g, NULL), 0);
	assert_int_equal(store_species_put(s, run, &sp, NULL), 0);
	assert_int_equal(store_rung_insert(s, run, &r, NULL), 0);
	assert_int_equal(store_training_put(s, run, &t, NULL), 0);
	assert_int_equal(
		store_genome_score(s, run, 0, 0.75, NULL, "{}", &changed, NULL),
		0);
	assert_int_equal(store_commit(s, NULL), 0);
}

static int set_up(void **state)
{
	static const char *const runs[] = {RUN_A, RUN_B};

	(void)state;
	temp_folder_make(folder);
	snprintf(path, sizeof path, "%s/nevod.db", folder);
	arena_init(&mem, (size_t)64 << 20);
	s = store_open(path, NULL);
	if (!s)
		return -1;
	for (int i = 0; i < 2; i++) {
		put_run(s, runs[i]);
		put_genomes(s, runs[i], 0, 0, 1);
		put_rest(runs[i]);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_close(s);
	arena_release(&mem);
	temp_folder_remove(folder);
	return 0;
}

/* -- readers, each of a kind of row of RUN_A -- */

static int read_run(struct err *e)
{
	struct store_run r;

	return store_run_get(s, &mem, RUN_A, &r, e);
}

static int list_runs(struct err *e)
{
	struct store_run *rows;
	size_t n;

	/* It hides no other run. */
	assert_int_equal(
		store_runs(s, &mem, NULL, 1, INT64_MAX, ROWS_MAX, &rows, &n, e),
		0);
	assert_int_equal(n, 2);
	for (size_t i = 0; i < n; i++)
		if (rows[i].damage)
			return err_set(e, ERR_DAMAGED, "%s", rows[i].damage);
	return 0;
}

static int read_generations(struct err *e)
{
	struct store_generation *rows;
	size_t n;

	return store_generations(s, &mem, RUN_A, -1, ROWS_MAX, &rows, &n, e);
}

static int read_genome(struct err *e)
{
	struct store_genome g;

	return store_genome_get(s, &mem, RUN_A, 0, &g, e);
}

static int list_genomes(struct err *e)
{
	struct store_genome *rows;
	size_t n;

	return store_genomes(s, &mem, RUN_A, -1, ROWS_MAX, &rows, &n, e);
}

static int read_lineage(struct err *e)
{
	struct store_genome *rows;
	size_t n;

	return store_lineage(
		s, &mem, RUN_A, 0, INT64_MAX, ROWS_MAX, &rows, &n, e);
}

static int read_rungs(struct err *e)
{
	struct store_rung *rows;
	size_t n;

	return store_rungs(s, &mem, RUN_A, 0, &rows, &n, e);
}

static int read_training(struct err *e)
{
	struct store_training t;

	return store_training_get(s, RUN_A, KEY, &t, e);
}

static int read_species(struct err *e)
{
	struct store_species *rows;
	size_t n;

	return store_species(s, &mem, RUN_A, 0, -1, ROWS_MAX, &rows, &n, e);
}

struct reader {
	int (*read)(struct err *e);
	const char *what; /* as the sentence has it */
};
static const struct reader readers[] = {
	{read_run, "the row of run " RUN_A},
	{list_runs, "the row of run " RUN_A},
	{read_generations, "generation 0 of run " RUN_A},
	{read_genome, "genome 0 of run " RUN_A},
	{list_genomes, "genome 0 of run " RUN_A},
	{read_lineage, "genome 0 of run " RUN_A},
	{read_rungs, "rung 0 of genome 0 of run " RUN_A},
	{read_training, "the training of genome 1 of run " RUN_A},
	{read_species, "species 3 in generation 0 of run " RUN_A},
};
#define N_READERS (sizeof readers / sizeof *readers)

/* Every reader gives its rows but those of `what`, who say that it is damaged.
 */
static void assert_damaged(const char *what)
{
	char sentence[300];
	int found = 0;

	for (size_t i = 0; i < N_READERS; i++) {
		struct err e = {0};
		const int rc = readers[i].read(&e);

		if (strcmp(readers[i].what, what) != 0) {
			assert_int_equal(rc, 0);
			continue;
		}
		found++;
		snprintf(sentence, sizeof sentence,
			"the store is damaged: %s is not as it was written; "
			"put a backup of the store in its place",
			what);
		assert_int_equal(rc, ERR_DAMAGED);
		assert_string_equal(e.text, sentence);
	}
	assert_int_equal(found > 0, what[0] != '\0');
}

/* -- the rules -- */

/* A column of each type, at least, and the first and the last. */
static void a_changed_value_is_refused_in_every_kind_of_row(void **state)
{
	static const struct {
		const char *change, *back, *what;
	} cases[] = {
		{"UPDATE run SET settings = '{\"seed\":2}' WHERE uuid = '" RUN_A
		 "'",
			"UPDATE run SET settings = '{\"seed\":1}'",
			"the row of run " RUN_A},
		{"UPDATE run SET idempotency_key = '' WHERE uuid = '" RUN_A "'",
			"UPDATE run SET idempotency_key = NULL",
			"the row of run " RUN_A},
		{"UPDATE generation SET members = '[0,2]'",
			"UPDATE generation SET members = '[0,1]'",
			"generation 0 of run " RUN_A},
		{"UPDATE generation SET mean = 0.5000000000000001",
			"UPDATE generation SET mean = 0.5",
			"generation 0 of run " RUN_A},
		{"UPDATE genome SET fitness = 0.7500000000000001 WHERE id = 0",
			"UPDATE genome SET fitness = 0.75 WHERE id = 0",
			"genome 0 of run " RUN_A},
		{"UPDATE genome SET genome = '{\"nodes\":{}}' WHERE id = 0",
			"UPDATE genome SET genome = '{\"nodes\":[]}'",
			"genome 0 of run " RUN_A},
		{"UPDATE genome SET mutations = 1 WHERE id = 0",
			"UPDATE genome SET mutations = 0",
			"genome 0 of run " RUN_A},
		{"UPDATE rung SET loss = 0.5", "UPDATE rung SET loss = 0.25",
			"rung 0 of genome 0 of run " RUN_A},
		{"UPDATE rung SET result = '{\"loss\":0.5}'",
			"UPDATE rung SET result = '{\"loss\":0.25}'",
			"rung 0 of genome 0 of run " RUN_A},
		{"UPDATE training SET rung = 1", "UPDATE training SET rung = 0",
			"the training of genome 1 of run " RUN_A},
		{"UPDATE species SET champion = 1",
			"UPDATE species SET champion = 0",
			"species 3 in generation 0 of run " RUN_A},
	};

	(void)state;
	assert_damaged("");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		run_sql(cases[i].change);
		assert_damaged(cases[i].what);
		run_sql(cases[i].back);
		assert_damaged("");
	}
}

static void a_row_in_anothers_place_is_refused(void **state)
{
	(void)state;
	run_sql("UPDATE rung SET run = run + 2; UPDATE rung SET run = 5 - run");
	assert_damaged("rung 0 of genome 0 of run " RUN_A);
	run_sql("UPDATE rung SET run = run + 2; UPDATE rung SET run = 5 - run");
	assert_damaged("");
	run_sql("UPDATE genome SET id = id + 2; UPDATE genome SET id = 3 - id");
	assert_damaged("genome 0 of run " RUN_A);
}

static void a_checksum_that_has_gone_is_refused(void **state)
{
	(void)state;
	run_sql("UPDATE rung SET checksum = ''");
	assert_damaged("rung 0 of genome 0 of run " RUN_A);
}

/* What a change does not replace would have a right checksum after it. */
static void damage_is_not_made_right_by_a_change(void **state)
{
	struct store_run r = a_run(RUN_A);
	int64_t crashes;
	int changed;

	(void)state;
	run_sql("UPDATE genome SET born = 1; UPDATE run SET created_ms = 2");
	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(
		store_genome_score(s, RUN_A, 1, 1, NULL, "{}", &changed, NULL),
		ERR_DAMAGED);
	assert_int_equal(
		store_genome_crash(s, RUN_A, 1, &crashes, NULL), ERR_DAMAGED);
	assert_int_equal(store_run_update(s, &r, NULL), ERR_DAMAGED);
	assert_int_equal(store_commit(s, NULL), 0);
	run_sql("UPDATE genome SET born = 0; UPDATE run SET created_ms = 1000");
	assert_damaged("");
}

static void rows_of_before_there_were_checksums_get_theirs(void **state)
{
	struct err e = {0};

	(void)state;
	store_close(s);
	run_sql("DROP TABLE roster;"
		"CREATE INDEX genome_by_birth ON genome (run, born, id);"
		"ALTER TABLE run DROP COLUMN trace;"
		"ALTER TABLE run DROP COLUMN label;"
		"ALTER TABLE run DROP COLUMN archived;"
		"ALTER TABLE run DROP COLUMN checksum;"
		"ALTER TABLE generation DROP COLUMN checksum;"
		"ALTER TABLE genome DROP COLUMN checksum;"
		"ALTER TABLE rung DROP COLUMN checksum;"
		"ALTER TABLE training DROP COLUMN checksum;"
		"ALTER TABLE species DROP COLUMN checksum;"
		"PRAGMA user_version = 5");
	s = store_open(path, &e);
	if (!s)
		fail_msg("%s", e.text);
	assert_damaged("");
}

/* -- the sum itself -- */

static const char *sum_of(const struct store_value *v, int n)
{
	static char text[STORE_SUM_BYTES];
	struct store_sum sum;

	store_sum_begin(&sum, "rung", RUN_A);
	for (int i = 0; i < n; i++)
		store_sum_add(&sum, &v[i]);
	store_sum_end(&sum, text);
	return text;
}

/* Stores live longer than programs.  By sha256sum, of "t4;rungt36;",
 * the uuid, "i-12;r3fb999999999999a;r0000000000000000;t7;{"a":1}t0;n;". */
static void the_form_of_a_sum_stays(void **state)
{
	const struct store_value row[] = {
		{STORE_INT, .integer = -12},
		{STORE_REAL, .real = 0.1},
		{STORE_REAL, .real = -0.0},
		{STORE_TEXT, .text = "{\"a\":1}"},
		{STORE_TEXT, .text = ""},
		{STORE_TEXT, .text = NULL},
	};

	(void)state;
	assert_string_equal(sum_of(row, 6), "fc87b32473d59f85");
}

static void columns_do_not_run_into_each_other(void **state)
{
	const struct store_value rows[][2] = {
		{{STORE_TEXT, .text = "ab"}, {STORE_TEXT, .text = "c"}},
		{{STORE_TEXT, .text = "a"}, {STORE_TEXT, .text = "bc"}},
		{{STORE_TEXT, .text = "abt1;c"}, {STORE_TEXT, .text = ""}},
		{{STORE_TEXT, .text = ""}, {STORE_TEXT, .text = NULL}},
		{{STORE_TEXT, .text = NULL}, {STORE_TEXT, .text = ""}},
		{{STORE_INT, .integer = 1}, {STORE_REAL, .real = 1}},
		{{STORE_REAL, .real = 1}, {STORE_INT, .integer = 1}},
	};
	enum { N = sizeof rows / sizeof *rows };
	char sums[N][STORE_SUM_BYTES];

	(void)state;
	for (int i = 0; i < N; i++) {
		strcpy(sums[i], sum_of(rows[i], 2));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(sums[i], sums[k]);
	}
}

#define RULE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(a_changed_value_is_refused_in_every_kind_of_row),
		RULE(a_row_in_anothers_place_is_refused),
		RULE(a_checksum_that_has_gone_is_refused),
		RULE(damage_is_not_made_right_by_a_change),
		RULE(rows_of_before_there_were_checksums_get_theirs),
		cmocka_unit_test(the_form_of_a_sum_stays),
		cmocka_unit_test(columns_do_not_run_into_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
