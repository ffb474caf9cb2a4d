/* test_options.c -- the command line and the environment against a table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/options/options.h"
#include "cli/options/suggest.h"

static const struct option table[] = {
	{"population", OPTION_INT, 2, 10000, "N", "members"},
	{"train-limit", OPTION_INT, 0, 1e9, "N", "images"},
	{"rate", OPTION_REAL, 0, 1, "X", "chance"},
	{"data-dir", OPTION_TEXT, 0, 0, "DIR", "folder"},
	{"worker", OPTION_LIST, 0, 0, "URL", "may come again"},
	{"json", OPTION_FLAG, 0, 0, NULL, "as JSON"},
	{"secret", OPTION_FLAG, 0, 0, NULL, NULL},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const struct option_group groups[] = {
	{"All", .options = table}, {.title = NULL}};

/* Reads a NULL-ended list of words, two of which may be no options. */
static int read_words(struct options *o, struct err *e, char **words)
{
	int n = 0;

	while (words[n])
		n++;
	return options_read(o, groups, 2, n, words, e);
}
#define READ(o, e, ...) read_words(o, e, (char *[]){__VA_ARGS__, NULL})

static void a_value_follows_its_name_or_an_equals_sign(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(READ(&o, NULL, "--population", "30", "--rate=0.25",
				 "--data-dir=a=b", "--json"),
		0);
	assert_int_equal(options_int(&o, "population", 0), 30);
	assert_true(options_real(&o, "rate", 0) == 0.25);
	assert_string_equal(options_text(&o, "data-dir", ""), "a=b");
	assert_true(options_flag(&o, "json"));
	assert_int_equal(options_source(&o, "population"), OPTION_LINE);
}

static void what_is_absent_takes_the_callers_default(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(read_words(&o, NULL, (char *[]){NULL}), 0);
	assert_int_equal(options_int(&o, "population", 20), 20);
	assert_null(options_text(&o, "data-dir", NULL));
	assert_false(options_flag(&o, "json"));
	assert_int_equal(options_source(&o, "population"), OPTION_ABSENT);
}

static void the_last_of_two_counts(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(
		READ(&o, NULL, "--population", "3", "--population", "4"), 0);
	assert_int_equal(options_int(&o, "population", 0), 4);
}

static void a_misspelt_option_names_the_nearest(void **state)
{
	struct options o;
	struct err e;

	(void)state;
	assert_int_equal(READ(&o, &e, "--trian-limit", "5"), ERR_INVALID);
	assert_string_equal(e.text, "there is no option --trian-limit; did you "
				    "mean --train-limit?");
	assert_int_equal(READ(&o, &e, "--pop=5"), ERR_INVALID);
	assert_non_null(strstr(e.text, "--population?"));
	assert_int_equal(READ(&o, &e, "--zzzzzz"), ERR_INVALID);
	assert_null(strstr(e.text, "did you mean"));
}

static void a_hidden_option_is_never_suggested(void **state)
{
	struct options o;
	struct err e;

	(void)state;
	assert_int_equal(READ(&o, &e, "--secrte"), ERR_INVALID);
	assert_null(strstr(e.text, "did you mean"));
	assert_int_equal(READ(&o, &e, "--secret"), 0);
	assert_true(options_flag(&o, "secret"));
}

static void a_number_out_of_bounds_names_both_bounds(void **state)
{
	struct options o;
	struct err e;

	(void)state;
	assert_int_equal(READ(&o, &e, "--population", "1"), ERR_RANGE);
	assert_string_equal(e.text, "--population must be 2 to 10000, not 1");
	assert_int_equal(READ(&o, &e, "--population", "99999999999999999999"),
		ERR_RANGE);
	assert_int_equal(READ(&o, &e, "--rate", "1.5"), ERR_RANGE);
	assert_string_equal(e.text, "--rate must be 0 to 1, not 1.5");
}

static void a_value_of_the_wrong_kind_is_refused(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(READ(&o, NULL, "--population", "ten"), ERR_INVALID);
	assert_int_equal(READ(&o, NULL, "--population", "3.5"), ERR_INVALID);
	assert_int_equal(READ(&o, NULL, "--population="), ERR_INVALID);
	assert_int_equal(READ(&o, NULL, "--rate", "nan"), ERR_INVALID);
	assert_int_equal(READ(&o, NULL, "--rate", "0.1x"), ERR_INVALID);
	assert_int_equal(READ(&o, NULL, "--json=yes"), ERR_INVALID);
	assert_int_equal(READ(&o, NULL, "--data-dir="), ERR_INVALID);
}

static void an_option_does_not_swallow_the_next_one(void **state)
{
	struct options o;
	struct err e;

	(void)state;
	assert_int_equal(READ(&o, &e, "--data-dir", "--json"), ERR_INVALID);
	assert_string_equal(e.text, "--data-dir needs a value: --data-dir DIR");
	assert_int_equal(READ(&o, &e, "--population"), ERR_INVALID);
}

