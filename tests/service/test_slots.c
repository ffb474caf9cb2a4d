/* test_slots.c -- whatever a child does becomes a result, a failure with an
 * owner, or a free slot.  The children here are shell scripts. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/canonical.h"
#include "base/file.h"
#include "base/hash.h"
#include "chains.h"
#include "idx_files.h"
#include "slots_bench.h"
#include "temp_folder.h"

#define RUN "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
#define ID RUN "/0/7/0/0"
#define WEIGHTS "raw \n bytes"

/* Runs until it is killed. */
#define HANG "read job; exec sleep 1000"

static struct arena results; /* what is read of them */
static char folder[TEMP_FOLDER_BYTES];

static int make_folder(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	arena_init(&results, (size_t)1 << 20);
	temp_folder_make(folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	temp_folder_remove(folder);
	arena_release(&results);
	return 0;
}

/* Slots whose children run the script. */
static struct slots_bench bench_of(const char *script, struct slots_limits l)
{
	static char text[2048];
	static char *argv[] = {"/bin/sh", "-c", text, NULL};

	snprintf(text, sizeof text, "%s", script);
	return slots_bench_new(argv, "/nowhere", l);
}

static const struct flat genome = {.data = {1, 28, 28, 10},
	.n_conv = 1,
	.filters = {8},
	.kernels = {3},
	.n_dense = 1,
	.nodes = {16},
	.n_activations = 1,
	.learning_rate = 0.01,
	.batch_size = 32};

static struct job_doc job_of(const char *id)
{
	struct job_doc j = {
		.genome = {chain_of(&genome), genome.data, GENOME_FLAT},
		.final = strstr(id, "/final/") != NULL,
		.dataset.name = "fashion-mnist",
		.training = {.epochs = 1,
			.max_job_mb = 1024,
			.validation_fraction = 0.1},
		.kernels = "avx2-2",
	};

	strcpy(j.id, id);
	memset(j.dataset.hash, 'a', sizeof j.dataset.hash - 1);
	return j;
}

static int submit(struct slots_bench *b, const char *id)
{
	struct job_doc j = job_of(id);

	return slots_bench_submit(b, &j);
}

/* Runs one job with the script and returns how it ended. */
static struct worker_status outcome_of(
	const char *script, struct slots_limits l)
{
	struct slots_bench b = bench_of(script, l);
	struct worker_status st;

	assert_int_equal(submit(&b, ID), 0);
	st = slots_bench_wait(&b, ID);
	slots_bench_free(&b);
	return st;
}

/* Writes a result's line, and bytes after it, to a file for `cat`. */
static const char *result_script(const char *id, const char *extra)
{
	static char script[TEMP_FOLDER_BYTES + 64];
	int final = extra != NULL;
	struct job_result r = {.final = final,
		.correct = 3,
		.total = 4,
		.images = 90,
		.kernels = "avx2-2",
		.has_weights = final,
		.weights_bytes = sizeof WEIGHTS - 1};
	struct buf b;
	json_t *v;

	strcpy(r.id, id);
	if (final)
		sha256_of(WEIGHTS, strlen(WEIGHTS), r.weights);
	v = json_pack("{s:o}", "result", result_write(&r));
	buf_init(&b, 1 << 20);
	assert_int_equal(canonical_add(&b, v, NULL), 0);
	assert_int_equal(buf_puts(&b, "\n", NULL), 0);
	assert_int_equal(buf_puts(&b, final ? extra : "", NULL), 0);
	json_decref(v);
	idx_files_bytes(folder, "answer", b.data, b.len);
	buf_release(&b);
	snprintf(script, sizeof script, "read job; cat %s/answer", folder);
	return script;
}

static void expect_world(const char *script, const char *code)
{
	struct worker_status st = outcome_of(script, (struct slots_limits){0});

	assert_int_equal(st.state, WORKER_FAILED);
	assert_string_equal(st.whose, "world");
	assert_string_equal(st.code, code);
	assert_null(st.result);
}

static void expect_crash(const char *script)
{
	struct worker_status st = outcome_of(script, (struct slots_limits){0});
	struct job_result r;

	assert_int_equal(st.state, WORKER_FAILED);
	assert_string_equal(st.whose, "crash");
	assert_int_equal(result_read(&results, st.result, &r, NULL), 0);
	assert_int_equal(r.failure, FAILURE_CRASH);
	assert_string_equal(r.id, ID);
	json_decref(st.result);
}

static void crash_is_reported_as_a_crash(void **state)
{
	(void)state;
	expect_crash("read job; kill -SEGV $$");
	expect_crash("read job; kill -FPE $$");
}

static void other_signals_are_the_worlds(void **state)
{
	(void)state;
	expect_world("read job; kill -KILL $$", "signal");
	expect_world("read job; kill -TERM $$", "signal");
	expect_world("read job; kill -BUS $$", "signal");
	expect_world("read job; kill -ILL $$", "signal");
	expect_world("read job; kill -ABRT $$", "signal");
}

static void child_that_never_reads_is_the_worlds(void **state)
{
	(void)state;
	expect_world("exit 0", "protocol");
	expect_world("exit 3", "exit");
}

static void nonsense_is_the_worlds(void **state)
{
	(void)state;
	expect_world("read job; echo nonsense; exec sleep 1000", "protocol");
	expect_world("read job; echo '{\"progress\":{}}'; exec sleep 1000",
		"protocol");
	expect_world("read job; echo '{}'", "protocol");
	expect_world("read job; echo '{\"result\":{}}'", "protocol");
	expect_world("read job; exec yes", "protocol");
	expect_world("read job; exec head -c 9000000 /dev/zero", "protocol");
}

static void childs_own_sentence_is_the_reason(void **state)
{
	struct worker_status st;

	(void)state;
	st = outcome_of("read job; echo '{\"error\":\"no disk\"}'; exit 1",
		(struct slots_limits){0});
	assert_string_equal(st.whose, "world");
	assert_string_equal(st.reason, "no disk");
}

static void missing_executable_is_the_worlds(void **state)
{
	static char *argv[] = {"/nonexistent/nevod", NULL};
	struct slots_bench b = slots_bench_new(
		argv, "/nowhere", (struct slots_limits){.n = 1});
	struct worker_status st;

	(void)state;
	assert_int_equal(submit(&b, ID), 0);
	st = slots_bench_wait(&b, ID);
	assert_string_equal(st.whose, "world");
	slots_bench_free(&b);
}

static void result_arrives_whole(void **state)
{
	struct job_result r;
	struct worker_status st;

	(void)state;
	st = outcome_of(result_script(ID, NULL), (struct slots_limits){0});
	assert_int_equal(st.state, WORKER_DONE);
	assert_null(st.whose);
	assert_int_equal(result_read(&results, st.result, &r, NULL), 0);
	assert_int_equal(r.correct, 3);
	json_decref(st.result);
}

static void result_of_another_job_is_the_worlds(void **state)
{
	(void)state;
	expect_world(result_script(RUN "/0/8/0/0", NULL), "protocol");
}

static void weights_follow_a_final_result(void **state)
{
	const char *id = RUN "/final/7/0/0";
	struct slots_bench b = bench_of(
		result_script(id, WEIGHTS), (struct slots_limits){0});
	struct worker_status st;
	char *bytes;
	size_t n;

	(void)state;
	assert_int_equal(submit(&b, id), 0);
	st = slots_bench_wait(&b, id);
	assert_int_equal(st.state, WORKER_DONE);
	json_decref(st.result);
	assert_int_equal(
		worker_push_weights(b.worker, id, &bytes, &n, NULL), 0);
	assert_int_equal(n, strlen(WEIGHTS));
	assert_memory_equal(bytes, WEIGHTS, n);
	free(bytes);
	slots_bench_free(&b);
}

static void cut_or_surplus_weights_are_the_worlds(void **state)
{
	const char *id = RUN "/final/7/0/0";
	const char *extra[] = {"raw", WEIGHTS "and more"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct slots_bench b = bench_of(
			result_script(id, extra[i]), (struct slots_limits){0});
		struct worker_status st;
		struct err e;
		char *bytes;
		size_t n;

		assert_int_equal(submit(&b, id), 0);
		st = slots_bench_wait(&b, id);
		assert_string_equal(st.whose, "world");
		assert_null(st.result);
		assert_int_equal(
			worker_push_weights(b.worker, id, &bytes, &n, &e),
			ERR_CONFLICT);
		slots_bench_free(&b);
	}
}

static void progress_is_seen_while_it_runs(void **state)
{
	struct slots_bench b = bench_of(
		"read job; echo '{\"progress\":{\"images\":5,\"total\":9}}';"
		"exec sleep 1000",
		(struct slots_limits){0});
	struct worker_status st;

	(void)state;
	assert_int_equal(submit(&b, ID), 0);
	do
		assert_int_equal(
			worker_push_look(b.worker, ID, 20, &st, NULL), 0);
	while (st.images == 0 && !worker_state_ended(st.state));
	assert_int_equal(st.state, WORKER_RUNNING);
	assert_int_equal(st.images, 5);
	assert_int_equal(st.total, 9);
	slots_bench_free(&b);
}

static void silent_child_is_ended(void **state)
{
	struct worker_status st;

	(void)state;
	st = outcome_of(HANG, (struct slots_limits){.quiet_ms = 200});
	assert_int_equal(st.state, WORKER_FAILED);
	assert_string_equal(st.whose, "world");
	assert_string_equal(st.code, "silent");
}

static void a_child_that_is_stopped_is_ended(void **state)
{
	struct worker_status st;

	(void)state;
	st = outcome_of("read job; kill -STOP $$",
		(struct slots_limits){.idle_ms = 1500});
	assert_string_equal(st.whose, "world");
	assert_string_equal(st.code, "idle");
}

static void a_child_that_computes_is_left_alone(void **state)
{
	struct worker_status st;

	(void)state;
	st = outcome_of("read job; i=0; end=$(($(date +%s) + 4)); "
			"while [ $(date +%s) -lt $end ]; do i=$((i + 1)); "
			"done; exit 3",
		(struct slots_limits){.idle_ms = 1500});
	assert_string_equal(st.code, "exit");
}

static void job_that_nobody_asks_about_is_cancelled(void **state)
{
	struct slots_bench b = bench_of(
		HANG, (struct slots_limits){.forget_ms = 200});
	struct worker_status st;
	int n, n_free;

	(void)state;
	assert_int_equal(submit(&b, ID), 0);
	do {
		worker_push_wait(b.worker, 50); /* which is not asking */
		worker_push_count(b.worker, &n, &n_free);
	} while (n_free < n);
	st = slots_bench_wait(&b, ID);
	assert_int_equal(st.state, WORKER_CANCELLED);
	slots_bench_free(&b);
}

static void cancel_ends_the_child_and_frees_its_slot(void **state)
{
	struct slots_bench b = bench_of(HANG, (struct slots_limits){.n = 1});
	struct worker_status st;

	(void)state;
	assert_int_equal(submit(&b, ID), 0);
	assert_int_equal(worker_push_cancel(b.worker, ID, NULL), 0);
	st = slots_bench_wait(&b, ID);
	assert_int_equal(st.state, WORKER_CANCELLED);
	assert_int_equal(submit(&b, RUN "/0/8/0/0"), 0);
	slots_bench_free(&b);
}

static void done_job_is_not_trained_again(void **state)
{
	char script[1024];
	struct slots_bench b;
	struct worker_status st;
	struct buf seen;
	char path[TEMP_FOLDER_BYTES + 8];

	(void)state;
	snprintf(path, sizeof path, "%s/starts", folder);
	snprintf(script, sizeof script, "echo >> %s; %s", path,
		result_script(ID, NULL));
	b = bench_of(script, (struct slots_limits){0});
	for (int i = 0; i < 3; i++) {
		assert_int_equal(submit(&b, ID), 0);
		st = slots_bench_wait(&b, ID);
		assert_int_equal(st.state, WORKER_DONE);
		json_decref(st.result);
	}
	slots_bench_free(&b);
	buf_init(&seen, 100);
	assert_int_equal(file_read(path, &seen, NULL), 0);
	assert_int_equal(seen.len, 1);
	buf_release(&seen);
}

static void failure_of_the_world_may_be_tried_again(void **state)
{
	struct slots_bench b = bench_of(
		"read job; kill -KILL $$", (struct slots_limits){.n = 1});

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(submit(&b, ID), 0);
		assert_string_equal(slots_bench_wait(&b, ID).whose, "world");
	}
	slots_bench_free(&b);
}

