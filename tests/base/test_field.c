/* test_field.c -- documents by tables: read, written, filled in, and what comes
 * later changes nothing that was there before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "things.h"

/* A thing as version 1 wrote it. */
#define FIRST                                                      \
	"{\"label\":\"x\",\"count\":1,\"whole\":2,\"real\":1.0,"   \
	"\"flag\":false,\"hash\":\"" HASH "\",\"colour\":\"red\"," \
	"\"limit\":null,\"made\":7,\"frame\":{\"width\":2.0},"     \
	"\"lid\":null,\"parts\":[{\"id\":1}],\"shape\":\"round\"," \
	"\"radius\":2.0}"
#define HASH "00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff"

static struct arena mem;

static int start(void **state)
{
	(void)state;
	arena_init(&mem, (size_t)1 << 20);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_release(&mem);
	return 0;
}

static json_t *parsed(const char *text)
{
	json_t *v = json_loads(text, JSON_DECODE_ANY, NULL);

	assert_non_null(v);
	return v;
}

static int read_text(enum field_origin origin, const char *text,
	struct thing *out, struct err *e)
{
	const struct field_reader r = {.origin = origin, .mem = &mem};
	json_t *v = parsed(text);
	int rc = fields_read(&thing_fields, v, "/t", &r, out, e);

	json_decref(v);
	return rc;
}

static struct thing must_read(enum field_origin origin, const char *text)
{
	struct thing t = {0};
	struct err e = {0};

	if (read_text(origin, text, &t, &e))
		fail_msg("%s: %s at %s", text, e.text, e.where);
	return t;
}

/* Fails unless what is written is the document `text`. */
static void assert_writes(
	enum field_purpose purpose, const struct thing *t, const char *text)
{
	json_t *v = fields_write(&thing_fields, purpose, t);
	json_t *wanted = parsed(text);

	if (!json_equal(v, wanted))
		fail_msg("%s", json_dumps(v, JSON_COMPACT));
	json_decref(v);
	json_decref(wanted);
}

/* -- values -- */

static void every_type_is_read(void **state)
{
	struct thing t = must_read(FIELD_REQUEST,
		"{\"label\":\"caf\xc3\xa9\",\"count\":-2,"
		"\"whole\":9007199254740991,\"real\":2,\"flag\":false,"
		"\"hash\":\"" HASH "\",\"colour\":\"BLUE\","
		"\"hues\":[\"light\",\"Dark\"],\"shade\":9,\"gloss\":true,"
		"\"limit\":0.5,\"pair\":[3,4],\"frame\":{\"width\":0,"
		"\"shade\":1},\"lid\":{},\"parts\":[{\"id\":5},"
		"{\"id\":6,\"shade\":7}],\"shape\":\"square\",\"side\":9}");

	(void)state;
	assert_string_equal(t.label, "caf\xc3\xa9");
	assert_int_equal(t.count, -2);
	assert_int_equal(t.whole, INT64_C(9007199254740991));
	assert_true(t.real == 2);
	assert_false(t.flag);
	assert_string_equal(t.hash, HASH);
	assert_int_equal(t.colour, BLUE);
	assert_int_equal(t.n_hues, 2);
	assert_int_equal(t.hues[0], 2);
	assert_int_equal(t.hues[1], 0);
	assert_int_equal(t.shade, 9);
	assert_true(t.gloss);
	assert_true(t.has_limit && t.limit == 0.5);
	assert_int_equal(t.pair[1], 4);
	assert_true(t.frame.width == 0 && t.frame.shade == 1);
	assert_true(t.has_lid && t.lid.width == 1 && t.lid.shade == 4);
	assert_int_equal(t.n_parts, 2);
	assert_int_equal(t.parts[0].shade, 4);
	assert_int_equal(t.parts[1].id, 6);
	assert_int_equal(((const struct square *)t.own)->side, 9);
}

static void what_is_written_reads_back(void **state)
{
	struct thing t = must_read(FIELD_REQUEST,
		"{\"pair\":[3,4],\"lid\":{\"width\":3},\"limit\":1,"
		"\"parts\":[{\"id\":5}],\"shape\":\"square\","
		"\"hash\":\"" HASH "\"}");

	(void)state;
	for (int p = FIELD_SHOW; p <= FIELD_KEEP; p++) {
		const struct field_reader r = {
			.origin = FIELD_STORED, .mem = &mem};
		struct thing again = {0};
		json_t *v = fields_write(
			       &thing_fields, (enum field_purpose)p, &t),
		       *more;

		assert_int_equal(
			fields_read(&thing_fields, v, "", &r, &again, NULL), 0);
		more = fields_write(
			&thing_fields, (enum field_purpose)p, &again);
		assert_true(json_equal(v, more));
		json_decref(v);
		json_decref(more);
	}
}

