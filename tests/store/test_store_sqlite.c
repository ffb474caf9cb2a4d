/* test_store_sqlite.c -- the contract on SQLite, and what is SQLite's alone:
 * the file and who may have it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "shaky_disk.h"
#include "store_contract.h"
#include "store_fixture.h"
#include "temp_folder.h"

static char folder[TEMP_FOLDER_BYTES], path[TEMP_FOLDER_BYTES + 16];

static int make_folder(void)
{
	temp_folder_make(folder);
	snprintf(path, sizeof path, "%s/nevod.db", folder);
	return 0;
}

static void remove_folder(void)
{
	temp_folder_remove(folder);
}

static const char *sqlite_url(void)
{
	static char url[640];

	snprintf(url, sizeof url, "sqlite:%s", path);
	return url;
}

static int set_up(void **state)
{
	(void)state;
	return make_folder();
}

static int tear_down(void **state)
{
	(void)state;
	remove_folder();
	return 0;
}

static void run_sql(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void assert_refused(int code, const char *sentence)
{
	struct err e = {0};

	assert_null(store_open(path, &e));
	assert_int_equal(e.code, code);
	assert_string_equal(e.text, sentence);
}

static void another_process_is_refused_by_pid(void **state)
{
	char sentence[200];
	int to_child[2], to_parent[2];
	char byte = 0;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(to_child), 0);
	assert_int_equal(pipe(to_parent), 0);
	child = fork();
	if (child == 0) {
		byte = store_open(path, NULL) != NULL;
		if (write(to_parent[1], &byte, 1) == 1 &&
			read(to_child[0], &byte, 1) == 1)
			_exit(0);
		_exit(1);
	}
	assert_int_equal(read(to_parent[0], &byte, 1), 1);
	assert_int_equal(byte, 1);
	snprintf(sentence, sizeof sentence,
		"another broker uses this data directory (process %ld); stop "
		"it or choose another with --data-dir",
		(long)child);
	assert_refused(ERR_CONFLICT, sentence);
	assert_int_equal(write(to_child[1], &byte, 1), 1);
	assert_int_equal(waitpid(child, NULL, 0), child);
	store_close(store_open(path, NULL)); /* the lock went with it */
	for (int i = 0; i < 2; i++) {
		close(to_child[i]);
		close(to_parent[i]);
	}
}

/* Pages beyond the header: only reading them all finds this. */
static void a_file_with_a_damaged_page_is_refused(void **state)
{
	char garbage[8192];
	int fd;

	(void)state;
	store_close(store_open(path, NULL));
	memset(garbage, 0x5a, sizeof garbage);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(
		pwrite(fd, garbage, sizeof garbage, 4096), sizeof garbage);
	close(fd);
	assert_refused(ERR_INVALID,
		"the store's file is damaged; put a copy in its place, or "
		"start with another --data-dir");
}

static void a_file_that_is_no_database_is_refused_untouched(void **state)
{
	static const char text[] = "these are somebody's notes, and not a "
				   "database at all";
	struct buf after;

	(void)state;
	assert_int_equal(file_replace(path, text, sizeof text, NULL), 0);
	assert_refused(
		ERR_INVALID, "the store's file is damaged or no nevod store");
	buf_init(&after, 1000);
	assert_int_equal(file_read(path, &after, NULL), 0);
	assert_int_equal(after.len, sizeof text);
	assert_memory_equal(after.data, text, sizeof text);
	buf_release(&after);
}

static void another_programs_database_is_refused_untouched(void **state)
{
	struct buf before, after;

	(void)state;
	run_sql("CREATE TABLE bookmarks (url TEXT)");
	buf_init(&before, 1 << 20);
	buf_init(&after, 1 << 20);
	assert_int_equal(file_read(path, &before, NULL), 0);
	assert_refused(
		ERR_INVALID, "the store's file belongs to another program");
	assert_int_equal(file_read(path, &after, NULL), 0);
	assert_int_equal(after.len, before.len);
	assert_memory_equal(after.data, before.data, before.len);
	buf_release(&before);
	buf_release(&after);
}

