/* test_split.c -- who trains, who validates, and on what numbers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/split.h"
#include "idx_files.h"
#include "temp_folder.h"

#define N_TRAIN 50
#define N_TEST 20
#define SIDE 6
#define PLANE (SIDE * SIDE)

static char folder[TEMP_FOLDER_BYTES], cache[TEMP_FOLDER_BYTES];
static struct dataset *data;

static int open_data(void **state)
{
	char path[DATASET_PATH_MAX];

	(void)state;
	temp_folder_make(folder);
	temp_folder_make(cache);
	idx_files_dataset(folder, N_TRAIN, N_TEST, SIDE, 5, 7);
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
	return 0;
}

static const uint8_t *train_pixels(size_t i)
{
	return dataset_pixels(data, DATASET_TRAIN, i);
}

static struct split *fitness(double fraction, size_t limit)
{
	return split_fitness(data,
		&(struct split_options){
			.validation_fraction = fraction, .train_limit = limit},
		NULL);
}

static struct split * final(const struct dataset *d)
{
	return split_final(d, &(struct split_options){0}, NULL);
}

/* The training sample whose pixels, normalized, are `image`; -1 if none. */
static int sample_of(const struct split *s, const float *image)
{
	const struct normalization *norm = split_normalization(s);

	for (size_t i = 0; i < N_TRAIN; i++) {
		const uint8_t *p = dataset_pixels(data, DATASET_TRAIN, i);
		size_t j = 0;

		while (j < PLANE &&
			image[j] == (float)((p[j] / 255.0 - norm->mean[0]) /
					    norm->std[0]))
			j++;
		if (j == PLANE)
			return (int)i;
	}
	return -1;
}

static void fetch_one(const struct batch_source *b, uint32_t index,
	size_t pixel, float *image, int32_t *label)
{
	const struct batch_request q = {&index, 1, pixel, -1};

	b->fetch(b->ctx, &q, image, label);
}

/* Which training samples the source gives, in its order; labels checked. */
static void list_samples(const struct split *s, const struct batch_source *b,
	int samples[N_TRAIN])
{
	float image[PLANE];
	int32_t label;

	for (uint32_t k = 0; k < b->count; k++) {
		fetch_one(b, k, 1, image, &label);
		samples[k] = sample_of(s, image);
		assert_true(samples[k] >= 0);
		assert_int_equal(label,
			dataset_label(data, DATASET_TRAIN, (size_t)samples[k]));
	}
}

static void every_sample_is_held_back_by_one_fold(void **state)
{
	int train[N_TRAIN], judge[N_TRAIN], held[N_TRAIN] = {0};

	(void)state;
	for (int fold = 1; fold <= 7; fold++) {
		struct split *s = split_fitness(data,
			&(struct split_options){.fold = fold, .folds = 7},
			NULL);
		int seen[N_TRAIN] = {0};

		assert_non_null(s);
		assert_in_range(split_judge(s)->count, 7, 8); /* of 50 */
		assert_int_equal(split_train(s)->count,
			split_fold_images(data, fold, 7, 0));
		list_samples(s, split_train(s), train);
		list_samples(s, split_judge(s), judge);
		for (size_t i = 0; i < split_judge(s)->count; i++)
			seen[judge[i]]++, held[judge[i]]++;
		for (size_t i = 0; i < split_train(s)->count; i++)
			seen[train[i]]++;
		for (int i = 0; i < N_TRAIN; i++)
			assert_int_equal(seen[i], 1);
		split_free(s);
	}
	for (int i = 0; i < N_TRAIN; i++)
		assert_int_equal(held[i], 1);
	assert_int_equal(split_fold_images(data, 1, 7, 10), 10);
	assert_int_equal(split_check_folds(data, N_TRAIN + 1, NULL), ERR_RANGE);
}

static void train_and_validation_are_disjoint_and_cover(void **state)
{
	struct split *s = fitness(0.3, 0);
	int train[N_TRAIN], judge[N_TRAIN], seen[N_TRAIN] = {0}, moved = 0;

	(void)state;
	assert_int_equal(split_judge(s)->count, 15);
	assert_int_equal(split_train(s)->count, 35);
	list_samples(s, split_train(s), train);
	list_samples(s, split_judge(s), judge);
	for (int i = 0; i < 15; i++)
		seen[judge[i]]++, moved += judge[i] != i;
	for (int i = 0; i < 35; i++)
		seen[train[i]]++;
	for (int i = 0; i < N_TRAIN; i++)
		assert_int_equal(seen[i], 1);
	assert_true(moved > 5); /* shuffled */
	split_free(s);
}

