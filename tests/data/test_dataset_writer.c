/* test_dataset_writer.c -- samples of any format become a file and a hash. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/dataset.h"
#include "data/dataset_manifest.h"
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

#define KEY "0123"

static char names[1000][DATASET_NAME_BYTES];
static const struct dataset_info small = {.channels = 1,
	.height = 1,
	.width = 1,
	.classes = 1000,
	.n_train = 3,
	.n_test = 1,
	.class_names = (const char (*)[DATASET_NAME_BYTES])names};

static struct dataset_writer *begin(void)
{
	const struct dataset_writer_options o = {
		.cache_dir = cache, .key = KEY};
	struct dataset_writer *w = dataset_writer_new(&o, &small, NULL);

	assert_non_null(w);
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
	dataset_writer_free(w, 0);
	sha256_of(text, sizeof text - 1, by_hand);
	assert_string_equal(hash, by_hand);
	d = dataset_open(path, NULL);
	assert_non_null(d);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(dataset_label(d, DATASET_TRAIN, i), labels[i]);
		assert_memory_equal(
			dataset_pixels(d, DATASET_TRAIN, i), pixels + i, 1);
	}
	assert_int_equal(dataset_label(d, DATASET_TEST, 0), 256);
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
	dataset_writer_free(w, 0);
}

static void what_is_not_ended_leaves_no_file(void **state)
{
	struct dataset_writer *w = begin();

	(void)state;
	assert_int_equal(add(w, DATASET_TRAIN, 0, 3, NULL), 0);
	assert_int_equal(files_in_cache(), 1);
	dataset_writer_free(w, 0);
	assert_int_equal(files_in_cache(), 0);
}

static void files_that_change_while_they_are_read_are_refused(void **state)
{
	char path[DATASET_PATH_MAX] = "untouched", hash[SHA256_HEX_BYTES];
	struct dataset_writer *w = begin();
	struct err e = {0};

	(void)state;
	assert_int_equal(add(w, DATASET_TEST, 0, 1, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "change while they are read"));
	assert_int_equal(add(w, DATASET_TRAIN, 0, 4, &e), ERR_INVALID);
	assert_int_equal(add(w, DATASET_TRAIN, 0, 3, &e), 0);
	assert_int_equal(dataset_writer_end(w, path, hash, &e), ERR_INVALID);
	assert_string_equal(path, "untouched");
	dataset_writer_free(w, 0);
	assert_int_equal(files_in_cache(), 0);
}

/* -- large sets, with small pieces -- */

#define SIDE 64 /* images of 4 KiB: 16 are a piece */
#define IMAGES 100

static const struct dataset_info large = {.channels = 1,
	.height = SIDE,
	.width = SIDE,
	.classes = 1000,
	.n_train = IMAGES - 30,
	.n_test = 20,
	.n_validation = 10,
	.class_names = (const char (*)[DATASET_NAME_BYTES])names};

static struct dataset_writer *begin_large(size_t piece_bytes)
{
	const struct dataset_writer_options o = {.cache_dir = cache,
		.key = KEY,
		.piece_bytes = piece_bytes,
		.sure_bytes = 10 * SIDE * SIDE};
	struct dataset_writer *w = dataset_writer_new(&o, &large, NULL);

	assert_non_null(w);
	return w;
}

/* Samples of a part, 3 at a time, until `stop` of all have been added. */
static void add_large(struct dataset_writer *w, size_t stop)
{
	static uint8_t image[3][SIDE * SIDE];
	size_t number = 0;

	for (int part = 0; part < DATASET_PARTS; part++) {
		size_t n = dataset_count(&large, part);
		size_t have = dataset_writer_have(w)[part];

		for (size_t i = have; i < n && number + i < stop; i += 3) {
			size_t some = n - i < 3 ? n - i : 3;
			uint16_t label[3];
			struct dataset_samples s = {part, some, image, label};

			for (size_t k = 0; k < some; k++) {
				memset(image[k], (int)(number + i + k),
					sizeof image[k]);
				label[k] = (uint16_t)(number + i + k);
			}
			assert_int_equal(dataset_writer_add(w, &s, NULL), 0);
		}
		number += n;
	}
}

