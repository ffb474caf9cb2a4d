/* test_dataset.c -- data sets are checked, hashed, cached and mapped. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "data/dataset.h"
#include "data/dataset_names.h"
#include "data/dataset_source.h"
#include "idx_files.h"
#include "temp_folder.h"

/* Computed by another program, from the package's files and the rule in
 * dataset_writer.c. */
#define FASHION_HASH \
	"f131f31795fc1bd6c0f822f2b8056449b962a987acd2ba700529a6be11ca8d2b"

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

/* Three train and two test images of 1x2x2, as idx_files of these names. */
static const uint8_t train_pixels[12] = {
	0, 1, 2, 3, 10, 11, 12, 13, 250, 251, 252, 253};
static const uint8_t train_labels[3] = {2, 0, 1};
static const uint8_t test_pixels[8] = {5, 6, 7, 8, 90, 91, 92, 93};
static const uint8_t test_labels[2] = {1, 3};

static void write_images(const char *name, uint32_t n, const uint8_t *pixels)
{
	uint32_t sizes[3] = {n, 2, 2};

	idx_files_write(folder, name, 3, sizes, pixels);
}

static void write_labels(const char *name, uint32_t n, const uint8_t *labels)
{
	idx_files_write(folder, name, 1, &n, labels);
}

static void write_small(void)
{
	write_images("train-images-idx3-ubyte", 3, train_pixels);
	write_labels("train-labels-idx1-ubyte.gz", 3, train_labels);
	write_images("t10k-images.idx3-ubyte", 2, test_pixels);
	write_labels("t10k-labels-idx1-ubyte", 2, test_labels);
}

static struct dataset *prepare_and_open(void)
{
	char path[DATASET_PATH_MAX];
	struct dataset *d;

	assert_int_equal(dataset_prepare(folder, cache, path, NULL), 0);
	d = dataset_open(path, NULL);
	assert_non_null(d);
	return d;
}

/* What was said, a line each. */
static char said[2000];

static void hear(void *ctx, const char *sentence)
{
	(void)ctx;
	strcat(said, sentence);
	strcat(said, "\n");
}

static struct dataset *order_and_open(const struct reading *how)
{
	const struct dataset_order order = {
		.name = folder, .how = how, .say = hear};
	char path[DATASET_PATH_MAX];
	struct dataset *d;

	said[0] = '\0';
	assert_int_equal(dataset_order(&order, cache, path, NULL), 0);
	d = dataset_open(path, NULL);
	assert_non_null(d);
	return d;
}

static void assert_order_refused(
	const struct reading *how, int code, const char *sentence)
{
	const struct dataset_order order = {.name = folder, .how = how};
	char path[DATASET_PATH_MAX] = "untouched";
	struct err e = {0};

	assert_int_equal(dataset_order(&order, cache, path, &e), code);
	if (!strstr(e.text, sentence))
		fail_msg("\"%s\" lacks \"%s\"", e.text, sentence);
	assert_string_equal(path, "untouched");
}

static void assert_refused(int code, const char *sentence)
{
	assert_order_refused(NULL, code, sentence);
}

static void samples_come_back_as_they_were_written(void **state)
{
	struct dataset *d;
	const struct dataset_info *info;

	(void)state;
	write_small();
	d = prepare_and_open();
	info = dataset_info(d);
	assert_int_equal(info->channels, 1);
	assert_int_equal(info->height, 2);
	assert_int_equal(info->width, 2);
	assert_int_equal(info->classes, 4); /* the largest label is in test */
	assert_int_equal(info->n_train, 3);
	assert_int_equal(info->n_test, 2);
	for (size_t i = 0; i < 3; i++) {
		assert_memory_equal(dataset_pixels(d, DATASET_TRAIN, i),
			train_pixels + 4 * i, 4);
		assert_int_equal(
			dataset_label(d, DATASET_TRAIN, i), train_labels[i]);
	}
	for (size_t i = 0; i < 2; i++) {
		assert_memory_equal(dataset_pixels(d, DATASET_TEST, i),
			test_pixels + 4 * i, 4);
		assert_int_equal(
			dataset_label(d, DATASET_TEST, i), test_labels[i]);
	}
	dataset_close(d);
}

