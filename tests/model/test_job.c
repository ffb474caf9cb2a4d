/* test_job.c -- a whole training job, on a data set small enough for a test. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "chains.h"
#include "idx_files.h"
#include "temp_folder.h"
#include "data/split.h"
#include "model/bench_net.h"
#include "model/decode.h"
#include "model/import.h"
#include "model/job.h"
#include "nn/kernels/kernels.h"

#define N_TRAIN 400
#define N_TEST 100
#define SIDE 8

static char folder[TEMP_FOLDER_BYTES], cache[TEMP_FOLDER_BYTES];
static struct dataset *data;
static struct job_outcome first, second;

static int open_data(void **state)
{
	char path[DATASET_PATH_MAX];

	(void)state;
	temp_folder_make(folder);
	temp_folder_make(cache);
	idx_files_dataset(folder, N_TRAIN, N_TEST, SIDE, 4, 11);
	if (dataset_prepare(folder, cache, path, NULL))
		return -1;
	data = dataset_open(path, NULL);
	return data ? 0 : -1;
}

static int close_data(void **state)
{
	(void)state;
	dataset_close(data);
	temp_folder_remove(folder);
	temp_folder_remove(cache);
	job_outcome_release(&first);
	job_outcome_release(&second);
	return 0;
}

/* The genome of the job that is being made. */
static struct flat flat;

static struct job small_job(enum job_kind kind)
{
	flat = (struct flat){.data = {1, SIDE, SIDE, 4},
		.n_conv = 1,
		.filters = {8},
		.kernels = {3},
		.n_dense = 1,
		.nodes = {16},
		.n_activations = 1,
		.activations = {ACT_RELU},
		.dropout = 0.1,
		.learning_rate = 0.01,
		.batch_size = 32,
		.optimizer = OPT_ADAM};
	return (struct job){
		.kind = kind,
		.kernels = kernels_best(),
		.training = {.epochs = 3,
			.validation_fraction = 0.25,
			.max_job_mb = 256},
		.seed = 5,
		.data = data,
		.genome_json = "{}",
	};
}

static struct job with_genome(const struct job *j)
{
	struct job whole = *j;

	whole.genome = chain_of(&flat);
	whole.genome_data = flat.data;
	return whole;
}

static void run(const struct job *j, struct job_outcome *out)
{
	const struct job whole = with_genome(j);
	struct err e = {0};

	job_outcome_release(out); /* of the run before */
	if (job_run(&whole, out, &e))
		fail_msg("%s", e.text);
}

static void a_fitness_job_learns_and_is_judged_on_validation(void **state)
{
	struct job j = small_job(JOB_FITNESS);

	(void)state;
	run(&j, &first);
	assert_int_equal(first.total, 100);
	assert_true(first.correct > 90); /* guessing gives 25 */
	assert_int_equal(first.n_epochs, 3);
	assert_true(first.epochs[2].loss < first.epochs[0].loss);
	assert_true(first.epochs[2].val_accuracy ==
		    (double)first.correct / (double)first.total);
	assert_int_equal(first.images, 3 * 300);
	assert_int_equal(first.images, job_images(&j));
	assert_int_equal(first.parameters,
		8 * 9 + 8 + 16 + 16 * 8 * 4 * 4 + 16 + 4 * 16 + 4);
	/* 2 a multiply-add; the images need no gradient. */
	assert_int_equal(
		first.flops, first.images * 2 *
				     (2 * 8 * 9 * SIDE * SIDE +
					     3 * (16 * 8 * 4 * 4 + 4 * 16)));
	assert_true(first.cpu_s > 0);
	assert_true(first.peak_bytes > 1 << 20);
	assert_int_equal(first.weights.len, 0);
}

static void a_final_job_trains_on_all_and_is_judged_on_test(void **state)
{
	struct job j = small_job(JOB_FINAL);

	(void)state;
	j.training.train_limit = 10; /* for fitness jobs only */
	run(&j, &first);
	assert_int_equal(first.total, N_TEST);
	assert_true(first.correct > 90);
	assert_int_equal(first.images, 3 * N_TRAIN);
	assert_int_equal(first.images, job_images(&j));
	for (int i = 0; i < first.n_epochs; i++) /* test is looked at once */
		assert_true(first.epochs[i].val_accuracy == 0);
	assert_true(first.weights.len > 4 * (size_t)first.parameters);
	job_outcome_release(&first);
}