/* As JSON Schema has it. */
static void a_number_without_a_fraction_is_an_integer(void **state)
{
	struct thing t = must_read(
		FIELD_REQUEST, "{\"count\":4.0,\"whole\":1e15}");
	struct err e = {0};

	(void)state;
	assert_int_equal(t.count, 4);
	assert_int_equal(t.whole, INT64_C(1000000000000000));
	assert_int_equal(read_text(FIELD_REQUEST, "{\"count\":4.5}", &t, &e),
		ERR_INVALID);
	assert_string_equal(e.where, "/t/count");
}

static const struct {
	const char *text;
	int code;
	const char *where;
} bad_values[] = {
	{"[]", ERR_INVALID, "/t"},
	{"{\"label\":\"123456789\"}", ERR_RANGE, "/t/label"},
	{"{\"label\":\"a\\u001bb\"}", ERR_INVALID, "/t/label"},
	{"{\"label\":\"a\\u0085b\"}", ERR_INVALID, "/t/label"},
	{"{\"label\":7}", ERR_INVALID, "/t/label"},
	{"{\"count\":-3}", ERR_RANGE, "/t/count"},
	{"{\"count\":21}", ERR_RANGE, "/t/count"},
	{"{\"count\":\"1\"}", ERR_INVALID, "/t/count"},
	{"{\"count\":13}", ERR_RANGE, "/t/count"}, /* the check */
	{"{\"whole\":9007199254740993}", ERR_RANGE, "/t/whole"},
	{"{\"real\":0.4}", ERR_RANGE, "/t/real"},
	{"{\"real\":true}", ERR_INVALID, "/t/real"},
	{"{\"flag\":1}", ERR_INVALID, "/t/flag"},
	{"{\"hash\":\"00\"}", ERR_RANGE, "/t/hash"},
	{"{\"hash\":\"G0ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff"
	 "00ff00ff00ff00ff\"}",
		ERR_INVALID, "/t/hash"},
	{"{\"colour\":\"pink\"}", ERR_RANGE, "/t/colour"},
	{"{\"colour\":1}", ERR_INVALID, "/t/colour"},
	{"{\"hues\":\"dark\"}", ERR_INVALID, "/t/hues"},
	{"{\"hues\":[]}", ERR_RANGE, "/t/hues"},
	{"{\"hues\":[\"dark\",\"pink\"]}", ERR_RANGE, "/t/hues"},
	{"{\"hues\":[\"dark\",7]}", ERR_RANGE, "/t/hues"},
	{"{\"hues\":[\"dark\",\"dark\"]}", ERR_RANGE, "/t/hues"},
	{"{\"limit\":1.1}", ERR_RANGE, "/t/limit"},
	{"{\"pair\":[1]}", ERR_INVALID, "/t/pair"},
	{"{\"frame\":7}", ERR_INVALID, "/t/frame"},
	{"{\"frame\":{\"width\":11}}", ERR_RANGE, "/t/frame/width"},
	{"{\"frame\":{\"size\":1}}", ERR_INVALID, "/t/frame/size"},
	{"{\"parts\":{}}", ERR_INVALID, "/t/parts"},
	{"{\"parts\":[7]}", ERR_INVALID, "/t/parts/0"},
	{"{\"parts\":[{\"id\":1},{}]}", ERR_INVALID, "/t/parts/1/id"},
	{"{\"parts\":[{\"id\":1},{\"id\":-1}]}", ERR_RANGE, "/t/parts/1/id"},
	{"{\"parts\":[{\"id\":1},{\"id\":1},{\"id\":1},{\"id\":1}]}", ERR_RANGE,
		"/t/parts"},
	{"{\"size\":1}", ERR_INVALID, "/t/size"},
	{"{\"made\":7}", ERR_INVALID, "/t/made"}, /* in a request */
	{"{\"side\":1}", ERR_INVALID, "/t/side"}, /* it is round */
	{"{\"shape\":\"square\",\"radius\":1}", ERR_INVALID, "/t/radius"},
	{"{\"shape\":\"square\",\"side\":0}", ERR_RANGE, "/t/side"},
};

