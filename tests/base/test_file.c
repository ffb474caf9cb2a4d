/* test_file.c -- whole files, in a temporary folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "temp_folder.h"

static char folder[TEMP_FOLDER_BYTES];

static int set_up(void **state)
{
	(void)state;
	temp_folder_make(folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	temp_folder_remove(folder);
	return 0;
}

static char *in_folder(const char *name)
{
	static char path[TEMP_FOLDER_BYTES + 64];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static int count_entries(void)
{
	DIR *d = opendir(folder);
	int n = -2; /* . and .. */

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void assert_content(const char *path, const char *expected)
{
	struct buf b;

	buf_init(&b, 1000);
	assert_int_equal(file_read(path, &b, NULL), 0);
	assert_string_equal(b.data, expected);
	buf_release(&b);
}

static void replace_leaves_the_file_and_nothing_else(void **state)
{
	char *path = in_folder("a.json");
	struct err e = {0};

	(void)state;
	assert_int_equal(file_replace(path, "one", 3, &e), 0);
	assert_content(path, "one");
	assert_int_equal(file_replace(path, "two!", 4, &e), 0);
	assert_content(path, "two!");
	assert_int_equal(count_entries(), 1);
}

static void a_failed_replace_leaves_no_temporary_file(void **state)
{
	struct err e = {0};

	(void)state;
	/* A folder cannot be replaced by a file. */
	assert_int_equal(mkdir(in_folder("dir"), 0700), 0);
	assert_int_equal(file_replace(in_folder("dir"), "x", 1, &e), ERR_WORLD);
	assert_int_equal(count_entries(), 1);
	assert_int_equal(
		file_replace(in_folder("no/such"), "x", 1, &e), ERR_WORLD);
}

static void pieces_are_written_in_order(void **state)
{
	struct iovec pieces[] = {{"ab", 2}, {NULL, 0}, {"c", 1}};

	(void)state;
	assert_int_equal(
		file_replace_pieces(in_folder("p"), pieces, 3, NULL), 0);
	assert_content(in_folder("p"), "abc");
}

static void a_draft_has_its_name_when_it_is_kept(void **state)
{
	struct file_draft f;

	(void)state;
	assert_int_equal(file_draft_open(&f, in_folder("new"), 0600, NULL), 0);
	assert_int_equal(file_draft_write(&f, 2, "cd", 2, NULL), 0);
	assert_int_equal(file_draft_write(&f, 0, "ab", 2, NULL), 0);
	assert_int_equal(access(in_folder("named"), F_OK), -1);
	assert_int_equal(file_draft_keep(&f, in_folder("named"), NULL), 0);
	assert_content(in_folder("named"), "abcd");
	file_draft_drop(&f);
	assert_int_equal(count_entries(), 1);
}

static void a_dropped_draft_leaves_nothing(void **state)
{
	struct file_draft f;

	(void)state;
	assert_int_equal(file_draft_open(&f, in_folder("new"), 0600, NULL), 0);
	assert_int_equal(file_draft_resize(&f, 100, NULL), 0);
	assert_int_equal(count_entries(), 1);
	file_draft_drop(&f);
	assert_int_equal(count_entries(), 0);
	assert_int_equal(file_draft_open(&f, in_folder("no/such"), 0600, NULL),
		ERR_WORLD);
	file_draft_drop(&f);
}

static void read_says_what_is_wrong(void **state)
{
	struct err e = {0};
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	assert_int_equal(file_read(in_folder("none"), &b, &e), ERR_NOT_FOUND);
	assert_int_equal(file_read(folder, &b, &e), ERR_WORLD);
	assert_int_equal(file_replace(in_folder("f"), "12345", 5, &e), 0);
	assert_int_equal(file_read(in_folder("f"), &b, &e), ERR_TOO_BIG);
	buf_release(&b);
}

static void folders_are_made_with_their_parents(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(file_mkdirs(in_folder("x/y/z"), NULL), 0);
	assert_int_equal(file_mkdirs(in_folder("x/y/z"), NULL), 0);
	assert_int_equal(stat(in_folder("x/y/z"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(file_replace(in_folder("f"), "", 0, NULL), 0);
	assert_int_equal(file_mkdirs(in_folder("f/g"), NULL), ERR_WORLD);
}

/* What another process gets when it asks for the lock. */
static int ask_elsewhere(const char *path)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct err e = {0};
		int fd = file_lock(path, &e);

		_exit(fd >= 0 ? 0 : -fd);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

static void a_lock_is_held_by_one_process_until_it_closes(void **state)
{
	char *path = in_folder("lock");
	int fd = file_lock(path, NULL);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(ask_elsewhere(path), ERR_CONFLICT);
	close(fd);
	assert_int_equal(ask_elsewhere(path), 0);
	assert_int_equal(file_lock(in_folder("no/lock"), NULL), ERR_WORLD);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(replace_leaves_the_file_and_nothing_else),
		TEST(a_failed_replace_leaves_no_temporary_file),
		TEST(pieces_are_written_in_order),
		TEST(a_draft_has_its_name_when_it_is_kept),
		TEST(a_dropped_draft_leaves_nothing),
		TEST(read_says_what_is_wrong),
		TEST(folders_are_made_with_their_parents),
		TEST(a_lock_is_held_by_one_process_until_it_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
