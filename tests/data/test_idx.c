/* test_idx.c -- IDX files are read whole and right, or refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "data/idx.h"
#include "idx_files.h"
#include "temp_folder.h"

static char folder[TEMP_FOLDER_BYTES];

static int make_folder(void **state)
{
	(void)state;
	temp_folder_make(folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	temp_folder_remove(folder);
	return 0;
}

static const char *path_of(const char *name)
{
	static char path[2 * TEMP_FOLDER_BYTES];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

/* Reading `name` fails with this code and leaves the target alone. */
static void assert_refused(const char *name, int code, const char *sentence)
{
	struct idx x = {.sizes = {.rank = 77}};
	struct err e = {0};

	assert_int_equal(idx_read(path_of(name), &x, &e), code);
	assert_int_equal(e.code, code);
	assert_non_null(strstr(e.text, sentence));
	assert_null(strstr(e.text, folder));
	assert_int_equal(x.sizes.rank, 77);
}

/* NAME.gz beside NAME. */
static int gzip_file(const char *name)
{
	char zipped[64];
	struct buf b;
	gzFile f;

	snprintf(zipped, sizeof zipped, "%s.gz", name);
	buf_init(&b, 65536);
	assert_int_equal(file_read(path_of(name), &b, NULL), 0);
	f = gzopen(path_of(zipped), "wb");
	gzwrite(f, b.data, (unsigned)b.len);
	buf_release(&b);
	return gzclose(f);
}

static void write_sample(const char *name)
{
	uint32_t sizes[3] = {2, 3, 4};
	uint8_t values[24];

	for (int i = 0; i < 24; i++)
		values[i] = (uint8_t)(10 * i);
	idx_files_write(folder, name, 3, sizes, values);
}

static void assert_sample(const char *name)
{
	struct idx x;

	assert_int_equal(idx_read(path_of(name), &x, NULL), 0);
	assert_int_equal(x.sizes.rank, 3);
	assert_int_equal(x.sizes.dims[0], 2);
	assert_int_equal(x.sizes.dims[1], 3);
	assert_int_equal(x.sizes.dims[2], 4);
	for (int i = 0; i < 24; i++)
		assert_int_equal(x.values[i], 10 * i);
	idx_release(&x);
	assert_null(x.values);
}

static void plain_and_gzipped_read_the_same(void **state)
{
	(void)state;
	write_sample("a");
	assert_sample("a");
	write_sample("a.gz");
	assert_sample("a.gz");
}

/* Reads `from` and writes its first n bytes as `to`. */
static size_t cut_to(const char *from, const char *to, size_t n)
{
	struct buf b;
	size_t len;

	buf_init(&b, 65536);
	assert_int_equal(file_read(path_of(from), &b, NULL), 0);
	len = b.len;
	if (n <= len)
		idx_files_bytes(folder, to, b.data, n);
	buf_release(&b);
	return len;
}

static void a_plain_file_cut_anywhere_is_refused(void **state)
{
	size_t len;

	(void)state;
	write_sample("a");
	len = cut_to("a", "cut", 0);
	assert_int_equal(len, 16 + 24);
	for (size_t n = 0; n < len; n++) {
		cut_to("a", "cut", n);
		assert_refused("cut", ERR_INVALID, "cut is cut short");
	}
}

static void a_gzipped_file_cut_anywhere_is_refused(void **state)
{
	struct idx x;
	size_t len;

	(void)state;
	write_sample("a.gz");
	len = cut_to("a.gz", "cut", 0);
	for (size_t n = 0; n < len; n++) { /* the last 8 are the trailer */
		cut_to("a.gz", "cut", n);
		assert_int_equal(
			idx_read(path_of("cut"), &x, NULL), ERR_INVALID);
	}
	cut_to("a.gz", "cut", len);
	assert_sample("cut");
}

/* zlib's own reader misses this when its buffer ends where the file does. */
static void a_large_gzipped_file_without_its_trailer_is_refused(void **state)
{
	enum { SIDE = 200 };
	uint32_t sizes[2] = {SIDE, SIDE};
	uint8_t values[SIDE * SIDE];
	unsigned noise = 1;
	struct idx x;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof values; i++) {
		noise = noise * 1103515245u + 12345u;
		values[i] = (uint8_t)(noise >> 16);
	}
	idx_files_write(folder, "large.gz", 2, sizes, values);
	len = cut_to("large.gz", "cut", 0);
	for (size_t lost = 1; lost < 40; lost++) {
		cut_to("large.gz", "cut", len - lost);
		assert_int_equal(
			idx_read(path_of("cut"), &x, NULL), ERR_INVALID);
	}
	cut_to("large.gz", "cut", len);
	assert_int_equal(idx_read(path_of("cut"), &x, NULL), 0);
	idx_release(&x);
}