static void the_data_alone_decides_the_split(void **state)
{
	struct split *a = fitness(0.2, 0);
	struct split *b = fitness(0.2, 0);
	int of_a[N_TRAIN], of_b[N_TRAIN];

	(void)state;
	list_samples(a, split_train(a), of_a);
	list_samples(b, split_train(b), of_b);
	assert_memory_equal(of_a, of_b, 40 * sizeof(int));
	split_free(a);
	split_free(b);
}

static void train_limit_keeps_the_first_and_changes_nothing_else(void **state)
{
	struct split *all = fitness(0.2, 0);
	struct split *few = fitness(0.2, 7);
	int of_all[N_TRAIN], of_few[N_TRAIN];

	(void)state;
	assert_int_equal(split_train(few)->count, 7);
	assert_int_equal(split_judge(few)->count, 10);
	list_samples(all, split_train(all), of_all);
	list_samples(few, split_train(few), of_few);
	assert_memory_equal(of_all, of_few, 7 * sizeof(int));
	assert_memory_equal(split_normalization(all), split_normalization(few),
		sizeof(struct normalization));
	split_free(all);
	split_free(few);
}

static void counts_are_known_without_a_split(void **state)
{
	(void)state;
	assert_int_equal(split_fitness_images(data, 0.2, 0), 40);
	assert_int_equal(split_fitness_images(data, 0.2, 7), 7);
	assert_int_equal(split_fitness_images(data, 0.2, 1000), 40);
	assert_int_equal(split_fitness_images(data, 0, 7), 0);
}

static void a_part_that_would_be_empty_is_refused(void **state)
{
	static const double bad[] = {0, 0.009, 0.99, 1, -1, 2, NAN, INFINITY};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err e = {0};

		const struct split_options o = {.validation_fraction = bad[i]};

		assert_null(split_fitness(data, &o, &e));
		assert_int_equal(e.code, ERR_RANGE);
		assert_int_equal(split_fitness_images(data, bad[i], 0), 0);
	}
}

/* Mean and deviation of what the source gives, undone to 0..1 by its own. */
static void assert_normalized(const struct split *s)
{
	const struct batch_source *b = split_train(s);
	float *images = malloc(b->count * PLANE * sizeof *images);
	int32_t *labels = malloc(b->count * sizeof *labels);
	uint32_t *index = malloc(b->count * sizeof *index);
	double sum = 0, squares = 0, n = (double)b->count * PLANE;

	for (uint32_t i = 0; i < b->count; i++)
		index[i] = i;
	b->fetch(b->ctx, &(struct batch_request){index, b->count, 1, -1},
		images, labels);
	for (size_t i = 0; i < b->count * PLANE; i++) {
		sum += images[i];
		squares += (double)images[i] * images[i];
	}
	assert_true(fabs(sum / n) < 1e-6);
	assert_true(fabs(squares / n - 1) < 1e-6);
	free(images);
	free(labels);
	free(index);
}

static void normalized_pixels_have_mean_0_and_deviation_1(void **state)
{
	struct split *s = fitness(0.2, 0);

	(void)state;
	assert_normalized(s);
	split_free(s);
	s = final(data);
	assert_normalized(s);
	split_free(s);
}

static void final_normalization_is_that_of_all_training_pixels(void **state)
{
	struct split *s = final(data);
	double sum = 0, squares = 0, n = N_TRAIN * PLANE, mean;

	(void)state;
	for (size_t i = 0; i < N_TRAIN; i++)
		for (size_t j = 0; j < PLANE; j++)
			sum += train_pixels(i)[j] / 255.0;
	mean = sum / n;
	for (size_t i = 0; i < N_TRAIN; i++)
		for (size_t j = 0; j < PLANE; j++)
			squares += pow(train_pixels(i)[j] / 255.0 - mean, 2);
	assert_true(fabs(split_normalization(s)->mean[0] - mean) < 1e-12);
	assert_true(fabs(split_normalization(s)->std[0] - sqrt(squares / n)) <
		    1e-12);
	split_free(s);
}

