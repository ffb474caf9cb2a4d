/* test_option_document.c -- a table's rows are options, and what is given of
 * them is a document that the table reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/options/command.h"
#include "cli/options/options.h"
#include "cli/options/run_options.h"
#include "model/training.h"
#include "wire/settings.h"

static const struct option_group groups[] = {
	{"Training", .fields = &training_fields},
	{.title = NULL},
};
static const struct option places[] = {
	{"data-dir", OPTION_TEXT, 0, 0, "DIR", "where data sets are"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};
static const struct option_group run_groups[] = {
	{"Run", .options = run_options_genomes, .fields = &settings_fields},
	{"Places", .options = places},
	{"Broker", .options = options_client},
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
	json_t *v = document(groups,
		WORDS("--epochs", "2", "--train-limit=0",
			"--validation-fraction", "0.25", "--metric", "auroc",
			"--class-weights", "balanced", "--max-job-mb", "16",
			"--schedule", "cosine", "--weight-decay", "0.25",
			"--label-smoothing", "0.125", "--clip-norm", "2",
			"--spare-biases", "--ema", "0.5", "--rate-limit",
			"0.01", "--flip-test", "--augment-crop", "3",
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
	assert_document(document(run_groups,
				WORDS("--neat", "preset=cnn,c1=2", "--space",
					"filters=16..64,units=32")),
		"{\"space\":{\"filters\":\"16..64\",\"units\":32.0},"
		"\"neat\":{\"preset\":\"cnn\",\"c1\":2.0}}");
}

static void what_is_no_pair_is_refused(void **state)
{
	static char *const bad[] = {
		"c1", "=1", "c1=", "\xff=1", "c1=\xff", "c1=1,", ",c1=1"};

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

static char *help_of(const struct option_group *g)
{
	char *help = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&help, &n);

	options_print(g, out);
	fclose(out);
	return help;
}

static void help_says_units_and_defaults(void **state)
{
	char *help = help_of(groups);

	(void)state;
	assert_helps(help, "\nTraining:\n");
	assert_helps(help, "  --schedule NAME ");
	assert_helps(help, "cosine, one-cycle (one-cycle)\n");
	assert_helps(help, "  --max-job-mb MB ");
	assert_helps(help, "may take (1024)\n");
	assert_helps(help, "  --clip-norm X ");
	assert_helps(help, "where none is given\n"); /* of weight decay */
	assert_helps(help, "  --augment-flip  ");
	assert_null(strstr(help, "(0) (0)"));
	free(help);
}

static void help_names_what_may_be_named(void **state)
{
	char *help = help_of(run_groups);

	(void)state;
	assert_helps(help, "how to breed: one of neat, truncation, ");
	assert_helps(help, "some of\n                             relu, ");
	free(help);
}

static void help_is_a_column_within_80(void **state)
{
	static const struct option table[] = {
		{"an-option-whose-name-is-long", OPTION_TEXT, 0, 0, "FILE",
			"begins in the next line"},
		{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
	};
	static const struct option_group both[] = {
		{"Long", .options = table},
		{"Run", .fields = &settings_fields},
		{.title = NULL},
	};
	char *help = help_of(both), *rest = NULL;

	(void)state;
	assert_helps(help,
		"  --an-option-whose-name-is-long FILE\n"
		"                             begins in the next line\n");
	for (char *line = strtok_r(help, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest)) {
		if (strlen(line) > 80)
			fail_msg("%zu columns: %s", strlen(line), line);
		/* A title, an option, or text in the right column. */
		if (line[0] == ' ' && line[2] != '-')
			assert_int_equal(strspn(line, " "), 29);
	}
	free(help);
}

/* -- sections -- */

static const char *const named[] = {"seed", "max_job_mb", NULL};
static const struct option_group sections[] = {
	{"Other", .options = run_options_genomes, .fields = &settings_fields},
	{"Training", .fields = &training_fields},
	{"Named", .fields = &settings_fields, .only = named},
	{"Places", .options = places},
	{"Broker", .options = options_client},
	{.title = NULL},
};

static void a_field_is_in_one_section(void **state)
{
	static struct option_entry whole[OPTION_ENTRIES_MAX];
	static struct option_entry parts[OPTION_ENTRIES_MAX];
	size_t n = options_entries(run_groups, whole);

	(void)state;
	assert_int_equal(options_entries(sections, parts), n);
	for (size_t i = 0; i < n; i++) {
		size_t found = 0;

		for (size_t k = 0; k < n; k++)
			found += strcmp(whole[i].name, parts[k].name) == 0;
		assert_int_equal(found, 1);
	}
}

static void a_section_has_what_it_lists_or_its_own_table(void **state)
{
	static const struct {
		const char *name, *title;
	} wanted[] = {{"population", "Other"}, {"elite", "Other"},
		{"epochs", "Training"}, {"augment-crop", "Training"},
		{"seed", "Named"}, {"max-job-mb", "Named"}};
	static struct option_entry parts[OPTION_ENTRIES_MAX];
	size_t n = options_entries(sections, parts);

	(void)state;
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		size_t k = 0;

		while (k < n && strcmp(parts[k].name, wanted[i].name) != 0)
			k++;
		assert_true(k < n);
		assert_string_equal(parts[k].group->title, wanted[i].title);
	}
}

static void sections_make_one_document(void **state)
{
	(void)state;
	assert_document(
		document(sections, WORDS("--population", "4", "--seed", "7",
					   "--epochs", "2", "--augment-crop",
					   "1", "--max-job-mb", "16")),
		"{\"population\":4,\"seed\":7,\"epochs\":2,"
		"\"augment\":{\"crop\":1},\"max_job_mb\":16}");
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
		cmocka_unit_test(help_names_what_may_be_named),
		cmocka_unit_test(help_is_a_column_within_80),
		cmocka_unit_test(a_field_is_in_one_section),
		cmocka_unit_test(a_section_has_what_it_lists_or_its_own_table),
		cmocka_unit_test(sections_make_one_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
