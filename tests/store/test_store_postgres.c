/* test_store_postgres.c -- the contract on PostgreSQL, and what is a server's
 * alone: who leads, and what becomes of a session that ends.
 *
 * tools/with-postgres starts the server; a place is a schema of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "store_contract.h"
#include "store_fixture.h"

#define SKIPPED 77

static int places;

/* Runs SQL in the place, as somebody else would; the first value, to be freed
 * by PQclear. */
static PGresult *run_sql(const char *sql)
{
	const char *folder = getenv("NEVOD_TEST_POSTGRES");
	char where[700];
	PGconn *db;
	PGresult *r;

	snprintf(where, sizeof where,
		"host=%s user=nevod dbname=postgres "
		"options='-csearch_path=place%d -cclient_min_messages=warning'",
		folder, places);
	db = PQconnectdb(where);
	r = PQexec(db, sql);
	if (PQresultStatus(r) != PGRES_COMMAND_OK &&
		PQresultStatus(r) != PGRES_TUPLES_OK)
		print_error("%s: %s\n", sql, PQerrorMessage(db));
	PQfinish(db);
	return r;
}

static void sql(const char *text)
{
	PQclear(run_sql(text));
}

static int make_schema(void)
{
	char text[60];

	places++;
	snprintf(text, sizeof text, "CREATE SCHEMA place%d", places);
	sql(text);
	return 0;
}

static void remove_schema(void)
{
	char text[60];

	snprintf(text, sizeof text, "DROP SCHEMA place%d CASCADE", places);
	sql(text);
}

static const char *postgres_url(void)
{
	static char url[800];

	snprintf(url, sizeof url,
		"postgresql://nevod@/postgres?host=%s"
		"&options=-csearch_path%%3Dplace%d",
		getenv("NEVOD_TEST_POSTGRES"), places);
	return url;
}

static int set_up(void **state)
{
	(void)state;
	return make_schema();
}

static int tear_down(void **state)
{
	(void)state;
	remove_schema();
	return 0;
}

static struct store *open_store(void)
{
	struct err e = {0};
	struct store *s = store_open(postgres_url(), &e);

	if (!s)
		fail_msg("%s", e.text);
	return s;
}

static void another_broker_is_refused_by_name(void **state)
{
	struct store *s = open_store();
	char process[40];
	struct err e = {0};

	(void)state;
	assert_null(store_open(postgres_url(), &e));
	assert_int_equal(e.code, ERR_CONFLICT);
	snprintf(process, sizeof process, "process %ld on ", (long)getpid());
	assert_non_null(strstr(e.text, process));
	store_close(s);
	store_close(open_store()); /* the lead went with it */
}

/* It holds the store open until it is killed. */
static pid_t start_leader(void)
{
	int ready[2];
	char byte = 0;
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		byte = store_open(postgres_url(), NULL) != NULL;
		if (write(ready[1], &byte, 1) != 1 || !byte)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 1);
	close(ready[0]);
	close(ready[1]);
	return child;
}

static void one_that_is_killed_is_followed_at_once(void **state)
{
	pid_t child = start_leader();
	const int64_t begun_ms = clock_mono_ms();

	(void)state;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	store_close(open_store());
	assert_true(clock_mono_ms() - begun_ms < 8000); /* not by its silence */
}

static void one_that_hangs_is_followed_and_commits_nothing(void **state)
{
	struct store_run r = a_run(RUN_A);
	struct store *s = open_store(), *next;
	struct err e = {0};

	(void)state;
	/* As if it had been silent: another cannot tell. */
	sql("UPDATE leader SET expires = '-infinity'");
	next = open_store();
	assert_int_equal(store_begin(s, &e), ERR_WORLD);
	assert_string_equal(
		e.text, "another broker leads the store now: stop this one");
	assert_true(store_deposed(s));
	assert_false(store_deposed(next));
	put_run(next, RUN_A);
	assert_int_equal(store_begin(next, NULL), 0);
	assert_int_equal(store_run_insert(next, &r, &e), ERR_CONFLICT);
	store_rollback(next);
	store_close(s); /* which takes nothing from who leads, ... */
	assert_null(store_open(postgres_url(), &e)); /* ... and gives nobody */
	assert_int_equal(e.code, ERR_CONFLICT);
	put_run(next, RUN_B);
	store_close(next);
}

static void assert_leader(struct store *s, const char *url)
{
	struct buf said;

	buf_init(&said, 100);
	assert_int_equal(buf_puts(&said, "", NULL), 0);
	assert_int_equal(store_leader(s, &said, NULL), 0);
	assert_string_equal(said.data, url);
	buf_release(&said);
}

static void one_that_stands_by_reads_until_it_may_write(void **state)
{
	struct store *s = open_store(), *behind;
	struct store_run out;
	struct arena mem;
	struct err e = {0};

	(void)state;
	arena_init(&mem, 1 << 20);
	behind = store_open_behind(postgres_url(), &e);
	assert_non_null(behind);
	put_run(s, RUN_A);
	assert_int_equal(store_run_get(behind, &mem, RUN_A, &out, NULL), 0);
	assert_leader(behind, "");
	assert_int_equal(store_advertise(s, "http://a:1", NULL), 0);
	assert_leader(behind, "http://a:1");
	assert_int_equal(store_begin(behind, &e), ERR_CONFLICT);
	assert_string_equal(
		e.text, "this broker stands by: another leads the store");
	assert_int_equal(store_lead(behind, "http://b:2", &e), ERR_CONFLICT);
	assert_non_null(strstr(e.text, "another broker leads this store"));
	assert_false(store_deposed(behind));
	assert_leader(behind, "http://a:1");

	store_close(s);
	for (int i = 0; store_lead(behind, "http://b:2", &e) && i < 100; i++)
		clock_sleep_ms(100);
	assert_leader(behind, "http://b:2");
	put_run(behind, RUN_B);
	store_close(behind);
	arena_release(&mem);
}

