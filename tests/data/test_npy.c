/* test_npy.c -- NPY headers of every spelling, and folders of such files. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "data/dataset.h"
#include "data/file_stream.h"
#include "data/npy.h"
#include "idx_files.h"
#include "temp_folder.h"

static char folder[TEMP_FOLDER_BYTES], cache[TEMP_FOLDER_BYTES];

static int make_folders(void **state)
{
	(void)state;
	temp_folder_make(folder);
	temp_folder_make(cache);
	return 0;
}

static int remove_folders(void **state)
{
	(void)state;
	temp_folder_remove(folder);
	temp_folder_remove(cache);
	return 0;
}

/* A file of that version with that dictionary and these values. */
static void write_npy(const char *name, int version, const char *dictionary,
	const void *values, size_t n)
{
	uint8_t file[4096] = "\x93NUMPY";
	size_t head = version == 1 ? 10 : 12, text = strlen(dictionary);

	file[6] = (uint8_t)version;
	file[8] = (uint8_t)(text & 0xff);
	file[9] = (uint8_t)(text >> 8);
	memcpy(file + head, dictionary, text);
	memcpy(file + head + text, values, n);
	idx_files_bytes(folder, name, file, head + text + n);
}

static int open_npy(const char *name, struct array **out, struct err *e)
{
	char path[2 * TEMP_FOLDER_BYTES];
	struct stream *in;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_int_equal(file_stream_open(path, &in, NULL), 0);
	return npy_open(in, out, e);
}

static void headers_of_every_spelling_are_read(void **state)
{
	static const struct {
		int version;
		const char *text;
	} good[] = {
		{1, "{'descr': '<i2', 'fortran_order': False, "
		    "'shape': (2, 3), }  \n"},
		{2, "{\"shape\":(2,3),\"descr\":\"<i2\","
		    "\"fortran_order\":False}"},
		{3, "{ 'shape' : ( 2L, 3L ) , 'fortran_order':False,"
		    "'descr':'<i2',}\n"},
	};
	static const int16_t values[6] = {-1, 2, 300, 4, 5, 6};
	int64_t read[6];
	struct array *a;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		write_npy("a", good[i].version, good[i].text, values,
			sizeof values);
		assert_int_equal(open_npy("a", &a, NULL), 0);
		assert_int_equal(array_shape(a)->rank, 2);
		assert_true(array_shape(a)->dims[1] == 3);
		assert_int_equal(array_integers(a, read, 6, NULL), 0);
		for (int k = 0; k < 6; k++)
			assert_true(read[k] == values[k]);
		array_close(a);
	}
}

static void elements_of_either_end_are_read(void **state)
{
	static const uint8_t big[] = {0x01, 0x02}, little[] = {0x02, 0x01};
	int64_t x;
	struct array *a;

	(void)state;
	write_npy("a", 1,
		"{'descr': '>u2', 'fortran_order': False, 'shape': (1,)}", big,
		2);
	assert_int_equal(open_npy("a", &a, NULL), 0);
	assert_int_equal(array_integers(a, &x, 1, NULL), 0);
	assert_true(x == 0x102);
	array_close(a);
	write_npy("a", 1,
		"{'descr': '=u2', 'fortran_order': True, 'shape': (1,)}",
		little, 2);
	assert_int_equal(open_npy("a", &a, NULL), 0);
	assert_int_equal(array_integers(a, &x, 1, NULL), 0);
	assert_true(x == 0x102);
	array_close(a);
}

static void what_is_no_array_of_numbers_is_refused(void **state)
{
	static const char *const bad[][2] = {
		{"{'descr': '<f2', 'fortran_order': False, 'shape': (1,)}",
			"elements of type '<f2'"},
		{"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
			"elements of type '|O'"},
		{"{'descr': [('a', '<i4')], 'fortran_order': False, "
		 "'shape': (1,)}",
			"header of a cannot be read"},
		{"{'descr': '<i4', 'fortran_order': True, 'shape': (1, 1)}",
			"Fortran's order"},
		{"{'descr': '<i4', 'fortran_order': False, 'shape': ()}",
			"0 dimensions"},
		{"{'descr': '<i4', 'fortran_order': False, "
		 "'shape': (1,1,1,1,1)}",
			"5 dimensions"},
		{"{'descr': '<i4', 'fortran_order': False, 'shape': (0,)}",
			"are 0 or come to more"},
		{"{'descr': '<i4', 'fortran_order': False, "
		 "'shape': (999999999999999999, 9)}",
			"are 0 or come to more"},
		{"{'descr': '<i4', 'fortran_order': False, 'shape': (99999,)}",
			"a is cut short"},
		{"{'descr': '<i4', 'fortran_order': False, 'shape': (-1,)}",
			"header of a cannot be read"},
		{"{'descr': '<i4', 'fortran_order': 7, 'shape': (1,)}",
			"header of a cannot be read"},
		{"{'descr': '<i4', 'fortran_order': False, 'shape': (1,)} x",
			"header of a cannot be read"},
		{"{'fortran_order': False, 'shape': (1,)}",
			"header of a cannot be read"},
		{"{'other': '<i4'}", "header of a cannot be read"},
		{"{", "header of a cannot be read"},
		{"", "header of a cannot be read"},
	};
	struct array *a;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err e = {0};

		write_npy("a", 1, bad[i][0], "\1\0\0", 4);
		assert_int_equal(open_npy("a", &a, &e), ERR_INVALID);
		if (!strstr(e.text, bad[i][1]))
			fail_msg("%s: %s", bad[i][0], e.text);
	}
	idx_files_bytes(folder, "a", "\x93NUMPX\1\0\0\0", 10);
	assert_int_equal(open_npy("a", &a, NULL), ERR_INVALID);
	idx_files_bytes(folder, "a", "\x93NUMPY\2\0\xff\xff\xff\xff", 12);
	assert_int_equal(open_npy("a", &a, NULL), ERR_INVALID);
}