static void hash_is_over_the_samples_in_order(void **state)
{
	static const char text[] =
		"3 1 2 2 uint8 4\n"
		"\x00\x01\x02\x03\x02\x00\x0a\x0b\x0c\x0d\x00\x00"
		"\xfa\xfb\xfc\xfd\x01\x00"
		"2 1 2 2 uint8 4\n"
		"\x05\x06\x07\x08\x01\x00\x5a\x5b\x5c\x5d\x03\x00";
	char hash[SHA256_HEX_BYTES];
	struct dataset *d;

	(void)state;
	write_small();
	d = prepare_and_open();
	sha256_of(text, sizeof text - 1, hash);
	assert_string_equal(dataset_info(d)->hash, hash);
	dataset_close(d);
}

static void colour_images_are_read_by_channel(void **state)
{
	const struct reading nchw = {.layout = READING_NCHW};
	uint32_t sizes[4] = {3, 2, 1, 2}, test_sizes[4] = {2, 2, 1, 2};
	struct dataset *d;

	(void)state;
	write_small();
	idx_files_write(
		folder, "train-images-idx3-ubyte", 4, sizes, train_pixels);
	idx_files_write(
		folder, "t10k-images.idx3-ubyte", 4, test_sizes, test_pixels);
	d = order_and_open(&nchw);
	assert_int_equal(dataset_info(d)->channels, 2);
	assert_int_equal(dataset_info(d)->height, 1);
	assert_int_equal(dataset_info(d)->width, 2);
	assert_memory_equal(
		dataset_pixels(d, DATASET_TRAIN, 2), train_pixels + 8, 4);
	dataset_close(d);
}

static void classes_are_named_by_number_or_by_classes_txt(void **state)
{
	static const char names[] = "\xef\xbb\xbf"
				    "cat\n  dog\t\r\n"
				    "na\xc3\xafve\nbird\n \n\n";
	struct dataset *d;

	(void)state;
	write_small();
	d = prepare_and_open();
	assert_string_equal(dataset_info(d)->class_names[3], "3");
	dataset_close(d);
	idx_files_bytes(folder, "classes.txt", names, sizeof names - 1);
	d = prepare_and_open();
	assert_string_equal(dataset_info(d)->class_names[0], "cat");
	assert_string_equal(dataset_info(d)->class_names[1], "dog");
	assert_string_equal(dataset_info(d)->class_names[2], "na\xc3\xafve");
	assert_string_equal(dataset_info(d)->class_names[3], "bird");
	dataset_close(d);
}

static void classes_txt_that_does_not_fit_is_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{"a\nb\nc\n", "3 names but the labels make 4 classes"},
		{"a\nb\nc\nd\ne\n", "5 names but the labels make 4 classes"},
		{"a\n\nc\nd\n", "line 2"},
		{"a\nb\nc\n\xff\n", "line 4"},
		{"a\n\xc2\x9b"
		 "31m\nc\nd\n",
			"line 2"},
		{"a\nb\nc\td\nd\n", "line 3"},
		{"\n \n", "empty"},
		{"1234567890123456789012345678901234567890"
		 "123456789012345678901234\nb\nc\nd\n",
			"line 1"},
		{"", "empty"},
	};

	(void)state;
	write_small();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		idx_files_bytes(folder, "classes.txt", bad[i].text,
			strlen(bad[i].text));
		assert_refused(ERR_INVALID, bad[i].why);
	}
}

/* Whoever can write into a set's folder must not read other files through it,
 * nor keep a service waiting. */
static void classes_txt_that_is_no_file_of_its_folder_is_refused(void **state)
{
	static const char why[] =
		"classes.txt is no regular file of its folder";
	char path[2 * TEMP_FOLDER_BYTES], target[2 * TEMP_FOLDER_BYTES];

	(void)state;
	write_small();
	idx_files_bytes(folder, "names", "a\nb\nc\nd\n", 8);
	snprintf(path, sizeof path, "%s/classes.txt", folder);
	snprintf(target, sizeof target, "%s/names", folder);
	assert_int_equal(symlink(target, path), 0);
	assert_refused(ERR_INVALID, why);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("nowhere", path), 0);
	assert_refused(ERR_INVALID, why);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refused(ERR_INVALID, why);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_refused(ERR_INVALID, why);
}

