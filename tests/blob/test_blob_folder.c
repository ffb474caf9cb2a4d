/* test_blob_folder.c -- the contract on a folder, and the folder's files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "blob_contract.h"
#include "temp_folder.h"

static char folder[TEMP_FOLDER_BYTES];
static struct blobs *blobs;

static int make_folder(void)
{
	temp_folder_make(folder);
	return 0;
}

static void remove_folder(void)
{
	temp_folder_remove(folder);
}

static struct blobs *open_folder(struct err *e)
{
	return blobs_open(folder, e);
}

static int set_up(void **state)
{
	(void)state;
	if (make_folder())
		return -1;
	blobs = open_folder(NULL);
	return blobs ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	blobs_close(blobs);
	remove_folder();
	return 0;
}

/* Stores "abc" and returns the path of its file. */
static const char *put_abc(char name[SHA256_HEX_BYTES])
{
	static char path[700];

	assert_int_equal(blob_put(blobs, "abc", 3, name, NULL), 0);
	snprintf(path, sizeof path, "%s/%.2s/%s", folder, name, name + 2);
	assert_int_equal(access(path, R_OK), 0);
	return path;
}

static void a_damaged_file_is_the_worlds_failure_and_heals(void **state)
{
	static const char *const damaged[] = {"abd", "ab", "abcd", ""};
	char name[SHA256_HEX_BYTES];
	const char *path = put_abc(name);
	size_t size;
	int fd;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct buf out;

		buf_init(&out, 100);
		assert_int_equal(file_replace(path, damaged[i],
					 strlen(damaged[i]), NULL),
			0);
		assert_int_equal(blob_get(blobs, name, &out, NULL), ERR_WORLD);
		assert_int_equal(out.len, 0);
		assert_int_equal(
			blob_file(blobs, name, &fd, &size, NULL), ERR_WORLD);
		put_abc(name);
		assert_int_equal(blob_get(blobs, name, &out, NULL), 0);
		buf_release(&out);
	}
}

static void storing_again_does_not_write_again(void **state)
{
	char name[SHA256_HEX_BYTES];
	struct stat before, after;
	const char *path = put_abc(name);

	(void)state;
	assert_int_equal(stat(path, &before), 0);
	put_abc(name);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
}

static void a_place_that_cannot_be_written_is_the_worlds_failure(void **state)
{
	char name[SHA256_HEX_BYTES] = "as before", path[600];
	struct err e = {0};

	(void)state;
	/* A file where the blob's folder should be: refuses even root. */
	snprintf(path, sizeof path, "%s/ba", folder);
	assert_int_equal(file_replace(path, "", 0, NULL), 0);
	assert_int_equal(blob_put(blobs, "abc", 3, name, &e), ERR_WORLD);
	assert_string_equal(name, "as before");
	assert_null(blobs_open(path, &e));
	assert_int_equal(e.code, ERR_WORLD);
}

#define RULE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct blob_backend backend = {
		"folder", make_folder, remove_folder, open_folder};
	const struct CMUnitTest tests[] = {
		RULE(a_damaged_file_is_the_worlds_failure_and_heals),
		RULE(storing_again_does_not_write_again),
		RULE(a_place_that_cannot_be_written_is_the_worlds_failure),
	};

	return blob_contract(&backend) +
	       cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