/* -- folders -- */

#define IMAGES(n) "{'descr': '|u1', 'fortran_order': False, 'shape': (" n ")}"
#define LABELS(n) "{'descr': '<i8', 'fortran_order': False, 'shape': (" n ")}"

static const uint8_t pixels[80];

/* Twenty training images of 2x2 in two classes. */
static void write_train(void)
{
	int64_t labels[20];

	for (int i = 0; i < 20; i++)
		labels[i] = 5 + i % 2;
	write_npy("train-images.npy", 1, IMAGES("20,2,2"), pixels, 80);
	write_npy("train-labels.npy", 1, LABELS("20,1"), labels, sizeof labels);
}

static int prepare(struct dataset **out, struct err *e)
{
	char path[DATASET_PATH_MAX];
	int rc = dataset_prepare(folder, cache, path, e);

	*out = rc ? NULL : dataset_open(path, NULL);
	return rc;
}

static void a_folder_without_test_gives_a_tenth_of_each_class(void **state)
{
	struct dataset *d;

	(void)state;
	write_train();
	assert_int_equal(prepare(&d, NULL), 0);
	assert_int_equal(dataset_info(d)->n_train, 18);
	assert_int_equal(dataset_info(d)->n_test, 2);
	assert_int_equal(dataset_label(d, DATASET_TEST, 0) +
				 dataset_label(d, DATASET_TEST, 1),
		1);
	assert_string_equal(dataset_info(d)->class_names[1], "6");
	dataset_close(d);
}

static void a_file_without_its_pair_is_named(void **state)
{
	struct dataset *d;
	struct err e = {0};

	(void)state;
	write_train();
	write_npy("test_images.npy", 1, IMAGES("1,2,2"), pixels, 4);
	assert_int_equal(prepare(&d, &e), ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, "no test-labels.npy"));
}

static void images_of_two_kinds_are_refused(void **state)
{
	static const float one[4];
	const int64_t label = 5;
	struct dataset *d;
	struct err e = {0};

	(void)state;
	write_train();
	write_npy("test-labels.npy", 1, LABELS("1,"), &label, sizeof label);
	write_npy("test-images.npy", 1,
		"{'descr': '<f4', 'fortran_order': False, 'shape': (1,2,2)}",
		one, sizeof one);
	assert_int_equal(prepare(&d, &e), ERR_INVALID);
	assert_non_null(strstr(e.text,
		"the train images are uint8 but the test images float32"));
}

static void two_dimensions_are_signals(void **state)
{
	struct dataset *d;

	(void)state;
	write_train();
	write_npy("train-images.npy", 1, IMAGES("20,4"), pixels, 80);
	assert_int_equal(prepare(&d, NULL), 0);
	assert_int_equal(dataset_info(d)->channels, 1);
	assert_int_equal(dataset_info(d)->height, 1);
	assert_int_equal(dataset_info(d)->width, 4);
	dataset_close(d);
}

#define folders_test(f) \
	cmocka_unit_test_setup_teardown(f, make_folders, remove_folders)

int main(void)
{
	const struct CMUnitTest tests[] = {
		folders_test(headers_of_every_spelling_are_read),
		folders_test(elements_of_either_end_are_read),
		folders_test(what_is_no_array_of_numbers_is_refused),
		folders_test(a_folder_without_test_gives_a_tenth_of_each_class),
		folders_test(a_file_without_its_pair_is_named),
		folders_test(images_of_two_kinds_are_refused),
		folders_test(two_dimensions_are_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
