/* test_readiness.c -- what is found is told, and not looked for too often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "service/readiness.h"
#include "temp_folder.h"

static const struct log quiet = {.service = "test", .level = LOG_ERROR};

/* What there is to be found, and how often it was. */
struct world {
	int broken, looks;
};

static int look(void *ctx, struct err *e)
{
	struct world *w = ctx;

	w->looks++;
	return w->broken ? err_set(e, ERR_WORLD, "it is broken") : 0;
}

static void what_is_found_is_told(void **state)
{
	struct world w = {.broken = 1};
	struct readiness r;
	struct err e = {0};

	(void)state;
	readiness_init(&r, look, &w, &quiet);
	assert_int_equal(readiness_check(&r, &e), ERR_WORLD);
	assert_string_equal(e.text, "it is broken");
	assert_int_equal(readiness_check(&r, NULL), ERR_WORLD);
	w.broken = 0;
	while (readiness_check(&r, &e))
		clock_sleep_ms(20);
	readiness_release(&r);
}

static void who_asks_often_is_told_what_was_found_last(void **state)
{
	struct world w = {.broken = 0};
	struct readiness r;
	struct err e;

	(void)state;
	readiness_init(&r, look, &w, &quiet);
	for (int i = 0; i < 100; i++)
		assert_int_equal(readiness_check(&r, &e), 0);
	/* A slow machine may take a second for it. */
	assert_in_range(w.looks, 1, 10);
	readiness_release(&r);
}

static void a_folder_that_takes_no_file_is_said_without_its_path(void **state)
{
	char folder[TEMP_FOLDER_BYTES];
	struct err e = {0};

	(void)state;
	temp_folder_make(folder);
	assert_int_equal(readiness_disk(folder, &e), 0);
	temp_folder_remove(folder);
	assert_int_equal(readiness_disk(folder, &e), ERR_WORLD);
	assert_null(strstr(e.text, folder));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_found_is_told),
		cmocka_unit_test(who_asks_often_is_told_what_was_found_last),
		cmocka_unit_test(
			a_folder_that_takes_no_file_is_said_without_its_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