static void the_final_split_trains_on_all_and_judges_on_test(void **state)
{
	struct split *s = final(data);
	const struct batch_source *judge = split_judge(s);
	const struct normalization *norm = split_normalization(s);
	int train[N_TRAIN];

	(void)state;
	assert_int_equal(split_train(s)->count, N_TRAIN);
	list_samples(s, split_train(s), train);
	assert_int_equal(judge->count, N_TEST);
	for (uint32_t k = 0; k < N_TEST; k++) {
		const uint8_t *p = dataset_pixels(data, DATASET_TEST, k);
		float image[PLANE];
		int32_t label;

		fetch_one(judge, k, 1, image, &label);
		assert_int_equal(label, dataset_label(data, DATASET_TEST, k));
		for (size_t j = 0; j < PLANE; j++)
			assert_true(image[j] ==
				    (float)((p[j] / 255.0 - norm->mean[0]) /
					    norm->std[0]));
	}
	split_free(s);
}

/* -- augmentation -- */

static void fetch_epoch(const struct batch_source *b, uint32_t index,
	int64_t epoch, float image[PLANE])
{
	const struct batch_request q = {&index, 1, 1, epoch};
	int32_t label;

	b->fetch(b->ctx, &q, image, &label);
}

static struct split *augmented(int64_t seed, size_t limit)
{
	return split_fitness(data,
		&(struct split_options){.validation_fraction = 0.2,
			.train_limit = limit,
			.augment = {.crop = 2, .flip = 1, .erase = 0.5},
			.seed = seed},
		NULL);
}

static void augmentation_is_a_function_of_seed_epoch_and_image(void **state)
{
	struct split *a = augmented(1, 0), *b = augmented(1, 7);
	struct split *other = augmented(2, 0);
	float x[PLANE], y[PLANE];
	int epochs = 0, seeds = 0;

	(void)state;
	for (uint32_t i = 0; i < 7; i++) {
		fetch_epoch(split_train(a), i, 3, x);
		/* Whatever was fetched before, and whatever the limit. */
		fetch_epoch(split_train(b), 6 - i, 5, y);
		fetch_epoch(split_train(b), i, 3, y);
		assert_memory_equal(x, y, sizeof x);
		fetch_epoch(split_train(a), i, 4, y);
		epochs += memcmp(x, y, sizeof x) != 0;
		fetch_epoch(split_train(other), i, 3, y);
		seeds += memcmp(x, y, sizeof x) != 0;
	}
	assert_true(epochs >= 5 && seeds >= 5);
	split_free(a);
	split_free(b);
	split_free(other);
}

static void what_judges_is_never_augmented(void **state)
{
	struct split *plain = fitness(0.2, 0), *a = augmented(1, 0);
	float x[PLANE], y[PLANE];

	(void)state;
	for (uint32_t i = 0; i < 10; i++) {
		fetch_epoch(split_judge(plain), i, -1, x);
		fetch_epoch(split_judge(a), i, 0, y);
		assert_memory_equal(x, y, sizeof x);
		fetch_epoch(split_train(plain), i, 0, x);
		fetch_epoch(split_train(a), i, -1, y);
		assert_memory_equal(x, y, sizeof x);
	}
	assert_memory_equal(split_normalization(plain), split_normalization(a),
		sizeof(struct normalization));
	split_free(plain);
	split_free(a);
}

static void a_crop_as_wide_as_the_image_is_refused(void **state)
{
	struct split_options o = {
		.validation_fraction = 0.2, .augment = {.crop = SIDE}};
	struct err e = {0};

	(void)state;
	assert_null(split_fitness(data, &o, &e));
	assert_int_equal(e.code, ERR_RANGE);
	assert_non_null(strstr(e.text, "crop is 6 but must be below 6"));
	assert_null(split_final(data, &o, &e));
	o.augment.crop--;
	split_free(split_final(data, &o, &e));
}

