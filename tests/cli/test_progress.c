/* test_progress.c -- progress fits the terminal and says what matters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/view/progress.h"

static struct run_view a_view(void)
{
	return (struct run_view){.uuid = "",
		.state = "running",
		.phase = "scoring",
		.generation = 2,
		.generations = 10,
		.best = 0.8123,
		.mean = 0.7,
		.champion = 0.8123,
		.scored = 7,
		.rung = -1,
		.members = 20,
		.images_per_s = 1240,
		.spent = -1,
		.eta_s = 200,
		.failures = 1};
}

/* Columns that a terminal uses: bytes outside escape sequences. */
static int columns(const char *line)
{
	int n = 0;

	for (const char *c = line; *c; c++) {
		if (*c == '\033')
			c += strcspn(c, "m");
		else
			n++;
	}
	return n;
}

static void a_line_is_never_wider_than_the_terminal(void **state)
{
	struct run_view v = a_view();
	char line[PROGRESS_LINE_BYTES];

	(void)state;
	for (int width = 0; width < 200; width++) {
		progress_line(&v, width, 0, line);
		assert_true(columns(line) <= width);
		progress_line(&v, width, 1, line);
		assert_true(columns(line) <= width);
	}
}

static void huge_numbers_do_not_pass_the_width(void **state)
{
	struct run_view v = a_view();
	char line[PROGRESS_LINE_BYTES];

	(void)state;
	v.generation = v.generations = v.scored = v.members = INT64_MAX / 32;
	v.failures = v.generations;
	v.images_per_s = v.eta_s = 1e18;
	for (int width = 0; width < 200; width++) {
		progress_line(&v, width, 1, line);
		assert_true(columns(line) <= width);
	}
}

static void a_wide_line_says_everything(void **state)
{
	struct run_view v = a_view();
	char line[PROGRESS_LINE_BYTES];

	(void)state;
	progress_line(&v, 150, 0, line);
	assert_string_equal(line,
		"generation 2 of 10  [#####-----------]  7/20  best 0.8123  "
		"1240 images/s  ETA 3m20s  1 failed");
}

static void with_rungs_the_bar_is_the_rungs(void **state)
{
	struct run_view v = a_view();
	char line[PROGRESS_LINE_BYTES];

	(void)state;
	v.rungs = 3;
	v.rung = 1;
	v.trained = 2;
	v.trainable = 4;
	progress_line(&v, 150, 0, line);
	assert_string_equal(line,
		"generation 2 of 10  rung 1 of 3  [########--------]  2/4  "
		"best 0.8123  1240 images/s  ETA 3m20s  1 failed");
}

static void a_budget_says_how_much_of_it_is_spent(void **state)
{
	struct run_view v = a_view();
	char line[PROGRESS_LINE_BYTES];

	(void)state;
	v.spent = 0.375;
	progress_line(&v, 199, 0, line);
	assert_non_null(strstr(line, "generation 2 of ~10  [#"));
	assert_non_null(strstr(line, "38 % spent"));
	strcpy(v.phase, "finalists");
	v.scored = 1;
	v.members = 2;
	progress_line(&v, 199, 0, line);
	assert_non_null(strstr(line, "finalists  [########--------]  1/2"));
}

static void what_was_taken_over_is_counted(void **state)
{
	struct run_view v = a_view();
	char line[PROGRESS_LINE_BYTES];

	(void)state;
	progress_line(&v, 199, 0, line);
	assert_null(strstr(line, "cached"));
	v.cached = 3;
	progress_line(&v, 199, 0, line);
	assert_non_null(strstr(line, "  1 failed  3 cached"));
}

static void a_narrow_line_keeps_the_generation(void **state)
{
	struct run_view v = a_view();
	char line[PROGRESS_LINE_BYTES];

	(void)state;
	progress_line(&v, 40, 0, line);
	assert_string_equal(line, "generation 2 of 10  7/20  best 0.8123");
	progress_line(&v, 18, 0, line);
	assert_string_equal(line, "generation 2 of 10");
}

static void without_colour_there_is_no_escape(void **state)
{
	struct run_view v = a_view();
	char line[PROGRESS_LINE_BYTES];

	(void)state;
	progress_line(&v, 150, 0, line);
	assert_null(strchr(line, '\033'));
	progress_line(&v, 150, 1, line);
	assert_non_null(strchr(line, '\033'));
}

static void a_paused_run_says_so_first(void **state)
{
	struct run_view v = a_view();
	char line[PROGRESS_LINE_BYTES];

	(void)state;
	strcpy(v.state, "paused");
	progress_line(&v, 150, 0, line);
	assert_int_equal(strncmp(line, "paused  generation", 18), 0);
}

static void elsewhere_a_line_comes_with_a_generation_or_ten_seconds(
	void **state)
{
	struct run_view v = a_view();
	char *text = NULL;
	size_t n = 0, before;
	struct progress p = {
		.out = open_memstream(&text, &n), .said_ms = -100000};

	(void)state;
	progress_show(&p, &v, 0);
	before = n;
	assert_non_null(strstr(text, "generation 1 of 10 done: best 0.8123"));
	progress_show(&p, &v, 9000);
	assert_int_equal(n, before);
	progress_show(&p, &v, 10000);
	assert_true(n > before);
	before = n;
	v.generation = 3;
	progress_show(&p, &v, 10500);
	assert_non_null(strstr(text + before, "generation 2 of 10 done"));
	assert_null(strchr(text, '\r'));
	fclose(p.out);
	free(text);
}

