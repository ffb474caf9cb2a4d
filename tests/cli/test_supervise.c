/* test_supervise.c -- children are restarted, stopped, and never left over.
 *
 * A supervisor runs in a forked process, since it takes the signals of the
 * whole process; its children are shell scripts that leave their pid in a
 * file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "cli/up/supervise.h"
#include "temp_folder.h"

#define PATIENCE_MS 20000

static char folder[TEMP_FOLDER_BYTES];
static char pids[TEMP_FOLDER_BYTES +
		 16]; /* a line for each start of the first child */
static char
	ready[TEMP_FOLDER_BYTES + 16]; /* exists once all children were ready */
static char mute[TEMP_FOLDER_BYTES + 16]; /* while it is there none answers */

static int is_ready(void *ctx, size_t i)
{
	(void)ctx, (void)i;
	return access(pids, F_OK) == 0;
}

static int never_ready(void *ctx, size_t i)
{
	(void)ctx, (void)i;
	return 0;
}

/* Until there is the file `mute`. */
static int answers(void *ctx, size_t i)
{
	(void)ctx, (void)i;
	return access(mute, F_OK) != 0;
}

static void say_ready(void *ctx)
{
	FILE *f = fopen(ready, "w");

	(void)ctx;
	if (f)
		fclose(f);
}

/* Forks a supervisor of `n` children that run the script; it exits with 0, 1
 * (could not start) or 2 (killed). */
static pid_t start(const char *script, size_t n, int (*probe)(void *, size_t))
{
	const char *argv[] = {"sh", "-c", script, NULL};
	const struct supervised one = {"child", "/bin/sh", argv};
	const struct supervised children[] = {one, one, one};
	struct log log = {.service = "test", .level = LOG_ERROR};
	struct supervision s = {.children = children,
		.n = n,
		.log = &log,
		.ready = probe,
		.alive = answers,
		.hung_ms = 100,
		.all_ready = say_ready};
	pid_t pid = fork();
	int rc;

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves nothing */
	rc = supervise(&s, NULL);
	_exit(rc == 0 ? 0 : rc == ERR_WORLD ? 1 : 2);
}

/* Reads the pids that the children left; returns how many, at most `max`. */
static int read_pids(int *out, int max)
{
	FILE *f = fopen(pids, "r");
	int n = 0;

	while (f && n < max && fscanf(f, "%d", &out[n]) == 1)
		n++;
	if (f)
		fclose(f);
	return n;
}

static void wait_for_pids(int *out, int n)
{
	int64_t end = clock_mono_ms() + PATIENCE_MS;

	while (read_pids(out, n) < n) {
		assert_true(clock_mono_ms() < end);
		clock_sleep_ms(10);
	}
}

static void wait_for_ready(void)
{
	int64_t end = clock_mono_ms() + PATIENCE_MS;

	while (access(ready, F_OK) != 0) {
		assert_true(clock_mono_ms() < end);
		clock_sleep_ms(10);
	}
}

