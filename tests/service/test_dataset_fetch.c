/* test_dataset_fetch.c -- a data set comes from a broker that may break off,
 * lie or not have it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "data/dataset.h"
#include "data/dataset_manifest.h"
#include "data/dataset_names.h"
#include "data/dataset_writer.h"
#include "http/client.h"
#include "http/server.h"
#include "idx_files.h"
#include "service/evolutioner/dataset_fetch.h"
#include "temp_folder.h"

#define PIECE 1000
#define WAIT_MS 20000
#define MANY_BYTES ((size_t)1 << 30)

static const struct log silent = {.service = "test", .level = LOG_ERROR};
static char source[TEMP_FOLDER_BYTES], theirs[TEMP_FOLDER_BYTES];
static char ours[TEMP_FOLDER_BYTES], url[64];
static struct http_server *server;

/* What the broker has. */
static char hash[SHA256_HEX_BYTES], sha256[SHA256_HEX_BYTES];
static char file[DATASET_PATH_MAX];
static size_t bytes;

/* Or a set of several shards, if it has any. */
static struct manifest many;

/* How it behaves. */
static atomic_int pieces;      /* that it has served */
static atomic_int served_most; /* then it says 500 */
static atomic_int has_nothing, lies;

static void manifest(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct err e;

	(void)ctx;
	if (has_nothing) {
		err_set(&e, ERR_NOT_FOUND, "no such data set");
		http_reply_error(r, &e);
		return;
	}
	if (many.n) {
		http_reply_json(r, 200, manifest_json(&many));
		return;
	}
	http_reply_json(r, 200,
		json_pack("{s:s, s:I, s:[{s:s, s:I}]}", "hash",
			http_param(q, "hash"), "bytes", (json_int_t)bytes,
			"shards", "sha256", sha256, "bytes",
			(json_int_t)bytes));
}