static struct dataset *load(const char *name)
{
	const struct dataset_order order = {.name = name};

	return dataset_load(&order, cache, NULL);
}

static void assert_first_name(const char *name, const char *first)
{
	struct dataset *d = load(name);

	assert_non_null(d);
	assert_string_equal(dataset_info(d)->class_names[0], first);
	dataset_close(d);
}

/* The samples are one file, and their hash; what they are called depends on
 * who is asked. */
static void each_folder_has_the_names_it_gives(void **state)
{
	char first[TEMP_FOLDER_BYTES];
	struct dataset *d;

	(void)state;
	write_small();
	idx_files_bytes(folder, "classes.txt", "cat\ndog\ncow\nant\n", 16);
	d = load(folder);
	assert_non_null(d);
	assert_int_equal(
		dataset_name_keep(cache, "pets", dataset_info(d), NULL), 0);
	dataset_close(d);
	strcpy(first, folder);
	temp_folder_make(folder);
	write_small();
	idx_files_bytes(folder, "classes.txt", "un\ndeux\ntrois\nquatre\n", 21);
	assert_first_name(folder, "un");
	assert_first_name(first, "cat");
	assert_first_name("pets", "cat");
	temp_folder_remove(first);
}

static void parts_that_do_not_match_are_refused(void **state)
{
	uint32_t wide[3] = {2, 1, 4}, flat[1] = {12}, table[2] = {2, 1};

	(void)state;
	write_small();
	write_labels("train-labels-idx1-ubyte.gz", 2, train_labels);
	assert_refused(ERR_INVALID, "train part has 3 images but 2 labels");
	write_small();
	idx_files_write(folder, "t10k-images.idx3-ubyte", 3, wide, test_pixels);
	assert_refused(ERR_INVALID,
		"the train images are 1x2x2 but the t10k images 1x1x4");
	write_small();
	idx_files_write(
		folder, "train-images-idx3-ubyte", 1, flat, train_pixels);
	assert_refused(ERR_INVALID, "train images have 1 dimension");
	write_small();
	write_images("t10k-labels-idx1-ubyte", 2, test_pixels);
	assert_refused(ERR_INVALID, "t10k labels have 3 dimensions");
	write_small();
	idx_files_write(
		folder, "t10k-labels-idx1-ubyte", 2, table, test_labels);
	dataset_close(prepare_and_open());
}

static void too_few_samples_or_classes_are_refused(void **state)
{
	static const uint8_t same[3] = {0, 0, 0};

	(void)state;
	write_small();
	write_images("train-images-idx3-ubyte", 1, train_pixels);
	write_labels("train-labels-idx1-ubyte.gz", 1, train_labels);
	assert_refused(ERR_INVALID, "1 images but must have from 2");
	write_small();
	write_labels("train-labels-idx1-ubyte.gz", 3, same);
	write_labels("t10k-labels-idx1-ubyte", 2, same);
	assert_refused(ERR_INVALID, "at least 2 classes");
}

static void sides_over_the_limit_are_refused(void **state)
{
	uint32_t long_side[3] = {3, 1, 1025};
	uint8_t *pixels = calloc(3, 1025);

	(void)state;
	write_small();
	idx_files_write(
		folder, "train-images-idx3-ubyte", 3, long_side, pixels);
	assert_refused(ERR_INVALID, "1x1x1025; the limit is 64x1024x1024");
	free(pixels);
}

/* -- how the files are to be understood -- */