/* Two channels: one of a single level, one of two. */
static void a_flat_channel_becomes_zero_and_harms_no_other(void **state)
{
	static const uint8_t pixels[] = {77, 77, 0, 255, 77, 77, 255, 0};
	static const uint8_t labels[] = {0, 1};
	uint32_t sizes[4] = {2, 2, 1, 2};
	const struct reading nchw = {.layout = READING_NCHW};
	char path[DATASET_PATH_MAX], other[TEMP_FOLDER_BYTES];
	const struct dataset_order order = {.name = other, .how = &nchw};
	struct dataset *d;
	struct split *s;
	float image[6] = {9, 9, 9, 9, 9, 9};
	int32_t label;

	(void)state;
	temp_folder_make(other);
	idx_files_write(other, "train-images-idx4-ubyte", 4, sizes, pixels);
	idx_files_write(other, "t10k-images-idx4-ubyte", 4, sizes, pixels);
	idx_files_write(other, "train-labels-idx1-ubyte", 1, sizes, labels);
	idx_files_write(other, "t10k-labels-idx1-ubyte", 1, sizes, labels);
	assert_int_equal(dataset_order(&order, cache, path, NULL), 0);
	d = dataset_open(path, NULL);
	s = final(d);
	fetch_one(split_train(s), 0, 3, image, &label);
	assert_true(image[0] == 0 && image[1] == -1 && image[2] == 9);
	assert_true(image[3] == 0 && image[4] == 1 && image[5] == 9);
	assert_true(split_normalization(s)->std[0] == 1);
	split_free(s);
	dataset_close(d);
	temp_folder_remove(other);
}

/* Six training samples that are floats, 1x1x2, and one of each other part. */
static struct dataset *float_set(const char *other)
{
	static const uint8_t floats[][8] = {/* big-endian: 1 and 2, ... */
		{0x3f, 0x80, 0, 0, 0x40, 0, 0, 0},
		{0x40, 0x40, 0, 0, 0x40, 0x80, 0, 0},
		{0x40, 0xa0, 0, 0, 0xc0, 0xc0, 0, 0}};
	static const uint8_t labels[] = {0, 1, 0, 1, 0, 1};
	static const char *const parts[] = {"train", "t10k", "val"};
	const uint32_t n[] = {6, 1, 2};
	char path[DATASET_PATH_MAX], name[64];

	for (int part = 0; part < 3; part++) {
		uint8_t file[16 + 6 * 8] = {0, 0, 0x0d, 3, 0, 0, 0,
			(uint8_t)n[part], 0, 0, 0, 1, 0, 0, 0, 2};

		for (size_t i = 0; i < n[part]; i++)
			memcpy(file + 16 + 8 * i, floats[i % 3], 8);
		snprintf(
			name, sizeof name, "%s-images-idx3-ubyte", parts[part]);
		idx_files_bytes(other, name, file, 16 + 8 * n[part]);
		snprintf(
			name, sizeof name, "%s-labels-idx1-ubyte", parts[part]);
		idx_files_write(other, name, 1, &n[part], labels);
	}
	assert_int_equal(dataset_prepare(other, cache, path, NULL), 0);
	return dataset_open(path, NULL);
}

static void floats_are_normalized_as_they_are(void **state)
{
	/* 1, 2, 3, 4, 5 and -6: the mean is 1.5, the variance 91/6 - 2.25 */
	const double std = sqrt(91.0 / 6 - 2.25);
	char other[TEMP_FOLDER_BYTES];
	struct normalization norm;
	struct dataset *d;
	struct split *s;
	float image[2];
	int32_t label;

	(void)state;
	temp_folder_make(other);
	d = float_set(other);
	assert_int_equal(dataset_info(d)->dtype, DATASET_FLOAT32);
	s = split_fitness(
		d, &(struct split_options){.validation_fraction = 0.1}, NULL);
	norm = *split_normalization(s);
	assert_true(fabs(norm.mean[0] - 1.5) < 1e-12);
	assert_true(fabs(norm.std[0] - std) < 1e-12);
	fetch_one(split_judge(s), 1, 1, image, &label);
	assert_true(image[0] == normalization_apply_float(&norm, 0, 3));
	assert_true(image[1] == normalization_apply_float(&norm, 0, 4));
	assert_int_equal(label, 1);
	split_free(s);
	dataset_close(d);
	temp_folder_remove(other);
}

