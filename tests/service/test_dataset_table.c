/* test_dataset_table.c -- a data set is what its files are now, whoever asks
 * first. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "service/evolutioner/dataset_table.h"
#include "idx_files.h"
#include "temp_folder.h"

#define ASKERS 8

static char folder[TEMP_FOLDER_BYTES], cache[TEMP_FOLDER_BYTES];
static struct dataset_table *table;

static int set_up(void **state)
{
	(void)state;
	temp_folder_make(folder);
	temp_folder_make(cache);
	idx_files_dataset(folder, 200, 40, 8, 4, 1);
	table = dataset_table_new(cache);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	dataset_table_free(table);
	temp_folder_remove(folder);
	temp_folder_remove(cache);
	return 0;
}

struct answer {
	char path[DATASET_PATH_MAX], hash[SHA256_HEX_BYTES];
	int rc;
};

static void *ask(void *out)
{
	struct answer *a = out;

	a->rc = dataset_table_get(table, folder, a->path, a->hash, NULL);
	return NULL;
}

static void those_who_ask_together_get_the_same(void **state)
{
	static struct answer a[ASKERS];
	pthread_t t[ASKERS];

	(void)state;
	for (int i = 0; i < ASKERS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, ask, &a[i]), 0);
	for (int i = 0; i < ASKERS; i++)
		pthread_join(t[i], NULL);
	for (int i = 0; i < ASKERS; i++) {
		assert_int_equal(a[i].rc, 0);
		assert_string_equal(a[i].path, a[0].path);
		assert_string_equal(a[i].hash, a[0].hash);
	}
}

static void unknown_set_is_not_remembered(void **state)
{
	struct answer a;
	json_t *list;

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(dataset_table_get(table, "no-such-set", a.path,
					 a.hash, NULL),
			ERR_NOT_FOUND);
	list = dataset_table_list(table);
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
	ask(&a);
	list = dataset_table_list(table);
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(list, 0), "hash")),
		a.hash);
	json_decref(list);
}

static void removed_cache_file_is_made_again(void **state)
{
	struct answer a, b;

	(void)state;
	ask(&a);
	assert_int_equal(a.rc, 0);
	assert_int_equal(unlink(a.path), 0);
	ask(&b);
	assert_int_equal(b.rc, 0);
	assert_string_equal(a.hash, b.hash);
	assert_int_equal(access(b.path, R_OK), 0);
}

static void replaced_files_are_another_set(void **state)
{
	struct answer a, b;

	(void)state;
	ask(&a);
	idx_files_dataset(folder, 201, 40, 8, 4, 2);
	ask(&b);
	assert_int_equal(b.rc, 0);
	assert_string_not_equal(a.hash, b.hash);
}

/* A path has any number of spellings; each is a name. */
static void spellings_of_a_path_do_not_fill_the_table(void **state)
{
	char name[2 * TEMP_FOLDER_BYTES + 600];
	struct answer a;
	json_t *list;

	(void)state;
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof name, "%s/", folder);
		for (int k = 0; k < i; k++)
			strcat(name, "./");
		assert_int_equal(
			dataset_table_get(table, name, a.path, a.hash, NULL),
			0);
	}
	list = dataset_table_list(table);
	assert_int_equal(json_array_size(list), 256);
	json_decref(list);
	ask(&a);
	assert_int_equal(a.rc, 0);
}

static void a_stop_ends_what_is_prepared_and_keeps_what_was(void **state)
{
	struct answer a;
	struct err e = {0};

	(void)state;
	ask(&a);
	dataset_table_stop(table);
	ask(&a);
	assert_int_equal(a.rc, 0);
	idx_files_dataset(folder, 202, 40, 8, 4, 3);
	assert_int_equal(
		dataset_table_get(table, folder, a.path, a.hash, &e), ERR_BUSY);
	assert_string_equal(e.text, "this service is about to stop");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			those_who_ask_together_get_the_same, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			unknown_set_is_not_remembered, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			removed_cache_file_is_made_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			replaced_files_are_another_set, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			spellings_of_a_path_do_not_fill_the_table, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_stop_ends_what_is_prepared_and_keeps_what_was, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
