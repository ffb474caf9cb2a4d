/* store_contract_commit.c -- transactions of any store: whole or not at all,
 * to readers, to other threads, and after kill -9. */
#include "store_contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "store_fixture.h"

#define READERS 8
#define WRITERS 2
#define COMMITS 100 /* of each writer */
#define KILLS 20

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
	s = NULL;
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

/* -- transactions -- */

static void a_reader_sees_a_transaction_only_once_committed(void **state)
{
	struct store_run r = a_run(RUN_A), got;

	(void)state;
	begin();
	assert_int_equal(store_run_insert(s, &r, NULL), 0);
	assert_int_equal(
		store_run_get(s, &mem, RUN_A, &got, NULL), ERR_NOT_FOUND);
	commit();
	assert_int_equal(store_run_get(s, &mem, RUN_A, &got, NULL), 0);
}

static void a_rollback_leaves_nothing(void **state)
{
	struct store_run r = a_run(RUN_A), got;

	(void)state;
	begin();
	assert_int_equal(store_run_insert(s, &r, NULL), 0);
	store_rollback(s);
	open_again();
	assert_int_equal(
		store_run_get(s, &mem, RUN_A, &got, NULL), ERR_NOT_FOUND);
}

/* With all that was written before it, and after it. */
static void assert_all_undone(struct store_genome bad, int code)
{
	struct store_genome good = {.id = 1, .genome = "{}"}, *page;
	int rc;
	size_t n;

	begin();
	assert_int_equal(store_genome_insert(s, RUN_A, &good, NULL), 0);
	rc = store_genome_insert(s, RUN_A, &bad, NULL);
	good.id = 2;
	if (rc == 0)
		rc = store_genome_insert(s, RUN_A, &good, NULL);
	assert_int_equal(ended(s, rc, NULL), code);
	assert_int_equal(
		store_genomes(s, &mem, RUN_A, -1, 9, &page, &n, NULL), 0);
	assert_int_equal(n, 1);
}

static void a_refused_row_undoes_the_transaction(void **state)
{
	struct store_genome g = {.id = 0, .genome = "{}"};

	(void)state;
	put_run(s, RUN_A);
	put_genomes(s, RUN_A, 0, 0, 0);
	assert_all_undone(g, ERR_CONFLICT);
	g.id = 3;
	g.genome = NULL;
	assert_all_undone(g, ERR_RANGE);
	put_genomes(s, RUN_A, 0, 1, 3);
}

static void what_goes_on_after_a_failure_is_not_committed(void **state)
{
	struct store_run a = a_run(RUN_A), b = a_run(RUN_B);

	(void)state;
	put_run(s, RUN_A);
	begin();
	assert_int_equal(store_run_insert(s, &a, NULL), ERR_CONFLICT);
	store_run_insert(s, &b, NULL);
	assert_int_equal(store_commit(s, NULL), ERR_WORLD);
	assert_int_equal(
		store_run_get(s, &mem, RUN_B, &b, NULL), ERR_NOT_FOUND);
}

/* -- threads -- */

static atomic_int writers_left, torn, failed, reads;

/* One step of a writer: an event, and the run row that counts the events.  The
 * two must never be seen apart.  Half of the steps are undone. */
static int write_step(int undo)
{
	struct store_run r = a_run(RUN_A);
	int rc = store_begin(s, NULL);

	if (rc)
		return rc;
	rc = store_event_add(s, RUN_A, "step", "{}", 1, &r.running_ms, NULL);
	if (rc == 0)
		rc = store_run_update(s, &r, NULL);
	if (rc == 0 && !undo)
		return store_commit(s, NULL);
	store_rollback(s);
	return rc;
}

static void *writer(void *arg)
{
	(void)arg;
	for (int i = 0; i < 2 * COMMITS; i++)
		if (write_step(i % 2))
			failed++;
	writers_left--;
	return NULL;
}

/* What the run row counts is there, and within one page there is no gap. */
static int read_step(struct arena *own)
{
	struct store_event *page;
	struct store_run r;
	size_t n;

	if (store_run_get(s, own, RUN_A, &r, NULL) ||
		store_events(s, own, RUN_A, 0, SIZE_MAX, &page, &n, NULL))
		return -1;
	if ((int64_t)n < r.running_ms)
		torn++;
	for (size_t i = 0; i < n; i++)
		if (page[i].number != (int64_t)i + 1)
			torn++;
	/* The row read after the events counts at least those. */
	if (store_run_get(s, own, RUN_A, &r, NULL))
		return -1;
	if ((int64_t)n > r.running_ms)
		torn++;
	return 0;
}

