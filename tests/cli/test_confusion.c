/* test_confusion.c -- the counts as a person sees them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/view/confusion.h"

#define NAMES 20

static char names[NAMES][DATASET_NAME_BYTES];
static struct dataset_info d = {
	.class_names = (const char (*)[DATASET_NAME_BYTES])names};

/* What is printed; to be freed. */
static char *printed(const uint64_t *counts)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	confusion_print(counts, &d, f);
	fclose(f);
	return text;
}

static void few_classes_are_a_matrix(void **state)
{
	const uint64_t counts[] = {90, 10, 0, 0, 12345, 0, 0, 0, 0};
	char *text;

	(void)state;
	d.classes = 3;
	strcpy(names[0], "Trouser");
	strcpy(names[1], "A name that is far too long");
	strcpy(names[2], "fourteen bytes\xc3\xa9\xc3\xa9"); /* UTF-8 */
	text = printed(counts);
	assert_string_equal(text,
		"  true class              0     1     2   right\n"
		"   0 Trouser             90    10     .   90.0%\n"
		"   1 A name that is f     . 12345     .  100.0%\n"
		"   2 fourteen bytes\xc3\xa9     .     .     .    0.0%\n");
	free(text);
}

static void many_classes_are_a_line_each_with_the_commonest_mistake(
	void **state)
{
	static uint64_t counts[20 * 20];
	char *text;

	(void)state;
	d.classes = 20;
	for (int i = 0; i < 20; i++)
		snprintf(names[i], sizeof names[i], "c%d", i);
	counts[3 * 20 + 3] = 30;
	counts[3 * 20 + 1] = 3;
	counts[3 * 20 + 7] = 7;
	counts[4 * 20 + 4] = 5;
	text = printed(counts);
	assert_non_null(strstr(text,
		"\n    3 c3                    40   75.0%    100.0%   "
		"85.7%   c7 (7)\n"));
	assert_non_null(
		strstr(text, "\n    4 c4                     5  100.0%    "
			     "100.0%  100.0%\n"));
	assert_non_null(
		strstr(text, "\n    5 c5                     0    0.0%      "
			     "0.0%    0.0%\n"));
	free(text);
}

static void of_two_classes_the_second_is_looked_for(void **state)
{
	const uint64_t counts[] = {80, 20, 1, 9};
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	(void)state;
	d.classes = 2;
	strcpy(names[0], "well");
	strcpy(names[1], "ill");
	confusion_figures_print(counts, &d, f);
	fclose(f);
	assert_non_null(strstr(text,
		"  of \"ill\": sensitivity 90.0 %, specificity 80.0 %\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_classes_are_a_matrix),
		cmocka_unit_test(
			many_classes_are_a_line_each_with_the_commonest_mistake),
		cmocka_unit_test(of_two_classes_the_second_is_looked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
