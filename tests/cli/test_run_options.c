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

#include "cli/options/command.h"
#include "cli/options/dataset_option.h"
#include "cli/options/run_options.h"
#include "idx_files.h"
#include "temp_folder.h"
#include "wire/settings.h"

static const struct option places[] = {
	{"data-dir", OPTION_TEXT, 0, 0, "DIR", "where data sets are"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const struct option_group groups[] = {
	{"Places", .options = places},
	{"Broker", .options = options_client},
	{"Run", .options = run_options_genomes, .fields = &settings_fields},
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
	struct err e = {0};
	char meant[PATH_MAX];

	(void)state;
	assert_null(settings_of("--dataset", "./no-such-folder", &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_non_null(
		strstr(e.text, "there is no folder or file ./no-such-folder"));
	assert_int_equal(dataset_option("fashion-mnits", "/none", meant, &e),
		ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, "did you mean fashion-mnist?"));
}

/* The broker may have it, wherever it is. */
static void what_is_not_here_is_asked_for_as_it_is_called(void **state)
{
	static const char *const names[] = {
		"pets", "/no/such/folder", "https://a.org/set.npz"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct err e = {0};
		json_t *v = settings_of("--dataset", names[i], &e);

		assert_non_null(v);
		assert_string_equal(
			json_string_value(json_object_get(v, "dataset")),
			names[i]);
		json_decref(v);
	}
}

/* Whatever folder of that name is here. */
static void a_name_is_that_of_a_broker_elsewhere(void **state)
{
	static struct options o;
	char *words[] = {"--dataset", "tests", "--broker", "http://10.0.0.9:1"};
	char folder[TEMP_FOLDER_BYTES], before[PATH_MAX];
	struct err e = {0};
	json_t *v;

	(void)state;
	temp_folder_make(folder);
	assert_non_null(getcwd(before, sizeof before));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(mkdir("tests", 0700), 0);
	idx_files_dataset("tests", 8, 4, 4, 2, 1);
	assert_int_equal(options_read(&o, groups, 0, 4, words, &e), 0);
	v = run_options_settings(&o, &e);
	assert_int_equal(chdir(before), 0);
	assert_non_null(v);
	assert_string_equal(
		json_string_value(json_object_get(v, "dataset")), "tests");
	json_decref(v);
	snprintf(before, sizeof before, "%s/tests", folder);
	temp_folder_remove(before);
	temp_folder_remove(folder);
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

/* -- known genomes -- */

#define GENOME                                                            \
	"{\"num_channels\":1,\"px_h\":12,\"px_w\":12,\"num_classes\":4,"  \
	"\"Number of Convolutional Layers\":1,"                           \
	"\"Number of Fully Connected Layers\":1,"                         \
	"\"Number of Nodes in Each Layer\":[16],"                         \
	"\"Activation Functions\":[\"relu\"],\"Dropout Rate\":0.1,"       \
	"\"Learning Rate\":0.01,\"Batch Size\":16,\"Optimizer\":\"sgd\"," \
	"\"filters\":[8],\"kernel_sizes\":[3]}"

/* A header of weights with the genome in it, as a JSON string. */
static void write_weights(FILE *f)
{
	json_t *header = json_pack(
		"{s:{s:s}}", "__metadata__", "genome", GENOME);
	char *text = json_dumps(header, JSON_COMPACT);
	const uint64_t n = strlen(text);

	for (int i = 0; i < 8; i++)
		fputc((int)(n >> 8 * i & 0xff), f);
	fputs(text, f);
	fputs("the tensors", f);
	free(text);
	json_decref(header);
}

/* The settings of `--seed-genome FILE`, of a file of that text; NULL: weights
 * in it. */
static json_t *settings_with(const char *text, struct err *e)
{
	char folder[TEMP_FOLDER_BYTES], path[TEMP_FOLDER_BYTES + 8];
	json_t *v;
	FILE *f;

	temp_folder_make(folder);
	snprintf(path, sizeof path, "%s/g", folder);
	f = fopen(path, "wb");
	assert_non_null(f);
	if (text)
		fputs(text, f);
	else
		write_weights(f);
	fclose(f);
	v = settings_of("--seed-genome", path, e);
	temp_folder_remove(folder);
	return v;
}

static void a_known_genome_is_found_in_what_has_one(void **state)
{
	static const char *const texts[] = {GENOME, "{\"genome\":" GENOME "}",
		"{\"champion\":{\"id\":3,\"genome\":" GENOME "}}", NULL};
	json_t *wanted = json_loads(GENOME, 0, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct err e = {0};
		json_t *v = settings_with(texts[i], &e), *list;

		if (!v)
			fail_msg("%s", e.text);
		list = json_object_get(v, "seed_genomes");
		assert_int_equal(json_array_size(list), 1);
		assert_true(json_equal(json_array_get(list, 0), wanted));
		json_decref(v);
	}
	json_decref(wanted);
}

static void a_file_without_a_genome_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "{}", "[1]", "{\"genome\":{}}", "\x05{"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err e = {0};

		assert_null(settings_with(bad[i], &e));
		assert_non_null(strstr(e.text, "--seed-genome"));
	}
}

/* -- forks -- */

#define RUN "6ba7b810-9dad-41d1-80b4-00c04fd430c8"

static void a_fork_names_a_run_and_maybe_a_generation(void **state)
{
	static const char *const forks[][2] = {
		{RUN, "{\"run\":\"" RUN "\"}"},
		{RUN ":0", "{\"run\":\"" RUN "\",\"generation\":0}"},
		{"7:3", "{\"run\":\"7\",\"generation\":3}"},
		{"a name", "{\"run\":\"a name\"}"},
		{RUN ":100000", "{\"run\":\"" RUN "\",\"generation\":100000}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof forks / sizeof *forks; i++) {
		struct err e = {0};
		json_t *v = settings_of("--fork", forks[i][0], &e);
		json_t *wanted = json_loads(forks[i][1], 0, NULL);

		assert_non_null(v);
		assert_true(json_equal(json_object_get(v, "fork"), wanted));
		json_decref(wanted);
		json_decref(v);
	}
}

static void what_names_no_generation_of_a_run_is_refused(void **state)
{
	static const char *const bad[] = {
		":", ":1", RUN ":", RUN ":-1", RUN ":1x", RUN ":1234567"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err e = {0};

		assert_null(settings_of("--fork", bad[i], &e));
		assert_int_equal(e.code, ERR_INVALID);
		assert_non_null(strstr(e.text, "--fork takes"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fork_names_a_run_and_maybe_a_generation),
		cmocka_unit_test(what_names_no_generation_of_a_run_is_refused),
		cmocka_unit_test(a_folder_becomes_absolute),
		cmocka_unit_test(what_is_not_here_is_asked_for_as_it_is_called),
		cmocka_unit_test(a_name_is_that_of_a_broker_elsewhere),
		cmocka_unit_test(an_unknown_set_is_refused_with_what_was_meant),
		cmocka_unit_test(another_algorithms_setting_is_refused),
		cmocka_unit_test(a_known_genome_is_found_in_what_has_one),
		cmocka_unit_test(a_file_without_a_genome_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