static void a_version_that_cannot_be_is_refused(void **state)
{
	(void)state;
	store_close(store_open(path, NULL));
	run_sql("PRAGMA user_version = -1");
	assert_null(store_open(path, NULL));
	run_sql("PRAGMA user_version = 1; PRAGMA application_id = 7");
	assert_refused(
		ERR_INVALID, "the store's file belongs to another program");
}

/* A file of before there were species keeps its rows and takes new ones. */
static void an_older_version_is_brought_up_to_date(void **state)
{
	struct store_genome g, child = {.id = 1,
				       .parents = {0, -1},
				       .species = 2,
				       .mutations = 1,
				       .genome = "{}"};
	struct err e = {0};
	struct arena mem;
	struct store *s = store_open(path, NULL);

	(void)state;
	arena_init(&mem, 1 << 20);
	put_run(s, RUN_A);
	put_genomes(s, RUN_A, 0, 0, 0);
	store_close(s);
	run_sql("DROP INDEX genome_parents; DROP TABLE species;"
		"DROP TABLE rung; DROP TABLE training;"
		"DROP TABLE roster;"
		"CREATE INDEX genome_by_birth ON genome (run, born, id);"
		"ALTER TABLE run DROP COLUMN trace;"
		"ALTER TABLE run DROP COLUMN label;"
		"ALTER TABLE run DROP COLUMN archived;"
		"ALTER TABLE run DROP COLUMN checksum;"
		"ALTER TABLE generation DROP COLUMN checksum;"
		"ALTER TABLE genome DROP COLUMN checksum;"
		"ALTER TABLE genome DROP COLUMN species;"
		"ALTER TABLE genome DROP COLUMN mutations;"
		"ALTER TABLE generation DROP COLUMN species;"
		"PRAGMA user_version = 1");
	s = store_open(path, &e);
	if (!s)
		fail_msg("%s", e.text);
	assert_int_equal(store_genome_get(s, &mem, RUN_A, 0, &g, NULL), 0);
	assert_int_equal(g.species, -1);
	assert_int_equal(g.mutations, 0);
	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_genome_insert(s, RUN_A, &child, NULL), 0);
	assert_int_equal(store_commit(s, NULL), 0);
	assert_int_equal(store_genome_get(s, &mem, RUN_A, 1, &g, NULL), 0);
	assert_int_equal(g.species, 2);
	store_close(s);
	arena_release(&mem);
}

/* What lists say of genomes that were there before there was a roster. */
static void older_genomes_are_put_on_the_roster(void **state)
{
	static const struct store_wanted all = {
		.born = -1, .species = -1, .rung = -1, .step = 1};
	const struct store_rung rung = {.genome = 1,
		.rung = 1,
		.fitness = 0.5,
		.result = "{\"cpu_s\":2.5}"};
	struct store *s = store_open(path, NULL);
	struct store_unknown *unknown;
	struct store_listed *l;
	struct arena mem;
	int changed;
	size_t n;

	(void)state;
	arena_init(&mem, 1 << 20);
	put_run(s, RUN_A);
	put_genomes(s, RUN_A, 0, 0, 1);
	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_genome_score(s, RUN_A, 0, 0.25, NULL,
				 "{\"cpu_s\":1.5}", &changed, NULL),
		0);
	assert_int_equal(store_rung_insert(s, RUN_A, &rung, NULL), 0);
	assert_int_equal(store_commit(s, NULL), 0);
	store_close(s);
	run_sql("DROP TABLE roster;"
		"CREATE INDEX genome_by_birth ON genome (run, born, id);"
		"ALTER TABLE run DROP COLUMN trace;"
		"ALTER TABLE run DROP COLUMN label;"
		"ALTER TABLE run DROP COLUMN archived;"
		"PRAGMA user_version = 7");
	s = store_open(path, NULL);
	assert_int_equal(
		store_roster(s, &mem, RUN_A, &all, -1, 0, 9, &l, &n, NULL), 0);
	assert_int_equal(n, 2);
	assert_true(l[0].scored && l[0].fitness == 0.25 && l[0].cpu_s == 1.5);
	assert_int_equal(l[0].rung, 0);
	assert_true(!l[1].scored && l[1].cpu_s == 2.5);
	assert_int_equal(l[1].rung, 1);
	assert_int_equal(l[1].trainings, 1);
	assert_int_equal(
		store_roster_unknown(s, &mem, 9, &unknown, &n, NULL), 0);
	assert_int_equal(n, 2);
	store_close(s);
	arena_release(&mem);
}

