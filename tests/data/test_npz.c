/* test_npz.c -- archives of arrays, and CIFAR's records. */
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
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "data/dataset.h"
#include "data/members.h"
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

static const char *path_of(const char *name)
{
	static char path[2 * TEMP_FOLDER_BYTES];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

/* -- zip -- */

static struct archive *begin_zip(const char *name, const char *packing)
{
	struct archive *a = archive_write_new();

	archive_write_set_format_zip(a);
	archive_write_set_format_option(a, "zip", "compression", packing);
	assert_int_equal(
		archive_write_open_filename(a, path_of(name)), ARCHIVE_OK);
	return a;
}

static void add(
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

static void end_zip(struct archive *a)
{
	assert_int_equal(archive_write_free(a), ARCHIVE_OK);
}

/* The member NAME.npy: an array of bytes of these sizes. */
static void add_array(struct archive *a, const char *name, const char *shape,
	const uint8_t *values, size_t n)
{
	uint8_t file[1024] = "\x93NUMPY\1";
	char member[64];
	int text = snprintf((char *)file + 10, 200,
		"{'descr': '|u1', 'fortran_order': False, 'shape': (%s)}",
		shape);

	file[8] = (uint8_t)text;
	memcpy(file + 10 + text, values, n);
	snprintf(member, sizeof member, "%s.npy", name);
	add(a, member, file, 10 + (size_t)text + n);
}

static const uint8_t pixels[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
static const uint8_t labels[] = {0, 1, 0};

/* MedMNIST's arrays, of images of 1x2 with two channels. */
static void write_medmnist(const char *packing)
{
	struct archive *a = begin_zip("set.npz", packing);

	add_array(a, "train_images", "3,5,2,2", (const uint8_t[60]){1}, 60);
	add_array(a, "val_images", "1,5,2,2", (const uint8_t[20]){2}, 20);
	add_array(a, "test_images", "2,5,2,2", (const uint8_t[40]){3}, 40);
	add_array(a, "train_labels", "3,1", labels, 3);
	add_array(a, "val_labels", "1,1", labels, 1);
	add_array(a, "test_labels", "2,1", labels, 2);
	end_zip(a);
}

static int prepare(const char *name, struct dataset **out, struct err *e)
{
	char path[DATASET_PATH_MAX];
	int rc = dataset_prepare(name, cache, path, e);

	*out = rc ? NULL : dataset_open(path, NULL);
	return rc;
}

static void medmnists_arrays_are_three_parts(void **state)
{
	static const char *const packings[] = {"store", "deflate"};
	char hash[2][SHA256_HEX_BYTES];
	struct dataset *d;

	(void)state;
	for (int i = 0; i < 2; i++) {
		write_medmnist(packings[i]);
		assert_int_equal(prepare(path_of("set.npz"), &d, NULL), 0);
		assert_int_equal(dataset_info(d)->n_train, 3);
		assert_int_equal(dataset_info(d)->n_test, 2);
		assert_int_equal(dataset_info(d)->n_validation, 1);
		assert_int_equal(dataset_info(d)->channels, 2);
		assert_int_equal(dataset_info(d)->height, 5);
		strcpy(hash[i], dataset_info(d)->hash);
		dataset_close(d);
	}
	assert_string_equal(hash[0], hash[1]);
}

static void names_beside_the_file_name_its_classes(void **state)
{
	struct dataset *d;

	(void)state;
	write_medmnist("store");
	idx_files_bytes(folder, "set.npz.classes.txt", "well\nill\n", 9);
	assert_int_equal(prepare(path_of("set.npz"), &d, NULL), 0);
	assert_string_equal(dataset_info(d)->class_names[1], "ill");
	dataset_close(d);
}

static void an_archive_without_the_arrays_says_which(void **state)
{
	struct archive *a = begin_zip("set.npz", "store");
	struct dataset *d;
	struct err e = {0};

	(void)state;
	add_array(a, "arr_0", "2,2,2", pixels, 8);
	end_zip(a);
	assert_int_equal(prepare(path_of("set.npz"), &d, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "set.npz has no array train_labels"));
}

/* Every cut is refused, and so is every flipped bit that changes a value. */
static void a_cut_or_damaged_archive_is_refused(void **state)
{
	char hash[SHA256_HEX_BYTES];
	struct dataset *d;
	struct buf b;

	(void)state;
	write_medmnist("deflate");
	assert_int_equal(prepare(path_of("set.npz"), &d, NULL), 0);
	strcpy(hash, dataset_info(d)->hash);
	dataset_close(d);
	buf_init(&b, 65536);
	assert_int_equal(file_read(path_of("set.npz"), &b, NULL), 0);
	for (size_t n = 0; n < b.len; n += 7) {
		idx_files_bytes(folder, "cut.npz", b.data, n);
		assert_int_not_equal(prepare(path_of("cut.npz"), &d, NULL), 0);
	}
	for (size_t bit = 3; bit < 8 * b.len; bit += 61) {
		b.data[bit / 8] ^= (char)(1 << bit % 8);
		idx_files_bytes(folder, "bad.npz", b.data, b.len);
		b.data[bit / 8] ^= (char)(1 << bit % 8);
		if (prepare(path_of("bad.npz"), &d, NULL))
			continue;
		assert_string_equal(dataset_info(d)->hash, hash);
		dataset_close(d);
	}
	buf_release(&b);
}

static void a_member_is_read_whole_or_refused(void **state)
{
	struct archive *a = begin_zip("two.zip", "deflate");
	struct members *m;
	char text[8];

	(void)state;
	add(a, "../one", "first", 5);
	add(a, "two", "second", 6);
	end_zip(a);
	assert_true(members_is(path_of("two.zip"), MEMBERS_ZIP));
	assert_false(members_is(path_of("two.zip"), MEMBERS_TAR));
	assert_int_equal(
		members_open(path_of("two.zip"), MEMBERS_ZIP, &m, NULL), 0);
	assert_int_equal(members_next(m, NULL), 1);
	assert_string_equal(members_name(m), "../one");
	assert_int_equal(members_next(m, NULL), 1);
	assert_true(members_bytes(m) == 6);
	assert_int_equal(members_read(m, text, 6, NULL), 0);
	assert_memory_equal(text, "second", 6);
	assert_int_equal(members_next(m, NULL), 0);
	members_close(m);
	members_open(path_of("two.zip"), MEMBERS_ZIP, &m, NULL);
	members_next(m, NULL);
	assert_int_equal(members_read(m, text, 7, NULL), ERR_INVALID);
	members_close(m);
}

/* -- CIFAR -- */

#define PIXELS 3072

/* n records of `labels` labels each, the last of which is i % classes. */
static void write_records(
	const char *name, size_t n, size_t n_labels, int classes)
{
	const size_t record = n_labels + PIXELS;
	uint8_t *file = calloc(n, record);

	for (size_t i = 0; i < n; i++) {
		uint8_t *r = file + i * record;

		r[0] = (uint8_t)(i % 2);
		r[n_labels - 1] = (uint8_t)(i % (size_t)classes);
		memset(r + n_labels, (int)i, PIXELS);
	}
	idx_files_bytes(folder, name, file, n * record);
	free(file);
}

static void cifar_10_is_its_batches_in_order(void **state)
{
	static const char names[] =
		"airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\n"
		"ship\ntruck\n\n";
	const uint8_t *p;
	struct dataset *d;

	(void)state;
	write_records("data_batch_1.bin", 300, 1, 10);
	write_records("data_batch_2.bin", 7, 1, 10);
	write_records("test_batch.bin", 5, 1, 10);
	idx_files_bytes(folder, "batches.meta.txt", names, sizeof names - 1);
	assert_int_equal(prepare(folder, &d, NULL), 0);
	assert_int_equal(dataset_info(d)->n_train, 307);
	assert_int_equal(dataset_info(d)->n_test, 5);
	assert_int_equal(dataset_info(d)->classes, 10);
	assert_int_equal(dataset_info(d)->channels, 3);
	assert_string_equal(dataset_info(d)->class_names[9], "truck");
	p = dataset_pixels(d, DATASET_TRAIN, 301);
	assert_int_equal(p[0], 1);
	assert_int_equal(dataset_label(d, DATASET_TRAIN, 301), 1);
	dataset_close(d);
}

static void cifar_100_has_fine_labels_unless_coarse_are_asked_for(void **state)
{
	const struct reading coarse = {
		.label_column = 0, .has_label_column = 1};
	const struct dataset_order order = {.name = folder, .how = &coarse};
	char path[DATASET_PATH_MAX];
	struct dataset *d;

	(void)state;
	write_records("train.bin", 100, 2, 100);
	write_records("test.bin", 3, 2, 100);
	assert_int_equal(prepare(folder, &d, NULL), 0);
	assert_int_equal(dataset_info(d)->classes, 100);
	assert_int_equal(dataset_label(d, DATASET_TRAIN, 99), 99);
	dataset_close(d);
	assert_int_equal(dataset_order(&order, cache, path, NULL), 0);
	d = dataset_open(path, NULL);
	assert_int_equal(dataset_info(d)->classes, 20);
	assert_int_equal(dataset_label(d, DATASET_TRAIN, 99), 1);
	dataset_close(d);
}

static void cut_or_mislabelled_records_are_named(void **state)
{
	struct dataset *d;
	struct err e = {0};

	(void)state;
	write_records("data_batch_1.bin", 3, 1, 10);
	assert_int_equal(prepare(folder, &d, &e), ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, "no test_batch.bin"));
	write_records("test_batch.bin", 3, 1, 10);
	write_records("data_batch_2.bin", 12, 1, 11);
	assert_int_equal(prepare(folder, &d, &e), ERR_INVALID);
	assert_non_null(strstr(
		e.text, "record 10 of data_batch_2.bin has the label 10"));
	assert_int_equal(truncate(path_of("data_batch_2.bin"), 4000), 0);
	assert_int_equal(prepare(folder, &d, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "data_batch_2.bin is cut short"));
}

#define folders_test(f) \
	cmocka_unit_test_setup_teardown(f, make_folders, remove_folders)

int main(void)
{
	const struct CMUnitTest tests[] = {
		folders_test(medmnists_arrays_are_three_parts),
		folders_test(names_beside_the_file_name_its_classes),
		folders_test(an_archive_without_the_arrays_says_which),
		folders_test(a_cut_or_damaged_archive_is_refused),
		folders_test(a_member_is_read_whole_or_refused),
		folders_test(cifar_10_is_its_batches_in_order),
		folders_test(
			cifar_100_has_fine_labels_unless_coarse_are_asked_for),
		folders_test(cut_or_mislabelled_records_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
