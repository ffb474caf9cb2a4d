/* blob_contract.c -- bytes in, the same bytes out. */
#include "blob_contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

/* SHA-256 of "abc", from FIPS 180-4. */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define THREADS 8

static const struct blob_backend *backend;
static struct blobs *blobs;

static int set_up(void **state)
{
	(void)state;
	if (backend->begin())
		return -1;
	blobs = backend->open(NULL);
	return blobs ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	blobs_close(blobs);
	backend->end();
	return 0;
}

/* Its file is at its beginning, and whole. */
static void assert_file_holds(const char *name, const void *bytes, size_t n)
{
	char *there = malloc(n + 1);
	size_t size;
	int fd;

	assert_int_equal(blob_file(blobs, name, &fd, &size, NULL), 0);
	assert_int_equal(size, n);
	assert_int_equal(read(fd, there, n + 1), n);
	assert_memory_equal(there, bytes, n);
	close(fd);
	free(there);
}

static void assert_holds(const char *name, const void *bytes, size_t n)
{
	struct buf out;

	buf_init(&out, n);
	assert_int_equal(blob_get(blobs, name, &out, NULL), 0);
	assert_int_equal(out.len, n);
	if (n > 0)
		assert_memory_equal(out.data, bytes, n);
	buf_release(&out);
	assert_file_holds(name, bytes, n);
}

static void a_blob_is_named_by_its_sha256_and_stays(void **state)
{
	char name[SHA256_HEX_BYTES];

	(void)state;
	assert_int_equal(blob_put(blobs, "abc", 3, name, NULL), 0);
	assert_string_equal(name, ABC);
	assert_holds(ABC, "abc", 3);
	blobs_close(blobs);
	blobs = backend->open(NULL);
	assert_non_null(blobs);
	assert_holds(ABC, "abc", 3);
}

static void the_same_bytes_twice_are_one_blob(void **state)
{
	char first[SHA256_HEX_BYTES], second[SHA256_HEX_BYTES];

	(void)state;
	assert_int_equal(blob_put(blobs, "xy", 2, first, NULL), 0);
	assert_int_equal(blob_put(blobs, "xy", 2, second, NULL), 0);
	assert_string_equal(first, second);
	assert_holds(first, "xy", 2);
}

static void empty_and_large_blobs_come_back(void **state)
{
	size_t n = (3 << 20) + 17;
	char name[SHA256_HEX_BYTES], *large = malloc(n);

	(void)state;
	assert_non_null(large);
	for (size_t i = 0; i < n; i++)
		large[i] = (char)(i * 31 >> 3);
	assert_int_equal(blob_put(blobs, large, n, name, NULL), 0);
	assert_holds(name, large, n);
	assert_int_equal(blob_put(blobs, "", 0, name, NULL), 0);
	assert_holds(name, "", 0);
	free(large);
}

static void what_is_no_hash_is_not_found(void **state)
{
	static const char *const names[] = {"", "abc", "../../etc/passwd",
		ABC "0", ABC "/../x",
		"BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F2001"
		"5AD",
		"../..6bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015"
		"ad"};
	char name[SHA256_HEX_BYTES];
	struct buf out;
	struct err e;
	size_t n;
	int fd;

	(void)state;
	assert_int_equal(blob_put(blobs, "abc", 3, name, NULL), 0);
	buf_init(&out, 1000);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		assert_int_equal(
			blob_get(blobs, names[i], &out, &e), ERR_NOT_FOUND);
		assert_string_equal(e.text, "there is no such blob");
		assert_int_equal(blob_file(blobs, names[i], &fd, &n, NULL),
			ERR_NOT_FOUND);
	}
	name[0] ^= 1; /* a hash, but of nothing here */
	assert_int_equal(blob_get(blobs, name, &out, NULL), ERR_NOT_FOUND);
	assert_int_equal(out.len, 0);
}

static void the_size_is_known_without_reading(void **state)
{
	char name[SHA256_HEX_BYTES];
	size_t n = 99;

	(void)state;
	assert_int_equal(blob_size(blobs, ABC, &n, NULL), ERR_NOT_FOUND);
	assert_int_equal(blob_size(blobs, "../x", &n, NULL), ERR_NOT_FOUND);
	assert_int_equal(n, 99);
	assert_int_equal(blob_put(blobs, "abc", 3, name, NULL), 0);
	assert_int_equal(blob_size(blobs, ABC, &n, NULL), 0);
	assert_int_equal(n, 3);
}

static void a_failed_get_leaves_the_buffer_as_it_was(void **state)
{
	char name[SHA256_HEX_BYTES];
	struct buf out;

	(void)state;
	assert_int_equal(blob_put(blobs, "abcdef", 6, name, NULL), 0);
	buf_init(&out, 8);
	assert_int_equal(buf_puts(&out, "old", NULL), 0);
	assert_int_equal(blob_get(blobs, name, &out, NULL), ERR_TOO_BIG);
	assert_int_equal(out.len, 3);
	assert_string_equal(out.data, "old");
	out.max_bytes = 9;
	assert_int_equal(blob_get(blobs, name, &out, NULL), 0);
	assert_string_equal(out.data, "oldabcdef"); /* appended */
	buf_release(&out);
}