/* Fills the net with the tensors of a file, found by their names. */
static void read_tensors(const struct buf *file, struct net *n)
{
	uint64_t head;
	json_t *header;

	memcpy(&head, file->data, sizeof head);
	header = json_loadb(file->data + 8, head, 0, NULL);
	assert_non_null(header);
	for (size_t i = 0; i < net_tensor_count(n); i++) {
		struct net_tensor t;
		json_t *entry;
		json_int_t start, end;
		float *values;

		net_tensor(n, i, &t);
		entry = json_object_get(header, t.name);
		assert_int_equal(json_unpack(entry, "{s:[I, I]}",
					 "data_offsets", &start, &end),
			0);
		assert_int_equal(end - start, 4 * t.count);
		values = malloc(4 * t.count);
		memcpy(values, file->data + 8 + head + start, 4 * t.count);
		net_tensor_write(n, i, values);
		free(values);
	}
	json_decref(header);
}

static void the_file_holds_the_net_that_was_judged(void **state)
{
	struct job j = small_job(JOB_FINAL);
	struct split *s = split_final(data, &(struct split_options){0}, NULL);
	struct model m;
	struct net *n;
	struct rng r;

	(void)state;
	j.training.epochs = 1; /* half trained: not all right by chance */
	j.training.max_job_mb = 64;
	run(&j, &first);
	rng_stream(&r, 99, 0, 0);
	assert_int_equal(model_decode(chain_of(&flat), &flat.data,
				 (int64_t)64 << 20, &m, NULL),
		0);
	n = net_new(&m.spec, m.batch, kernels_best(), &r, NULL);
	assert_non_null(n);
	assert_int_not_equal(train_evaluate(n, split_judge(s), m.batch,
				     &(struct evaluation){0}),
		first.correct);
	read_tensors(&first.weights, n);
	assert_int_equal(train_evaluate(n, split_judge(s), m.batch,
				 &(struct evaluation){0}),
		first.correct);
	net_free(n);
	split_free(s);
	job_outcome_release(&first);
}

static int same_weights(
	const struct job_outcome *a, const struct job_outcome *b)
{
	return a->weights.len == b->weights.len &&
	       memcmp(a->weights.data, b->weights.data, a->weights.len) == 0;
}

static void same_seed_same_bits_and_another_seed_others(void **state)
{
	struct job j = small_job(JOB_FINAL);

	(void)state;
	run(&j, &first);
	run(&j, &second);
	assert_int_equal(first.correct, second.correct);
	assert_memory_equal(first.epochs, second.epochs, sizeof first.epochs);
	assert_true(same_weights(&first, &second));
	job_outcome_release(&second);
	j.seed++;
	run(&j, &second);
	assert_false(same_weights(&first, &second));
	job_outcome_release(&first);
	job_outcome_release(&second);
}

static void train_limit_bounds_a_fitness_jobs_images(void **state)
{
	struct job j = small_job(JOB_FITNESS);

	(void)state;
	j.training.train_limit = 50;
	run(&j, &first);
	assert_int_equal(first.images, 3 * 50);
	assert_int_equal(job_images(&j), 3 * 50);
	assert_int_equal(first.total, 100);
}

/* 300 images to train on. */
static void a_scale_is_first_more_images_and_then_more_epochs(void **state)
{
	static const struct {
		int epochs, limit, scale, scaled_epochs, scaled_limit;
	} cases[] = {
		{1, 50, 1, 1, 50},
		{1, 50, 3, 1, 150},
		{2, 100, 3, 2, 300},
		{1, 50, 9, 2, 0}, /* 450: one and a half */
		{1, 50, 27, 5, 0},
		{1, 0, 3, 3, 0},
		{2, 0, 9, 18, 0},
		{1, 5000, 2, 2, 0},
		{1, 50, 7, 1, 0},
		{900, 0, 2, TRAIN_EPOCHS_MAX, 0},
	};
	struct training s = small_job(JOB_FITNESS).training, out;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		s.epochs = cases[i].epochs;
		s.train_limit = cases[i].limit;
		out = job_scaled(&s, cases[i].scale, 300);
		assert_int_equal(out.epochs, cases[i].scaled_epochs);
		assert_int_equal(out.train_limit, cases[i].scaled_limit);
	}
}

static void a_fitness_job_trains_its_scale(void **state)
{
	struct job j = small_job(JOB_FITNESS);
	double loss;

	(void)state;
	j.training.epochs = 1;
	j.training.train_limit = 100;
	run(&j, &first);
	loss = first.judged.loss;
	assert_true(loss > 0 && loss < 2);
	j.scale = 9;
	run(&j, &first);
	assert_int_equal(first.images, 3 * 300);
	assert_int_equal(first.n_epochs, 3);
	assert_int_equal(job_images(&j), 3 * 300);
	assert_true(first.judged.loss < loss);
	j.kind = JOB_FINAL;
	assert_int_equal(job_images(&j), 400);
}

