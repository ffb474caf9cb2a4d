/* test_output.c -- a result goes where a person expects it. */
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
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/output.h"
#include "temp_folder.h"

static char folder[TEMP_FOLDER_BYTES];

static int set_up(void **state)
{
	(void)state;
	umask(022);
	temp_folder_make(folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	temp_folder_remove(folder);
	return 0;
}

static const char *in_folder(const char *name)
{
	static char paths[4][TEMP_FOLDER_BYTES + 64];
	static int turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", folder, name);
	return path;
}

static void assert_content(const char *name, const char *text)
{
	struct buf b;

	buf_init(&b, 1000);
	assert_int_equal(file_read(in_folder(name), &b, NULL), 0);
	assert_int_equal(b.len, strlen(text));
	assert_memory_equal(b.data ? b.data : "", text, b.len);
	buf_release(&b);
}

static struct stat seen(const char *name)
{
	struct stat st;

	assert_int_equal(lstat(in_folder(name), &st), 0);
	return st;
}

static int mode_of(const char *name)
{
	return seen(name).st_mode & 07777;
}

static void assert_written(const char *name)
{
	struct err e = {0};

	if (output_check(in_folder(name), &e) ||
		output_write(in_folder(name), "result", 6, &e))
		fail_msg("%s: %s", name, e.text);
}

static void assert_refused(const char *name)
{
	assert_int_equal(output_check(in_folder(name), NULL), ERR_INVALID);
	assert_int_equal(
		output_write(in_folder(name), "x", 1, NULL), ERR_INVALID);
}

static void make_file(const char *name, mode_t mode)
{
	assert_int_equal(file_replace(in_folder(name), "old", 3, NULL), 0);
	assert_int_equal(chmod(in_folder(name), mode), 0);
}

static void a_new_file_has_the_mode_that_the_umask_leaves(void **state)
{
	(void)state;
	assert_written("a");
	assert_content("a", "result");
	assert_int_equal(mode_of("a"), 0644);
	umask(007);
	assert_written("b");
	assert_int_equal(mode_of("b"), 0660);
}

static void a_file_is_replaced_and_keeps_its_mode(void **state)
{
	ino_t before;

	(void)state;
	make_file("a", 0664);
	before = seen("a").st_ino;
	assert_written("a");
	assert_content("a", "result");
	assert_int_equal(mode_of("a"), 0664);
	assert_true(seen("a").st_ino != before); /* nobody saw a half of it */
}

static void a_file_keeps_its_owner(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	make_file("a", 0640);
	assert_int_equal(chown(in_folder("a"), 12, 34), 0);
	assert_written("a");
	assert_int_equal(seen("a").st_uid, 12);
	assert_int_equal(seen("a").st_gid, 34);
	assert_int_equal(mode_of("a"), 0640);
}

static void a_link_stays_and_its_end_is_written(void **state)
{
	(void)state;
	assert_int_equal(mkdir(in_folder("deep"), 0700), 0);
	make_file("deep/file", 0600);
	assert_int_equal(symlink("deep/middle", in_folder("link")), 0);
	assert_int_equal(symlink("file", in_folder("deep/middle")), 0);
	assert_written("link");
	assert_true(S_ISLNK(seen("link").st_mode));
	assert_true(S_ISLNK(seen("deep/middle").st_mode));
	assert_content("deep/file", "result");
	assert_int_equal(mode_of("deep/file"), 0600);
}

static void a_link_to_no_file_yet_makes_that_file(void **state)
{
	(void)state;
	assert_int_equal(symlink("later", in_folder("link")), 0);
	assert_written("link");
	assert_true(S_ISLNK(seen("link").st_mode));
	assert_content("later", "result");
}

static void links_in_a_circle_are_refused(void **state)
{
	(void)state;
	assert_int_equal(symlink("b", in_folder("a")), 0);
	assert_int_equal(symlink("a", in_folder("b")), 0);
	assert_refused("a");
}

static void a_fifo_is_written_to(void **state)
{
	int status;
	pid_t reader;

	(void)state;
	assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
	reader = fork();
	if (reader == 0) {
		char text[16] = "";
		int fd = open(in_folder("fifo"), O_RDONLY);

		_exit(read(fd, text, sizeof text) == 6 &&
					strcmp(text, "result") == 0
				? 0
				: 1);
	}
	assert_written("fifo");
	assert_int_equal(waitpid(reader, &status, 0), reader);
	assert_int_equal(status, 0);
	assert_true(S_ISFIFO(seen("fifo").st_mode));
}

/* A device of our own: were it replaced, nothing would be lost. */
static void a_device_is_written_to_and_stays(void **state)
{
	int fd;

	(void)state;
	if (mknod(in_folder("null"), S_IFCHR | 0666, makedev(1, 3)))
		skip(); /* not root */
	fd = open(in_folder("null"), O_WRONLY);
	if (fd < 0)
		skip(); /* a file system without devices */
	close(fd);
	assert_written("null");
	assert_true(S_ISCHR(seen("null").st_mode));
}

static void a_full_device_is_an_error(void **state)
{
	int fd;

	(void)state;
	if (mknod(in_folder("full"), S_IFCHR | 0666, makedev(1, 7)))
		skip();
	fd = open(in_folder("full"), O_WRONLY);
	if (fd < 0)
		skip();
	close(fd);
	assert_int_equal(
		output_write(in_folder("full"), "x", 1, NULL), ERR_WORLD);
	assert_true(S_ISCHR(seen("full").st_mode));
}

static void our_own_descriptors_are_written_where_they_are(void **state)
{
	char path[32];
	int fd = open(in_folder("log"), O_WRONLY | O_CREAT, 0600);

	(void)state;
	assert_int_equal(write(fd, "before ", 7), 7);
	snprintf(path, sizeof path, "/dev/fd/%d", fd);
	assert_int_equal(output_write(path, "and ", 4, NULL), 0);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	assert_int_equal(symlink(path, in_folder("link")), 0);
	assert_written("link");
	assert_content("log", "before and result");
	close(fd);
	assert_refused("link");
}

static void standard_output_is_one_of_them(void **state)
{
	int fd = open(in_folder("log"), O_WRONLY | O_CREAT, 0600);
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		dup2(fd, STDOUT_FILENO);
		_exit(output_write("/dev/stdout", "result", 6, NULL) ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(fd);
	assert_content("log", "result");
}

static void what_cannot_be_written_is_refused_before(void **state)
{
	struct err e = {0};

	(void)state;
	assert_int_equal(mkdir(in_folder("dir"), 0700), 0);
	assert_refused("dir");
	assert_refused("no/such");
	assert_int_equal(output_check(in_folder("no/such"), &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "its folder is not there"));
	assert_int_equal(output_check("nevod-no-such-file", NULL), 0);
}

static void nothing_is_left_beside_the_file(void **state)
{
	struct dirent *entry;
	DIR *dir;
	int n = 0;

	(void)state;
	make_file("a", 0644);
	assert_written("a");
	dir = opendir(folder);
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	closedir(dir);
	assert_int_equal(n, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_new_file_has_the_mode_that_the_umask_leaves),
		TEST(a_file_is_replaced_and_keeps_its_mode),
		TEST(a_file_keeps_its_owner),
		TEST(a_link_stays_and_its_end_is_written),
		TEST(a_link_to_no_file_yet_makes_that_file),
		TEST(links_in_a_circle_are_refused),
		TEST(a_fifo_is_written_to),
		TEST(a_device_is_written_to_and_stays),
		TEST(a_full_device_is_an_error),
		TEST(our_own_descriptors_are_written_where_they_are),
		TEST(standard_output_is_one_of_them),
		TEST(what_cannot_be_written_is_refused_before),
		TEST(nothing_is_left_beside_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
