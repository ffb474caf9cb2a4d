/* test_doc_list.c -- what is read an element at a time is what is read whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "base/doc_list.h"

/* The document put together again, or NULL where a part is refused. */
static int next(struct doc_list *list, json_t **v, struct err *e)
{
	const struct doc_element x = doc_list_cut(list);

	return doc_element_parse(&x, v, e);
}

static json_t *by_elements(const char *text)
{
	struct doc_list list;
	json_t *doc = doc_parse_but(text, strlen(text), "list", &list, NULL);

	for (size_t i = 0; doc && i < list.count; i++) {
		json_t *v;

		if (next(&list, &v, NULL)) {
			json_decref(doc);
			return NULL;
		}
		json_array_append_new(json_object_get(doc, "list"), v);
	}
	return doc;
}

static void the_parts_are_the_whole(void **state)
{
	static const char *const table[] = {"{}", "{\"list\": []}",
		" { \"list\" : [ ] } ", "{\"list\": [{}]}",
		"{\"list\":[{\"a\":[1,2,{\"b\":[]}]},{},{\"c\":\"],[\"}]}",
		"{\"a\": {\"list\": [1, 2]}, \"list\": [{\"x\": 1}], \"b\": 3}",
		"{\"a\": \"list\", \"b\": [\"list\"], \"list\": [{}, {}]}",
		"{\"a\\\"b\": \"\\\\\", \"list\": [{\"q\": \"\\\"]\"}]}",
		"{\"list\": 7}", "{\"list\": {\"list\": [{}]}}",
		"{\"\\u006cist\": [{}, 1]}", "{\"list\": [\n{}\t,\r\n {} ]}"};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		json_t *whole = doc_parse(table[i], strlen(table[i]), NULL);
		json_t *parts = by_elements(table[i]);

		assert_non_null(whole);
		if (!parts || !json_equal(whole, parts))
			fail_msg("differs: %s", table[i]);
		json_decref(whole);
		json_decref(parts);
	}
}

static void what_is_no_json_is_refused_in_parts_too(void **state)
{
	static const char *const table[] = {"", "[", "{\"list\": [",
		"{\"list\": [}", "{\"list\": [{}", "{\"list\": [{}]",
		"{\"list\": [{},]}", "{\"list\": [,{}]}", "{\"list\": [{} {}]}",
		"{\"list\": [{}]]}", "{\"list\": [{}]}}", "{\"list\": [{]}]}",
		"{\"list\": [\"]}", "{\"list\": [{\"a\": \"]}]}",
		"{\"list\": [{}], \"list\": [{}]}",
		"{\"list\": [{\"a\":1,\"a\":1}]}", "{\"list\": [{}] \"a\": 1}",
		"{\"list\" [{}]}", "\"list\": [{}]"};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		json_t *parts = by_elements(table[i]);

		if (parts)
			fail_msg("accepted: %s", table[i]);
	}
}

static void elements_that_are_no_objects_are_refused(void **state)
{
	(void)state;
	assert_null(by_elements("{\"list\": [1]}"));
	assert_null(by_elements("{\"list\": [{}, [1]]}"));
	assert_null(by_elements("{\"list\": [null]}"));
}

static void after_the_last_element_there_is_none(void **state)
{
	static const char text[] = "{\"list\": [{}]}";
	struct doc_list list;
	struct err e = {0};
	json_t *v = doc_parse_but(text, strlen(text), "list", &list, &e);

	(void)state;
	json_decref(v);
	assert_int_equal(list.count, 1);
	assert_int_equal(next(&list, &v, &e), 0);
	json_decref(v);
	assert_int_equal(next(&list, &v, &e), ERR_INVALID);
}

/* Text of `n` objects between two others, to be freed. */
static char *objects(const char *before, size_t n, const char *after)
{
	char *text = malloc(strlen(before) + 3 * n + strlen(after) + 1);
	char *at = stpcpy(text, before);

	for (size_t i = 0; i < n; i++)
		at = stpcpy(at, i + 1 < n ? "{}," : "{}");
	strcpy(at, after);
	return text;
}

static void very_many_values_are_refused_before_they_are_made(void **state)
{
	const size_t n = 200000; /* of 384 bytes */
	char *beside = objects("{\"list\":[{}],\"x\":[", n, "]}");
	char *within = objects("{\"list\":[{\"x\":[", n, "]}]}");
	char *elements = objects("{\"list\":[", n, "]}");
	struct doc_list list;
	struct err e = {0};
	json_t *doc, *v;

	(void)state;
	assert_null(doc_parse_but(beside, strlen(beside), "list", &list, &e));
	assert_int_equal(e.code, ERR_TOO_BIG);
	doc = doc_parse_but(within, strlen(within), "list", &list, NULL);
	assert_non_null(doc);
	assert_int_equal(next(&list, &v, NULL), ERR_TOO_BIG);
	json_decref(doc);
	/* An element at a time they may be as many as they like. */
	doc = doc_parse_but(elements, strlen(elements), "list", &list, NULL);
	assert_int_equal(list.count, n);
	assert_int_equal(next(&list, &v, NULL), 0);
	json_decref(v);
	json_decref(doc);
	free(beside);
	free(within);
	free(elements);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parts_are_the_whole),
		cmocka_unit_test(what_is_no_json_is_refused_in_parts_too),
		cmocka_unit_test(elements_that_are_no_objects_are_refused),
		cmocka_unit_test(after_the_last_element_there_is_none),
		cmocka_unit_test(
			very_many_values_are_refused_before_they_are_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
