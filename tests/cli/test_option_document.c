/* test_option_document.c -- a table's rows are options, and what is given of
 * them is a document that the table reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/options/options.h"
#include "cli/options/run_options.h"
#include "model/training.h"
#include "wire/settings.h"

static const struct option_group groups[] = {
	{"Training", .fields = &training_fields},
	{.title = NULL},
};
static const struct option_group run_groups[] = {
	{"Run", .fields = &settings_fields},
	{.title = NULL},
};

/* Reads a NULL-ended list of words. */
static int read_words(struct options *o, const struct option_group *g,
	struct err *e, char **words)
{
	int n = 0;

	while (words[n])
		n++;
	return options_read(o, g, 0, n, words, e);
}
#define WORDS(...) ((char *[]){__VA_ARGS__, NULL})
#define READ(o, g, e, ...) read_words(o, g, e, WORDS(__VA_ARGS__))

static json_t *document(const struct option_group *g, char **words)
{
	static struct options o;
	struct err e = {0};
	json_t *v;

	if (read_words(&o, g, &e, words))
		fail_msg("%s", e.text);
	v = options_document(&o, g->fields, &e);
	if (!v)
		fail_msg("%s", e.text);
	return v;
}

static void assert_document(json_t *v, const char *text)
{
	json_t *wanted = json_loads(text, 0, NULL);

	assert_non_null(wanted);
	if (!json_equal(v, wanted))
		fail_msg("%s", json_dumps(v, JSON_COMPACT));
	json_decref(wanted);
	json_decref(v);
}

static void no_option_sets_no_member(void **state)
{
	char *none[] = {NULL};

	(void)state;
	assert_document(document(groups, none), "{}");
}

static void every_option_sets_its_member(void **state)
{
	json_t *v = document(
		groups, WORDS("--epochs", "2", "--train-limit=0",
				"--validation-fraction", "0.25", "--max-job-mb",
				"16", "--schedule", "cosine", "--weight-decay",
				"0.25", "--label-smoothing", "0.125",
				"--clip-norm", "2", "--augment-crop", "3",
				"--augment-flip", "--augment-erase", "0.5"));
	const struct field_reader r = {.origin = FIELD_REQUEST};
	struct training t = {0};
	json_t *again;

	(void)state;
	assert_int_equal(fields_read(&training_fields, v, "", &r, &t, NULL), 0);
	assert_int_equal(t.recipe.schedule, SCHEDULE_COSINE);
	assert_int_equal(t.augment.crop, 3);
	again = fields_write(&training_fields, FIELD_SHOW, &t);
	assert_true(json_equal(v, again)); /* all that there are */
	json_decref(again);
	json_decref(v);
}

static void a_name_is_taken_in_any_letter_case_and_written_in_one(void **state)
{
	(void)state;
	assert_document(document(groups, WORDS("--schedule", "One-Cycle")),
		"{\"schedule\":\"one-cycle\"}");
}

static void out_of_range_is_told_by_the_options_name(void **state)
{
	static char *const bad[][2] = {{"--epochs", "0"},
		{"--train-limit", "100000001"}, {"--weight-decay", "1.5"},
		{"--label-smoothing", "0.6"}, {"--clip-norm", "-1"},
		{"--schedule", "linear"}, {"--augment-crop", "17"},
		{"--augment-erase", "1.1"}};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char *words[] = {bad[i][0], bad[i][1], NULL};
		struct options o;
		struct err e = {0};

		assert_int_equal(read_words(&o, groups, &e, words), ERR_RANGE);
		assert_non_null(strstr(e.text, bad[i][0]));
	}
}

static void the_environment_is_told_by_its_variable(void **state)
{
	char *none[] = {NULL};
	struct options o;
	struct err e = {0};

	(void)state;
	setenv("NEVOD_AUGMENT_CROP", "17", 1);
	assert_int_equal(read_words(&o, groups, &e, none), ERR_RANGE);
	assert_non_null(strstr(e.text, "NEVOD_AUGMENT_CROP must be 0 to 16"));
	setenv("NEVOD_AUGMENT_CROP", "4", 1);
	setenv("NEVOD_AUGMENT_FLIP", "0", 1);
	assert_document(document(groups, none),
		"{\"augment\":{\"crop\":4,\"flip\":false}}");
	unsetenv("NEVOD_AUGMENT_CROP");
	unsetenv("NEVOD_AUGMENT_FLIP");
}