static void end_large(struct dataset_writer *w, char path[DATASET_PATH_MAX],
	char hash[SHA256_HEX_BYTES])
{
	add_large(w, IMAGES);
	assert_int_equal(dataset_writer_end(w, path, hash, NULL), 0);
	dataset_writer_free(w, 0);
}

static void assert_large(const char *path)
{
	struct dataset *d = dataset_open(path, NULL);
	size_t number = 0;

	assert_non_null(d);
	for (int part = 0; part < DATASET_PARTS; part++)
		for (size_t i = 0; i < dataset_count(&large, part); i++) {
			const uint8_t *p = dataset_pixels(d, part, i);

			assert_int_equal(p[0], number);
			assert_int_equal(p[SIDE * SIDE - 1], number);
			assert_int_equal(dataset_label(d, part, i), number);
			number++;
		}
	assert_int_equal(dataset_verify(d, NULL), 0);
	dataset_close(d);
}

static void pieces_are_one_set(void **state)
{
	char one[DATASET_PATH_MAX], path[DATASET_PATH_MAX];
	char hash[SHA256_HEX_BYTES], again[SHA256_HEX_BYTES];
	struct manifest m;

	(void)state;
	end_large(begin_large(0), one, hash);
	assert_int_equal(files_in_cache(), 2); /* and the manifest */
	assert_large(one);
	temp_folder_remove(cache);
	temp_folder_make(cache);
	end_large(begin_large(PIECES_ALIGN), path, again);
	assert_string_equal(hash, again);
	assert_int_equal(files_in_cache(), 8 + 1);
	assert_large(path);
	assert_int_equal(manifest_load(hash, path, &m, NULL), 0);
	assert_int_equal(m.n, 8);
	manifest_release(&m);
}

static void a_missing_or_cut_piece_is_refused(void **state)
{
	char path[DATASET_PATH_MAX], piece[DATASET_PATH_MAX];
	char hash[SHA256_HEX_BYTES];
	struct err e = {0};

	(void)state;
	end_large(begin_large(PIECES_ALIGN), path, hash);
	pieces_path(path, 3, piece);
	assert_int_equal(truncate(piece, PIECES_ALIGN - 1), 0);
	assert_null(dataset_open(path, &e));
	assert_int_equal(e.code, ERR_INVALID);
	assert_int_equal(unlink(piece), 0);
	assert_null(dataset_open(path, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

/* Killed after any number of samples, and gone on with: the same set. */
static void a_writer_goes_on_where_a_killed_one_was_sure(void **state)
{
	char path[DATASET_PATH_MAX], hash[SHA256_HEX_BYTES] = "";
	char first[SHA256_HEX_BYTES] = "";
	size_t had = 0;

	(void)state;
	for (size_t stop = 0; stop < IMAGES; stop += 9) {
		struct dataset_writer *w = begin_large(PIECES_ALIGN);

		add_large(w, stop);
		dataset_writer_free(w, 1);
		w = begin_large(PIECES_ALIGN);
		for (int part = 0; part < DATASET_PARTS; part++)
			had += dataset_writer_have(w)[part];
		end_large(w, path, hash);
		assert_large(path);
		if (stop == 0)
			strcpy(first, hash);
		assert_string_equal(hash, first);
		assert_int_equal(files_in_cache(), 8 + 1);
	}
	assert_true(had > 300);
}

static void what_is_left_of_another_set_is_not_gone_on_with(void **state)
{
	struct dataset_writer *w = begin_large(PIECES_ALIGN);

	(void)state;
	add_large(w, 50);
	dataset_writer_free(w, 1);
	w = begin_large(2 * PIECES_ALIGN);
	assert_int_equal(dataset_writer_have(w)[DATASET_TRAIN], 0);
	dataset_writer_free(w, 0);
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
		folder_test(files_that_change_while_they_are_read_are_refused),
		folder_test(pieces_are_one_set),
		folder_test(a_missing_or_cut_piece_is_refused),
		folder_test(a_writer_goes_on_where_a_killed_one_was_sure),
		folder_test(what_is_left_of_another_set_is_not_gone_on_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