static void labels_that_begin_at_1_or_leave_gaps_are_mapped(void **state)
{
	static const uint8_t train[3] = {9, 1, 4}, test[2] = {4, 9};
	struct dataset *d;

	(void)state;
	write_small();
	write_labels("train-labels-idx1-ubyte.gz", 3, train);
	write_labels("t10k-labels-idx1-ubyte", 2, test);
	d = order_and_open(NULL);
	assert_int_equal(dataset_info(d)->classes, 3);
	assert_int_equal(dataset_label(d, DATASET_TRAIN, 0), 2);
	assert_int_equal(dataset_label(d, DATASET_TRAIN, 1), 0);
	assert_int_equal(dataset_label(d, DATASET_TEST, 0), 1);
	assert_string_equal(dataset_info(d)->class_names[1], "4");
	assert_string_equal(said, "the 3 different labels from 1 to 9, with "
				  "gaps, are the classes 0 to 2\n");
	dataset_close(d);
}

/* A name for each number up to the largest label: classes without images. */
static void names_keep_the_labels_as_they_are(void **state)
{
	struct dataset *d;

	(void)state;
	write_small();
	idx_files_bytes(folder, "classes.txt", "a\nb\nc\nd\n", 8);
	write_labels("t10k-labels-idx1-ubyte", 2, (const uint8_t[]){3, 3});
	write_labels(
		"train-labels-idx1-ubyte.gz", 3, (const uint8_t[]){0, 1, 0});
	d = order_and_open(NULL);
	assert_int_equal(dataset_info(d)->classes, 4);
	assert_int_equal(dataset_label(d, DATASET_TEST, 0), 3);
	assert_string_equal(said, "");
	dataset_close(d);
}

static void channels_last_are_seen_and_turned(void **state)
{
	const uint32_t both[4] = {1, 2, 1, 3};
	static const uint8_t wide_pixels[30];
	static const uint8_t turned[6] = {0, 3, 1, 10, 2, 11};
	struct dataset *d;

	(void)state;
	write_small();
	write_labels("train-labels-idx1-ubyte.gz", 2, (const uint8_t[]){0, 1});
	write_labels("t10k-labels-idx1-ubyte", 1, (const uint8_t[]){0});
	idx_files_write(folder, "train-images-idx3-ubyte", 4,
		(const uint32_t[]){2, 1, 2, 3}, train_pixels);
	idx_files_write(folder, "t10k-images.idx3-ubyte", 4, both, test_pixels);
	assert_refused(ERR_INVALID, "say which by --layout NCHW or --layout");
	idx_files_write(folder, "train-images-idx3-ubyte", 4,
		(const uint32_t[]){2, 5, 1, 3}, wide_pixels);
	assert_refused(ERR_INVALID, "5x1x3, which looks like H,W,C where");
	idx_files_write(folder, "train-images-idx3-ubyte", 4,
		(const uint32_t[]){2, 1, 2, 3}, train_pixels);
	idx_files_write(folder, "t10k-images.idx3-ubyte", 4,
		(const uint32_t[]){1, 1, 2, 3}, test_pixels);
	d = order_and_open(&(struct reading){.layout = READING_NHWC});
	assert_int_equal(dataset_info(d)->channels, 3);
	assert_int_equal(dataset_info(d)->height, 1);
	assert_int_equal(dataset_info(d)->width, 2);
	assert_memory_equal(
		dataset_pixels(d, DATASET_TRAIN, 0), turned, sizeof turned);
	dataset_close(d);
}

static void a_transposed_image_has_its_rows_as_columns(void **state)
{
	static const uint8_t turned[4] = {10, 12, 11, 13};
	struct dataset *d;

	(void)state;
	write_small();
	d = order_and_open(&(struct reading){.transpose = 1});
	assert_memory_equal(dataset_pixels(d, DATASET_TRAIN, 1), turned, 4);
	dataset_close(d);
}

