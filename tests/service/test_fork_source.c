/* test_fork_source.c -- which genomes of a stored run its forks begin with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "broker_bench.h"
#include "idx_files.h"
#include "temp_folder.h"

static char dataset[TEMP_FOLDER_BYTES];

/* Of the shape that the genomes of run_bench.h are for. */
static int make_dataset(void **state)
{
	(void)state;
	temp_folder_make(dataset);
	idx_files_dataset(dataset, 40, 10, 28, 10, 3);
	return 0;
}

static int remove_dataset(void **state)
{
	(void)state;
	temp_folder_remove(dataset);
	return 0;
}

/* Forks the run of run_bench.h; the answer. */
static json_t *fork_with(struct broker_bench *b, json_t *body, int status)
{
	json_t *v;

	json_object_set_new(body, "dataset", json_string(dataset));
	json_object_set_new(body, "kernels", json_string(FAKE_KERNELS));
	json_object_set_new(
		body, "fork", json_pack("{s:s}", "run", BENCH_UUID));
	v = broker_bench_ask(b, "POST", "/v1/runs", body, status);
	json_decref(body);
	return v;
}

static void refuse(struct broker_bench *b, const char *pointer, const char *why)
{
	json_t *v = fork_with(b, json_object(), 422);

	assert_string_equal(
		json_string_value(json_object_get(v, "pointer")), pointer);
	assert_non_null(
		strstr(json_string_value(json_object_get(v, "error")), why));
	json_decref(v);
}

/* Scores genome 0 to 3: failed ones have fitness -1. */
static void score(struct broker_bench *b, const double fitness[4])
{
	struct store *s = b->broker.store;
	int changed;

	assert_int_equal(store_begin(s, NULL), 0);
	for (int i = 0; i < 4; i++) {
		const int failed = fitness[i] < 0;

		assert_int_equal(store_genome_score(s, BENCH_UUID, i,
					 failed ? 0 : fitness[i],
					 failed ? "diverged" : NULL, "{}",
					 &changed, NULL),
			0);
	}
	assert_int_equal(store_generation_put(s, BENCH_UUID,
				 &(struct store_generation){
					 .members = "[0,1,2,3]", .scored = 1},
				 NULL),
		0);
	assert_int_equal(store_commit(s, NULL), 0);
}

static void train_at(struct broker_bench *b, int64_t genome, int64_t rung)
{
	struct store *s = b->broker.store;

	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(
		store_rung_insert(s, BENCH_UUID,
			&(struct store_rung){
				.genome = genome, .rung = rung, .result = "{}"},
			NULL),
		0);
	assert_int_equal(store_commit(s, NULL), 0);
}

/* Asserts that a fork begins with these genomes, in this order. */
static void begins_with(
	struct broker_bench *b, json_t *body, const int64_t *ids, size_t n)
{
	json_t *v = fork_with(b, body, 202);
	json_t *settings = json_object_get(v, "settings");
	json_t *seeds = json_object_get(settings, "seed_genomes");
	struct store_genome g;
	struct arena mem;

	assert_int_equal(json_array_size(seeds), n);
	arena_init(&mem, (size_t)1 << 24);
	for (size_t i = 0; i < n; i++) {
		json_t *wanted;

		assert_int_equal(store_genome_get(b->broker.store, &mem,
					 BENCH_UUID, ids[i], &g, NULL),
			0);
		wanted = json_loads(g.genome, 0, NULL);
		assert_true(json_equal(json_array_get(seeds, i), wanted));
		json_decref(wanted);
	}
	arena_release(&mem);
	json_decref(v);
}

static void the_best_come_first_and_failures_not_at_all(void **state)
{
	struct broker_bench *b = *state;

	broker_bench_store_run(b);
	score(b, (const double[]){0.5, -1, 0.7, 0.5});
	begins_with(b, json_object(), (const int64_t[]){2, 0, 3}, 3);
	begins_with(b, json_pack("{s:i}", "population", 2),
		(const int64_t[]){2, 0}, 2);
}

static void a_higher_rung_comes_before_a_better_score(void **state)
{
	struct broker_bench *b = *state;

	broker_bench_store_run(b);
	score(b, (const double[]){0.9, 0.8, 0.7, 0.1});
	train_at(b, 3, 0);
	train_at(b, 3, 1);
	begins_with(b, json_object(), (const int64_t[]){3, 0, 1, 2}, 4);
}

/* Their fitness is that of the search. */
static void trainings_of_finalists_change_no_order(void **state)
{
	struct broker_bench *b = *state;

	broker_bench_store_run(b);
	score(b, (const double[]){0.9, 0.8, 0.7, 0.1});
	train_at(b, 1, RUNG_FINALIST);
	train_at(b, 2, RUNG_MIRRORED);
	begins_with(b, json_object(), (const int64_t[]){0, 1, 2, 3}, 4);
}

static void a_run_without_a_complete_generation_is_not_forked(void **state)
{
	struct broker_bench *b = *state;

	broker_bench_store_run(b);
	refuse(b, "/fork/run", "no generation that is complete yet");
}

static void a_generation_of_failures_is_not_forked(void **state)
{
	struct broker_bench *b = *state;

	broker_bench_store_run(b);
	score(b, (const double[]){-1, -1, -1, -1});
	refuse(b, "/fork", "could be trained");
}

#define RULE(f)                          \
	cmocka_unit_test_setup_teardown( \
		f, broker_bench_set_up, broker_bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RULE(the_best_come_first_and_failures_not_at_all),
		RULE(a_higher_rung_comes_before_a_better_score),
		RULE(trainings_of_finalists_change_no_order),
		RULE(a_run_without_a_complete_generation_is_not_forked),
		RULE(a_generation_of_failures_is_not_forked),
	};

	return cmocka_run_group_tests(tests, make_dataset, remove_dataset);
}