/* Ends the sessions of everybody else, as a server's restart does. */
static void end_sessions(void)
{
	sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
	    "WHERE application_name = 'nevod'");
}

/* As when the database is started again: the leader has its sessions anew in a
 * moment, and must not find another in its place. */
static void sessions_that_end_together_are_no_end_of_a_lead(void **state)
{
	struct store *s = open_store(), *behind;

	(void)state;
	behind = store_open_behind(postgres_url(), NULL);
	assert_non_null(behind);
	assert_int_equal(
		store_lead(behind, "", NULL), ERR_CONFLICT); /* it has one */
	end_sessions();
	for (int i = 0; i < 10; i++) {
		assert_int_not_equal(store_lead(behind, "", NULL), 0);
		clock_sleep_ms(100);
	}
	put_run(s, RUN_A);
	assert_false(store_deposed(s));
	store_close(s);
	store_close(behind);
}

static void a_session_that_ends_undoes_its_transaction_alone(void **state)
{
	struct store_run r = a_run(RUN_A), out;
	struct store *s = open_store();
	struct arena mem;
	struct err e = {0};

	(void)state;
	arena_init(&mem, 1 << 20);
	put_run(s, RUN_B);
	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_run_insert(s, &r, NULL), 0);
	end_sessions();
	assert_int_equal(store_commit(s, &e), ERR_UNKNOWN);
	assert_int_equal(
		store_run_get(s, &mem, RUN_A, &out, NULL), ERR_NOT_FOUND);
	assert_int_equal(store_run_get(s, &mem, RUN_B, &out, NULL), 0);
	put_run(s, RUN_A);

	assert_int_equal(store_begin(s, NULL), 0);
	end_sessions();
	assert_int_equal(store_run_insert(s, &r, &e), ERR_WORLD);
	store_rollback(s);
	assert_int_equal(store_run_get(s, &mem, RUN_A, &out, NULL), 0);
	arena_release(&mem);
	store_close(s);
}

/* What was sent has no answer, and was not committed. */
static void a_session_that_ends_among_writes_undoes_them(void **state)
{
	struct store *s = open_store();
	struct store_genome *page;
	struct arena mem;
	struct err e = {0};
	size_t n;

	(void)state;
	arena_init(&mem, 1 << 20);
	put_run(s, RUN_A);
	assert_int_equal(store_begin(s, NULL), 0);
	for (int64_t id = 0; id < 100; id++)
		assert_int_equal(store_genome_insert(s, RUN_A,
					 &(struct store_genome){
						 .id = id, .genome = "{}"},
					 NULL),
			0);
	end_sessions();
	assert_int_equal(store_commit(s, &e), ERR_WORLD);
	assert_int_equal(
		store_genomes(s, &mem, RUN_A, -1, 9, &page, &n, NULL), 0);
	assert_int_equal(n, 0);
	put_genomes(s, RUN_A, 0, 0, 2);
	assert_int_equal(
		store_genomes(s, &mem, RUN_A, -1, 9, &page, &n, NULL), 0);
	assert_int_equal(n, 3);
	arena_release(&mem);
	store_close(s);
}

static void a_database_that_is_not_there_is_the_worlds_failure(void **state)
{
	struct err e = {0};

	(void)state;
	assert_null(store_open("postgresql://nevod@127.0.0.1:1/nevod", &e));
	assert_int_equal(e.code, ERR_WORLD);
	assert_non_null(strstr(e.text, "the store's database is not reached"));
}

static void a_later_version_is_refused(void **state)
{
	struct err e = {0};

	(void)state;
	store_close(open_store());
	sql("UPDATE nevod SET version = 1000");
	assert_null(store_open(postgres_url(), &e));
	assert_int_equal(e.code, ERR_INVALID);
	assert_non_null(strstr(e.text, "of a later version of nevod (1000;"));
}

#define RULE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct store_place postgres = {
		"postgres", make_schema, remove_schema, postgres_url};
	const struct CMUnitTest tests[] = {
		RULE(another_broker_is_refused_by_name),
		RULE(one_that_is_killed_is_followed_at_once),
		RULE(one_that_hangs_is_followed_and_commits_nothing),
		RULE(one_that_stands_by_reads_until_it_may_write),
		RULE(sessions_that_end_together_are_no_end_of_a_lead),
		RULE(a_session_that_ends_undoes_its_transaction_alone),
		RULE(a_session_that_ends_among_writes_undoes_them),
		RULE(a_database_that_is_not_there_is_the_worlds_failure),
		RULE(a_later_version_is_refused),
	};

	if (!getenv("NEVOD_TEST_POSTGRES"))
		return SKIPPED;
	return store_contract_rows(&postgres) +
	       store_contract_commit(&postgres) +
	       store_contract_lineage(&postgres) +
	       store_contract_roster(&postgres) +
	       cmocka_run_group_tests_name("postgres alone", tests, NULL, NULL);
}
