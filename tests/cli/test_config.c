/* test_config.c -- files of configuration: which hold, and what is said of a
 * line that means nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/options/command.h"
#include "cli/options/config.h"
#include "temp_folder.h"

#define ARGS_MAX 4

struct bench {
	char dir[TEMP_FOLDER_BYTES];
	struct config config;
	struct options options;
	struct err e;
};

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof *b);

	temp_folder_make(b->dir);
	setenv("XDG_CONFIG_HOME", b->dir, 1);
	unsetenv("NEVOD_CONFIG");
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	config_release(&b->config);
	temp_folder_remove(b->dir);
	free(b);
	return 0;
}

/* Writes $XDG_CONFIG_HOME/nevod/NAME. */
static void put(struct bench *b, const char *name, const char *text)
{
	char path[PATH_MAX + 64];
	FILE *f;

	snprintf(path, sizeof path, "%s/nevod", b->dir);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/nevod/%s", b->dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* What `nevod broker WORDS` reads. */
static int read_broker(struct bench *b, int argc, char **argv)
{
	int rc = options_read(
		&b->options, command_broker.groups, 0, argc, argv, &b->e);

	if (rc == 0)
		rc = config_read(&b->config, &b->e);
	if (rc == 0)
		rc = config_check(&b->config, &b->e);
	return rc ? rc
		  : options_configure(&b->options, &b->config, "broker", &b->e);
}

static void a_section_comes_before_what_stands_above_and_a_later_file_last(
	void **state)
{
	struct bench *b = *state;
	const char *urls[4];

	put(b, "10-site.conf",
		"# all of us\n\nport = 7000\nquiet=1\n"
		"[broker]\nevolutioner = http://a:1\nevolutioner=http://b:2\n"
		"bind = 10.0.0.1\n[evolutioner]\nslots = 3\nport = 7002\n");
	put(b, "20-more.conf", "port = 7001\n[broker]\nbind = 10.0.0.2\r\n");
	put(b, "not-ours.txt", "what = ever\n");
	assert_int_equal(read_broker(b, 0, NULL), 0);
	assert_int_equal(options_int(&b->options, "port", 0), 7001);
	assert_int_equal(options_source(&b->options, "port"), OPTION_CONFIG);
	assert_true(options_flag(&b->options, "quiet"));
	assert_string_equal(options_text(&b->options, "bind", ""), "10.0.0.2");
	assert_int_equal(options_list(&b->options, "evolutioner", urls, 4), 2);
	assert_string_equal(urls[1], "http://b:2");
}

static void line_and_environment_come_first(void **state)
{
	struct bench *b = *state;
	char *argv[] = {"--port", "1"};

	put(b, "a.conf", "port = 7000\nbind = 10.0.0.1\ntoken-file = /t\n");
	setenv("NEVOD_BIND", "10.0.0.9", 1);
	assert_int_equal(read_broker(b, 2, argv), 0);
	unsetenv("NEVOD_BIND");
	assert_int_equal(options_int(&b->options, "port", 0), 1);
	assert_string_equal(options_text(&b->options, "bind", ""), "10.0.0.9");
	assert_string_equal(options_text(&b->options, "token-file", ""), "/t");
}

/* As after sudo, which may leave HOME as it was: root looks as nobody. */
static void a_home_of_somebody_else_has_no_configuration_for_us(void **state)
{
	struct bench *b = *state;
	const int root = geteuid() == 0;
	char *none[] = {NULL};
	int kept, own;

	put(b, "a.conf", "nonsense\n");
	assert_int_equal(chmod(b->dir, root ? 0700 : 0), 0);
	assert_int_equal(root ? seteuid(65534) : 0, 0);
	kept = read_broker(b, 0, none);
	assert_int_equal(root ? seteuid(0) : 0, 0);
	assert_int_equal(chmod(b->dir, 0700), 0);
	config_release(&b->config);
	own = read_broker(b, 0, none);
	assert_int_equal(kept, 0);
	assert_int_equal(own, ERR_INVALID);
}

static void one_file_may_stand_for_all(void **state)
{
	struct bench *b = *state;
	char path[PATH_MAX + 64];

	put(b, "a.conf", "port = 7000\n");
	put(b, "other", "quiet = 1\n");
	snprintf(path, sizeof path, "%s/nevod/other", b->dir);
	setenv("NEVOD_CONFIG", path, 1);
	assert_int_equal(read_broker(b, 0, NULL), 0);
	assert_int_equal(options_source(&b->options, "port"), OPTION_ABSENT);
	assert_true(options_flag(&b->options, "quiet"));
}

/* The file's text is refused, and the sentence has these words. */
static void refused(struct bench *b, const char *text, const char *words)
{
	config_release(&b->config);
	put(b, "a.conf", text);
	assert_int_not_equal(read_broker(b, 0, NULL), 0);
	if (!strstr(b->e.text, words))
		fail_msg("\"%s\" lacks \"%s\"", b->e.text, words);
}

static void what_means_nothing_is_refused_with_its_line(void **state)
{
	struct bench *b = *state;

	refused(b, "\nport\n", "a.conf:2: neither OPTION = VALUE");
	refused(b, "prot = 1\n", "a.conf:1: there is no option 'prot'; did");
	refused(b, "[borker]\nport = 1\n",
		"a.conf:2: there is no subcommand 'borker'; did you mean "
		"'broker'?");
	refused(b, "[broker]\nslots = 1\n",
		"a.conf:2: there is no option 'slots'");
	refused(b, "[broker]\n\nport = many\n",
		"a.conf:3: port must be a whole number");
	refused(b, "port = 65536\n", "a.conf:1: port must be 0 to 65535");
	refused(b, "supervised = 1\n", "there is no option 'supervised'");
	/* Of another subcommand: no affair of ours. */
	config_release(&b->config);
	put(b, "a.conf", "slots = 3\n[evolutioner]\nport = 1\n");
	assert_int_equal(read_broker(b, 0, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_home_of_somebody_else_has_no_configuration_for_us,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_section_comes_before_what_stands_above_and_a_later_file_last,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			line_and_environment_come_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			one_file_may_stand_for_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_means_nothing_is_refused_with_its_line, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