/* A shard's file and size. */
static int open_shard(const char *named, size_t *size)
{
	char path[DATASET_PATH_MAX];

	*size = bytes;
	pieces_path(file, 0, path);
	for (size_t k = 0; k < many.n; k++)
		if (strcmp(many.shards[k].sha256, named) == 0) {
			*size = many.shards[k].bytes;
			pieces_path(file, k, path);
		}
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void shard(void *ctx, const struct http_request *q, struct http_reply *r)
{
	static const char zeros[PIECE];
	struct err e;
	size_t size;
	int fd;

	(void)ctx;
	if (pieces >= served_most) {
		err_set(&e, ERR_UNKNOWN, "it broke");
		http_reply_error(r, &e);
		return;
	}
	pieces++;
	if (lies)
		http_reply_bytes(
			r, 206, "application/octet-stream", zeros, PIECE);
	else {
		fd = open_shard(http_param(q, "sha256"), &size);
		http_reply_file(q, r, "application/octet-stream", fd, size);
	}
}

static const struct http_route routes[] = {
	{"GET", "/v1/datasets/{hash}/manifest", manifest, 0, 0, NULL},
	{"GET", "/v1/datasets/{hash}/shards/{sha256}", shard, 0, 0, NULL},
};

static int look_at_file(void)
{
	struct dataset *d = dataset_open(file, NULL);
	int fd = open(file, O_RDONLY | O_CLOEXEC), rc;
	struct stat st;

	if (!d || fd < 0 || fstat(fd, &st))
		return -1;
	bytes = (size_t)st.st_size;
	strcpy(hash, dataset_info(d)->hash);
	rc = file_sha256(fd, sha256, NULL);
	close(fd);
	dataset_close(d);
	return rc;
}

static int set_up(void **state)
{
	const struct http_options o = {.service = "broker",
		.bind = "127.0.0.1",
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.log = &silent};

	(void)state;
	temp_folder_make(source);
	temp_folder_make(theirs);
	temp_folder_make(ours);
	idx_files_dataset(source, 200, 40, 8, 4, 1);
	if (dataset_prepare(source, theirs, file, NULL) || look_at_file())
		return -1;
	pieces = has_nothing = lies = 0;
	served_most = 1000;
	manifest_release(&many);
	many.n = 0;
	server = http_server_new(&o, NULL);
	if (!server)
		return -1;
	snprintf(url, sizeof url, "http://127.0.0.1:%d",
		http_server_port(server));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	http_server_free(server, 2000);
	temp_folder_remove(source);
	temp_folder_remove(theirs);
	temp_folder_remove(ours);
	return 0;
}

static struct dataset_fetch *begin(size_t max_bytes)
{
	static const char *const brokers[] = {"http://127.0.0.1:1", url};

	return dataset_fetch_new(
		&(struct dataset_fetch_options){.cache_dir = ours,
			.brokers = brokers,
			.n_brokers = 2,
			.max_bytes = max_bytes,
			.piece_bytes = PIECE,
			.log = &silent});
}

/* Asks until it is here or cannot be brought. */
static int get(
	struct dataset_fetch *f, char path[DATASET_PATH_MAX], struct err *e)
{
	const int64_t until_ms = clock_mono_ms() + WAIT_MS;
	int rc;

	while ((rc = dataset_fetch_get(f, hash, path, e)) == ERR_BUSY &&
		clock_mono_ms() < until_ms)
		clock_sleep_ms(5);
	return rc;
}

static void expect_whole(const char *path)
{
	struct dataset *d = dataset_open(path, NULL);

	assert_non_null(d);
	assert_string_equal(dataset_info(d)->hash, hash);
	assert_int_equal(dataset_verify(d, NULL), 0);
	dataset_close(d);
}

static int all_pieces(void)
{
	return (int)((bytes + PIECE - 1) / PIECE);
}

static void it_is_brought_once_from_the_broker_that_answers(void **state)
{
	struct dataset_fetch *f = begin(MANY_BYTES);
	char path[DATASET_PATH_MAX];

	(void)state;
	assert_int_equal(get(f, path, NULL), 0);
	expect_whole(path);
	assert_int_equal(get(f, path, NULL), 0);
	assert_int_equal(pieces, all_pieces());
	dataset_fetch_free(f);
}

static void what_has_arrived_is_not_asked_for_again(void **state)
{
	struct dataset_fetch *f = begin(MANY_BYTES);
	char path[DATASET_PATH_MAX];
	struct err e = {0};

	(void)state;
	served_most = 3;
	assert_int_equal(get(f, path, &e), ERR_WORLD);
	assert_non_null(strstr(e.text, "the broker answered 500"));
	dataset_fetch_free(f); /* as if we had been killed */
	served_most = 1000;
	f = begin(MANY_BYTES);
	assert_int_equal(get(f, path, NULL), 0);
	expect_whole(path);
	assert_int_equal(pieces, all_pieces());
	dataset_fetch_free(f);
}

static void bytes_of_another_file_are_not_kept(void **state)
{
	struct dataset_fetch *f = begin(MANY_BYTES);
	char path[DATASET_PATH_MAX];
	struct err e = {0};

	(void)state;
	bytes = PIECE;
	lies = 1;
	assert_int_equal(get(f, path, &e), ERR_WORLD);
	assert_string_equal(e.text, "a data set did not arrive as it was sent");
	dataset_fetch_free(f);
	lies = 0;
	assert_int_equal(look_at_file(), 0);
	f = begin(MANY_BYTES);
	assert_int_equal(get(f, path, NULL), 0);
	expect_whole(path);
	dataset_fetch_free(f);
}

/* A pixel that has changed on the broker's disk. */
static void samples_of_another_hash_are_not_kept(void **state)
{
	struct dataset_fetch *f = begin(MANY_BYTES);
	char path[DATASET_PATH_MAX];
	struct err e = {0};
	int fd = open(file, O_RDWR | O_CLOEXEC);

	(void)state;
	assert_int_equal(pwrite(fd, "\x7f", 1, (off_t)(bytes / 2)), 1);
	close(fd);
	assert_int_equal(look_at_file(), 0);
	assert_int_equal(get(f, path, &e), ERR_INVALID);
	assert_int_equal(get(f, path, &e), ERR_INVALID);
	dataset_fetch_free(f);
}

/* 100 images of 64x64 in pieces of 64 KiB. */
static void write_many(void)
{
	static uint8_t pixels[64 * 64];
	static const char names[2][DATASET_NAME_BYTES] = {"a", "b"};
	const struct dataset_writer_options o = {
		.cache_dir = theirs, .key = "0", .piece_bytes = PIECES_ALIGN};
	const struct dataset_info d = {.channels = 1,
		.height = 64,
		.width = 64,
		.classes = 2,
		.n_train = 99,
		.n_test = 1,
		.class_names = names};
	struct dataset_writer *w = dataset_writer_new(&o, &d, NULL);

	for (int i = 0; i < 100; i++) {
		const uint16_t label = (uint16_t)(i % 2);
		struct dataset_samples s = {
			i < 99 ? DATASET_TRAIN : DATASET_TEST, 1, pixels,
			&label};

		memset(pixels, i, sizeof pixels);
		assert_int_equal(dataset_writer_add(w, &s, NULL), 0);
	}
	assert_int_equal(dataset_writer_end(w, file, hash, NULL), 0);
	dataset_writer_free(w, 0);
	assert_int_equal(manifest_load(hash, file, &many, NULL), 0);
	assert_int_equal(many.n, 7);
}

static void several_shards_are_brought_and_gone_on_with(void **state)
{
	struct dataset_fetch *f = begin(MANY_BYTES);
	char path[DATASET_PATH_MAX], piece[DATASET_PATH_MAX];

	(void)state;
	write_many();
	served_most = 100; /* in the second shard */
	assert_int_equal(get(f, path, NULL), ERR_WORLD);
	dataset_fetch_free(f);
	f = begin(MANY_BYTES);
	served_most = 10000;
	assert_int_equal(get(f, path, NULL), 0);
	expect_whole(path);
	assert_int_equal(
		pieces, 6 * 66 + (many.shards[6].bytes + PIECE - 1) / PIECE);
	pieces_path(path, 3, piece);
	assert_int_equal(unlink(piece), 0); /* the cache was in need of room */
	assert_int_equal(get(f, path, NULL), 0);
	expect_whole(path);
	dataset_fetch_free(f);
}

static void what_no_broker_has_is_said(void **state)
{
	struct dataset_fetch *f = begin(MANY_BYTES);
	char path[DATASET_PATH_MAX];
	struct err e = {0};

	(void)state;
	has_nothing = 1;
	assert_int_equal(get(f, path, &e), ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, "no such data set"));
	dataset_fetch_free(f);
}