static void capacity_is_at_least_one_slot(void **state)
{
	(void)state;
	assert_true(slots_default() >= 1);
	assert_true(slots_memory_mb() > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crash_is_reported_as_a_crash),
		cmocka_unit_test(other_signals_are_the_worlds),
		cmocka_unit_test(child_that_never_reads_is_the_worlds),
		cmocka_unit_test(nonsense_is_the_worlds),
		cmocka_unit_test(childs_own_sentence_is_the_reason),
		cmocka_unit_test(missing_executable_is_the_worlds),
		cmocka_unit_test(result_arrives_whole),
		cmocka_unit_test(result_of_another_job_is_the_worlds),
		cmocka_unit_test(weights_follow_a_final_result),
		cmocka_unit_test(cut_or_surplus_weights_are_the_worlds),
		cmocka_unit_test(progress_is_seen_while_it_runs),
		cmocka_unit_test(silent_child_is_ended),
		cmocka_unit_test(a_child_that_is_stopped_is_ended),
		cmocka_unit_test(a_child_that_computes_is_left_alone),
		cmocka_unit_test(job_that_nobody_asks_about_is_cancelled),
		cmocka_unit_test(cancel_ends_the_child_and_frees_its_slot),
		cmocka_unit_test(done_job_is_not_trained_again),
		cmocka_unit_test(failure_of_the_world_may_be_tried_again),
		cmocka_unit_test(capacity_is_at_least_one_slot),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