/* Fails with this code and sentence, and leaves the outcome alone. */
static void assert_fails(const struct job *j, int code, const char *sentence)
{
	const struct job whole = with_genome(j);
	struct err e = {0};

	second.n_epochs = -7;
	assert_int_equal(job_run(&whole, &second, &e), code);
	assert_int_equal(e.code, code);
	if (!strstr(e.text, sentence))
		fail_msg("\"%s\" lacks \"%s\"", e.text, sentence);
	assert_int_equal(second.n_epochs, -7);
	assert_int_equal(job_run(&whole, &second, NULL), code);
}

static void a_shape_that_does_not_fit_says_both(void **state)
{
	struct job j = small_job(JOB_FITNESS);

	(void)state;
	flat.data.height = 32;
	assert_fails(&j, ERR_GENOME,
		"the genome is for 1x32x8 images in 4 classes but the data set "
		"has 1x8x8 in 4");
	j = small_job(JOB_FITNESS);
	flat.data.classes = 5;
	assert_fails(&j, ERR_GENOME, "in 5 classes");
	assert_int_equal(
		job_fits(&flat.data, dataset_info(data), NULL), ERR_GENOME);
	flat.data.classes = 4;
	assert_int_equal(job_fits(&flat.data, dataset_info(data), NULL), 0);
}

static void memory_over_the_jobs_bound_is_the_genomes_failure(void **state)
{
	struct job j = small_job(JOB_FITNESS);

	(void)state;
	flat.nodes[0] = 4096;
	flat.batch_size = 4096;
	j.training.max_job_mb = 64;
	assert_fails(&j, ERR_GENOME, "but a job may take 64 MB");
}

static void divergence_is_the_genomes_failure(void **state)
{
	struct job j = small_job(JOB_FITNESS);

	(void)state;
	/* SGD at rate 1 with a linear-ish tower: the weights run away. */
	flat.optimizer = OPT_SGD;
	flat.learning_rate = 1;
	flat.n_dense = 6;
	for (int i = 0; i < 6; i++)
		flat.nodes[i] = 256;
	flat.activations[0] = ACT_SELU;
	flat.dropout = 0.9;
	flat.batch_size = 1;
	assert_fails(&j, ERR_GENOME, "diverged");
}

static void settings_that_leave_no_images_are_not_the_genomes(void **state)
{
	struct job j = small_job(JOB_FITNESS);

	(void)state;
	j.training.validation_fraction = 0.0001;
	assert_fails(&j, ERR_RANGE, "validation fraction");
	assert_int_equal(job_images(&j), 0);
}

/* The recipe reaches training, and each part of it changes what comes out. */
static void every_part_of_the_recipe_counts(void **state)
{
	const struct training changes[] = {
		{.recipe.schedule = SCHEDULE_COSINE},
		{.recipe = {.own_decay = 1, .weight_decay = 0.1}},
		{.recipe.label_smoothing = 0.1},
		{.recipe.clip_norm = 0.1},
		{.recipe.rate_limit = 0.005},
		{.recipe = {.own_decay = 1,
			 .weight_decay = 0.1,
			 .spare_biases = 1}},
		{.augment.crop = 1},
		{.augment.flip = 1},
		{.augment.erase = 0.5},
	};
	struct job j = small_job(JOB_FITNESS);

	(void)state;
	run(&j, &first);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		j.training.recipe = changes[i].recipe;
		j.training.augment = changes[i].augment;
		run(&j, &second);
		assert_memory_not_equal(
			first.epochs, second.epochs, sizeof first.epochs);
	}
	run(&j, &first);
	assert_memory_equal(first.epochs, second.epochs, sizeof first.epochs);
}

/* To the bit, and higher limits are none. */
static void a_limited_rate_is_as_one_of_the_genome(void **state)
{
	struct job j = small_job(JOB_FITNESS);

	(void)state;
	run(&j, &first);
	j.training.recipe.rate_limit = 0.02;
	run(&j, &second);
	assert_memory_equal(first.epochs, second.epochs, sizeof first.epochs);
	j.training.recipe.rate_limit = 0.005;
	run(&j, &first);
	j.training.recipe.rate_limit = 0;
	flat.learning_rate = 0.005;
	run(&j, &second);
	assert_memory_equal(first.epochs, second.epochs, sizeof first.epochs);
}