static void a_cache_that_is_too_small_is_said(void **state)
{
	struct dataset_fetch *f = begin(PIECE);
	char path[DATASET_PATH_MAX];
	struct err e = {0};

	(void)state;
	assert_int_equal(get(f, path, &e), ERR_TOO_BIG);
	assert_non_null(strstr(e.text, "--cache-mb"));
	dataset_fetch_free(f);
}

/* Room is made by what can be had again, and by nothing else. */
static void an_imported_set_stays_when_room_is_made(void **state)
{
	static const char zeros[5000];
	static const char names[2][DATASET_NAME_BYTES] = {"a", "b"};
	struct dataset_info imported = {.classes = 2, .class_names = names};
	char name[2 * SHA256_HEX_BYTES];
	char kept[2 * TEMP_FOLDER_BYTES], other[2 * TEMP_FOLDER_BYTES];
	struct dataset_fetch *f = begin(bytes + sizeof zeros + 1000);
	char path[DATASET_PATH_MAX];

	(void)state;
	memset(imported.hash, 'a', 64);
	snprintf(name, sizeof name, "%s.nds", imported.hash);
	idx_files_bytes(ours, name, zeros, sizeof zeros);
	idx_files_bytes(ours, "other", zeros, sizeof zeros);
	assert_int_equal(dataset_name_keep(ours, "mine", &imported, NULL), 0);
	assert_int_equal(get(f, path, NULL), 0);
	snprintf(kept, sizeof kept, "%s/%s", ours, name);
	snprintf(other, sizeof other, "%s/other", ours);
	assert_int_equal(access(kept, F_OK), 0);
	assert_int_equal(access(other, F_OK), -1);
	dataset_fetch_free(f);
}

static void one_that_gives_up_leaves_at_once(void **state)
{
	struct dataset_fetch *f = begin(MANY_BYTES);
	char path[DATASET_PATH_MAX];

	(void)state;
	assert_int_equal(dataset_fetch_get(f, hash, path, NULL), ERR_BUSY);
	dataset_fetch_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			it_is_brought_once_from_the_broker_that_answers, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			what_has_arrived_is_not_asked_for_again, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			bytes_of_another_file_are_not_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			samples_of_another_hash_are_not_kept, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			several_shards_are_brought_and_gone_on_with, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			what_no_broker_has_is_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_cache_that_is_too_small_is_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			an_imported_set_stays_when_room_is_made, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			one_that_gives_up_leaves_at_once, set_up, tear_down),
	};

	signal(SIGPIPE, SIG_IGN);
	http_client_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
