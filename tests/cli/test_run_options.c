/* test_run_options.c -- which data set and which settings a command line means,
 * before anybody is asked. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/options/run_options.h"
#include "idx_files.h"
#include "temp_folder.h"
#include "wire/settings.h"

static const struct option_group groups[] = {
	{"Run", .fields = &settings_fields},
	{.title = NULL},
};

/* The settings of `--name value`. */
static json_t *settings_of(const char *name, const char *value, struct err *e)
{
	static struct options o;
	char *words[] = {(char *)name, (char *)value};

	assert_int_equal(options_read(&o, groups, 0, 2, words, e), 0);
	return run_options_settings(&o, e);
}

static void a_folder_becomes_absolute(void **state)
{
	char folder[TEMP_FOLDER_BYTES], set[TEMP_FOLDER_BYTES + 8];
	char before[PATH_MAX], wanted[PATH_MAX];
	struct err e = {0};
	json_t *v;

	(void)state;
	temp_folder_make(folder);
	snprintf(set, sizeof set, "%s/set", folder);
	assert_int_equal(mkdir(set, 0700), 0);
	idx_files_dataset(set, 8, 4, 4, 2, 1);
	assert_non_null(realpath(set, wanted));
	assert_non_null(getcwd(before, sizeof before));
	assert_int_equal(chdir(folder), 0);
	v = settings_of("--dataset", "set", &e);
	assert_int_equal(chdir(before), 0);
	temp_folder_remove(folder);
	assert_non_null(v);
	assert_string_equal(
		json_string_value(json_object_get(v, "dataset")), wanted);
	json_decref(v);
}

static void an_unknown_set_is_refused_with_what_was_meant(void **state)
{
	static const char *const sets[][2] = {
		{"fashion-mnits", "did you mean fashion-mnist?"},
		{"./no-such-folder", "there is no folder ./no-such-folder"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
		struct err e = {0};

		assert_null(settings_of("--dataset", sets[i][0], &e));
		assert_int_equal(e.code, ERR_NOT_FOUND);
		assert_non_null(strstr(e.text, sets[i][1]));
	}
}

/* The default algorithm is neat. */
static void another_algorithms_setting_is_refused(void **state)
{
	struct err e = {0};

	(void)state;
	assert_null(settings_of("--elite", "1", &e));
	assert_int_equal(e.code, ERR_RANGE);
	assert_non_null(strstr(e.text, "elite"));
	assert_non_null(strstr(e.text, "neat"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_becomes_absolute),
		cmocka_unit_test(an_unknown_set_is_refused_with_what_was_meant),
		cmocka_unit_test(another_algorithms_setting_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
