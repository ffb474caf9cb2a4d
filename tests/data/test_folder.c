/* test_folder.c -- pictures in class folders, and in tar shards. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "data/dataset.h"
#include "idx_files.h"
#include "picture_files.h"
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

/* What was said, a line each. */
static char said[2000];

static void hear(void *ctx, const char *sentence)
{
	(void)ctx;
	strcat(said, sentence);
	strcat(said, "\n");
}

static int order(const char *resize, struct dataset **out, struct err *e)
{
	struct reading how = {.resize = ""};
	const struct dataset_order o = {
		.name = folder, .how = &how, .say = hear};
	char path[DATASET_PATH_MAX];
	int rc;

	said[0] = '\0';
	strcpy(how.resize, resize);
	rc = dataset_order(&o, cache, path, e);
	*out = rc ? NULL : dataset_open(path, NULL);
	return rc;
}

static struct dataset *opened(const char *resize)
{
	struct dataset *d;
	struct err e = {0};

	if (order(resize, &d, &e))
		fail_msg("%s", e.text);
	assert_non_null(d);
	return d;
}

static void assert_refused(int code, const char *sentence)
{
	struct dataset *d;
	struct err e = {0};

	assert_int_equal(order("", &d, &e), code);
	if (!strstr(e.text, sentence))
		fail_msg("\"%s\" lacks \"%s\"", e.text, sentence);
	assert_null(strstr(e.text, folder));
}

static void picture(const char *path, int channels, int level)
{
	picture_files_write(folder, path, 2, 3, channels, level);
}

static int level_of(const struct dataset *d, enum dataset_part part, size_t i)
{
	return *(const uint8_t *)dataset_pixels(d, part, i);
}

/* -- folders -- */

static void parts_are_folders_and_the_order_is_that_of_names(void **state)
{
	static const int levels[] = {10, 20, 30, 40}, labels[] = {1, 0, 1, 0};
	struct dataset *d;

	(void)state;
	picture("train/dog/a.png", 1, 10);
	picture("train/cat/b.PNG", 1, 20);
	picture("train/dog/b.PNG", 1, 30);
	picture("train/cat/c.png", 1, 40);
	picture("test/dog/x.png", 1, 50);
	picture("valid/cat/y.png", 1, 60);
	d = opened("");
	assert_int_equal(dataset_info(d)->n_train, 4);
	assert_int_equal(dataset_info(d)->n_test, 1);
	assert_int_equal(dataset_info(d)->n_validation, 1);
	assert_int_equal(dataset_info(d)->channels, 1);
	assert_int_equal(dataset_info(d)->height, 3);
	assert_int_equal(dataset_info(d)->width, 2);
	assert_string_equal(dataset_info(d)->class_names[1], "dog");
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(level_of(d, DATASET_TRAIN, i), levels[i]);
		assert_int_equal(dataset_label(d, DATASET_TRAIN, i), labels[i]);
	}
	assert_int_equal(dataset_label(d, DATASET_TEST, 0), 1);
	assert_int_equal(level_of(d, DATASET_VALIDATION, 0), 60);
	assert_string_equal(said, "");
	dataset_close(d);
}

static void class_folders_with_numbers_are_in_the_order_of_these(void **state)
{
	struct dataset *d;

	(void)state;
	picture("train/10/a.png", 1, 1);
	picture("train/9/b.png", 1, 2);
	picture("test/2/c.png", 1, 3);
	d = opened("");
	assert_string_equal(dataset_info(d)->class_names[0], "2");
	assert_string_equal(dataset_info(d)->class_names[2], "10");
	assert_int_equal(dataset_label(d, DATASET_TRAIN, 0), 2);
	dataset_close(d);
	picture("test/b/c.png", 1, 3); /* not all are numbers now */
	d = opened("");
	assert_string_equal(dataset_info(d)->class_names[0], "10");
	dataset_close(d);
}

static void one_colour_picture_makes_all_of_them_colours(void **state)
{
	const uint8_t *p;
	struct dataset *d;

	(void)state;
	picture("train/a/1.png", 1, 7);
	picture("train/b/2.png", 3, 9);
	picture("test/b/3.png", 4, 100);
	idx_files_bytes(folder, "train/a/notes.txt", "x", 1);
	d = opened("");
	assert_int_equal(dataset_info(d)->channels, 3);
	p = dataset_pixels(d, DATASET_TRAIN, 0);
	assert_int_equal(p[0], 7);
	assert_int_equal(p[17], 7); /* the last of blue */
	p = dataset_pixels(d, DATASET_TRAIN, 1);
	assert_int_equal(p[0], 9);
	assert_int_equal(p[6], 0);
	assert_int_equal(p[12], 255);
	assert_string_equal(said,
		"1 files in class folders are neither .png nor .jpg and are "
		"left out\n"
		"1 pictures are transparent in places, which lie on black\n");
	dataset_close(d);
}

