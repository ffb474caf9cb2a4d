/* test_doc.c -- hostile JSON is refused with the code and the place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"

static json_t *parse(const char *text, struct err *e)
{
	return doc_parse(text, strlen(text), e);
}

static void what_is_not_one_plain_object_is_refused(void **state)
{
	static const char *const table[] = {"", " ", "null", "7", "\"x\"", "[]",
		"{", "{}}", "{} {}", "{\"a\": 1,}", "{'a': 1}", "{\"a\": NaN}",
		"{\"a\": Infinity}", "{\"a\": -Infinity}", "{\"a\": 1e400}",
		"{\"a\": 01}", "{\"a\": 9223372036854775808}",
		"{\"a\": 1, \"a\": 1}", "{\"a\": {\"b\": 1, \"b\": 2}}",
		"{\"a\": \"\x01\"}", "{\"a\": \"\xff\"}",
		"{\"a\": \"\xc0\x80\"}", "{\"a\": \"\\u0000\"}",
		"{\"a\\u0000b\": 1}", "{\"a\": \"\\ud800\"}", "// no\n{}"};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct err e = {0};
		json_t *sentence;

		if (parse(table[i], &e))
			fail_msg("accepted: %s", table[i]);
		assert_int_equal(e.code, ERR_INVALID);
		/* The sentence can itself be sent as JSON. */
		sentence = json_string(e.text);
		assert_non_null(sentence);
		json_decref(sentence);
	}
}

static void nothing_at_all_is_refused(void **state)
{
	struct err e = {0};

	(void)state;
	assert_null(doc_parse(NULL, 0, &e));
	assert_int_equal(e.code, ERR_INVALID);
}

/* -- without memory -- */

static int allocations; /* that succeed */

static void *allocate(size_t n)
{
	if (allocations-- > 0)
		return malloc(n);
	errno = ENOMEM;
	return NULL;
}

static void what_there_is_no_memory_for_is_not_called_malformed(void **state)
{
	static const char text[] =
		"{\"long enough to need room of its own\": "
		"[1, 2.5, \"text\", {\"a\": [true, null]}, 3, 4, 5, 6, 7, 8]}";
	json_malloc_t was_malloc;
	json_free_t was_free;
	int n = 0;
	json_t *doc;

	(void)state;
	json_get_alloc_funcs(&was_malloc, &was_free);
	json_set_alloc_funcs(allocate, free);
	for (;; n++) {
		struct err e = {0};

		allocations = n;
		doc = parse(text, &e);
		if (doc)
			break;
		assert_int_equal(e.code, ERR_BUSY);
	}
	json_decref(doc);
	json_set_alloc_funcs(was_malloc, was_free);
	assert_true(n > 20);
}

/* `depth` objects, one in the other. */
static void nest(char *out, int depth)
{
	*out = '\0';
	for (int i = 1; i < depth; i++)
		strcat(out, "{\"a\":");
	strcat(out, "{}");
	for (int i = 1; i < depth; i++)
		strcat(out, "}");
}

static void depth_is_limited_to_32(void **state)
{
	char text[1024];
	struct err e = {0};
	json_t *v;

	(void)state;
	nest(text, DOC_DEPTH_MAX);
	v = parse(text, &e);
	assert_non_null(v);
	json_decref(v);
	nest(text, DOC_DEPTH_MAX + 1);
	assert_null(parse(text, &e));
	assert_non_null(strstr(e.text, "32 levels"));
}

static void a_flood_of_brackets_is_refused_quickly(void **state)
{
	static char text[1 << 20];
	struct err e = {0};

	(void)state;
	memset(text, '[', sizeof text);
	assert_null(doc_parse(text, sizeof text, &e));
	assert_non_null(strstr(e.text, "deeper"));
}

static void brackets_in_strings_do_not_count_as_depth(void **state)
{
	json_t *v = parse(
		"{\"a\": \"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[\"}", NULL);

	(void)state;
	assert_non_null(v);
	json_decref(v);
}