static void a_column_of_a_table_of_labels_is_chosen(void **state)
{
	static const uint8_t table[6] = {7, 2, 7, 0, 7, 1};
	const struct reading second = {
		.label_column = 1, .has_label_column = 1};
	const struct reading third = {.label_column = 2, .has_label_column = 1};
	uint32_t sizes[2] = {3, 2};
	struct dataset *d;

	(void)state;
	write_small();
	idx_files_write(folder, "train-labels-idx1-ubyte.gz", 2, sizes, table);
	idx_files_write(folder, "t10k-labels-idx1-ubyte", 2,
		(const uint32_t[]){2, 2}, (const uint8_t[]){9, 1, 9, 2});
	assert_refused(ERR_INVALID, "have 2 columns: say which");
	assert_order_refused(&third, ERR_INVALID, "there is no column 2");
	d = order_and_open(&second);
	assert_int_equal(dataset_info(d)->classes, 3);
	assert_int_equal(dataset_label(d, DATASET_TRAIN, 0), 2);
	assert_int_equal(dataset_label(d, DATASET_TEST, 1), 2);
	dataset_close(d);
}

static void a_reading_that_a_format_has_no_use_for_is_refused(void **state)
{
	(void)state;
	write_small();
	assert_order_refused(&(struct reading){.resize = "8x8"}, ERR_INVALID,
		"\"resize\" is not for IDX data sets");
}

static void a_validation_part_is_hashed_after_test(void **state)
{
	static const char text[] =
		"3 1 2 2 uint8 4\n"
		"\x00\x01\x02\x03\x02\x00\x0a\x0b\x0c\x0d\x00\x00"
		"\xfa\xfb\xfc\xfd\x01\x00"
		"2 1 2 2 uint8 4\n"
		"\x05\x06\x07\x08\x01\x00\x5a\x5b\x5c\x5d\x03\x00"
		"1 1 2 2 uint8 4\n\x00\x01\x02\x03\x02\x00";
	char hash[SHA256_HEX_BYTES];
	struct dataset *d;

	(void)state;
	write_small();
	write_images("val-images-idx3-ubyte", 1, train_pixels);
	write_labels("val-labels-idx1-ubyte", 1, train_labels);
	d = prepare_and_open();
	sha256_of(text, sizeof text - 1, hash);
	assert_string_equal(dataset_info(d)->hash, hash);
	assert_int_equal(dataset_info(d)->n_validation, 1);
	assert_int_equal(dataset_label(d, DATASET_VALIDATION, 0), 2);
	assert_int_equal(dataset_verify(d, NULL), 0);
	dataset_close(d);
}

static int give_up_after(void *ctx, size_t done, size_t all)
{
	int *left = ctx;

	assert_true(done <= all);
	return --*left < 0;
}

static void an_order_can_be_given_up_and_given_again(void **state)
{
	int left = 0;
	const struct dataset_order order = {
		.name = folder, .progress = give_up_after, .ctx = &left};
	char path[DATASET_PATH_MAX];

	(void)state;
	write_small();
	assert_int_equal(
		dataset_order(&order, cache, path, NULL), ERR_CANCELLED);
	left = 100;
	assert_int_equal(dataset_order(&order, cache, path, NULL), 0);
	dataset_close(dataset_open(path, NULL));
}

/* As those of EMNIST and QMNIST are called. */
static void a_word_may_stand_before_the_names(void **state)
{
	struct dataset *d;
	char hash[SHA256_HEX_BYTES];

	(void)state;
	write_small();
	d = prepare_and_open();
	strcpy(hash, dataset_info(d)->hash);
	dataset_close(d);
	temp_folder_remove(folder);
	temp_folder_make(folder);
	write_images("emnist-x-train-images-idx3-ubyte", 3, train_pixels);
	write_labels("emnist-x-train-labels-idx1-ubyte.gz", 3, train_labels);
	write_images("emnist-x-test-images-idx3-ubyte.gz", 2, test_pixels);
	assert_refused(ERR_NOT_FOUND, "no emnist-x-t10k-labels-idx1-ubyte");
	write_labels("emnist-x-test-labels-idx1-ubyte", 2, test_labels);
	d = prepare_and_open();
	assert_string_equal(dataset_info(d)->hash, hash);
	dataset_close(d);
	write_images("emnist-y-train-images-idx3-ubyte", 3, train_pixels);
	assert_refused(ERR_INVALID, "holds more than one data set, emnist-");
}