static void a_wrong_gzip_checksum_is_refused(void **state)
{
	struct buf b;

	(void)state;
	write_sample("a.gz");
	buf_init(&b, 65536);
	assert_int_equal(file_read(path_of("a.gz"), &b, NULL), 0);
	b.data[b.len - 6] ^= 1;
	idx_files_bytes(folder, "bad.gz", b.data, b.len);
	assert_refused("bad.gz", ERR_INVALID, "bad.gz is damaged");
	buf_release(&b);
}

/* Some bytes of gzip's header mean nothing; all others are found out. */
static void no_flipped_bit_changes_a_gzipped_value(void **state)
{
	struct idx x;
	struct buf b;
	int refused = 0;

	(void)state;
	write_sample("a.gz");
	buf_init(&b, 65536);
	assert_int_equal(file_read(path_of("a.gz"), &b, NULL), 0);
	for (size_t bit = 0; bit < 8 * b.len; bit++) {
		b.data[bit / 8] ^= (char)(1 << bit % 8);
		idx_files_bytes(folder, "bad.gz", b.data, b.len);
		b.data[bit / 8] ^= (char)(1 << bit % 8);
		if (idx_read(path_of("bad.gz"), &x, NULL) == 0) {
			idx_release(&x);
			assert_sample("bad.gz");
		} else {
			refused++;
		}
	}
	assert_true(refused > (int)(8 * (b.len - 10)) - 8);
	buf_release(&b);
}

static void values_beyond_the_promise_are_refused(void **state)
{
	uint8_t file[] = {0, 0, 8, 1, 0, 0, 0, 2, 5, 6, 7};
	struct idx x;

	(void)state;
	idx_files_bytes(folder, "long", file, sizeof file);
	assert_refused("long", ERR_INVALID, "more values");
	idx_files_bytes(folder, "right", file, sizeof file - 1);
	assert_int_equal(idx_read(path_of("right"), &x, NULL), 0);
	idx_release(&x);
}

/* Several members, one behind the other and with zeros between and behind. */
static void members_of_a_gzipped_file_are_one(void **state)
{
	static const uint8_t zeros[600];
	struct buf head, all;

	(void)state;
	write_sample("a");
	cut_to("a", "front", 21);
	buf_init(&head, 65536);
	assert_int_equal(file_read(path_of("a"), &head, NULL), 0);
	idx_files_bytes(folder, "back", head.data + 21, head.len - 21);
	buf_release(&head);
	assert_int_equal(gzip_file("front"), 0);
	assert_int_equal(gzip_file("back"), 0);
	buf_init(&all, 65536);
	assert_int_equal(file_read(path_of("front.gz"), &all, NULL), 0);
	buf_add(&all, zeros, 7, NULL);
	assert_int_equal(file_read(path_of("back.gz"), &all, NULL), 0);
	idx_files_bytes(folder, "joined.gz", all.data, all.len);
	assert_sample("joined.gz");
	buf_add(&all, zeros, sizeof zeros, NULL);
	idx_files_bytes(folder, "padded.gz", all.data, all.len);
	assert_sample("padded.gz");
	buf_add(&all, "x", 1, NULL);
	idx_files_bytes(folder, "tail.gz", all.data, all.len);
	assert_refused("tail.gz", ERR_INVALID, "tail.gz is cut short");
	buf_add(&all, "yz", 2, NULL);
	idx_files_bytes(folder, "tail.gz", all.data, all.len);
	assert_refused("tail.gz", ERR_INVALID, "bytes behind its end");
	buf_release(&all);
}

/* -- elements -- */

/* Two values of a type, as the file has them and as numbers. */
static const struct {
	uint8_t type;
	size_t bytes;
	uint8_t raw[16];
	double want[2];
} typed[] = {
	{0x08, 1, {7, 200}, {7, 200}},
	{0x09, 1, {0x80, 127}, {-128, 127}},
	{0x0b, 2, {0x80, 0, 0x12, 0x34}, {-32768, 0x1234}},
	{0x0c, 4, {0xff, 0xff, 0xff, 0xfe, 0, 1, 0, 2}, {-2, 65538}},
	{0x0d, 4, {0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0}, {1.5, -2}},
	{0x0e, 8, {0x3f, 0xe0, 0, 0, 0, 0, 0, 0, 0x40, 0x24, 0, 0, 0, 0, 0, 0},
		{0.5, 10}},
};
#define TYPED (sizeof typed / sizeof *typed)

static struct array *open_typed(size_t i)
{
	uint8_t file[8 + 16] = {0, 0, typed[i].type, 1, 0, 0, 0, 2};
	struct array *a;

	memcpy(file + 8, typed[i].raw, 2 * typed[i].bytes);
	idx_files_bytes(folder, "typed", file, 8 + 2 * typed[i].bytes);
	assert_int_equal(idx_open(path_of("typed"), &a, NULL), 0);
	return a;
}