static void a_crop_too_wide_for_the_images_is_refused(void **state)
{
	struct job j = small_job(JOB_FINAL);

	(void)state;
	j.training.augment.crop = SIDE;
	assert_fails(&j, ERR_RANGE, "crop is 8 but must be below 8");
}

/* Rows are the labels of the images that judge, the diagonal what is right. */
static void confusion_counts_the_judging_images(void **state)
{
	(void)state;
	for (int kind = JOB_FITNESS; kind <= JOB_FINAL; kind++) {
		struct job j = small_job((enum job_kind)kind);
		const uint64_t *confusion;
		uint64_t total = 0, right = 0;

		run(&j, &first);
		confusion = first.judged.confusion;
		for (int i = 0; i < 16; i++)
			total += confusion[i];
		for (int i = 0; i < 4; i++)
			right += confusion[i * 5];
		assert_int_equal(total, 100); /* on either side */
		assert_int_equal(right, first.correct);
		job_outcome_release(&first);
	}
}

static void a_final_job_says_what_it_was_surest_of_and_wrong_about(void **state)
{
	struct job j = small_job(JOB_FINAL);
	const struct mistakes *m = &first.judged.mistakes;

	(void)state;
	flat.learning_rate = 0.0001;
	j.training.epochs = 1;
	run(&j, &first);
	assert_int_equal(m->n, first.total - first.correct);
	assert_true(m->n > 0);
	for (size_t i = 0; i < m->n; i++) {
		const struct mistake *x = &m->worst[i];

		assert_int_equal(x->label,
			dataset_label(data, DATASET_TEST, (size_t)x->image));
		assert_int_not_equal(x->label, x->answer);
		assert_true(x->probability > 0 && x->probability <= 1);
		assert_true(i == 0 ||
			    x->probability <= m->worst[i - 1].probability);
	}
	job_outcome_release(&first);
	j = small_job(JOB_FITNESS);
	run(&j, &first);
	assert_int_equal(m->n, 0);
	job_outcome_release(&first);
}

static void a_fitness_job_keeps_its_weights_when_asked(void **state)
{
	struct job j = small_job(JOB_FITNESS);

	(void)state;
	j.keep_weights = 1;
	run(&j, &first);
	assert_true(first.weights.len > 4 * (size_t)first.parameters);
	job_outcome_release(&first);
}

/* The averages are what is kept, and the file says by what views it is to be
 * judged. */
static void what_is_kept_is_what_was_judged(void **state)
{
	struct job j = small_job(JOB_FITNESS);

	(void)state;
	j.keep_weights = 1;
	j.training.augment.flip = 1;
	run(&j, &first);
	j.training.recipe.ema = 0.9;
	run(&j, &second);
	assert_int_equal(first.weights.len, second.weights.len);
	assert_memory_not_equal(
		first.weights.data, second.weights.data, first.weights.len);
	assert_null(memmem(second.weights.data, second.weights.len, "flip_test",
		strlen("flip_test")));
	job_outcome_release(&first);
	j.training.recipe.flip_test = 1;
	run(&j, &first);
	assert_non_null(memmem(first.weights.data, first.weights.len,
		"flip_test", strlen("flip_test")));
	job_outcome_release(&first);
	job_outcome_release(&second);
}

/* A rate of 0 learns nothing but running statistics: what is judged is what was
 * inherited. */
static void a_job_starts_from_its_parents_weights(void **state)
{
	struct job j = small_job(JOB_FITNESS);
	const struct import_options o = {j.kernels, 1, (int64_t)64 << 20};
	struct import *m;
	struct inherit_parent parent;
	struct inheritance from = {&parent, 1, 1};

	(void)state;
	j.keep_weights = 1;
	flat.dropout = 0;
	run(&j, &first);
	m = import_read(first.weights.data, first.weights.len, &o, NULL);
	assert_non_null(m);
	parent = (struct inherit_parent){
		chain_of(&flat), flat.data, m->net, &m->spec};
	j.seed++;
	j.keep_weights = 0;
	flat.learning_rate = 0;
	run(&j, &second);
	assert_true(second.judged.loss > 0.5);
	j.inheritance = &from;
	run(&j, &second);
	assert_true(second.judged.loss < 0.05);
	flat.filters[0]++;
	parent.genome = chain_of(&flat);
	assert_fails(&j, ERR_INVALID, "not those of its genome");
	job_outcome_release(&first);
	import_free(m);
}

