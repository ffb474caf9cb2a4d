/* test_dataset_writer.c -- samples of any format become a file and a hash. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "data/dataset.h"
#include "data/dataset_writer.h"
#include "idx_files.h"
#include "temp_folder.h"

static char cache[TEMP_FOLDER_BYTES];

static int make_folder(void **state)
{
	(void)state;
	temp_folder_make(cache);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	temp_folder_remove(cache);
	return 0;
}

/* Images of one pixel in a thousand classes: three to train on, one to test. */
static const uint8_t pixels[4] = {7, 8, 9, 10};
static const uint16_t labels[4] = {0, 258, 999, 256};

static struct dataset_writer *begin(void)
{
	struct dataset_info *d = calloc(1, sizeof *d);
	struct dataset_writer *w;

	*d = (struct dataset_info){.channels = 1,
		.height = 1,
		.width = 1,
		.classes = 1000,
		.n_train = 3,
		.n_test = 1};
	w = dataset_writer_new(cache, d, NULL);
	assert_non_null(w);
	free(d);
	return w;
}

static int add(struct dataset_writer *w, enum dataset_part part, size_t from,
	size_t n, struct err *e)
{
	struct dataset_samples some = {part, n, pixels + from, labels + from};

	return dataset_writer_add(w, &some, e);
}

static int files_in_cache(void)
{
	DIR *dir = opendir(cache);
	struct dirent *entry;
	int n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

static void labels_of_two_bytes_come_back_and_are_hashed_low_byte_first(
	void **state)
{
	static const char text[] = "3 1 1 1 uint8 1000\n"
				   "\x07\x00\x00\x08\x02\x01\x09\xe7\x03"
				   "1 1 1 1 uint8 1000\n"
				   "\x0a\x00\x01";
	char path[DATASET_PATH_MAX], hash[SHA256_HEX_BYTES];
	char by_hand[SHA256_HEX_BYTES];
	struct dataset_writer *w;
	struct dataset *d;

	(void)state;
	w = begin();
	assert_int_equal(add(w, DATASET_TRAIN, 0, 2, NULL), 0);
	assert_int_equal(add(w, DATASET_TRAIN, 2, 1, NULL), 0);
	assert_int_equal(add(w, DATASET_TEST, 3, 1, NULL), 0);
	assert_int_equal(dataset_writer_end(w, path, hash, NULL), 0);
	dataset_writer_free(w);
	sha256_of(text, sizeof text - 1, by_hand);
	assert_string_equal(hash, by_hand);
	d = dataset_open(path, NULL);
	assert_non_null(d);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(dataset_train_label(d, i), labels[i]);
		assert_int_equal(*dataset_train_pixels(d, i), pixels[i]);
	}
	assert_int_equal(dataset_test_label(d, 0), 256);
	dataset_close(d);
}

static void a_label_beyond_the_classes_is_refused(void **state)
{
	static const uint16_t bad = 1000;
	struct dataset_samples some = {DATASET_TRAIN, 1, pixels, &bad};
	struct dataset_writer *w = begin();
	struct err e = {0};

	(void)state;
	assert_int_equal(dataset_writer_add(w, &some, &e), ERR_INVALID);
	assert_string_equal(
		e.text, "a label is 1000, but there are 1000 classes");
	dataset_writer_free(w);
}

static void what_is_not_ended_leaves_no_file(void **state)
{
	struct dataset_writer *w = begin();

	(void)state;
	assert_int_equal(add(w, DATASET_TRAIN, 0, 3, NULL), 0);
	assert_int_equal(files_in_cache(), 1);
	dataset_writer_free(w);
	assert_int_equal(files_in_cache(), 0);
}

#define folder_test(f) \
	cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		folder_test(
			labels_of_two_bytes_come_back_and_are_hashed_low_byte_first),
		folder_test(a_label_beyond_the_classes_is_refused),
		folder_test(what_is_not_ended_leaves_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