static void a_missing_file_is_named_without_its_folder(void **state)
{
	char path[2 * TEMP_FOLDER_BYTES], out[DATASET_PATH_MAX];
	struct err e = {0};

	(void)state;
	write_small();
	snprintf(path, sizeof path, "%s/t10k-labels-idx1-ubyte", folder);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(
		dataset_prepare(folder, cache, out, &e), ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, "no t10k-labels-idx1-ubyte"));
	assert_null(strstr(e.text, folder));
}

static void a_folder_of_no_known_format_says_which_are_known(void **state)
{
	(void)state;
	idx_files_bytes(folder, "readme.txt", "x", 1);
	assert_refused(ERR_NOT_FOUND,
		"no data set of a known format: IDX (train-images-idx3-ubyte");
}

static void unknown_names_are_refused_with_the_known_ones(void **state)
{
	static const char *const bad[] = {
		"", "mnist", "../fashion-mnist", "tmp", "fashion-mnist/"};
	char out[DATASET_PATH_MAX], long_name[2000] = "/";
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		e = (struct err){0};
		assert_int_equal(
			dataset_prepare(bad[i], cache, out, &e), ERR_NOT_FOUND);
		assert_non_null(strstr(e.text, dataset_known()[0]));
	}
	memset(long_name + 1, 'a', sizeof long_name - 2);
	assert_int_equal(
		dataset_prepare(long_name, cache, out, &e), ERR_NOT_FOUND);
}

static void a_missing_package_is_named(void **state)
{
	const struct reading how = {.layout = READING_AUTO};
	struct source *s = calloc(1, sizeof *s);
	struct err e = {0};

	(void)state;
	assert_int_equal(source_find("fashion-mnist", &how, folder, s, &e),
		ERR_NOT_FOUND);
	assert_string_equal(e.text,
		"the data set fashion-mnist is not installed; run: apt-get "
		"install dataset-fashion-mnist");
	free(s);
}

static void a_prepared_set_is_not_read_again(void **state)
{
	char path[DATASET_PATH_MAX], again[DATASET_PATH_MAX];
	struct stat before, after;

	(void)state;
	write_small();
	assert_int_equal(dataset_prepare(folder, cache, path, NULL), 0);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(dataset_prepare(folder, cache, again, NULL), 0);
	assert_string_equal(path, again);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino); /* not replaced */
}

static void a_changed_source_is_prepared_again(void **state)
{
	static const uint8_t other[3] = {1, 0, 2};
	char path[DATASET_PATH_MAX], again[DATASET_PATH_MAX];
	struct dataset *d;

	(void)state;
	write_small();
	assert_int_equal(dataset_prepare(folder, cache, path, NULL), 0);
	write_labels("train-labels-idx1-ubyte.gz", 3, other);
	assert_int_equal(dataset_prepare(folder, cache, again, NULL), 0);
	assert_string_not_equal(path, again);
	d = dataset_open(again, NULL);
	assert_int_equal(dataset_label(d, DATASET_TRAIN, 0), 1);
	dataset_close(d);
}

static void processes_that_prepare_at_once_all_succeed(void **state)
{
	char path[DATASET_PATH_MAX];
	pid_t child[8];
	int status;

	(void)state;
	write_small();
	for (int i = 0; i < 8; i++) {
		child[i] = fork();
		if (child[i] == 0) {
			int rc = dataset_prepare(folder, cache, path, NULL);
			struct dataset *d = rc ? NULL
					       : dataset_open(path, NULL);

			rc = d ? 0 : 1;
			dataset_close(d);
			_exit(rc);
		}
	}
	for (int i = 0; i < 8; i++) {
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_int_equal(status, 0);
	}
}

static void write_file(const char *path, const struct buf *b, size_t n)
{
	assert_int_equal(file_replace(path, b->data, n, NULL), 0);
}

static void a_cut_cache_file_is_refused_and_prepared_again(void **state)
{
	char path[DATASET_PATH_MAX];
	struct dataset *d;
	struct buf b;
	struct err e;

	(void)state;
	write_small();
	assert_int_equal(dataset_prepare(folder, cache, path, NULL), 0);
	buf_init(&b, 1 << 20);
	assert_int_equal(file_read(path, &b, NULL), 0);
	for (size_t n = 0; n <= b.len + 1; n++) { /* one byte more, too */
		if (n == b.len)
			continue;
		write_file(path, &b, n);
		assert_null(dataset_open(path, &e));
		assert_int_equal(e.code, ERR_INVALID);
	}
	buf_release(&b);
	d = prepare_and_open();
	dataset_close(d);
}