static void every_element_type_is_read_as_floats(void **state)
{
	float x[2];

	(void)state;
	for (size_t i = 0; i < TYPED; i++) {
		struct array *a = open_typed(i);

		assert_int_equal(array_floats(a, x, 2, NULL), 0);
		assert_true(x[0] == typed[i].want[0]);
		assert_true(x[1] == typed[i].want[1]);
		array_close(a);
	}
}

static void every_integer_type_is_read_as_integers(void **state)
{
	int64_t x[2];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct array *a = open_typed(i);

		assert_true(element_is_integer(array_shape(a)->type));
		assert_int_equal(array_integers(a, x, 1, NULL), 0);
		assert_int_equal(array_integers(a, x + 1, 1, NULL), 0);
		assert_true(x[0] == (int64_t)typed[i].want[0]);
		assert_true(x[1] == (int64_t)typed[i].want[1]);
		array_close(a);
	}
}

static void a_value_that_is_no_finite_float_is_named(void **state)
{
	static const uint8_t file[] = {
		0, 0, 0x0d, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0x7f, 0x80, 0, 0};
	struct err e = {0};
	struct array *a;
	float x[2];

	(void)state;
	idx_files_bytes(folder, "inf", file, sizeof file);
	assert_int_equal(idx_open(path_of("inf"), &a, NULL), 0);
	assert_int_equal(array_floats(a, x, 2, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "value 1 in inf is not a finite"));
	array_close(a);
}

static void only_numbers_of_1_to_4_dimensions_are_read(void **state)
{
	static const uint8_t bad[][4] = {{1, 0, 8, 1}, {0, 1, 8, 1},
		{0, 0, 10, 1}, {0, 0, 15, 1}, {0, 0, 8, 0}, {0, 0, 8, 5},
		{0, 0, 8, 255}};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		uint8_t file[25] = {0};

		memcpy(file, bad[i], 4);
		file[7] = file[11] = file[15] = file[19] = file[23] = 1;
		idx_files_bytes(folder, "magic", file, sizeof file);
		assert_refused("magic", ERR_INVALID, "not an IDX file");
	}
}

static void bytes_alone_are_read_whole(void **state)
{
	struct idx x;
	struct err e = {0};

	(void)state;
	array_close(open_typed(3));
	assert_int_equal(idx_read(path_of("typed"), &x, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "has int32, not unsigned bytes"));
}

static void sizes_of_zero_or_over_the_limit_are_refused(void **state)
{
	uint8_t zero[] = {0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 0};
	uint8_t giant[20] = {0, 0, 8, 4};

	(void)state;
	idx_files_bytes(folder, "zero", zero, sizeof zero);
	assert_refused("zero", ERR_INVALID, "are 0 or come to more");
	memset(giant + 4, 0xff, 16); /* the product overflows 64 bits */
	idx_files_bytes(folder, "giant", giant, sizeof giant);
	assert_refused("giant", ERR_INVALID, "are 0 or come to more");
}

/* 4 GB are promised by 8 bytes: refused before they are allocated. */
static void a_promise_no_file_of_this_size_can_keep_is_refused(void **state)
{
	uint8_t file[] = {0, 0, 8, 1, 0xff, 0xff, 0xff, 0xff};

	(void)state;
	idx_files_bytes(folder, "promise", file, sizeof file);
	assert_refused("promise", ERR_INVALID, "cut short");
}

static void what_is_no_file_is_refused(void **state)
{
	(void)state;
	assert_refused("absent", ERR_NOT_FOUND, "no file absent");
	assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
	assert_refused("fifo", ERR_INVALID, "not a regular file");
	assert_int_equal(mkdir(path_of("dir"), 0700), 0);
	assert_refused("dir", ERR_INVALID, "not a regular file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_and_gzipped_read_the_same),
		cmocka_unit_test(a_plain_file_cut_anywhere_is_refused),
		cmocka_unit_test(a_gzipped_file_cut_anywhere_is_refused),
		cmocka_unit_test(
			a_large_gzipped_file_without_its_trailer_is_refused),
		cmocka_unit_test(a_wrong_gzip_checksum_is_refused),
		cmocka_unit_test(no_flipped_bit_changes_a_gzipped_value),
		cmocka_unit_test(values_beyond_the_promise_are_refused),
		cmocka_unit_test(only_numbers_of_1_to_4_dimensions_are_read),
		cmocka_unit_test(members_of_a_gzipped_file_are_one),
		cmocka_unit_test(every_element_type_is_read_as_floats),
		cmocka_unit_test(every_integer_type_is_read_as_integers),
		cmocka_unit_test(a_value_that_is_no_finite_float_is_named),
		cmocka_unit_test(bytes_alone_are_read_whole),
		cmocka_unit_test(sizes_of_zero_or_over_the_limit_are_refused),
		cmocka_unit_test(
			a_promise_no_file_of_this_size_can_keep_is_refused),
		cmocka_unit_test(what_is_no_file_is_refused),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