static void a_negative_number_is_a_value(void **state)
{
	struct options o;
	struct err e;

	(void)state;
	assert_int_equal(READ(&o, &e, "--train-limit", "-1"), ERR_RANGE);
	assert_non_null(strstr(e.text, "0 to 1000000000"));
}

static void words_beyond_the_limit_are_refused(void **state)
{
	struct options o;
	struct err e;

	(void)state;
	assert_int_equal(READ(&o, &e, "a", "--json", "b"), 0);
	assert_int_equal(o.n_args, 2);
	assert_string_equal(o.args[1], "b");
	assert_int_equal(READ(&o, &e, "a", "b", "c"), ERR_INVALID);
	assert_int_equal(READ(&o, &e, "-p", "3"), ERR_INVALID);
}

static void two_dashes_end_the_options(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(READ(&o, NULL, "--", "--json"), 0);
	assert_string_equal(o.args[0], "--json");
	assert_false(options_flag(&o, "json"));
}

static void help_is_given_before_anything_is_checked(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(READ(&o, NULL, "--nonsense", "--help"), 0);
	assert_true(o.help);
}

static void the_environment_stands_in_for_the_line(void **state)
{
	struct options o;
	const char *urls[4];

	(void)state;
	setenv("NEVOD_POPULATION", "12", 1);
	setenv("NEVOD_DATA_DIR", "/from/environment", 1);
	setenv("NEVOD_JSON", "1", 1);
	setenv("NEVOD_WORKER", "http://a,http://b", 1);
	setenv("NEVOD_SECRET", "1", 1);
	assert_int_equal(READ(&o, NULL, "--data-dir", "/from/line"), 0);
	assert_int_equal(options_int(&o, "population", 0), 12);
	assert_int_equal(options_source(&o, "population"), OPTION_ENVIRONMENT);
	assert_string_equal(options_text(&o, "data-dir", ""), "/from/line");
	assert_true(options_flag(&o, "json"));
	assert_int_equal(options_list(&o, "worker", urls, 4), 2);
	assert_string_equal(urls[1], "http://b");
	assert_false(options_flag(&o, "secret"));
}

static void a_wrong_variable_is_named(void **state)
{
	struct options o;
	struct err e;

	(void)state;
	setenv("NEVOD_TRAIN_LIMIT", "many", 1);
	assert_int_equal(READ(&o, &e, "--json"), ERR_INVALID);
	assert_non_null(strstr(e.text, "NEVOD_TRAIN_LIMIT must be"));
	setenv("NEVOD_TRAIN_LIMIT", "", 1);
	assert_int_equal(READ(&o, &e, "--json"), 0);
}

static int forget_variables(void **state)
{
	(void)state;
	for (const struct option *p = table; p->name; p++) {
		char name[OPTION_VARIABLE_BYTES];

		options_variable(p->name, name);
		unsetenv(name);
	}
	return 0;
}

static void a_list_keeps_every_value_in_order(void **state)
{
	struct options o;
	const char *urls[4];

	(void)state;
	assert_int_equal(READ(&o, NULL, "--worker", "x", "--worker=y"), 0);
	assert_int_equal(options_list(&o, "worker", urls, 4), 2);
	assert_string_equal(urls[0], "x");
	assert_string_equal(urls[1], "y");
}

static void a_swap_of_neighbours_is_one_slip(void **state)
{
	(void)state;
	assert_int_equal(suggest_distance("trian", "train"), 1);
	assert_int_equal(suggest_distance("", "abc"), 3);
	assert_int_equal(suggest_distance("kitten", "sitting"), 3);
	assert_int_equal(suggest_distance("same", "same"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_follows_its_name_or_an_equals_sign),
		cmocka_unit_test(what_is_absent_takes_the_callers_default),
		cmocka_unit_test(the_last_of_two_counts),
		cmocka_unit_test(a_misspelt_option_names_the_nearest),
		cmocka_unit_test(a_hidden_option_is_never_suggested),
		cmocka_unit_test(a_number_out_of_bounds_names_both_bounds),
		cmocka_unit_test(a_value_of_the_wrong_kind_is_refused),
		cmocka_unit_test(an_option_does_not_swallow_the_next_one),
		cmocka_unit_test(a_negative_number_is_a_value),
		cmocka_unit_test(words_beyond_the_limit_are_refused),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(help_is_given_before_anything_is_checked),
		cmocka_unit_test_teardown(
			the_environment_stands_in_for_the_line,
			forget_variables),
		cmocka_unit_test_teardown(
			a_wrong_variable_is_named, forget_variables),
		cmocka_unit_test(a_list_keeps_every_value_in_order),
		cmocka_unit_test(a_swap_of_neighbours_is_one_slip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