/* Every byte of the header and of the names is covered by a check. */
static void a_damaged_header_is_refused(void **state)
{
	char path[DATASET_PATH_MAX];
	struct buf b;

	(void)state;
	write_small();
	assert_int_equal(dataset_prepare(folder, cache, path, NULL), 0);
	buf_init(&b, 1 << 20);
	assert_int_equal(file_read(path, &b, NULL), 0);
	for (size_t i = 0; i < 120 + 64; i++) {
		b.data[i] ^= 0x10;
		write_file(path, &b, b.len);
		assert_null(dataset_open(path, NULL));
		b.data[i] ^= 0x10;
	}
	write_file(path, &b, b.len);
	buf_release(&b);
	dataset_close(prepare_and_open());
}

static void a_damaged_label_is_refused(void **state)
{
	char path[DATASET_PATH_MAX];
	struct err e;
	struct buf b;

	(void)state;
	write_small();
	assert_int_equal(dataset_prepare(folder, cache, path, NULL), 0);
	buf_init(&b, 1 << 20);
	assert_int_equal(file_read(path, &b, NULL), 0);
	b.data[b.len - 64 + 1] = 1; /* the first test label becomes 257 */
	write_file(path, &b, b.len);
	assert_null(dataset_open(path, &e));
	assert_non_null(strstr(e.text, "label"));
	buf_release(&b);
}

/* -- names -- */

