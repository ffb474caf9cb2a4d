/* test_access.c -- files of tokens: roles, what is refused, reading again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "http/access.h"
#include "temp_folder.h"

struct place {
	char folder[TEMP_FOLDER_BYTES], path[TEMP_FOLDER_BYTES + 8];
	struct err e;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	temp_folder_make(p->folder);
	snprintf(p->path, sizeof p->path, "%s/tokens", p->folder);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	temp_folder_remove(p->folder);
	free(p);
	return 0;
}

static void put(struct place *p, const char *text, mode_t mode)
{
	FILE *f = fopen(p->path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(p->path, mode), 0);
}

static void tokens_have_roles(void **state)
{
	struct place *p = *state;
	char own[HTTP_TOKEN_BYTES];
	struct http_access *a;

	put(p, "# ours\n\n  read  r1 \nworker\tw1\nadmin a1\r\na2", 0640);
	a = http_access_open(p->path, &p->e);
	assert_non_null(a);
	assert_int_equal(http_access_role(a, "r1"), HTTP_ROLE_READ);
	assert_int_equal(http_access_role(a, "w1"), HTTP_ROLE_WORKER);
	assert_int_equal(http_access_role(a, "a1"), HTTP_ROLE_ADMIN);
	assert_int_equal(http_access_role(a, "a2"), HTTP_ROLE_ADMIN);
	assert_int_equal(http_access_role(a, "a3"), HTTP_ROLE_NONE);
	assert_int_equal(http_access_role(a, ""), HTTP_ROLE_NONE);
	http_access_own(a, HTTP_ROLE_WORKER, own);
	assert_string_equal(own, "w1");
	http_access_own(a, HTTP_ROLE_ADMIN, own);
	assert_string_equal(own, "a1");
	http_access_free(a);
}

static void refused(
	struct place *p, const char *text, mode_t mode, const char *words)
{
	put(p, text, mode);
	assert_null(http_access_open(p->path, &p->e));
	assert_int_equal(p->e.code, ERR_INVALID);
	if (!strstr(p->e.text, words))
		fail_msg("\"%s\" lacks \"%s\"", p->e.text, words);
}

static void what_is_no_file_of_tokens_is_refused(void **state)
{
	struct place *p = *state;
	char huge[HTTP_TOKEN_BYTES + 2];

	memset(huge, 'x', sizeof huge - 1);
	huge[sizeof huge - 1] = '\0';
	refused(p, "", 0600, "no token");
	refused(p, "# only\n", 0600, "no token");
	refused(p, "a\nroot b\n", 0600, "line 2: a line is a token, or a role");
	refused(p, "read a b\n", 0600, "line 1");
	refused(p, "caf\xc3\xa9\n", 0600, "printable");
	refused(p, huge, 0600, "at most 1,023");
	refused(p, "token\n", 0604, "open to every user");
	assert_null(http_access_open(p->folder, &p->e));
	assert_non_null(strstr(p->e.text, "no regular file"));
	assert_null(http_access_open("/nonexistent/tokens", &p->e));
	assert_non_null(strstr(p->e.text, "cannot be read"));
}

static void what_is_read_again_holds_unless_it_is_wrong(void **state)
{
	struct place *p = *state;
	struct http_access *a;

	put(p, "old\n", 0600);
	a = http_access_open(p->path, &p->e);
	put(p, "read new\n", 0600);
	assert_int_equal(http_access_reload(a, &p->e), 0);
	assert_int_equal(http_access_role(a, "old"), HTTP_ROLE_NONE);
	assert_int_equal(http_access_role(a, "new"), HTTP_ROLE_READ);
	put(p, "\n", 0600);
	assert_int_equal(http_access_reload(a, &p->e), ERR_INVALID);
	assert_int_equal(http_access_role(a, "new"), HTTP_ROLE_READ);
	http_access_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			tokens_have_roles, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_no_file_of_tokens_is_refused, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_read_again_holds_unless_it_is_wrong, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