static void a_later_version_is_refused(void **state)
{
	struct err e = {0};

	(void)state;
	store_close(store_open(path, NULL));
	run_sql("PRAGMA user_version = 9999");
	assert_null(store_open(path, &e));
	assert_int_equal(e.code, ERR_INVALID);
	assert_non_null(strstr(e.text, "(9999;"));
}

static void a_folder_that_is_not_there_is_the_worlds_failure(void **state)
{
	struct err e = {0};

	(void)state;
	strcat(path, "/deeper/nevod.db");
	assert_null(store_open(path, &e));
	assert_int_equal(e.code, ERR_WORLD);
}

static void a_store_in_memory_is_no_store(void **state)
{
	(void)state;
	strcpy(path, ":memory:");
	assert_refused(ERR_INVALID, "the store must be a file");
}

/* Files may grow no further than a few megabytes, as on a full disk. */
static void fill_disk(int full)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = full ? 4 << 20 : limit.rlim_max;
	signal(SIGXFSZ, full ? SIG_IGN : SIG_DFL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_undoes_the_transaction(void **state)
{
	static char large[1 << 20];
	struct store_genome g = {.genome = large}, *page;
	struct store *s = store_open(path, NULL);
	struct err e = {0};
	struct arena mem;
	int rc = 0;
	size_t n;

	(void)state;
	memset(large, 'x', sizeof large - 1);
	put_run(s, RUN_A);
	put_genomes(s, RUN_A, 0, 1000, 1000);
	assert_int_equal(store_begin(s, NULL), 0);
	fill_disk(1);
	for (; rc == 0 && g.id < 100; g.id++)
		rc = store_genome_insert(s, RUN_A, &g, &e);
	if (rc == 0)
		rc = store_commit(s, &e);
	else
		store_rollback(s);
	fill_disk(0);
	assert_int_equal(rc, ERR_WORLD);
	arena_init(&mem, 1 << 20);
	assert_int_equal(
		store_genomes(s, &mem, RUN_A, -1, 9, &page, &n, NULL), 0);
	assert_int_equal(n, 1);
	put_genomes(s, RUN_A, 0, 1001, 1001); /* and it goes on */
	arena_release(&mem);
	store_close(s);
}

static size_t count_genomes(struct store *s)
{
	struct store_genome *page;
	struct arena mem;
	size_t n;

	arena_init(&mem, 1 << 20);
	assert_int_equal(
		store_genomes(s, &mem, RUN_A, -1, 99, &page, &n, NULL), 0);
	arena_release(&mem);
	return n;
}

/* The log holds the transaction, but whether it lasts nobody knows. */
static void a_commit_that_cannot_be_synced_is_unknown(void **state)
{
	struct store_genome g = {.id = 1, .genome = "{}"};
	struct store *s = store_open(path, NULL);
	struct err e = {0};
	size_t n;

	(void)state;
	put_run(s, RUN_A);
	put_genomes(s, RUN_A, 0, 0, 0);
	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_genome_insert(s, RUN_A, &g, NULL), 0);
	shaky_disk_fail(1);
	assert_int_equal(store_commit(s, &e), ERR_UNKNOWN);
	shaky_disk_fail(0);
	assert_non_null(strstr(e.text, "may be saved or not"));
	n = count_genomes(s);
	assert_in_range(n, 1, 2);
	put_genomes(s, RUN_A, 0, 2, 3); /* it goes on from what it shows */
	store_close(s);
	s = store_open(path, NULL);
	assert_int_equal(count_genomes(s), n + 2);
	store_close(s);
}

