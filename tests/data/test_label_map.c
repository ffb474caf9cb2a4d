/* test_label_map.c -- any labels become classes 0, 1, 2, ...; and a tenth of
 * each is sealed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "data/dataset_info.h"
#include "data/label_map.h"
#include "data/seal.h"

static void classes_are_in_the_order_of_their_labels(void **state)
{
	const int64_t labels[] = {7, -3, INT64_MAX, 7, INT64_MIN, -3};
	struct label_map m = {.n = 0};
	char text[LABEL_MAP_TEXT_BYTES];
	size_t *counts;

	(void)state;
	assert_int_equal(label_map_see(&m, labels, 4, 1, NULL), 0);
	assert_int_equal(label_map_see(&m, labels + 4, 2, 0, NULL), 0);
	assert_int_equal(label_map_settle(&m, 0, NULL), 0);
	assert_int_equal(m.classes, 4);
	assert_true(label_map_is_mapped(&m));
	assert_int_equal(label_map_class(&m, INT64_MIN), 0);
	assert_int_equal(label_map_class(&m, -3), 1);
	assert_int_equal(label_map_class(&m, 7), 2);
	assert_int_equal(label_map_class(&m, INT64_MAX), 3);
	assert_int_equal(label_map_class(&m, 8), -1);
	assert_true(label_map_label(&m, 1) == -3);
	counts = label_map_counts(&m);
	assert_int_equal(counts[0], 0); /* seen, but not counted */
	assert_int_equal(counts[1], 1);
	assert_int_equal(counts[2], 2);
	free(counts);
	label_map_text(&m, text);
	assert_non_null(strstr(text, "with gaps"));
	label_map_release(&m);
}

static void labels_from_0_without_gaps_are_their_classes(void **state)
{
	const int64_t labels[] = {2, 1, 0};
	struct label_map m = {.n = 0};

	(void)state;
	label_map_see(&m, labels, 3, 1, NULL);
	assert_int_equal(label_map_settle(&m, 3, NULL), 0);
	assert_false(label_map_is_mapped(&m));
	label_map_release(&m);
}

static void more_labels_than_16_bits_are_refused(void **state)
{
	struct label_map m = {.n = 0};
	struct err e = {0};

	(void)state;
	for (int64_t x = DATASET_CLASSES_MAX; x > 0; x--)
		assert_int_equal(label_map_see(&m, &x, 1, 1, NULL), 0);
	assert_int_equal(
		label_map_see(&m, &(int64_t){0}, 1, 1, &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "more than 65535 different labels"));
	assert_int_equal(label_map_settle(&m, 0, NULL), 0);
	assert_int_equal(m.classes, DATASET_CLASSES_MAX);
	label_map_release(&m);
}

static size_t take_all(struct seal *s, const size_t *counts, int classes,
	size_t *of_class, char *taken)
{
	size_t n = 0, left = 1;

	/* Round and round the classes, until none has a sample left. */
	for (size_t i = 0; left; i++) {
		left = 0;
		for (int k = 0; k < classes; k++) {
			if (i >= counts[k])
				continue;
			left = 1;
			taken[n] = (char)seal_takes(s, k);
			of_class[k] += (size_t)taken[n++];
		}
	}
	return n;
}

static void a_tenth_of_each_class_is_sealed_always_the_same(void **state)
{
	const size_t counts[] = {100, 14, 15, 4, 1, 0, 2000};
	const size_t want[] = {10, 1, 2, 0, 0, 0, 200};
	struct seal *s = seal_new(counts, 7);
	size_t of_class[7] = {0}, again[7] = {0};
	char taken[2200], taken_again[2200];

	(void)state;
	assert_int_equal(seal_count(s), 213);
	assert_int_equal(take_all(s, counts, 7, of_class, taken), 2134);
	assert_memory_equal(of_class, want, sizeof want);
	seal_rewind(s);
	take_all(s, counts, 7, again, taken_again);
	assert_memory_equal(taken, taken_again, 2134);
	assert_int_equal(seal_takes(s, 5), 0); /* one more than there are */
	seal_free(s);
}

static void of_small_classes_the_largest_gives_one(void **state)
{
	const size_t counts[] = {1, 2, 2}, single[] = {1, 1};
	struct seal *s = seal_new(counts, 3);
	size_t of_class[3] = {0};
	char taken[5];

	(void)state;
	take_all(s, counts, 3, of_class, taken);
	assert_int_equal(of_class[1], 1);
	assert_int_equal(seal_count(s), 1);
	seal_free(s);
	s = seal_new(single, 2);
	assert_int_equal(seal_count(s), 0);
	seal_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_are_in_the_order_of_their_labels),
		cmocka_unit_test(labels_from_0_without_gaps_are_their_classes),
		cmocka_unit_test(more_labels_than_16_bits_are_refused),
		cmocka_unit_test(
			a_tenth_of_each_class_is_sealed_always_the_same),
		cmocka_unit_test(of_small_classes_the_largest_gives_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