static size_t lines_with(const char *text, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what))) {
		n++;
		text++;
	}
	return n;
}

static void a_trouble_has_a_line_when_it_begins_and_when_it_ends(void **state)
{
	struct run_view v = a_view();
	char *text = NULL;
	size_t n = 0;
	struct progress p = {
		.out = open_memstream(&text, &n), .said_ms = -100000};

	(void)state;
	progress_show(&p, &v, 0);
	assert_int_equal(lines_with(text, "trouble"), 0);
	strcpy(v.trouble, "nobody listens");
	v.attempts = 3;
	progress_show(&p, &v, 500);
	progress_show(&p, &v, 1000);
	assert_int_equal(lines_with(text, "\ntrouble"), 1);
	assert_non_null(
		strstr(text, "trouble, after 3 attempts: nobody listens\n"));
	/* What takes its place is told of now and then. */
	v.attempts = 0;
	strcpy(v.trouble, "nobody speaks");
	progress_show(&p, &v, 2000);
	assert_int_equal(lines_with(text, "nobody speaks"), 0);
	progress_show(&p, &v, 10500);
	assert_int_equal(lines_with(text, "trouble: nobody speaks\n"), 1);
	v.trouble[0] = '\0';
	progress_show(&p, &v, 11000);
	progress_show(&p, &v, 11500);
	assert_int_equal(lines_with(text, "the trouble is over\n"), 1);
	fclose(p.out);
	free(text);
}

static void what_keeps_a_run_is_in_its_line(void **state)
{
	char line[PROGRESS_LINE_BYTES];
	struct run_view v = a_view();

	(void)state;
	strcpy(v.waiting, "other jobs are before its own");
	progress_line(&v, 150, 0, line);
	assert_non_null(strstr(line, "  waits for room"));
	strcpy(v.trouble, "nobody listens");
	progress_line(&v, 150, 0, line);
	assert_non_null(strstr(line, "  in trouble"));
}

static void a_duration_has_two_units_at_most(void **state)
{
	char text[DURATION_BYTES];

	(void)state;
	run_view_duration(45.9, text);
	assert_string_equal(text, "45s");
	run_view_duration(200, text);
	assert_string_equal(text, "3m20s");
	run_view_duration(3720, text);
	assert_string_equal(text, "1h02m");
	run_view_duration(-1, text);
	assert_string_equal(text, "?");
}

static void a_count_has_three_digits_and_a_unit(void **state)
{
	char text[COUNT_BYTES];

	(void)state;
	run_view_count(0, text);
	assert_string_equal(text, "0 ");
	run_view_count(999, text);
	assert_string_equal(text, "999 ");
	run_view_count(1200, text);
	assert_string_equal(text, "1.20 k");
	run_view_count(3.5e12, text);
	assert_string_equal(text, "3.50 T");
	run_view_count(9e21, text);
	assert_string_equal(text, "9000000.00 P");
}

static void a_run_by_neat_tells_of_species_and_the_graph(void **state)
{
	struct run_view v = a_view();
	char line[PROGRESS_LINE_BYTES];

	(void)state;
	v.species = 3;
	v.nodes = 5;
	v.edges = 7;
	progress_line(&v, PROGRESS_LINE_BYTES - 1, 0, line);
	assert_non_null(strstr(line, "3 species"));
	assert_non_null(strstr(line, "5 nodes, 7 edges"));
	v.species = v.nodes = v.edges = -1;
	progress_line(&v, PROGRESS_LINE_BYTES - 1, 0, line);
	assert_null(strstr(line, "species"));
	assert_null(strstr(line, "nodes"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_never_wider_than_the_terminal),
		cmocka_unit_test(huge_numbers_do_not_pass_the_width),
		cmocka_unit_test(a_wide_line_says_everything),
		cmocka_unit_test(with_rungs_the_bar_is_the_rungs),
		cmocka_unit_test(a_budget_says_how_much_of_it_is_spent),
		cmocka_unit_test(what_was_taken_over_is_counted),
		cmocka_unit_test(a_narrow_line_keeps_the_generation),
		cmocka_unit_test(without_colour_there_is_no_escape),
		cmocka_unit_test(a_paused_run_says_so_first),
		cmocka_unit_test(
			elsewhere_a_line_comes_with_a_generation_or_ten_seconds),
		cmocka_unit_test(
			a_trouble_has_a_line_when_it_begins_and_when_it_ends),
		cmocka_unit_test(what_keeps_a_run_is_in_its_line),
		cmocka_unit_test(a_duration_has_two_units_at_most),
		cmocka_unit_test(a_count_has_three_digits_and_a_unit),
		cmocka_unit_test(a_run_by_neat_tells_of_species_and_the_graph),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