static void a_set_with_a_name_needs_no_files_and_stays(void **state)
{
	char path[DATASET_PATH_MAX], found[DATASET_PATH_MAX];
	char hash[SHA256_HEX_BYTES], file[2 * SHA256_HEX_BYTES];
	struct dataset *d;
	struct err e = {0};

	(void)state;
	write_small();
	d = prepare_and_open();
	strcpy(hash, dataset_info(d)->hash);
	snprintf(file, sizeof file, "%s.nds", hash);
	assert_int_equal(dataset_name_keeps(cache, file), 0);
	assert_int_equal(
		dataset_name_keep(cache, "small", dataset_info(d), NULL), 0);
	assert_int_equal(
		dataset_name_keep(cache, "other.1", dataset_info(d), NULL), 0);
	dataset_close(d);
	assert_int_equal(dataset_name_keeps(cache, file), 1);
	assert_int_equal(dataset_name_keeps(cache, "named-small"), 1);
	assert_int_equal(dataset_name_keeps(cache, "source-0"), 0);
	temp_folder_remove(folder);
	temp_folder_make(folder);
	assert_int_equal(dataset_prepare("small", cache, path, NULL), 0);
	d = dataset_open(path, NULL);
	assert_string_equal(dataset_info(d)->hash, hash);
	dataset_close(d);
	/* The set goes with its last name. */
	assert_int_equal(dataset_name_remove(cache, "small", NULL), 0);
	assert_int_equal(dataset_name_find(cache, "small", found, NULL, NULL),
		ERR_NOT_FOUND);
	assert_int_equal(dataset_prepare("other.1", cache, path, NULL), 0);
	assert_int_equal(dataset_name_remove(cache, "other.1", NULL), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(
		dataset_name_remove(cache, "other.1", &e), ERR_NOT_FOUND);
}

static void names_that_are_paths_or_known_are_refused(void **state)
{
	static const char *const bad[] = {"", ".", "..", "../x", "a/b", "-a",
		"Upper", "sp ace", "fashion-mnist",
		("a12345678901234567890123456789012345678901234567890"
		 "12345678901234")};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(dataset_name_check(bad[i], NULL), ERR_INVALID);
	assert_int_equal(dataset_name_check("a-1_b.c", NULL), 0);
}

static void drafts_that_nobody_goes_on_with_are_removed(void **state)
{
	const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	char dead[2 * TEMP_FOLDER_BYTES], alive[2 * TEMP_FOLDER_BYTES];

	(void)state;
	write_small();
	snprintf(dead, sizeof dead, "%s/new-0.nds.3", cache);
	snprintf(alive, sizeof alive, "%s/new-1.nds", cache);
	idx_files_bytes(cache, "new-0.nds.3", "x", 1);
	idx_files_bytes(cache, "new-1.nds", "x", 1);
	assert_int_equal(utimensat(AT_FDCWD, dead, times, 0), 0);
	dataset_close(prepare_and_open());
	assert_int_equal(access(dead, F_OK), -1);
	assert_int_equal(access(alive, F_OK), 0);
}

static void fashion_mnist_is_what_everybody_has(void **state)
{
	char path[DATASET_PATH_MAX];
	const struct dataset_info *info;
	struct dataset *d;
	int count[10] = {0};

	(void)state;
	if (access(DATASET_PACKAGES "/fashion-mnist", R_OK))
		skip(); /* the package is not installed */
	assert_int_equal(
		dataset_prepare("fashion-mnist", cache, path, NULL), 0);
	d = dataset_open(path, NULL);
	info = dataset_info(d);
	assert_string_equal(info->hash, FASHION_HASH);
	assert_int_equal(info->n_train, 60000);
	assert_int_equal(info->n_test, 10000);
	assert_int_equal(info->height, 28);
	assert_string_equal(info->class_names[0], "T-shirt/top");
	assert_string_equal(info->class_names[9], "Ankle boot");
	for (size_t i = 0; i < info->n_test; i++)
		count[dataset_label(d, DATASET_TEST, i)]++;
	for (int c = 0; c < 10; c++)
		assert_int_equal(count[c], 1000);
	dataset_close(d);
}

#define folders_test(f) \
	cmocka_unit_test_setup_teardown(f, make_folders, remove_folders)

int main(void)
{
	const struct CMUnitTest tests[] = {
		folders_test(samples_come_back_as_they_were_written),
		folders_test(hash_is_over_the_samples_in_order),
		folders_test(colour_images_are_read_by_channel),
		folders_test(classes_are_named_by_number_or_by_classes_txt),
		folders_test(classes_txt_that_does_not_fit_is_refused),
		folders_test(
			classes_txt_that_is_no_file_of_its_folder_is_refused),
		folders_test(each_folder_has_the_names_it_gives),
		folders_test(parts_that_do_not_match_are_refused),
		folders_test(too_few_samples_or_classes_are_refused),
		folders_test(sides_over_the_limit_are_refused),
		folders_test(labels_that_begin_at_1_or_leave_gaps_are_mapped),
		folders_test(names_keep_the_labels_as_they_are),
		folders_test(channels_last_are_seen_and_turned),
		folders_test(a_transposed_image_has_its_rows_as_columns),
		folders_test(a_column_of_a_table_of_labels_is_chosen),
		folders_test(a_reading_that_a_format_has_no_use_for_is_refused),
		folders_test(a_validation_part_is_hashed_after_test),
		folders_test(an_order_can_be_given_up_and_given_again),
		folders_test(a_word_may_stand_before_the_names),
		folders_test(a_missing_file_is_named_without_its_folder),
		folders_test(a_folder_of_no_known_format_says_which_are_known),
		folders_test(unknown_names_are_refused_with_the_known_ones),
		folders_test(a_missing_package_is_named),
		folders_test(a_prepared_set_is_not_read_again),
		folders_test(a_changed_source_is_prepared_again),
		folders_test(processes_that_prepare_at_once_all_succeed),
		folders_test(a_cut_cache_file_is_refused_and_prepared_again),
		folders_test(a_damaged_header_is_refused),
		folders_test(a_damaged_label_is_refused),
		folders_test(a_set_with_a_name_needs_no_files_and_stays),
		folders_test(names_that_are_paths_or_known_are_refused),
		folders_test(drafts_that_nobody_goes_on_with_are_removed),
		folders_test(fashion_mnist_is_what_everybody_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