static void an_unknown_key_is_named_with_its_pointer(void **state)
{
	static const char *const names[] = {"a", "b", NULL};
	json_t *v = parse("{\"a\": 1, \"x/y~z\\n\": 1}", NULL);
	struct err e = {0};

	(void)state;
	assert_int_equal(doc_only(v, "/top", names, &e), ERR_INVALID);
	assert_string_equal(e.where, "/top/x~1y~0z?");
	assert_null(strchr(e.text, '\n'));
	json_object_del(v, "x/y~z\n");
	assert_int_equal(doc_only(v, "/top", names, &e), 0);
	json_decref(v);
}

static void a_long_unicode_key_still_makes_a_sentence(void **state)
{
	static const char *const names[] = {NULL};
	char key[400] = "x";
	json_t *v = json_object(), *sentence, *place;
	struct err e = {0};

	(void)state;
	for (int i = 0; i < 100; i++)
		strcat(key, "\xe2\x82\xac");
	json_object_set_new(v, key, json_null());
	assert_int_equal(doc_only(v, "", names, &e), ERR_INVALID);
	sentence = json_string(e.text);
	place = json_string(e.where);
	assert_non_null(sentence);
	assert_non_null(place);
	json_decref(sentence);
	json_decref(place);
	json_decref(v);
}

static void integers_are_typed_and_bounded(void **state)
{
	static const struct {
		const char *text;
		int rc;
	} table[] = {
		{"{\"n\": 1}", 0},
		{"{\"n\": 10}", 0},
		{"{\"n\": 0}", ERR_RANGE},
		{"{\"n\": 11}", ERR_RANGE},
		{"{\"n\": -9223372036854775808}", ERR_RANGE},
		{"{\"n\": 5.0}", 0},
		{"{\"n\": 1e1}", 0},
		{"{\"n\": 5.5}", ERR_INVALID},
		{"{\"n\": 1e300}", ERR_INVALID},
		{"{\"n\": \"5\"}", ERR_INVALID},
		{"{\"n\": true}", ERR_INVALID},
		{"{\"n\": null}", ERR_INVALID},
		{"{\"n\": [5]}", ERR_INVALID},
		{"{}", ERR_INVALID},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		json_t *v = parse(table[i].text, NULL);
		struct err e = {0};
		int64_t n = -77;

		assert_non_null(v);
		assert_int_equal(
			doc_int(v, "/x", "n", 1, 10, &n, &e), table[i].rc);
		assert_int_equal(n == -77, table[i].rc != 0);
		if (table[i].rc)
			assert_string_equal(e.where, "/x/n");
		json_decref(v);
	}
}

static void an_absent_or_null_option_keeps_its_default(void **state)
{
	json_t *v = parse("{\"null\": null, \"bad\": [], \"big\": 99}", NULL);
	const json_t *object = NULL;
	const char *s = "default";
	int64_t n = 7;
	double x = 0.5;
	int yes = 1;

	(void)state;
	assert_int_equal(doc_int_opt(v, "", "no", 1, 9, &n, NULL), 0);
	assert_int_equal(doc_int_opt(v, "", "null", 1, 9, &n, NULL), 0);
	assert_int_equal(doc_real_opt(v, "", "null", 0, 1, &x, NULL), 0);
	assert_int_equal(doc_str_opt(v, "", "null", 0, 9, &s, NULL), 0);
	assert_int_equal(doc_bool_opt(v, "", "null", &yes, NULL), 0);
	assert_int_equal(doc_obj_opt(v, "", "null", &object, NULL), 0);
	assert_int_equal(doc_int_opt(v, "", "big", 1, 9, &n, NULL), ERR_RANGE);
	assert_int_equal(
		doc_real_opt(v, "", "bad", 0, 1, &x, NULL), ERR_INVALID);
	assert_int_equal(
		doc_str_opt(v, "", "bad", 0, 9, &s, NULL), ERR_INVALID);
	assert_int_equal(doc_bool_opt(v, "", "bad", &yes, NULL), ERR_INVALID);
	assert_int_equal(doc_obj_opt(v, "", "bad", &object, NULL), ERR_INVALID);
	assert_int_equal(n, 7);
	assert_true(x == 0.5);
	assert_string_equal(s, "default");
	assert_true(yes);
	assert_null(object);
	json_decref(v);
}

