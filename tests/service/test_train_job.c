/* test_train_job.c -- real training in real children.  The test is its own
 * child: called with "train-job" it is one. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/canonical.h"
#include "base/hash.h"
#include "data/dataset.h"
#include "nn/kernels/kernels.h"
#include "wire/job_json.h"
#include "service/evolutioner/child.h"
#include "service/evolutioner/dataset_table.h"
#include "service/service.h"
#include "chains.h"
#include "idx_files.h"
#include "slots_bench.h"
#include "temp_folder.h"

#define RUN "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
#define SIDE 8
#define CLASSES 4
#define WAIT_MS 60000

static char *child_argv[] = {"/proc/self/exe", "train-job", NULL};
static struct arena results; /* what is read of them */
static char folder[TEMP_FOLDER_BYTES], cache[TEMP_FOLDER_BYTES];
static char dataset_path[DATASET_PATH_MAX], dataset_hash[SHA256_HEX_BYTES];
static struct slots_bench slots;

static int set_up(void **state)
{
	struct dataset_table *t;
	int rc;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	arena_init(&results, (size_t)1 << 20);
	temp_folder_make(folder);
	temp_folder_make(cache);
	idx_files_dataset(folder, 400, 100, SIDE, CLASSES, 3);
	t = dataset_table_new(cache);
	rc = dataset_table_get(t, folder, dataset_path, dataset_hash, NULL);
	dataset_table_free(t);
	slots = slots_bench_new(
		child_argv, dataset_path, (struct slots_limits){0});
	return rc;
}

static int tear_down(void **state)
{
	(void)state;
	slots_bench_free(&slots);
	temp_folder_remove(folder);
	arena_release(&results);
	temp_folder_remove(cache);
	return 0;
}

static const struct flat genome = {.data = {1, SIDE, SIDE, CLASSES},
	.n_conv = 1,
	.filters = {8},
	.kernels = {3},
	.n_dense = 1,
	.nodes = {16},
	.n_activations = 1,
	.activations = {ACT_RELU},
	.learning_rate = 0.01,
	.batch_size = 32,
	.optimizer = OPT_ADAM};

static struct job_doc job_of(const char *id)
{
	struct job_doc j = {
		.genome = {chain_of(&genome), genome.data, GENOME_FLAT},
		.final = strstr(id, "/final/") != NULL,
		.training = {.epochs = 3,
			.max_job_mb = 256,
			.validation_fraction = 0.25},
		.seed = 9,
	};
	const char *kernels;

	kernels_available(&kernels, 1);
	strcpy(j.id, id);
	strcpy(j.dataset.name, "small");
	strcpy(j.dataset.hash, dataset_hash);
	strcpy(j.kernels, kernels);
	return j;
}

static struct worker_status outcome_of(const struct job_doc *j)
{
	assert_int_equal(slots_bench_submit(&slots, j), 0);
	return slots_bench_wait(&slots, j->id);
}

static struct job_result result_of(const char *id)
{
	struct job_doc j = job_of(id);
	struct worker_status st = outcome_of(&j);
	struct job_result r;

	assert_int_equal(st.state, WORKER_DONE);
	assert_int_equal(result_read(&results, st.result, &r, NULL), 0);
	json_decref(st.result);
	return r;
}

static void training_scores_and_the_same_job_scores_the_same(void **state)
{
	struct job_result a = result_of(RUN "/0/1/0/0");
	struct job_result b = result_of(RUN "/0/2/0/0");

	(void)state;
	assert_int_equal(a.total, 100);
	assert_true(a.correct > 50); /* chance is 25 */
	assert_int_equal(a.images, 3 * 300);
	assert_int_equal(a.correct, b.correct);
	assert_true(a.has_loss && a.loss > 0 && a.loss == b.loss);
	assert_int_equal(a.flops, b.flops);
}

static void final_job_hands_over_the_weights_it_names(void **state)
{
	const char *id = RUN "/final/1/0/0";
	struct job_result r = result_of(id);
	char hex[SHA256_HEX_BYTES], *bytes;
	size_t n;

	(void)state;
	assert_int_equal(r.total, 100);
	assert_int_equal(
		worker_push_weights(slots.worker, id, &bytes, &n, NULL), 0);
	sha256_of(bytes, n, hex);
	assert_string_equal(hex, r.weights);
	free(bytes);
}