static void a_group_may_have_only_some_and_its_own_defaults(void **state)
{
	static const char *const only[] = {"epochs", "flip", NULL};
	static const struct option_default own[] = {
		{"epochs", "3"}, {"flip", "true"}, {NULL, NULL}};
	static const struct option_group some[] = {
		{"Some", .fields = &training_fields, .only = only,
			.defaults = own},
		{.title = NULL},
	};
	struct options o;
	char *none[] = {NULL};

	(void)state;
	assert_document(document(some, none),
		"{\"epochs\":3,\"augment\":{\"flip\":true}}");
	assert_document(document(some, WORDS("--epochs", "4")),
		"{\"epochs\":4,\"augment\":{\"flip\":true}}");
	assert_int_equal(
		READ(&o, some, NULL, "--train-limit", "1"), ERR_INVALID);
}

/* -- constants by name -- */

static void pairs_become_an_object(void **state)
{
	(void)state;
	assert_document(
		document(run_groups,
			WORDS("--neat", "preset=jair2004", "--neat", "c1=2",
				"--neat=c1=0.5", "--population", "7")),
		"{\"neat\":{\"preset\":\"jair2004\",\"c1\":0.5},"
		"\"population\":7}");
}

static void what_is_no_pair_is_refused(void **state)
{
	static char *const bad[] = {"c1", "=1", "c1=", "\xff=1", "c1=\xff"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct options o;
		struct err e = {0};

		assert_int_equal(
			READ(&o, run_groups, NULL, "--neat", bad[i]), 0);
		assert_null(options_document(&o, &settings_fields, &e));
		assert_int_equal(e.code, ERR_INVALID);
		assert_non_null(strstr(e.text, "--neat"));
	}
}

/* -- a run's settings -- */

static void settings_are_checked_as_the_broker_does(void **state)
{
	static const struct {
		char *words[5];
		const char *text;
	} bad[] = {
		{{"--algorithm", "truncation", "--elite", "20", NULL},
			"\"elite\" is 20 but must be below the population"},
		{{"--elite", "1", NULL},
			"\"elite\" is not a setting of the algorithm"},
		{{"--neat", "magic=1", NULL}, "magic"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct options o;
		struct err e = {0};

		assert_int_equal(
			read_words(&o, run_groups, &e, (char **)bad[i].words),
			0);
		assert_null(run_options_settings(&o, &e));
		if (!strstr(e.text, bad[i].text))
			fail_msg("%s", e.text);
	}
}

static void settings_hold_what_was_given_and_no_more(void **state)
{
	struct options o;
	struct err e = {0};

	(void)state;
	assert_int_equal(READ(&o, run_groups, &e, "--dataset", "fashion-mnist",
				 "--seed", "0", "--fitness-threshold", "0.5",
				 "--algorithm", "random"),
		0);
	assert_document(run_options_settings(&o, &e),
		"{\"dataset\":\"fashion-mnist\",\"seed\":0,"
		"\"fitness_threshold\":0.5,\"algorithm\":\"random\"}");
}

/* -- help -- */

static void assert_helps(const char *help, const char *line)
{
	if (!strstr(help, line))
		fail_msg("no \"%s\" in:\n%s", line, help);
}

static void help_says_units_and_defaults(void **state)
{
	char *help = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&help, &n);

	(void)state;
	options_print(groups, out);
	fclose(out);
	assert_helps(help, "\nTraining:\n");
	assert_helps(help, "  --schedule NAME ");
	assert_helps(help, "constant, cosine or one-cycle (constant)\n");
	assert_helps(help, "  --max-job-mb MB ");
	assert_helps(help, "may take (1024)\n");
	assert_helps(help, "  --clip-norm X ");
	assert_helps(help, "where none is given\n"); /* of weight decay */
	assert_helps(help, "  --augment-flip  ");
	assert_null(strstr(help, "(0) (0)"));
	free(help);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_option_sets_no_member),
		cmocka_unit_test(every_option_sets_its_member),
		cmocka_unit_test(
			a_name_is_taken_in_any_letter_case_and_written_in_one),
		cmocka_unit_test(out_of_range_is_told_by_the_options_name),
		cmocka_unit_test(the_environment_is_told_by_its_variable),
		cmocka_unit_test(
			a_group_may_have_only_some_and_its_own_defaults),
		cmocka_unit_test(pairs_become_an_object),
		cmocka_unit_test(what_is_no_pair_is_refused),
		cmocka_unit_test(settings_are_checked_as_the_broker_does),
		cmocka_unit_test(settings_hold_what_was_given_and_no_more),
		cmocka_unit_test(help_says_units_and_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
