/* test_recipe_json.c -- the recipe's members: read, written, filled in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "wire/recipe_json.h"

static json_t *parse(const char *text)
{
	json_t *v = json_loads(text, 0, NULL);

	assert_non_null(v);
	return v;
}

static void recipes_come_back_whole(void **state)
{
	(void)state;
	for (int s = 0; s < SCHEDULE_COUNT; s++) {
		const struct recipe in = {
			(enum schedule)s, s, s * 0.5, 0.25, 1000};
		const struct augment a = {16, s & 1, 1};
		struct recipe out;
		struct augment b;
		json_t *v = json_object();

		recipe_write(v, &in, &a);
		assert_int_equal(recipe_read(v, "", &out, &b, NULL), 0);
		assert_int_equal(out.schedule, in.schedule);
		assert_int_equal(!out.own_decay, !in.own_decay);
		assert_true(out.weight_decay == in.weight_decay);
		assert_true(out.label_smoothing == in.label_smoothing);
		assert_true(out.clip_norm == in.clip_norm);
		assert_int_equal(b.crop, a.crop);
		assert_int_equal(b.flip, a.flip);
		assert_true(b.erase == a.erase);
		json_decref(v);
	}
}

static void absent_and_null_are_the_plain_recipe(void **state)
{
	static const char *const texts[] = {"{}", "{\"augment\":{}}",
		"{\"schedule\":null,\"weight_decay\":null,"
		"\"label_smoothing\":null,\"clip_norm\":null,"
		"\"augment\":null}",
		"{\"augment\":{\"crop\":null,\"flip\":null,\"erase\":null}}"};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct recipe r = {.clip_norm = 7}, plain = {0};
		struct augment a = {.crop = 7};
		json_t *v = parse(texts[i]);

		assert_int_equal(recipe_read(v, "", &r, &a, NULL), 0);
		assert_int_equal(r.schedule, plain.schedule);
		assert_false(r.own_decay);
		assert_true(r.label_smoothing == 0 && r.clip_norm == 0);
		assert_true(a.crop == 0 && !a.flip && a.erase == 0);
		json_decref(v);
	}
}

static void bad_values_are_refused_at_their_place(void **state)
{
	static const struct {
		const char *text;
		int code;
		const char *where;
	} bad[] = {
		{"{\"schedule\":\"step\"}", ERR_RANGE, "/x/schedule"},
		{"{\"schedule\":1}", ERR_INVALID, "/x/schedule"},
		{"{\"weight_decay\":-0.1}", ERR_RANGE, "/x/weight_decay"},
		{"{\"weight_decay\":\"0\"}", ERR_INVALID, "/x/weight_decay"},
		{"{\"label_smoothing\":0.51}", ERR_RANGE, "/x/label_smoothing"},
		{"{\"clip_norm\":1000.5}", ERR_RANGE, "/x/clip_norm"},
		{"{\"augment\":[]}", ERR_INVALID, "/x/augment"},
		{"{\"augment\":{\"mixup\":1}}", ERR_INVALID,
			"/x/augment/mixup"},
		{"{\"augment\":{\"crop\":1.5}}", ERR_INVALID,
			"/x/augment/crop"},
		{"{\"augment\":{\"crop\":17}}", ERR_RANGE, "/x/augment/crop"},
		{"{\"augment\":{\"flip\":1}}", ERR_INVALID, "/x/augment/flip"},
		{"{\"augment\":{\"erase\":1.1}}", ERR_RANGE,
			"/x/augment/erase"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct recipe r = {.clip_norm = 7};
		struct augment a = {.crop = 7};
		json_t *v = parse(bad[i].text);
		struct err e = {0};

		if (recipe_read(v, "/x", &r, &a, &e) != bad[i].code ||
			strcmp(e.where, bad[i].where) != 0)
			fail_msg("%s: %d at %s", bad[i].text, e.code, e.where);
		assert_true(r.clip_norm == 7 && a.crop == 7);
		json_decref(v);
	}
}

static void filling_adds_what_is_missing_and_keeps_the_rest(void **state)
{
	json_t *v = parse("{\"epochs\":1, \"clip_norm\":2}");

	(void)state;
	recipe_fill(v);
	assert_int_equal(json_object_size(v), 6);
	assert_true(
		json_real_value(json_object_get(v, "label_smoothing")) == 0);
	assert_int_equal(
		json_integer_value(json_object_get(v, "clip_norm")), 2);
	json_decref(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recipes_come_back_whole),
		cmocka_unit_test(absent_and_null_are_the_plain_recipe),
		cmocka_unit_test(bad_values_are_refused_at_their_place),
		cmocka_unit_test(
			filling_adds_what_is_missing_and_keeps_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