static void reals_take_integers_too_and_say_their_bounds(void **state)
{
	json_t *v = parse(
		"{\"a\": 1, \"b\": 0.25, \"c\": 1.5, \"d\": 1e308}", NULL);
	struct err e = {0};
	double x = -1;

	(void)state;
	assert_int_equal(doc_real(v, "", "a", 0, 1, &x, &e), 0);
	assert_true(x == 1);
	assert_int_equal(doc_real(v, "", "b", 0, 1, &x, &e), 0);
	assert_true(x == 0.25);
	assert_int_equal(doc_real(v, "", "c", 0, 0.9, &x, &e), ERR_RANGE);
	assert_string_equal(e.text, "\"c\" is 1.5 but must be from 0 to 0.9");
	assert_int_equal(doc_real(v, "", "d", 0, 1, &x, &e), ERR_RANGE);
	assert_true(x == 0.25);
	json_decref(v);
}

static void strings_and_lists_are_bounded(void **state)
{
	json_t *v = parse("{\"s\": \"abc\", \"l\": [1, 2, 3]}", NULL);
	const json_t *list = NULL;
	const char *s = NULL;

	(void)state;
	assert_int_equal(doc_str(v, "", "s", 3, 3, &s, NULL), 0);
	assert_string_equal(s, "abc");
	assert_int_equal(doc_str(v, "", "s", 0, 2, &s, NULL), ERR_RANGE);
	assert_int_equal(doc_str(v, "", "s", 4, 9, &s, NULL), ERR_RANGE);
	assert_int_equal(doc_str(v, "", "l", 0, 9, &s, NULL), ERR_INVALID);
	assert_int_equal(doc_list(v, "", "l", 3, 3, &list, NULL), 0);
	assert_int_equal(json_array_size(list), 3);
	assert_int_equal(doc_list(v, "", "l", 0, 2, &list, NULL), ERR_RANGE);
	assert_int_equal(doc_list(v, "", "l", 4, 9, &list, NULL), ERR_RANGE);
	assert_int_equal(doc_list(v, "", "s", 0, 9, &list, NULL), ERR_INVALID);
	assert_int_equal(doc_obj(v, "", "l", &list, NULL), ERR_INVALID);
	json_decref(v);
}

static void a_list_is_read_where_a_list_is_asked_for(void **state)
{
	json_t *v = doc_parse_list("[1, 2]", 6, NULL);
	struct err e = {0};

	(void)state;
	assert_int_equal(json_array_size(v), 2);
	json_decref(v);
	assert_null(doc_parse_list("{}", 2, &e));
	assert_int_equal(e.code, ERR_INVALID);
	assert_string_equal(e.text, "the JSON must be a list, not an object");
	assert_null(doc_parse_list("[1,]", 4, &e));
	assert_int_equal(e.code, ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_one_plain_object_is_refused),
		cmocka_unit_test(a_list_is_read_where_a_list_is_asked_for),
		cmocka_unit_test(nothing_at_all_is_refused),
		cmocka_unit_test(
			what_there_is_no_memory_for_is_not_called_malformed),
		cmocka_unit_test(depth_is_limited_to_32),
		cmocka_unit_test(a_flood_of_brackets_is_refused_quickly),
		cmocka_unit_test(brackets_in_strings_do_not_count_as_depth),
		cmocka_unit_test(an_unknown_key_is_named_with_its_pointer),
		cmocka_unit_test(a_long_unicode_key_still_makes_a_sentence),
		cmocka_unit_test(integers_are_typed_and_bounded),
		cmocka_unit_test(an_absent_or_null_option_keeps_its_default),
		cmocka_unit_test(reals_take_integers_too_and_say_their_bounds),
		cmocka_unit_test(strings_and_lists_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
