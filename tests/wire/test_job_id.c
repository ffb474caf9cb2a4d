/* test_job_id.c -- a job's id has its parts and one spelling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/job_json.h"

#define RUN "0f8fad5b-d9cb-469f-a165-70867728950e"

static void id_comes_back_in_its_parts(void **state)
{
	struct job_id id = {.run = RUN,
			      .generation = 12,
			      .genome = INT64_C(9007199254740991),
			      .rung = 3,
			      .fold = 2147483647},
		      again;
	char text[JOB_ID_MAX];

	(void)state;
	job_id_write(&id, text);
	assert_string_equal(text, RUN "/12/9007199254740991/3/2147483647");
	assert_int_equal(job_id_read(text, &again, NULL), 0);
	assert_string_equal(again.run, RUN);
	assert_false(again.final);
	assert_int_equal(again.generation, 12);
	assert_int_equal(again.genome, INT64_C(9007199254740991));
	assert_int_equal(again.rung, 3);
	assert_int_equal(again.fold, 2147483647);
}

static void final_id_says_so_in_place_of_the_generation(void **state)
{
	struct job_id id = {.run = RUN, .final = 1, .genome = 5}, again;
	char text[JOB_ID_MAX];

	(void)state;
	job_id_write(&id, text);
	assert_string_equal(text, RUN "/final/5/0/0");
	assert_int_equal(job_id_read(text, &again, NULL), 0);
	assert_true(again.final);
	assert_int_equal(again.genome, 5);
	assert_int_equal(again.generation, 0);
}

static void id_has_one_spelling(void **state)
{
	static const char *const bad[] = {"", "/", RUN, RUN "/", RUN "/1/2/3",
		RUN "/1/2/3/", RUN "/1/2/3/4/", RUN "/1/2/3/4/5",
		RUN "/1/2/3/4 ", RUN "/01/2/3/4", RUN "/1/+2/3/4",
		RUN "/1/ 2/3/4", RUN "/-1/2/3/4", RUN "/-0/2/3/4",
		RUN "/1/0x2/3/4", RUN "/1//3/4", RUN "//1/2/3/4",
		RUN "/1/2/3/2147483648", RUN "/9007199254740992/2/3/4",
		RUN "/1/99999999999999999999/3/4", RUN "/final/1/1/0",
		RUN "/final/1/0/1", RUN "/final/1/0", RUN "/Final/1/0/0",
		RUN "/finale/1/0/0",
		"0F8FAD5B-d9cb-469f-a165-70867728950e/1/2/3/4",
		"0f8fad5b/1/2/3/4", "../../../../../../../../etc/passwd"};
	struct job_id out = {.genome = 77};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err e = {0};

		if (job_id_read(bad[i], &out, &e) != ERR_INVALID)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_true(e.text[0]);
	}
	assert_int_equal(out.genome, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(id_comes_back_in_its_parts),
		cmocka_unit_test(final_id_says_so_in_place_of_the_generation),
		cmocka_unit_test(id_has_one_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