static void an_own_validation_part_is_judged_on_and_trained_on_last(
	void **state)
{
	char other[TEMP_FOLDER_BYTES];
	struct dataset *d;
	struct split *s;
	float image[2];
	int32_t label;

	(void)state;
	temp_folder_make(other);
	d = float_set(other);
	assert_int_equal(split_fitness_images(d, 0.5, 0), 6);
	assert_int_equal(split_fitness_images(d, 0.5, 4), 4);
	assert_int_equal(split_validation_images(d, 0.5), 2);
	s = split_fitness(
		d, &(struct split_options){.validation_fraction = 0.5}, NULL);
	assert_int_equal(split_train(s)->count, 6);
	assert_int_equal(split_judge(s)->count, 2);
	split_free(s);
	s = final(d);
	assert_int_equal(split_train(s)->count, 8);
	assert_int_equal(split_judge(s)->count, 1);
	fetch_one(split_train(s), 7, 1, image, &label);
	assert_true(image[0] ==
		    normalization_apply_float(split_normalization(s), 0, 3));
	assert_int_equal(label, 1);
	split_free(s);
	dataset_close(d);
	temp_folder_remove(other);
}

/* The same samples in the same parts, in the order in which they lie. */
static void parts_of_a_large_set_are_in_its_order(void **state)
{
	struct split_options o = {
		.validation_fraction = 0.3, .train_limit = 20};
	int small[2][N_TRAIN], large[2][N_TRAIN], in_small[N_TRAIN] = {0};
	struct split *a = split_fitness(data, &o, NULL), *b;

	(void)state;
	assert_int_equal(split_train(a)->block, 0);
	list_samples(a, split_train(a), small[0]);
	list_samples(a, split_judge(a), small[1]);
	o.large_bytes = 1;
	b = split_fitness(data, &o, NULL);
	assert_int_equal(split_train(b)->block, SPLIT_BLOCK_SAMPLES);
	list_samples(b, split_train(b), large[0]);
	list_samples(b, split_judge(b), large[1]);
	for (int i = 0; i < 20; i++)
		in_small[small[0][i]] = 1;
	for (int i = 0; i < 15; i++)
		in_small[small[1][i]] = 2;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(in_small[large[0][i]], 1);
		assert_true(i == 0 || large[0][i - 1] < large[0][i]);
	}
	for (int i = 0; i < 15; i++) {
		assert_int_equal(in_small[large[1][i]], 2);
		assert_true(i == 0 || large[1][i - 1] < large[1][i]);
	}
	/* Whatever is told to be needed soon, nothing changes. */
	assert_null(split_train(a)->ahead);
	for (size_t first = 0; first < 20; first++)
		split_train(b)->ahead(split_train(b)->ctx, first, 20 - first);
	list_samples(b, split_train(b), small[0]);
	assert_memory_equal(small[0], large[0], 20 * sizeof **small);
	/* So small a set is in one block: the normalization is of all. */
	assert_memory_equal(split_normalization(a), split_normalization(b),
		sizeof *split_normalization(a));
	split_free(a);
	split_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sample_is_held_back_by_one_fold),
		cmocka_unit_test(train_and_validation_are_disjoint_and_cover),
		cmocka_unit_test(the_data_alone_decides_the_split),
		cmocka_unit_test(
			train_limit_keeps_the_first_and_changes_nothing_else),
		cmocka_unit_test(counts_are_known_without_a_split),
		cmocka_unit_test(a_part_that_would_be_empty_is_refused),
		cmocka_unit_test(normalized_pixels_have_mean_0_and_deviation_1),
		cmocka_unit_test(
			final_normalization_is_that_of_all_training_pixels),
		cmocka_unit_test(
			the_final_split_trains_on_all_and_judges_on_test),
		cmocka_unit_test(
			augmentation_is_a_function_of_seed_epoch_and_image),
		cmocka_unit_test(what_judges_is_never_augmented),
		cmocka_unit_test(a_crop_as_wide_as_the_image_is_refused),
		cmocka_unit_test(
			a_flat_channel_becomes_zero_and_harms_no_other),
		cmocka_unit_test(floats_are_normalized_as_they_are),
		cmocka_unit_test(parts_of_a_large_set_are_in_its_order),
		cmocka_unit_test(
			an_own_validation_part_is_judged_on_and_trained_on_last),
	};

	return cmocka_run_group_tests(tests, open_data, close_data);
}