static void note_epoch(void *ctx, int i, const struct epoch *epoch)
{
	struct epoch *seen = ctx;

	seen[i] = *epoch;
}

static void epochs_are_told_as_they_end(void **state)
{
	struct job j = small_job(JOB_FITNESS);
	struct epoch seen[3];

	(void)state;
	j.epoch_done = note_epoch;
	j.progress_ctx = seen;
	run(&j, &first);
	assert_memory_equal(seen, first.epochs, sizeof seen);
}

/* A model trains as the genome would that it was decoded from; one made for
 * other images is refused. */
static void a_model_can_stand_in_for_the_genome(void **state)
{
	struct job j = small_job(JOB_FITNESS);
	struct model m;

	(void)state;
	assert_int_equal(model_decode(chain_of(&flat), &flat.data,
				 (int64_t)64 << 20, &m, NULL),
		0);
	run(&j, &first);
	j.model = &m;
	run(&j, &second);
	assert_memory_equal(first.epochs, second.epochs, sizeof first.epochs);
	assert_int_equal(first.parameters, second.parameters);
	assert_int_equal(bench_net("net1", NULL, &m, NULL), 0);
	assert_fails(&j, ERR_RANGE, "images of 1x8x8");
}

static void work_beyond_what_json_counts_is_its_largest_number(void **state)
{
	struct job j = small_job(JOB_FITNESS);
	struct model m;

	(void)state;
	assert_int_equal(
		model_decode(chain_of(&flat), &flat.data, 1 << 28, &m, NULL),
		0);
	m.cost.train_flops = INT64_MAX / 100;
	j.model = &m;
	run(&j, &first);
	assert_int_equal(first.flops, JOB_FLOPS_MAX);
}

struct watcher {
	int calls, cancel_at;
	int64_t last, total;
};

static int watch(void *ctx, int64_t images, int64_t total)
{
	struct watcher *w = ctx;

	assert_true(images >= w->last && images <= total);
	w->last = images;
	w->total = total;
	return ++w->calls == w->cancel_at;
}

static void progress_rises_and_can_cancel(void **state)
{
	struct job j = small_job(JOB_FITNESS);
	struct watcher w = {.cancel_at = -1};
	struct job whole;

	(void)state;
	j.progress = watch;
	j.progress_ctx = &w;
	run(&j, &first);
	assert_true(w.calls > 0);
	assert_int_equal(w.total, 900);
	w = (struct watcher){.cancel_at = 1};
	whole = with_genome(&j);
	assert_int_equal(job_run(&whole, &first, NULL), ERR_CANCELLED);
	assert_int_equal(w.calls, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_fitness_job_learns_and_is_judged_on_validation),
		cmocka_unit_test(
			a_final_job_trains_on_all_and_is_judged_on_test),
		cmocka_unit_test(the_file_holds_the_net_that_was_judged),
		cmocka_unit_test(same_seed_same_bits_and_another_seed_others),
		cmocka_unit_test(train_limit_bounds_a_fitness_jobs_images),
		cmocka_unit_test(
			a_scale_is_first_more_images_and_then_more_epochs),
		cmocka_unit_test(a_fitness_job_trains_its_scale),
		cmocka_unit_test(a_shape_that_does_not_fit_says_both),
		cmocka_unit_test(
			memory_over_the_jobs_bound_is_the_genomes_failure),
		cmocka_unit_test(divergence_is_the_genomes_failure),
		cmocka_unit_test(
			settings_that_leave_no_images_are_not_the_genomes),
		cmocka_unit_test(every_part_of_the_recipe_counts),
		cmocka_unit_test(a_limited_rate_is_as_one_of_the_genome),
		cmocka_unit_test(a_crop_too_wide_for_the_images_is_refused),
		cmocka_unit_test(confusion_counts_the_judging_images),
		cmocka_unit_test(
			a_final_job_says_what_it_was_surest_of_and_wrong_about),
		cmocka_unit_test(a_fitness_job_keeps_its_weights_when_asked),
		cmocka_unit_test(what_is_kept_is_what_was_judged),
		cmocka_unit_test(a_job_starts_from_its_parents_weights),
		cmocka_unit_test(epochs_are_told_as_they_end),
		cmocka_unit_test(a_model_can_stand_in_for_the_genome),
		cmocka_unit_test(
			work_beyond_what_json_counts_is_its_largest_number),
		cmocka_unit_test(progress_rises_and_can_cancel),
	};

	return cmocka_run_group_tests(tests, open_data, close_data);
}
