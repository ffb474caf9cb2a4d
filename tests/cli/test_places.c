/* test_places.c -- folders, addresses, URLs and tokens are checked first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/options/places.h"

static void a_given_folder_becomes_absolute(void **state)
{
	char here[PATH_MAX], dir[PATH_MAX];

	(void)state;
	assert_int_equal(place_data_dir("/a/b", dir, NULL), 0);
	assert_string_equal(dir, "/a/b");
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(place_data_dir("sub", dir, NULL), 0);
	assert_int_equal(strncmp(dir, here, strlen(here)), 0);
	assert_string_equal(dir + strlen(here), "/sub");
}

static void data_lives_where_xdg_says(void **state)
{
	char dir[PATH_MAX];

	(void)state;
	setenv("HOME", "/home/somebody", 1);
	setenv("XDG_DATA_HOME", "/xdg", 1);
	assert_int_equal(place_data_dir(NULL, dir, NULL), 0);
	assert_string_equal(dir, "/xdg/nevod");
	setenv("XDG_DATA_HOME", "relative", 1);
	assert_int_equal(place_data_dir(NULL, dir, NULL), 0);
	assert_string_equal(dir, "/home/somebody/.local/share/nevod");
	unsetenv("XDG_DATA_HOME");
	unsetenv("HOME");
	assert_int_equal(place_data_dir(NULL, dir, NULL), ERR_INVALID);
}

static void only_this_machine_is_loopback(void **state)
{
	(void)state;
	assert_true(place_is_loopback("127.0.0.1"));
	assert_true(place_is_loopback("127.9.9.9"));
	assert_true(place_is_loopback("::1"));
	assert_true(place_is_loopback("localhost"));
	assert_false(place_is_loopback("0.0.0.0"));
	assert_false(place_is_loopback("::"));
	assert_false(place_is_loopback("10.0.0.1"));
	assert_false(place_is_loopback("127.0.0.1.example.org"));
}

static void a_bind_address_is_numeric(void **state)
{
	char address[ADDRESS_BYTES];

	(void)state;
	assert_int_equal(place_address("localhost", address, NULL), 0);
	assert_string_equal(address, "127.0.0.1");
	assert_int_equal(place_address("::1", address, NULL), 0);
	assert_int_equal(
		place_address("example.org", address, NULL), ERR_INVALID);
	assert_int_equal(
		place_address("300.0.0.1", address, NULL), ERR_INVALID);
}

/* Writes a token file and reads it. */
static int read_token(const char *bytes, size_t n, char out[TOKEN_MAX_BYTES])
{
	char path[] = "/tmp/nevod-token-XXXXXX";
	int fd = mkstemp(path), rc;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
	rc = place_token(path, out, NULL);
	unlink(path);
	return rc;
}

static void a_token_is_one_printable_word(void **state)
{
	char token[TOKEN_MAX_BYTES], huge[2 * TOKEN_MAX_BYTES];

	(void)state;
	assert_int_equal(read_token("s3cret\n", 7, token), 0);
	assert_string_equal(token, "s3cret");
	assert_int_equal(read_token("\n", 1, token), ERR_INVALID);
	assert_int_equal(read_token("", 0, token), ERR_INVALID);
	assert_int_equal(read_token("two words", 9, token), ERR_INVALID);
	assert_int_equal(read_token("a\0b", 3, token), ERR_INVALID);
	memset(huge, 'x', sizeof(huge));
	assert_int_equal(read_token(huge, sizeof(huge), token), ERR_INVALID);
	assert_int_equal(
		place_token("/nonexistent/token", token, NULL), ERR_INVALID);
}

static void a_path_is_quoted_where_a_shell_would_split_it(void **state)
{
	char quoted[PLACE_QUOTED_BYTES];

	(void)state;
	place_quote("/home/me/nevod-1.2", quoted);
	assert_string_equal(quoted, "/home/me/nevod-1.2");
	place_quote("/a b/it's", quoted);
	assert_string_equal(quoted, "'/a b/it'\\''s'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_given_folder_becomes_absolute),
		cmocka_unit_test(data_lives_where_xdg_says),
		cmocka_unit_test(only_this_machine_is_loopback),
		cmocka_unit_test(a_bind_address_is_numeric),
		cmocka_unit_test(a_token_is_one_printable_word),
		cmocka_unit_test(a_path_is_quoted_where_a_shell_would_split_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
