/* test_canonical.c -- the examples of RFC 8785 and what lies between them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "base/rng.h"

static char *canonical_of(const char *json)
{
	json_t *v = json_loads(json, 0, NULL);
	struct err e = {0};
	char *text;

	assert_non_null(v);
	text = canonical_text(v, &e);
	if (!text)
		fail_msg("%s", e.text);
	json_decref(v);
	return text;
}

static void assert_canonical(const char *json, const char *expected)
{
	char *text = canonical_of(json);

	assert_string_equal(text, expected);
	free(text);
}

/* RFC 8785 appendix B, and the places where our digits could go wrong. */
static void numbers_print_as_ecmascript_does(void **state)
{
	static const struct {
		uint64_t bits;
		const char *text;
	} table[] = {
		{0x0000000000000000, "0"},
		{0x8000000000000000, "0"},
		{0x0000000000000001, "5e-324"},
		{0x8000000000000001, "-5e-324"},
		{0x7fefffffffffffff, "1.7976931348623157e+308"},
		{0xffefffffffffffff, "-1.7976931348623157e+308"},
		{0x4340000000000000, "9007199254740992"},
		{0xc340000000000000, "-9007199254740992"},
		{0x4430000000000000, "295147905179352830000"},
		{0x44b52d02c7e14af5, "9.999999999999997e+22"},
		{0x44b52d02c7e14af6, "1e+23"},
		{0x44b52d02c7e14af7, "1.0000000000000001e+23"},
		{0x444b1ae4d6e2ef4e, "999999999999999700000"},
		{0x444b1ae4d6e2ef4f, "999999999999999900000"},
		{0x444b1ae4d6e2ef50, "1e+21"},
		{0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
		{0x3eb0c6f7a0b5ed8d, "0.000001"},
		{0x41b3de4355555553, "333333333.3333332"},
		{0x41b3de4355555554, "333333333.33333325"},
		{0x41b3de4355555555, "333333333.3333333"},
		{0x41b3de4355555556, "333333333.3333334"},
		{0x41b3de4355555557, "333333333.33333343"},
		{0xbecbf647612f3696, "-0.0000033333333333333333"},
		{0x43143ff3c1cb0959, "1424953923781206.2"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char text[CANONICAL_NUMBER_BYTES];
		double x;

		memcpy(&x, &table[i].bits, sizeof x);
		canonical_number(x, text);
		assert_string_equal(text, table[i].text);
	}
}

/* The nearest 16 digits, ...801e-14, do not read back. */
static void a_power_of_two_takes_the_next_digits_up(void **state)
{
	char text[CANONICAL_NUMBER_BYTES];

	(void)state;
	canonical_number(ldexp(1, -44), text);
	assert_string_equal(text, "5.684341886080802e-14");
}

static void every_number_reads_back(void **state)
{
	struct rng r;

	(void)state;
	rng_stream(&r, 1, 0, 0);
	for (int i = 0; i < 20000; i++) {
		char text[CANONICAL_NUMBER_BYTES];
		uint64_t bits = rng_u64(&r);
		double x;

		memcpy(&x, &bits, sizeof x);
		if (!isfinite(x))
			continue;
		canonical_number(x, text);
		assert_true(strtod(text, NULL) == x);
		assert_true(strlen(text) < CANONICAL_NUMBER_BYTES);
	}
}

static void the_rfcs_document_is_canonical(void **state)
{
	(void)state;
	assert_canonical("{\"numbers\": [333333333.33333329, 1E30, 4.50, 2e-3,"
			 " 0.000000000000000000000000001, 1e-7, -0.0],"
			 "\"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042"
			 "\\u0022\\u005c\\\\\\\"\\/\","
			 "\"literals\": [null, true, false]}",
		"{\"literals\":[null,true,false],"
		"\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27,1e-7,0],"
		"\"string\":\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

static void keys_sort_by_utf16_units(void **state)
{
	static const char *const order[] = {"Carriage Return", "One", "Control",
		"Latin Small Letter O With Diaeresis", "Euro Sign",
		"Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh"};
	char *text = canonical_of(
		"{\"\\u20ac\": \"Euro Sign\","
		"\"\\r\": \"Carriage Return\","
		"\"\\ufb33\": \"Hebrew Letter Dalet With Dagesh\","
		"\"1\": \"One\","
		"\"\\ud83d\\ude00\": \"Emoji: Grinning Face\","
		"\"\\u0080\": \"Control\","
		"\"\\u00f6\": \"Latin Small Letter O With Diaeresis\"}");
	const char *at = text;

	(void)state;
	for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
		at = strstr(at, order[i]);
		assert_non_null(at);
	}
	free(text);
	/* The first and the last character after the surrogates. */
	text = canonical_of("{\"\\uffff\":3,\"\\ue000\":2,"
			    "\"\\udbff\\udfff\":1}");
	assert_non_null(strstr(text, ":1,"));
	assert_true(strstr(text, ":1,") < strstr(text, ":2,"));
	assert_true(strstr(text, ":2,") < strstr(text, ":3}"));
	free(text);
}

static void a_key_comes_before_its_extensions(void **state)
{
	(void)state;
	assert_canonical("{\"aa\": 1, \"a\": {\"c\": [], \"b\": {}}, \"\": 2}",
		"{\"\":2,\"a\":{\"b\":{},\"c\":[]},\"aa\":1}");
}

static void integers_beyond_2_to_53_are_refused(void **state)
{
	json_t *v = json_array();
	struct err e = {0};
	char *text;

	(void)state;
	json_array_append_new(v, json_integer(INT64_C(1) << 53));
	json_array_append_new(v, json_integer(-(INT64_C(1) << 53)));
	text = canonical_text(v, &e);
	assert_string_equal(text, "[9007199254740992,-9007199254740992]");
	free(text);
	json_array_append_new(v, json_integer(INT64_MIN));
	assert_null(canonical_text(v, &e));
	assert_int_equal(e.code, ERR_RANGE);
	json_decref(v);
}

static void text_as_added_keeps_the_order(void **state)
{
	json_t *v = json_object();
	char *text;

	(void)state;
	json_object_set_new(v, "b", json_real(0.28));
	json_object_set_new(v, "a", json_string("x"));
	text = canonical_text_as_added(v, NULL);
	assert_string_equal(text, "{\"b\":0.28,\"a\":\"x\"}");
	free(text);
	json_decref(v);
}

static void the_buffers_limit_is_kept(void **state)
{
	json_t *v = json_string("0123456789");
	struct buf b;
	struct err e = {0};

	(void)state;
	buf_init(&b, 11);
	assert_int_equal(canonical_add(&b, v, &e), ERR_TOO_BIG);
	buf_release(&b);
	buf_init(&b, 12);
	assert_int_equal(canonical_add(&b, v, &e), 0);
	assert_string_equal(b.data, "\"0123456789\"");
	buf_release(&b);
	json_decref(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_print_as_ecmascript_does),
		cmocka_unit_test(a_power_of_two_takes_the_next_digits_up),
		cmocka_unit_test(every_number_reads_back),
		cmocka_unit_test(the_rfcs_document_is_canonical),
		cmocka_unit_test(keys_sort_by_utf16_units),
		cmocka_unit_test(a_key_comes_before_its_extensions),
		cmocka_unit_test(integers_beyond_2_to_53_are_refused),
		cmocka_unit_test(text_as_added_keeps_the_order),
		cmocka_unit_test(the_buffers_limit_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