/* A store with a genome whose process was killed. */
static void leave_killed_store(void)
{
	const pid_t child = fork();
	struct store *s;

	if (child == 0) {
		s = store_open(path, NULL);
		put_run(s, RUN_A);
		put_genomes(s, RUN_A, 0, 0, 0);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void remove_beside(const char *tail)
{
	char name[sizeof path + 16];

	snprintf(name, sizeof name, "%s%s", path, tail);
	assert_int_equal(unlink(name), 0);
}

static void assert_genomes(size_t n)
{
	struct store *s = store_open(path, NULL);

	assert_non_null(s);
	assert_int_equal(count_genomes(s), n);
	store_close(s);
}

static void a_log_that_was_removed_is_missed(void **state)
{
	char sentence[1024];

	(void)state;
	leave_killed_store();
	remove_beside("-wal");
	snprintf(sentence, sizeof sentence,
		"the store lacks the last 2 transactions that it had: its log "
		"(%s-wal) was removed, or an older copy put in its place; put "
		"back what it was, or remove %s.lock to go on with what there "
		"is",
		path, path);
	assert_refused(ERR_INVALID, sentence);
	assert_refused(ERR_INVALID, sentence); /* and again */
	remove_beside(".lock");
	assert_genomes(0);
}

static void a_file_whose_log_is_left_is_missed(void **state)
{
	(void)state;
	leave_killed_store();
	remove_beside("");
	assert_null(store_open(path, NULL));
}

static void a_log_that_is_there_is_taken_in(void **state)
{
	(void)state;
	leave_killed_store();
	assert_genomes(1);
}

/* As when somebody has looked at it with another program meanwhile. */
static void a_log_that_another_has_taken_in_is_not_missed(void **state)
{
	(void)state;
	leave_killed_store();
	run_sql("SELECT count(*) FROM genome");
	assert_genomes(1);
}

/* Its log is in the file, and nobody misses it. */
static void a_store_that_was_closed_needs_no_log(void **state)
{
	struct store *s = store_open(path, NULL);

	(void)state;
	put_run(s, RUN_A);
	put_genomes(s, RUN_A, 0, 0, 0);
	store_close(s);
	assert_genomes(1);
	assert_genomes(1);
}

static void a_plain_path_and_its_url_name_one_store(void **state)
{
	struct store *s = store_open(path, NULL);

	(void)state;
	put_run(s, RUN_A);
	put_genomes(s, RUN_A, 0, 0, 4);
	store_close(s);
	s = store_open(sqlite_url(), NULL);
	assert_int_equal(count_genomes(s), 5);
	store_close(s);
}

static void a_kind_of_store_that_nobody_knows_is_refused(void **state)
{
	(void)state;
	strcpy(path, "mysql://host/runs");
	assert_refused(ERR_INVALID, "there is no store of the kind \"mysql:\"; "
				    "known are sqlite:, postgresql:");
	strcpy(path, "sql:runs"); /* no abbreviations */
	assert_refused(ERR_INVALID, "there is no store of the kind \"sql:\"; "
				    "known are sqlite:, postgresql:");
}

#define RULE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct store_place sqlite = {
		"sqlite", make_folder, remove_folder, sqlite_url};
	const struct CMUnitTest tests[] = {
		RULE(another_process_is_refused_by_pid),
		RULE(a_file_with_a_damaged_page_is_refused),
		RULE(a_file_that_is_no_database_is_refused_untouched),
		RULE(another_programs_database_is_refused_untouched),
		RULE(a_version_that_cannot_be_is_refused),
		RULE(an_older_version_is_brought_up_to_date),
		RULE(older_genomes_are_put_on_the_roster),
		RULE(a_later_version_is_refused),
		RULE(a_folder_that_is_not_there_is_the_worlds_failure),
		RULE(a_store_in_memory_is_no_store),
		RULE(a_full_disk_undoes_the_transaction),
		RULE(a_commit_that_cannot_be_synced_is_unknown),
		RULE(a_log_that_was_removed_is_missed),
		RULE(a_file_whose_log_is_left_is_missed),
		RULE(a_log_that_is_there_is_taken_in),
		RULE(a_log_that_another_has_taken_in_is_not_missed),
		RULE(a_store_that_was_closed_needs_no_log),
		RULE(a_plain_path_and_its_url_name_one_store),
		RULE(a_kind_of_store_that_nobody_knows_is_refused),
	};

	shaky_disk_install();
	return store_contract_rows(&sqlite) + store_contract_commit(&sqlite) +
	       store_contract_lineage(&sqlite) +
	       store_contract_roster(&sqlite) +
	       cmocka_run_group_tests_name("sqlite file", tests, NULL, NULL);
}