static void sizes_that_differ_are_named_or_resized(void **state)
{
	struct dataset *d;

	(void)state;
	picture("train/a/1.png", 1, 7);
	picture_files_write(folder, "train/b/2.png", 5, 4, 1, 9);
	picture("test/b/3.png", 1, 100);
	assert_refused(ERR_INVALID,
		"train/b/2.png is 5x4 pixels but train/a/1.png is 2x3: say by "
		"--resize WIDTHxHEIGHT");
	d = opened("4x2");
	assert_int_equal(dataset_info(d)->width, 4);
	assert_int_equal(dataset_info(d)->height, 2);
	assert_int_equal(level_of(d, DATASET_TRAIN, 1), 9);
	dataset_close(d);
}

static void without_test_a_tenth_of_each_class_is_sealed(void **state)
{
	struct dataset *d;
	char name[64];

	(void)state;
	for (int i = 0; i < 30; i++) {
		snprintf(
			name, sizeof name, "%s/%02d.png", i % 3 ? "b" : "a", i);
		picture(name, 1, i);
	}
	d = opened("");
	assert_int_equal(dataset_info(d)->n_train, 27);
	assert_int_equal(dataset_info(d)->n_test, 3);
	assert_int_equal(dataset_label(d, DATASET_TEST, 0) +
				 dataset_label(d, DATASET_TEST, 1) +
				 dataset_label(d, DATASET_TEST, 2),
		2);
	for (size_t i = 1; i < 27; i++)
		assert_true(level_of(d, DATASET_TRAIN, i - 1) <
			    level_of(d, DATASET_TRAIN, i));
	assert_string_equal(said, "there is no test folder: a tenth of each "
				  "class, 3 images in all, is sealed as "
				  "test\n");
	dataset_close(d);
}

static void what_is_no_picture_is_named(void **state)
{
	char long_name[200] = "train/";

	(void)state;
	picture("train/a/1.png", 1, 7);
	picture("test/b/3.png", 1, 100);
	idx_files_bytes(folder, "train/a/2.jpg", "GIF89a..", 8);
	assert_refused(
		ERR_INVALID, "train/a/2.jpg: it is neither a PNG nor a JPEG");
	idx_files_bytes(folder, "train/a/2.jpg", "", 0);
	assert_refused(ERR_INVALID, "train/a/2.jpg: it is neither");
	idx_files_bytes(folder, "train/a/2.jpg", "\xff\xd8\xff\xe0", 4);
	assert_refused(ERR_INVALID, "train/a/2.jpg: the JPEG cannot be read");
	memset(long_name + 6, 'x', 70);
	strcpy(long_name + 76, "/1.png");
	picture(long_name, 1, 7);
	assert_refused(ERR_INVALID, "has a name that is no class's");
}

static void pictures_without_class_folders_are_refused(void **state)
{
	(void)state;
	picture("1.png", 1, 7);
	picture("2.png", 1, 7);
	assert_refused(
		ERR_INVALID, "2 pictures are of no class: put those of each");
}

static void a_changed_picture_is_read_again(void **state)
{
	struct dataset *d;

	(void)state;
	picture("train/a/1.png", 1, 7);
	picture("train/b/2.png", 1, 9);
	picture("test/b/3.png", 1, 100);
	d = opened("");
	dataset_close(d);
	picture("train/b/2.png", 1, 11);
	d = opened("");
	assert_int_equal(level_of(d, DATASET_TRAIN, 1), 11);
	dataset_close(d);
}

/* -- shards -- */

static struct archive *begin_tar(const char *name, int zipped)
{
	struct archive *a = archive_write_new();
	char path[2 * TEMP_FOLDER_BYTES];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	archive_write_set_format_ustar(a);
	if (zipped)
		archive_write_add_filter_gzip(a);
	assert_int_equal(archive_write_open_filename(a, path), ARCHIVE_OK);
	return a;
}

static void member(
	struct archive *a, const char *name, const void *bytes, size_t n)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	archive_entry_set_size(entry, (la_int64_t)n);
	assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
	assert_true(archive_write_data(a, bytes, n) == (la_ssize_t)n);
	archive_entry_free(entry);
}

