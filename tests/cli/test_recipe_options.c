/* test_recipe_options.c -- options become the members of a recipe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/options/command.h"
#include "cli/options/recipe_options.h"
#include "wire/recipe_json.h"

static const struct option_group groups[] = {
	{"Training", options_recipe, recipe_options_default},
	{NULL, NULL, NULL},
};

static json_t *members(int argc, char **argv)
{
	struct options o;
	json_t *v = json_object();

	assert_int_equal(options_read(&o, groups, 0, argc, argv, NULL), 0);
	recipe_options_add(&o, v);
	return v;
}

static void no_option_sets_no_member(void **state)
{
	json_t *v = members(0, NULL);

	(void)state;
	assert_int_equal(json_object_size(v), 0);
	json_decref(v);
}

static void every_option_sets_its_member(void **state)
{
	char *argv[] = {"--schedule", "cosine", "--weight-decay", "0.25",
		"--label-smoothing", "0.125", "--clip-norm", "2",
		"--augment-crop", "3", "--augment-flip", "--augment-erase",
		"0.5"};
	json_t *v = members(13, argv), *again = json_object();
	struct augment a;
	struct recipe r;

	(void)state;
	assert_int_equal(recipe_read(v, "", &r, &a, NULL), 0);
	assert_int_equal(r.schedule, SCHEDULE_COSINE);
	recipe_write(again, &r, &a);
	assert_true(json_equal(v, again)); /* all that there are */
	json_decref(again);
	json_decref(v);
}

static void out_of_range_is_told_by_the_options_name(void **state)
{
	static char *const bad[][2] = {{"--weight-decay", "1.5"},
		{"--label-smoothing", "0.6"}, {"--clip-norm", "-1"},
		{"--augment-crop", "17"}, {"--augment-erase", "1.1"}};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char *argv[] = {bad[i][0], bad[i][1]};
		struct options o;
		struct err e = {0};

		assert_int_equal(
			options_read(&o, groups, 0, 2, argv, &e), ERR_RANGE);
		assert_non_null(strstr(e.text, bad[i][0]));
	}
}

static void help_says_what_the_plain_recipe_has(void **state)
{
	char text[32];

	(void)state;
	assert_true(
		recipe_options_default(&options_recipe[0], text, sizeof text));
	assert_string_equal(text, "constant");
	for (const struct option *p = options_recipe; p->name; p++) {
		if (strcmp(p->name, "weight-decay") == 0 || !p->value)
			assert_false(
				recipe_options_default(p, text, sizeof text));
		else
			assert_true(
				recipe_options_default(p, text, sizeof text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_option_sets_no_member),
		cmocka_unit_test(every_option_sets_its_member),
		cmocka_unit_test(out_of_range_is_told_by_the_options_name),
		cmocka_unit_test(help_says_what_the_plain_recipe_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
