/* test_field_value.c -- rows looked up, values as a person types them, bounds
 * of a struct, and the schema that a table makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/field_schema.h"
#include "things.h"

static const struct field *row(const char *key)
{
	const struct field *f = fields_find(&thing_fields, NULL, key);

	assert_non_null(f);
	return f;
}

static void a_row_is_found_where_its_choice_is_read(void **state)
{
	struct thing t = {.shape = 1};

	(void)state;
	assert_non_null(fields_find(&thing_fields, NULL, "radius"));
	assert_non_null(fields_find(&thing_fields, NULL, "side"));
	assert_non_null(fields_find(&thing_fields, &t, "side"));
	assert_null(fields_find(&thing_fields, &t, "radius"));
	assert_null(fields_find(&thing_fields, &t, "width")); /* an object's */
}

/* -- text -- */

static void a_text_becomes_the_rows_value(void **state)
{
	static const struct {
		const char *key, *text, *json;
	} good[] = {
		{"label", "a b", "\"a b\""},
		{"count", "-2", "-2"},
		{"whole", "9007199254740992", "9007199254740992"},
		{"real", "0.5", "0.5"},
		{"real", "2", "2.0"},
		{"flag", "true", "true"},
		{"flag", "0", "false"},
		{"colour", "Green", "\"green\""},
		{"hues", "light,dark", "[\"light\",\"dark\"]"},
		{"hues", "dark", "[\"dark\"]"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct err e = {0};
		json_t *v = field_parse(
			row(good[i].key), good[i].text, "--it", &e);
		json_t *wanted = json_loads(
			good[i].json, JSON_DECODE_ANY, NULL);

		if (!v || !json_equal(v, wanted))
			fail_msg(
				"%s %s: %s", good[i].key, good[i].text, e.text);
		json_decref(v);
		json_decref(wanted);
	}
}

static void a_wrong_text_is_told_by_its_label_and_bounds(void **state)
{
	static const struct {
		const char *key, *text;
		int code;
		const char *sentence;
	} bad[] = {
		{"count", "3.5", ERR_INVALID,
			"--it must be a whole number, not '3.5'"},
		{"count", "", ERR_INVALID,
			"--it must be a whole number, not ''"},
		{"count", "21", ERR_RANGE, "--it must be -2 to 20, not 21"},
		{"whole", "99999999999999999999", ERR_RANGE,
			"--it must be 0 to 9007199254740992, not "
			"99999999999999999999"},
		{"real", "0.4", ERR_RANGE, "--it must be 0.5 to 2, not 0.4"},
		{"real", "nan", ERR_INVALID,
			"--it must be a number, not 'nan'"},
		{"real", "1x", ERR_INVALID, "--it must be a number, not '1x'"},
		{"flag", "yes", ERR_INVALID,
			"--it must be true or false, not 'yes'"},
		{"label", "123456789", ERR_RANGE,
			"--it must have 0 to 8 bytes, not 9"},
		{"label", "\xff", ERR_INVALID, "--it is not UTF-8"},
		{"colour", "pink", ERR_RANGE,
			"--it must be \"red\", \"green\" or \"blue\", not "
			"'pink'"},
		{"hues", "dark,pink", ERR_RANGE,
			"--it must be \"dark\", \"warm\" or \"light\", not "
			"'pink'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err e = {0};

		assert_null(
			field_parse(row(bad[i].key), bad[i].text, "--it", &e));
		assert_int_equal(e.code, bad[i].code);
		assert_string_equal(e.text, bad[i].sentence);
	}
}

static void names_are_found_in_any_letter_case(void **state)
{
	(void)state;
	assert_int_equal(field_named(row("colour"), "rEd"), RED);
	assert_int_equal(field_named(row("hues"), "dark"), 0);
	assert_int_equal(field_named(row("colour"), "pink"), -1);
	assert_int_equal(field_named(row("colour"), ""), -1);
}

static void only_control_characters_are_not_printable(void **state)
{
	(void)state;
	assert_true(field_printable("a \xc3\xa9 \xc2\xa0 \xe2\x82\xac"));
	assert_false(field_printable("a\tb"));
	assert_false(field_printable("a\x7f"));
	assert_false(field_printable("\xc2\x9b"));
}

/* -- bounds -- */

static struct thing standard(void)
{
	const struct field_reader r = {.origin = FIELD_REQUEST};
	json_t *nothing = json_object();
	struct thing t = {0};

	assert_int_equal(
		fields_read(&thing_fields, nothing, "", &r, &t, NULL), 0);
	json_decref(nothing);
	return t;
}

static void assert_out_of_bounds(const struct thing *t, const char *key)
{
	struct err e = {0};

	assert_int_equal(fields_in_bounds(&thing_fields, t, &e), ERR_RANGE);
	if (!strstr(e.text, key))
		fail_msg("%s: %s", key, e.text);
}

static void what_was_read_is_in_bounds(void **state)
{
	struct thing t = standard();

	(void)state;
	assert_int_equal(fields_in_bounds(&thing_fields, &t, NULL), 0);
	t.limit = 7; /* is not given */
	assert_int_equal(fields_in_bounds(&thing_fields, &t, NULL), 0);
}

static void each_number_and_name_out_of_bounds_is_told(void **state)
{
	const struct thing good = standard();
	struct thing t = good;

	(void)state;
	t.count = 21;
	assert_out_of_bounds(&t, "count");
	t = good;
	t.whole = -1;
	assert_out_of_bounds(&t, "whole");
	t = good;
	t.real = (double)NAN;
	assert_out_of_bounds(&t, "real");
	t = good;
	t.has_limit = 1;
	t.limit = (double)INFINITY;
	assert_out_of_bounds(&t, "limit");
	t = good;
	t.colour = (enum colour)0;
	assert_out_of_bounds(&t, "colour");
	t = good;
	t.n_hues = 0;
	assert_out_of_bounds(&t, "hues");
	t = good;
	t.hues[1] = 3;
	assert_out_of_bounds(&t, "hues");
	t = good;
	t.frame.width = (double)NAN;
	assert_out_of_bounds(&t, "width");
	t = good;
	((struct round *)t.own)->radius = 6;
	assert_out_of_bounds(&t, "radius");
}

/* -- the schema -- */

static json_t *property(const json_t *schema, const char *key)
{
	return json_object_get(json_object_get(schema, "properties"), key);
}

static void assert_is(const json_t *v, const char *text)
{
	json_t *wanted = json_loads(text, JSON_DECODE_ANY, NULL);

	assert_non_null(wanted);
	if (!json_equal(v, wanted))
		fail_msg("%s is not %s", json_dumps(v, JSON_ENCODE_ANY), text);
	json_decref(wanted);
}

static void a_requests_schema_has_bounds_and_defaults(void **state)
{
	json_t *v = fields_schema(&thing_fields, FIELD_REQUEST);

	(void)state;
	assert_is(property(v, "count"),
		"{\"type\":[\"integer\",\"null\"],\"minimum\":-2,"
		"\"maximum\":20,\"default\":5,\"description\":\"how many\"}");
	assert_is(property(v, "real"),
		"{\"type\":[\"number\",\"null\"],\"minimum\":0.5,"
		"\"maximum\":2.0,\"default\":0.75}");
	assert_is(property(v, "colour"),
		"{\"type\":[\"string\",\"null\"],\"enum\":[\"red\",\"green\","
		"\"blue\",null],\"default\":\"green\"}");
	assert_is(property(v, "hues"),
		"{\"type\":[\"array\",\"null\"],\"items\":{\"type\":\"string\","
		"\"enum\":[\"dark\",\"warm\",\"light\"]},\"minItems\":1,"
		"\"maxItems\":3,\"uniqueItems\":true,"
		"\"default\":[\"light\",\"dark\"]}");
	assert_is(property(v, "limit"),
		"{\"type\":[\"number\",\"null\"],\"minimum\":0.0,"
		"\"maximum\":1.0}");
	assert_is(property(v, "radius"),
		"{\"type\":[\"number\",\"null\"],\"minimum\":0.0,"
		"\"maximum\":5.0,\"default\":1.0,"
		"\"description\":\"from the middle\"}");
	assert_non_null(property(v, "side"));
	assert_null(property(v, "made"));
	assert_null(json_object_get(v, "required"));
	assert_true(json_is_false(json_object_get(v, "additionalProperties")));
	json_decref(v);
}

static void a_stored_documents_schema_says_what_is_required(void **state)
{
	json_t *v = fields_schema(&thing_fields, FIELD_STORED);
	json_t *parts = json_object_get(property(v, "parts"), "items");

	(void)state;
	assert_is(json_object_get(v, "required"),
		"[\"count\",\"whole\",\"real\",\"flag\",\"colour\","
		"\"made\",\"shape\"]");
	assert_is(json_object_get(parts, "required"), "[\"id\"]");
	assert_is(property(v, "made"),
		"{\"type\":\"integer\",\"minimum\":0,\"maximum\":3000}");
	assert_null(json_object_get(property(v, "count"), "default"));
	json_decref(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_found_where_its_choice_is_read),
		cmocka_unit_test(a_text_becomes_the_rows_value),
		cmocka_unit_test(a_wrong_text_is_told_by_its_label_and_bounds),
		cmocka_unit_test(names_are_found_in_any_letter_case),
		cmocka_unit_test(only_control_characters_are_not_printable),
		cmocka_unit_test(what_was_read_is_in_bounds),
		cmocka_unit_test(each_number_and_name_out_of_bounds_is_told),
		cmocka_unit_test(a_requests_schema_has_bounds_and_defaults),
		cmocka_unit_test(
			a_stored_documents_schema_says_what_is_required),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
