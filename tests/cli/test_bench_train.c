/* test_bench_train.c -- what `nevod bench train` times is what was asked for,
 * on images that are the same every time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/local/bench_data.h"
#include "cli/local/bench_train.h"
#include "data/split.h"
#include "nn/kernels/kernels.h"
#include "nn/train.h"
#include "temp_folder.h"

#define CLASSES 3
#define BATCH 16

static const struct shape images = {1, 6, 6};

/* A folder, the random images in it and a network for them. */
struct fixture {
	char folder[TEMP_FOLDER_BYTES];
	struct dataset *data;
	struct split *split;
	struct model model;
	struct bench_training training;
};

static void build_model(struct model *m)
{
	struct spec_node dense = {
		.op = OP_DENSE, .units = CLASSES, .n_inputs = 1};

	*m = (struct model){
		.optimizer = OPT_SGD, .learning_rate = 0.01, .batch = BATCH};
	spec_init(&m->spec, images, CLASSES);
	assert_int_equal(spec_add(&m->spec, &dense, NULL), 1);
	assert_int_equal(spec_check(&m->spec, NULL), 0);
	spec_cost(&m->spec, BATCH, &m->cost);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	temp_folder_make(f->folder);
	build_model(&f->model);
	f->data = bench_data_open(&images, CLASSES, BATCH, f->folder, NULL);
	assert_non_null(f->data);
	f->split = split_final(f->data, &(struct split_options){0}, NULL);
	f->training = (struct bench_training){
		.kernels = kernels_best(),
		.model = &f->model,
		.train = split_train(f->split),
		.test = split_judge(f->split),
		.seed = 1,
	};
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	split_free(f->split);
	dataset_close(f->data);
	temp_folder_remove(f->folder);
	free(f);
	return 0;
}

static void at_least_the_steps_asked_for_are_timed(void **state)
{
	struct fixture *f = *state;
	struct bench_figures out;
	int64_t asked = 50 * BATCH;

	f->training.steps = 50;
	assert_int_equal(bench_train(&f->training, &out, NULL), 0);
	assert_in_range(out.images, asked, 2 * asked);
	assert_true(out.cpu_s > 0);
	assert_true(out.peak_rss_bytes > 0);
}

static void steps_go_on_beyond_an_epoch(void **state)
{
	struct fixture *f = *state;
	struct bench_figures out;
	int64_t epoch = (int64_t)f->training.train->count;

	f->training.steps = 3 * epoch / BATCH;
	assert_int_equal(bench_train(&f->training, &out, NULL), 0);
	assert_in_range(out.images, 3 * epoch - BATCH, 4 * epoch);
}

static void epochs_are_timed_whole_and_judged_on_the_test_images(void **state)
{
	struct fixture *f = *state;
	struct bench_figures out;

	f->training.epochs = 2;
	assert_int_equal(bench_train(&f->training, &out, NULL), 0);
	assert_int_equal(out.images, 2 * f->training.train->count);
	/* Noise cannot be learnt, so that neither 0 nor 1 is right. */
	assert_true(out.test_accuracy > 0.1 && out.test_accuracy < 0.7);
}

static void more_steps_than_training_has_are_refused(void **state)
{
	struct fixture *f = *state;
	struct bench_figures out;
	struct err e = {0};

	f->training.steps = (int64_t)(TRAIN_EPOCHS_MAX + 1) *
			    (int64_t)f->training.train->count / BATCH;
	assert_int_equal(bench_train(&f->training, &out, &e), ERR_RANGE);
	assert_non_null(strstr(e.text, "1000 epochs"));
}

static void a_training_that_diverges_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct bench_figures out;
	struct err e = {0};

	f->model.learning_rate = 1e38;
	f->training.steps = 1000;
	assert_int_equal(bench_train(&f->training, &out, &e), ERR_GENOME);
	assert_non_null(strstr(e.text, "diverged"));
}

static void random_images_are_the_same_every_time(void **state)
{
	struct fixture *f = *state, other;
	const struct dataset_info *a = dataset_info(f->data), *b;

	temp_folder_make(other.folder);
	other.data = bench_data_open(
		&images, CLASSES, BATCH, other.folder, NULL);
	assert_non_null(other.data);
	b = dataset_info(other.data);
	assert_string_equal(a->hash, b->hash);
	assert_int_equal(b->classes, CLASSES);
	assert_int_equal(b->channels, images.channels);
	assert_int_equal(b->height, images.height);
	assert_int_equal(b->width, images.width);
	dataset_close(other.data);
	temp_folder_remove(other.folder);
}

static void a_batch_is_always_full(void **state)
{
	struct fixture *f = *state;
	struct dataset *d = bench_data_open(
		&images, CLASSES, 7000, f->folder, NULL);

	assert_non_null(d);
	assert_int_equal(dataset_info(d)->n_train, 7000);
	dataset_close(d);
}

static void more_classes_than_a_byte_has_are_refused(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};

	assert_null(bench_data_open(&images, 257, BATCH, f->folder, &e));
	assert_int_equal(e.code, ERR_RANGE);
	assert_non_null(strstr(e.text, "257 classes"));
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(at_least_the_steps_asked_for_are_timed),
		TEST(steps_go_on_beyond_an_epoch),
		TEST(epochs_are_timed_whole_and_judged_on_the_test_images),
		TEST(more_steps_than_training_has_are_refused),
		TEST(a_training_that_diverges_is_an_error),
		TEST(random_images_are_the_same_every_time),
		TEST(a_batch_is_always_full),
		TEST(more_classes_than_a_byte_has_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