/* KEY.png and KEY.cls. */
static void sample(
	struct archive *a, const char *key, int level, const char *cls)
{
	char name[64];
	size_t n;
	void *png = picture_files_png(2, 3, 1, level, &n);

	snprintf(name, sizeof name, "%s.png", key);
	member(a, name, png, n);
	snprintf(name, sizeof name, "%s.cls", key);
	member(a, name, cls, strlen(cls));
	free(png);
}

static void end_tar(struct archive *a)
{
	assert_int_equal(archive_write_free(a), ARCHIVE_OK);
}

static void write_shards(int zipped)
{
	struct archive *a = begin_tar(
		zipped ? "s-train-1.tar.gz" : "s-train-1.tar", zipped);

	sample(a, "000", 10, "3");
	member(a, "000.json", "{}", 2);
	sample(a, "001", 20, "5\n");
	end_tar(a);
	a = begin_tar(zipped ? "s-train-2.tar.gz" : "s-train-2.tar", zipped);
	sample(a, "000", 30, "3");
	end_tar(a);
	a = begin_tar("s-test.tar", 0);
	sample(a, "../../etc/a", 40, "5");
	end_tar(a);
}

static void shards_are_read_in_the_order_of_their_names(void **state)
{
	char hash[SHA256_HEX_BYTES], path[2 * TEMP_FOLDER_BYTES];
	struct dataset *d;

	(void)state;
	write_shards(0);
	d = opened("");
	assert_int_equal(dataset_info(d)->n_train, 3);
	assert_int_equal(dataset_info(d)->n_test, 1);
	assert_int_equal(level_of(d, DATASET_TRAIN, 2), 30);
	assert_int_equal(dataset_label(d, DATASET_TRAIN, 1), 1);
	assert_string_equal(dataset_info(d)->class_names[1], "5");
	strcpy(hash, dataset_info(d)->hash);
	dataset_close(d);
	for (int i = 1; i < 3; i++) {
		snprintf(path, sizeof path, "%s/s-train-%d.tar", folder, i);
		assert_int_equal(unlink(path), 0);
	}
	write_shards(1);
	d = opened("");
	assert_string_equal(dataset_info(d)->hash, hash);
	dataset_close(d);
}

static void a_sample_lacks_nothing(void **state)
{
	struct archive *a = begin_tar("a.tar", 0);

	(void)state;
	sample(a, "1", 1, "0");
	member(a, "2.cls", "1", 1);
	end_tar(a);
	assert_refused(ERR_INVALID, "a.tar: 2 has a class but no picture");
	a = begin_tar("a.tar", 0);
	sample(a, "1", 1, "cat");
	end_tar(a);
	assert_refused(ERR_INVALID, "a.tar: 1.cls is no whole number");
	a = begin_tar("a.tar", 0);
	member(a, "1.txt", "x", 1);
	end_tar(a);
	assert_refused(ERR_INVALID, "a.tar has no samples");
}

static void a_shard_that_is_cut_anywhere_is_refused(void **state)
{
	char path[2 * TEMP_FOLDER_BYTES];
	struct dataset *d;
	struct stat st;

	(void)state;
	write_shards(0);
	snprintf(path, sizeof path, "%s/s-train-1.tar", folder);
	assert_int_equal(stat(path, &st), 0);
	/* Behind the last member there are zeros only. */
	for (off_t n = 5 * 1024; n > 0; n -= 256) {
		assert_int_equal(truncate(path, n), 0);
		assert_int_not_equal(order("", &d, NULL), 0);
	}
}

#define folders_test(f) \
	cmocka_unit_test_setup_teardown(f, make_folders, remove_folders)

int main(void)
{
	const struct CMUnitTest tests[] = {
		folders_test(parts_are_folders_and_the_order_is_that_of_names),
		folders_test(
			class_folders_with_numbers_are_in_the_order_of_these),
		folders_test(one_colour_picture_makes_all_of_them_colours),
		folders_test(sizes_that_differ_are_named_or_resized),
		folders_test(without_test_a_tenth_of_each_class_is_sealed),
		folders_test(what_is_no_picture_is_named),
		folders_test(pictures_without_class_folders_are_refused),
		folders_test(a_changed_picture_is_read_again),
		folders_test(shards_are_read_in_the_order_of_their_names),
		folders_test(a_sample_lacks_nothing),
		folders_test(a_shard_that_is_cut_anywhere_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