static void bad_values_are_refused_at_their_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad_values / sizeof *bad_values; i++) {
		struct thing t = {.shade = 77};
		struct err e = {0};
		int rc = read_text(FIELD_REQUEST, bad_values[i].text, &t, &e);

		if (rc != bad_values[i].code ||
			strcmp(e.where, bad_values[i].where) != 0)
			fail_msg("%s: %d at %s: %s", bad_values[i].text, rc,
				e.where, e.text);
		assert_true(e.text[0]);
		assert_int_equal(t.shade, 77);
	}
}

static void a_sentence_says_what_there_could_have_been(void **state)
{
	struct thing t;
	struct err e = {0};

	(void)state;
	read_text(FIELD_REQUEST, "{\"colour\":\"pink\"}", &t, &e);
	assert_string_equal(
		e.text, "\"colour\" must be \"red\", \"green\" or \"blue\"");
	read_text(FIELD_REQUEST, "{\"hues\":[\"pink\"]}", &t, &e);
	assert_string_equal(
		e.text, "\"hues\" must be \"dark\", \"warm\" or \"light\"");
	read_text(FIELD_REQUEST, "{\"hues\":[\"warm\",\"warm\"]}", &t, &e);
	assert_string_equal(e.text, "\"hues\" has \"warm\" twice");
	read_text(FIELD_REQUEST, "{\"frame\":[]}", &t, &e);
	assert_non_null(strstr(e.text, "\"frame\""));
	read_text(FIELD_REQUEST, "{\"parts\":[[]]}", &t, &e);
	assert_string_equal(e.text, "a part must be an object, not a list");
}

static void a_lenient_reader_passes_over_what_it_does_not_know(void **state)
{
	const struct field_reader r = {
		.origin = FIELD_REQUEST, .mem = &mem, .lenient = 1};
	json_t *v = parsed("{\"size\":1,\"frame\":{\"more\":1},\"count\":2}");
	struct thing t = {0};

	(void)state;
	assert_int_equal(fields_read(&thing_fields, v, "", &r, &t, NULL), 0);
	assert_int_equal(t.count, 2);
	json_decref(v);
}

/* -- what is missing -- */

static void a_request_means_the_standard_where_it_says_nothing(void **state)
{
	static const char *const texts[] = {"{}",
		"{\"label\":null,\"count\":null,\"hues\":null,\"limit\":null,"
		"\"pair\":null,\"frame\":null,\"lid\":null,\"parts\":null,"
		"\"shape\":null,\"radius\":null}"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct thing t = must_read(FIELD_REQUEST, texts[i]);

		assert_string_equal(t.label, "");
		assert_int_equal(t.count, 5);
		assert_int_equal(t.whole, INT64_C(1) << 53);
		assert_true(t.real == 0.75);
		assert_true(t.flag);
		assert_string_equal(t.hash, "");
		assert_int_equal(t.colour, GREEN);
		assert_int_equal(t.n_hues, 2);
		assert_int_equal(t.hues[0], 2);
		assert_int_equal(t.shade, 4);
		assert_false(t.has_limit || t.has_lid);
		assert_true(t.frame.width == 1 && t.frame.shade == 4);
		assert_int_equal(t.n_parts, 0);
		assert_true(((const struct round *)t.own)->radius == 1);
	}
}

static void a_stored_document_means_what_was_done_before(void **state)
{
	struct thing t = must_read(FIELD_STORED, FIRST);

	(void)state;
	assert_int_equal(t.count, 1);
	assert_int_equal(t.made, 7);
	assert_int_equal(t.n_hues, 2);
	assert_int_equal(t.hues[0], 0);
	assert_int_equal(t.hues[1], 1);
	assert_int_equal(t.shade, 0);
	assert_false(t.gloss);
	assert_int_equal(t.frame.shade, 0);
	assert_int_equal(t.parts[0].shade, 0);
}