static int is_alive(int pid)
{
	char path[64], state = 'X';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (f && fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 'X';
	if (f)
		fclose(f);
	/* An orphan may stay as a zombie where nobody collects them. */
	return state != 'X' && state != 'Z';
}

static void wait_for_end(int pid)
{
	int64_t end = clock_mono_ms() + PATIENCE_MS;

	while (is_alive(pid)) {
		assert_true(clock_mono_ms() < end);
		clock_sleep_ms(10);
	}
}

static int status_of(pid_t supervisor)
{
	int status;

	assert_int_equal(waitpid(supervisor, &status, 0), supervisor);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A child as the services are: it ends when its standard input does. */
#define LEASHED "echo $$ >>\"$PIDS\"; read line; exit 0"
/* One that does not let itself be stopped. */
#define STUBBORN "trap '' TERM; " LEASHED

static void a_child_that_dies_is_started_again(void **state)
{
	int pid[3];
	pid_t supervisor = start(LEASHED, 1, is_ready);

	(void)state;
	wait_for_pids(pid, 1);
	wait_for_ready();
	kill(pid[0], SIGKILL);
	wait_for_pids(pid, 2);
	kill(pid[1], SIGSEGV);
	wait_for_pids(pid, 3);
	assert_int_not_equal(pid[0], pid[1]);
	kill(supervisor, SIGTERM);
	assert_int_equal(status_of(supervisor), 0);
	assert_false(is_alive(pid[2]));
}

static void a_child_that_no_longer_answers_is_killed_and_started_again(
	void **state)
{
	int pid[2];
	pid_t supervisor = start(STUBBORN, 1, is_ready);
	FILE *f;

	(void)state;
	wait_for_ready();
	clock_sleep_ms(500); /* it has answered meanwhile */
	f = fopen(mute, "w");
	assert_non_null(f);
	fclose(f);
	wait_for_pids(pid, 2);
	unlink(mute);
	assert_false(is_alive(pid[0]));
	assert_true(is_alive(pid[1]));
	kill(supervisor, SIGTERM);
	kill(supervisor, SIGTERM);
	status_of(supervisor);
}

static void one_signal_stops_all_children_cleanly(void **state)
{
	int pid[3];
	pid_t supervisor = start(LEASHED, 3, is_ready);

	(void)state;
	wait_for_pids(pid, 3);
	kill(supervisor, SIGINT);
	assert_int_equal(status_of(supervisor), 0);
	for (int i = 0; i < 3; i++)
		assert_false(is_alive(pid[i]));
}

static void a_second_signal_kills_at_once(void **state)
{
	int pid[2];
	pid_t supervisor = start(STUBBORN, 2, is_ready);

	(void)state;
	wait_for_pids(pid, 2);
	kill(supervisor, SIGINT);
	clock_sleep_ms(200);
	assert_true(is_alive(pid[0]));
	kill(supervisor, SIGTERM);
	assert_int_equal(status_of(supervisor), 2);
	assert_false(is_alive(pid[0]));
	assert_false(is_alive(pid[1]));
}

static void a_killed_supervisor_leaves_no_child(void **state)
{
	int pid[3], status;
	pid_t supervisor = start(LEASHED, 3, is_ready);

	(void)state;
	wait_for_pids(pid, 3);
	kill(supervisor, SIGKILL);
	waitpid(supervisor, &status, 0);
	for (int i = 0; i < 3; i++)
		wait_for_end(pid[i]);
}

static void what_never_starts_is_given_up(void **state)
{
	int pid[8];
	pid_t supervisor = start("echo $$ >>\"$PIDS\"; exit 1", 1, never_ready);

	(void)state;
	assert_int_equal(status_of(supervisor), 1);
	assert_int_equal(read_pids(pid, 8), 5);
	assert_int_not_equal(access(ready, F_OK), 0);
}

static void a_hangup_is_a_signal_to_stop(void **state)
{
	int pid[1];
	pid_t supervisor;

	(void)state;
	signal(SIGHUP, SIG_DFL); /* the tests may be run by nohup */
	supervisor = start(LEASHED, 1, is_ready);
	wait_for_pids(pid, 1);
	kill(supervisor, SIGHUP);
	assert_int_equal(status_of(supervisor), 0);
	assert_false(is_alive(pid[0]));
}

static int clean(void **state)
{
	(void)state;
	unlink(pids);
	unlink(ready);
	unlink(mute);
	return 0;
}

static int make_folder(void **state)
{
	(void)state;
	temp_folder_make(folder);
	snprintf(pids, sizeof(pids), "%s/pids", folder);
	snprintf(ready, sizeof(ready), "%s/ready", folder);
	snprintf(mute, sizeof(mute), "%s/mute", folder);
	return setenv("PIDS", pids, 1);
}

static int remove_folder(void **state)
{
	(void)state;
	temp_folder_remove(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
			a_child_that_dies_is_started_again, clean),
		cmocka_unit_test_teardown(
			a_child_that_no_longer_answers_is_killed_and_started_again,
			clean),
		cmocka_unit_test_teardown(
			one_signal_stops_all_children_cleanly, clean),
		cmocka_unit_test_teardown(a_second_signal_kills_at_once, clean),
		cmocka_unit_test_teardown(
			a_killed_supervisor_leaves_no_child, clean),
		cmocka_unit_test_teardown(what_never_starts_is_given_up, clean),
		cmocka_unit_test_teardown(a_hangup_is_a_signal_to_stop, clean),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