static void *reader(void *arg)
{
	struct arena own;

	(void)arg;
	arena_init(&own, (size_t)64 << 20);
	while (writers_left > 0) {
		if (read_step(&own))
			failed++;
		reads++;
		arena_release(&own);
	}
	return NULL;
}

static void threads_never_see_half_a_transaction(void **state)
{
	pthread_t threads[READERS + WRITERS];
	struct store_run r;

	(void)state;
	put_run(s, RUN_A);
	writers_left = WRITERS;
	torn = failed = reads = 0;
	for (int i = 0; i < READERS + WRITERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
					 i < READERS ? reader : writer, NULL),
			0);
	for (int i = 0; i < READERS + WRITERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(failed, 0);
	assert_int_equal(torn, 0);
	assert_true(reads > 0);
	assert_int_equal(store_run_get(s, &mem, RUN_A, &r, NULL), 0);
	assert_int_equal(r.running_ms, WRITERS * COMMITS);
}

/* -- kill -9 -- */

/* Commits event after event and tells each number once it is committed; each
 * transaction also moves the run row, as in write_step.  Never returns. */
static void commit_until_killed(int pipe_fd)
{
	int64_t number;

	s = store_open(place->url(), NULL);
	if (!s)
		_exit(1);
	for (;;) {
		struct store_run r = a_run(RUN_A);

		if (store_begin(s, NULL) || store_event_add(s, RUN_A, "step",
						    "{}", 1, &number, NULL))
			_exit(1);
		r.running_ms = number;
		if (store_run_update(s, &r, NULL) || store_commit(s, NULL))
			_exit(1);
		if (write(pipe_fd, &number, sizeof number) != sizeof number)
			_exit(1);
	}
}

static void sleep_us(long us)
{
	struct timespec t = {.tv_nsec = us * 1000};

	nanosleep(&t, NULL);
}

/* Starts the child, kills it `us` after its first report, and returns the last
 * number that it told. */
static int64_t last_told_before_kill(long us)
{
	int64_t number = 0, last = 0;
	int fds[2], status;
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		commit_until_killed(fds[1]);
	close(fds[1]);
	if (read(fds[0], &number, sizeof number) == sizeof number)
		last = number;
	sleep_us(us);
	kill(child, SIGKILL);
	while (read(fds[0], &number, sizeof number) == sizeof number)
		last = number;
	close(fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return last;
}

static void what_was_committed_survives_kill(void **state)
{
	unsigned seed = (unsigned)clock_wall_ms();
	int64_t told = 0;

	(void)state;
	print_message("seed %u\n", seed);
	put_run(s, RUN_A);
	srandom(seed);
	for (int i = 0; i < KILLS; i++) {
		struct store_event *page;
		struct store_run r;
		int64_t last;
		size_t n;

		store_close(s); /* the child's alone */
		s = NULL;
		last = last_told_before_kill(random() % 20000);
		assert_true(last > told);
		s = store_open(place->url(), NULL);
		assert_non_null(s);
		assert_int_equal(store_events(s, &mem, RUN_A, told, SIZE_MAX,
					 &page, &n, NULL),
			0);
		/* At most the commit under way is there without being told. */
		assert_in_range(told + (int64_t)n, last, last + 1);
		assert_int_equal(store_run_get(s, &mem, RUN_A, &r, NULL), 0);
		told += (int64_t)n;
		assert_int_equal(r.running_ms, told);
	}
}

#define RULE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int store_contract_commit(const struct store_place *p)
{
	const struct CMUnitTest tests[] = {
		RULE(a_reader_sees_a_transaction_only_once_committed),
		RULE(a_rollback_leaves_nothing),
		RULE(a_refused_row_undoes_the_transaction),
		RULE(what_goes_on_after_a_failure_is_not_committed),
		RULE(threads_never_see_half_a_transaction),
		RULE(what_was_committed_survives_kill),
	};

	place = p;
	return cmocka_run_group_tests_name(p->name, tests, NULL, NULL);
}