static void a_stored_document_has_every_member_of_the_first_version(
	void **state)
{
	static const char *const keys[] = {"count", "whole", "real", "flag",
		"colour", "made", "shape", "radius"};

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const struct field_reader r = {
			.origin = FIELD_STORED, .mem = &mem};
		json_t *v = parsed(FIRST);
		struct thing t;
		struct err e = {0};

		json_object_del(v, keys[i]);
		assert_int_equal(fields_read(&thing_fields, v, "", &r, &t, &e),
			ERR_INVALID);
		assert_string_equal(e.where + 1, keys[i]);
		assert_non_null(strstr(e.text, "is required"));
		json_decref(v);
	}
}

static void defaults_are_those_of_an_empty_document(void **state)
{
	struct frame f = {.width = 7};

	(void)state;
	fields_default(fields_find(&thing_fields, NULL, "frame")->of,
		FIELD_REQUEST, &f);
	assert_true(f.width == 1 && f.shade == 4);
	fields_default(fields_find(&thing_fields, NULL, "frame")->of,
		FIELD_STORED, &f);
	assert_true(f.width == 1 && f.shade == 0);
}

/* -- what came later -- */

/* Its digest with it. */
static void an_old_document_stays_as_it_was(void **state)
{
	struct thing t = must_read(FIELD_STORED, FIRST);
	json_t *v = parsed(FIRST), *digest;

	(void)state;
	assert_writes(FIELD_KEEP, &t, FIRST);
	assert_int_equal(fields_since(&thing_fields, &t), 0);
	json_object_del(v, "label");
	digest = fields_write(&thing_fields, FIELD_DIGEST, &t);
	assert_true(json_equal(v, digest));
	json_decref(digest);
	json_decref(v);
}

static void a_later_member_is_written_where_it_differs(void **state)
{
	struct thing t = must_read(FIELD_STORED, FIRST);
	json_t *v;

	(void)state;
	t.shade = 3;
	t.frame.shade = 2;
	t.hues[1] = 2;
	for (int p = FIELD_KEEP; p <= FIELD_DIGEST; p++) {
		v = fields_write(&thing_fields, (enum field_purpose)p, &t);
		assert_int_equal(
			json_integer_value(json_object_get(v, "shade")), 3);
		assert_int_equal(json_integer_value(json_object_get(
					 json_object_get(v, "frame"), "shade")),
			2);
		assert_int_equal(
			json_array_size(json_object_get(v, "hues")), 2);
		assert_null(json_object_get(v, "gloss"));
		json_decref(v);
	}
}

static void people_are_shown_every_member(void **state)
{
	struct thing t = must_read(FIELD_STORED, FIRST);
	json_t *v = fields_write(&thing_fields, FIELD_SHOW, &t);

	(void)state;
	assert_int_equal(json_integer_value(json_object_get(v, "shade")), 0);
	assert_true(json_is_false(json_object_get(v, "gloss")));
	assert_true(json_is_null(json_object_get(v, "limit")));
	json_decref(v);
}

static void a_document_needs_the_version_of_its_latest_member(void **state)
{
	struct thing t = must_read(FIELD_STORED, FIRST), u = t;
	struct part part = t.parts[0];

	(void)state;
	u.frame.shade = 1;
	assert_int_equal(fields_since(&thing_fields, &u), THING_VERSION_SHADE);
	u.gloss = 1;
	assert_int_equal(fields_since(&thing_fields, &u), THING_VERSION_GLOSS);
	assert_int_equal(fields_latest(&thing_fields), THING_VERSION_GLOSS);
	part.shade = 1;
	t.parts = &part;
	assert_int_equal(fields_since(&thing_fields, &t), THING_VERSION_SHADE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_is_read),
		cmocka_unit_test(what_is_written_reads_back),
		cmocka_unit_test(a_number_without_a_fraction_is_an_integer),
		cmocka_unit_test(bad_values_are_refused_at_their_place),
		cmocka_unit_test(a_sentence_says_what_there_could_have_been),
		cmocka_unit_test(
			a_lenient_reader_passes_over_what_it_does_not_know),
		cmocka_unit_test(
			a_request_means_the_standard_where_it_says_nothing),
		cmocka_unit_test(a_stored_document_means_what_was_done_before),
		cmocka_unit_test(
			a_stored_document_has_every_member_of_the_first_version),
		cmocka_unit_test(defaults_are_those_of_an_empty_document),
		cmocka_unit_test(an_old_document_stays_as_it_was),
		cmocka_unit_test(a_later_member_is_written_where_it_differs),
		cmocka_unit_test(people_are_shown_every_member),
		cmocka_unit_test(
			a_document_needs_the_version_of_its_latest_member),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
