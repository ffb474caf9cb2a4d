/* test_params.c -- every constant has its row; unknown names and values out of
 * range are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "genomes.h"

static const char *const names[] = {"paper2002", "jair2004", "cnn", "cnn2"};

static void every_preset_is_within_its_ranges(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct params p = preset(names[i]);
		struct err e = {0};

		if (params_check(&p, &e))
			fail_msg("%s: %s", names[i], e.text);
	}
}

static void presets_have_the_papers_constants(void **state)
{
	struct params p = preset("paper2002"), j = preset("jair2004");

	(void)state;
	assert_true(p.c1 == 1 && p.c2 == 1 && p.c3 == 0.4);
	assert_true(p.threshold == 3 && p.threshold_step == 0);
	assert_true(p.interspecies_rate == 0.001 && p.stagnation == 15);
	assert_true(p.weights_rate == 0.8 && p.perturb_rate == 0.9);
	assert_true(p.add_node_rate == 0.03 && p.add_edge_rate == 0.05);
	assert_true(p.disabled_rate == 0.75 && p.mutate_only_rate == 0.25);
	assert_true(p.normalize_from == 20 && p.average_rate == 0);
	assert_true(j.c3 == 2 && j.threshold_step == 0.3);
	assert_true(j.target_species == 10 && j.interspecies_rate == 0.05);
	assert_true(j.add_node_rate == 0.01 && j.add_edge_rate == 0.1);
	assert_true(j.worst_age == 30 && j.average_rate == 0.4);
}

static void every_row_has_a_unit_a_source_and_its_own_field(void **state)
{
	size_t n;
	const struct params_row *rows = params_table(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct params p = preset("cnn");

		assert_true(rows[i].unit[0] && rows[i].source[0]);
		assert_int_equal(rows[i].offset, i * sizeof(double));
		assert_int_equal(
			params_set(&p, rows[i].name, rows[i].lo, NULL), 0);
		assert_true(params_get(&p, &rows[i]) == rows[i].lo);
	}
}

static void an_unknown_preset_is_refused(void **state)
{
	struct params p;
	struct err e;

	(void)state;
	assert_int_equal(params_preset(&p, "paper2003", &e), ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, "jair2004, cnn and cnn2"));
}

static void an_unknown_parameter_is_refused(void **state)
{
	struct params p = preset("cnn");
	struct err e;

	(void)state;
	assert_int_equal(params_set(&p, "c4", 1, &e), ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, "c4"));
}

static void values_out_of_range_are_refused_and_not_set(void **state)
{
	struct params p = preset("paper2002");
	struct err e;

	(void)state;
	assert_int_equal(params_set(&p, "survival", 1.5, &e), ERR_RANGE);
	assert_non_null(strstr(e.text, "survival must be from 0 to 1"));
	assert_int_equal(params_set(&p, "survival", NAN, &e), ERR_RANGE);
	assert_int_equal(params_set(&p, "stagnation", 2.5, &e), ERR_RANGE);
	assert_non_null(strstr(e.text, "whole number of generations"));
	assert_true(p.survival == preset("paper2002").survival);
	assert_true(p.stagnation == 15);
}

static void structural_rates_beyond_one_are_refused(void **state)
{
	struct params p = preset("paper2002");
	struct err e;

	(void)state;
	p.add_node_rate = p.add_edge_rate = 0.6;
	assert_int_equal(params_check(&p, &e), ERR_RANGE);
	assert_non_null(strstr(e.text, "1.2 together"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_preset_is_within_its_ranges),
		cmocka_unit_test(presets_have_the_papers_constants),
		cmocka_unit_test(
			every_row_has_a_unit_a_source_and_its_own_field),
		cmocka_unit_test(an_unknown_preset_is_refused),
		cmocka_unit_test(an_unknown_parameter_is_refused),
		cmocka_unit_test(values_out_of_range_are_refused_and_not_set),
		cmocka_unit_test(structural_rates_beyond_one_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