static void *put_many(void *failures)
{
	char text[16], name[SHA256_HEX_BYTES];
	struct buf out;

	for (int i = 0; i < 30; i++) {
		int n = snprintf(text, sizeof text, "blob %d", i);

		buf_init(&out, 100);
		if (blob_put(blobs, text, (size_t)n, name, NULL) ||
			blob_get(blobs, name, &out, NULL) ||
			strcmp(out.data, text) != 0)
			++*(int *)failures;
		buf_release(&out);
	}
	return NULL;
}

static void threads_may_store_the_same_blobs_at_once(void **state)
{
	pthread_t threads[THREADS];
	int failures[THREADS] = {0};

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, put_many,
					 &failures[i]),
			0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(failures[i], 0);
	}
}

static int is_abc(void *ctx, const char *name)
{
	++*(int *)ctx;
	return strcmp(name, ABC) == 0;
}

static void what_nothing_names_is_swept(void **state)
{
	char name[SHA256_HEX_BYTES], other[SHA256_HEX_BYTES];
	int asked = 0;
	size_t n;

	(void)state;
	blobs_enter(blobs);
	assert_int_equal(blob_put(blobs, "abc", 3, name, NULL), 0);
	assert_int_equal(blob_put(blobs, "xyz", 3, other, NULL), 0);
	blobs_leave(blobs);
	blobs_alone(blobs);
	assert_int_equal(blobs_sweep(blobs, is_abc, &asked, NULL), 0);
	blobs_leave(blobs);
	assert_int_equal(asked, 2);
	assert_holds(name, "abc", 3);
	assert_int_equal(blob_size(blobs, other, &n, NULL), ERR_NOT_FOUND);
	assert_int_equal(blob_put(blobs, "xyz", 3, other, NULL), 0);
	assert_holds(other, "xyz", 3);
}

static int sweep(int64_t spare_s)
{
	int asked = 0;

	blobs_spare(blobs, spare_s);
	blobs_alone(blobs);
	assert_int_equal(blobs_sweep(blobs, is_abc, &asked, NULL), 0);
	blobs_leave(blobs);
	return asked;
}

static void what_is_young_is_spared(void **state)
{
	char other[SHA256_HEX_BYTES];
	size_t n;

	(void)state;
	assert_int_equal(blob_put(blobs, "xyz", 3, other, NULL), 0);
	assert_int_equal(sweep(86400), 0);
	assert_holds(other, "xyz", 3);
	assert_true(blobs_sweep_due(blobs) == 0);
	clock_sleep_ms(2100);
	assert_int_equal(sweep(1), 1);
	assert_int_equal(blob_size(blobs, other, &n, NULL), ERR_NOT_FOUND);
}

#define MANY 1100 /* more than a page of a list */

static int count_one(void *ctx, const char *name, struct err *e)
{
	(void)e;
	++*(int *)ctx;
	return sha256_is_hex(name) ? 0 : ERR_INVALID;
}

static void all_are_told_however_many(void **state)
{
	char name[SHA256_HEX_BYTES];
	int told = 0;

	(void)state;
	for (int i = 0; i < MANY; i++)
		assert_int_equal(blob_put(blobs, &i, sizeof i, name, NULL), 0);
	assert_int_equal(blobs_each(blobs, count_one, &told, NULL), 0);
	assert_int_equal(told, MANY);
	told = 0;
	blobs_alone(blobs);
	assert_int_equal(blobs_sweep(blobs, is_abc, &told, NULL), 0);
	blobs_leave(blobs);
	assert_int_equal(told, MANY);
	told = 0;
	assert_int_equal(blobs_each(blobs, count_one, &told, NULL), 0);
	assert_int_equal(told, 0);
}

static void *sweep_all(void *ctx)
{
	blobs_alone(blobs);
	blobs_sweep(blobs, is_abc, ctx, NULL);
	blobs_leave(blobs);
	return NULL;
}

/* The sweep waits until what was put has been named. */
static void a_blob_that_is_about_to_be_named_is_not_swept(void **state)
{
	char name[SHA256_HEX_BYTES];
	pthread_t sweeper;
	int asked = 0;

	(void)state;
	blobs_enter(blobs);
	assert_int_equal(blob_put(blobs, "xyz", 3, name, NULL), 0);
	assert_int_equal(pthread_create(&sweeper, NULL, sweep_all, &asked), 0);
	for (int i = 0; i < 1000; i++)
		assert_holds(name, "xyz", 3);
	assert_int_equal(asked, 0);
	blobs_leave(blobs);
	pthread_join(sweeper, NULL);
	assert_int_equal(asked, 1);
}

#define RULE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int blob_contract(const struct blob_backend *b)
{
	const struct CMUnitTest tests[] = {
		RULE(a_blob_is_named_by_its_sha256_and_stays),
		RULE(the_same_bytes_twice_are_one_blob),
		RULE(empty_and_large_blobs_come_back),
		RULE(what_is_no_hash_is_not_found),
		RULE(the_size_is_known_without_reading),
		RULE(a_failed_get_leaves_the_buffer_as_it_was),
		RULE(threads_may_store_the_same_blobs_at_once),
		RULE(what_nothing_names_is_swept),
		RULE(what_is_young_is_spared),
		RULE(all_are_told_however_many),
		RULE(a_blob_that_is_about_to_be_named_is_not_swept),
	};

	backend = b;
	return cmocka_run_group_tests_name(b->name, tests, NULL, NULL);
}