static void shape_that_does_not_fit_is_the_genomes_failure(void **state)
{
	struct job_doc j = job_of(RUN "/0/3/0/0");
	struct worker_status st;

	(void)state;
	j.genome.data.height = 28;
	st = outcome_of(&j);
	assert_int_equal(st.state, WORKER_FAILED);
	assert_string_equal(st.whose, "genome");
	assert_non_null(strstr(st.reason, "28"));
	assert_non_null(st.result);
	json_decref(st.result);
}

static void memory_over_the_bound_is_the_genomes_failure(void **state)
{
	struct job_doc j = job_of(RUN "/0/4/0/0");
	struct flat large = genome;
	struct worker_status st;

	(void)state;
	large.n_dense = 2;
	large.nodes[0] = large.nodes[1] = DENSE_UNITS_MAX;
	j.genome.graph = chain_of(&large);
	j.training.max_job_mb = 32;
	st = outcome_of(&j);
	assert_string_equal(st.whose, "genome");
	assert_string_equal(st.code, "memory");
	assert_non_null(strstr(st.reason, "32 MB"));
	json_decref(st.result);
}

static void other_samples_than_the_jobs_are_the_worlds_failure(void **state)
{
	struct job_doc j = job_of(RUN "/0/5/0/0");
	struct worker_status st;

	(void)state;
	memset(j.dataset.hash, '0', sizeof j.dataset.hash - 1);
	st = outcome_of(&j);
	assert_string_equal(st.whose, "world");
	assert_null(st.result);
}

static void unknown_kernels_are_the_worlds_failure(void **state)
{
	struct job_doc j = job_of(RUN "/0/6/0/0");
	struct worker_status st;

	(void)state;
	strcpy(j.kernels, "abacus-1");
	st = outcome_of(&j);
	assert_string_equal(st.whose, "world");
}

/* -- a parent that dies -- */

static int never(void *ctx)
{
	(void)ctx;
	return 0;
}

static void tell(void *ctx, int64_t images, int64_t total)
{
	const int *fd = ctx;

	(void)images;
	(void)total;
	if (write(*fd, "x", 1) != 1)
		_exit(2);
}

static char *long_job(void)
{
	struct job_doc j = job_of(RUN "/0/9/0/0");
	json_t *v;
	char *text;

	j.training.epochs = 1000;
	v = json_pack("{s:o, s:s}", "job", job_write(&j), "dataset_path",
		dataset_path);
	text = canonical_text(v, NULL);
	json_decref(v);
	return text;
}

static void child_ends_when_its_parent_is_killed(void **state)
{
	char *input = long_job(), c;
	int news[2];
	pid_t parent;

	(void)state;
	/* The orphan becomes ours, so that its end can be waited for. */
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	assert_int_equal(pipe(news), 0);
	parent = fork();
	assert_true(parent >= 0);
	if (parent == 0) {
		struct child_task task = {
			.argv = child_argv,
			.input = input,
			.quiet_ms = WAIT_MS,
			.idle_ms = WAIT_MS,
			.unwanted = never,
			.progress = tell,
			.ctx = &news[1],
		};
		struct child_outcome o;

		child_run(&task, &o);
		_exit(1);
	}
	close(news[1]);
	assert_int_equal(read(news[0], &c, 1), 1); /* it trains */
	assert_int_equal(kill(parent, SIGKILL), 0);
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	assert_true(waitpid(-1, NULL, 0) > 0);
	close(news[0]);
	free(input);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			training_scores_and_the_same_job_scores_the_same),
		cmocka_unit_test(final_job_hands_over_the_weights_it_names),
		cmocka_unit_test(
			shape_that_does_not_fit_is_the_genomes_failure),
		cmocka_unit_test(memory_over_the_bound_is_the_genomes_failure),
		cmocka_unit_test(
			other_samples_than_the_jobs_are_the_worlds_failure),
		cmocka_unit_test(unknown_kernels_are_the_worlds_failure),
		cmocka_unit_test(child_ends_when_its_parent_is_killed),
	};

	if (argc > 1 && strcmp(argv[1], "train-job") == 0)
		return train_job_main(argc - 1, argv + 1);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
